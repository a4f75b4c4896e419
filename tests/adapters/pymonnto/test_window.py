"""`Network_UI` of scripts: fusion's window, its tabs in the place of PymoNNto's, and tabs of the script's own."""

from __future__ import annotations

import logging
import sys

import numpy as np
import pytest

pytest.importorskip("pyqtgraph", reason="the window is optional")

from fusion_pymonnto.analysis import AnalysisModule
from fusion_pymonnto.behavior import Behavior
from fusion_pymonnto.counterparts import COUNTERPARTS, TabBase, get_advanced_UI_modules, get_default_UI_modules
from fusion_pymonnto.finder import NO_WINDOW
from fusion_pymonnto.modules import names_of
from fusion_pymonnto.network import Network
from fusion_pymonnto.neurons import NeuronGroup
from fusion_pymonnto.pages import WAITS
from fusion_pymonnto.recorder import EventRecorder, Recorder
from fusion_pymonnto.space import get_squared_dim
from fusion_pymonnto.synapses import SynapseGroup
from fusion_pymonnto.window import Network_UI, NotServed
from gui.conftest import app  # noqa: F401 - a test in which anything that Qt calls raises fails

from fusion import gui
from fusion.errors import ExpressionError, InvalidValue
from fusion.gui.qt import QtCore


class Leaky(Behavior):
    """The basic neurons of the paper, in the words of 1.x."""

    def set_variables(self, neurons):
        neurons.voltage = neurons.get_neuron_vec()

    def new_iteration(self, neurons):
        neurons.spike = neurons.voltage > 0.5
        neurons.voltage[neurons.spike] = 0.0
        neurons.voltage *= 0.9
        neurons.voltage += neurons.get_neuron_vec("uniform", density=0.1)


class Input(Behavior):
    def set_variables(self, neurons):
        for synapse in neurons.afferent_synapses["GLUTAMATE"]:
            synapse.W = synapse.get_synapse_mat("uniform", density=0.1)

    def new_iteration(self, neurons):
        for synapse in neurons.afferent_synapses["GLUTAMATE"]:
            neurons.voltage += synapse.W.dot(synapse.src.spike) / synapse.src.size * 10


class MeanVoltage(TabBase):
    """The paper's own tab, in the words of 1.x."""

    def __init__(self, title="mine"):
        super().__init__(title)

    def add_recorder_variables(self, net_obj, Network_UI):
        self.can_record = Network_UI.add_recording_variable(net_obj, "np.mean(n.voltage)", timesteps=20)

    def initialize(self, Network_UI):
        self.page = Network_UI.Next_Tab(self.title)
        self.curve = Network_UI.Add_plot_curve(x_label="t", y_label="mean voltage")

    def update(self, Network_UI):
        if self.page.isVisible():
            data = Network_UI.network["np.mean(n.voltage)", 0, "np"][-20:]
            self.curve.setData(Network_UI.network["n.iteration", 0, "np"][-20:], data)


def built():
    """The basic network of the paper, with what the script records."""
    np.random.seed(3)  # noqa: NPY002 - the stream of PymoNNto's scripts
    net = Network()
    recorders = {9: Recorder(["n.voltage", "np.mean(n.voltage)"]), 10: EventRecorder("n.spike")}
    cells = NeuronGroup(net=net, tag="cells", size=get_squared_dim(20), behaviour={1: Leaky(), 2: Input(), **recorders})
    SynapseGroup(net=net, src=cells, dst=cells, tag="GLUTAMATE")
    net.initialize(info=False)
    return net


@pytest.fixture
def net():
    return built()


@pytest.fixture
def opened():
    """``opened(net, modules)`` is the window of `Network_UI`; it is closed after the test."""
    made = []

    def window(*args, **options):
        made.append(Network_UI(*args, **options).window)
        return made[-1]

    yield window
    for each in made:
        each.close()


def said(tab):
    return tab._note.text()


def test_the_default_modules_are_tabs_of_fusions_window(net, opened):
    modules = get_default_UI_modules(["n.voltage", "n.spike", "np.abs(n.voltage)"], ["s.W"])
    window = opened(net, modules, label="My_Network_UI", group_display_count=1)
    ours = {"Variables", "Coupling"}  # which PymoNNto has not
    expected = [type(tab).__name__ for tab in gui.default_tabs() if type(tab).__name__ not in ours]
    assert [type(tab).__name__.replace("ModuleTab", "Analyses") for tab in window.tabs] == expected
    named = {type(tab).__name__: tab for tab in window.tabs}
    assert named["Traces"].variables == named["Groups"].variables == ("voltage", "spike", "np.abs(voltage)")
    assert named["Weights"].variables == named["Distribution"].weights == ("W",)
    assert window._frame.windowTitle() == "My_Network_UI"
    for tab in window.tabs:
        window.open(tab.title)
        window.simulate(30)
        assert tab.error is None


def test_modules_of_pymonnto_take_its_parameters(net, opened, caplog):
    with caplog.at_level(logging.WARNING):
        window = opened(
            net,
            names_of("Exploration.Network_UI")["get_modules_dict"](
                get_default_UI_modules(["voltage"]),
                COUNTERPARTS["multi_group_plot_tab"](["n.voltage|0.5"], timesteps=100),
                [COUNTERPARTS["weight_tab"]("W and more", weight_attrs=["W", "U"]), gui.Variables()],
                None,
            ),
        )
    by_title = {tab.title: tab for tab in window.tabs}
    assert by_title["groups"].variables == ("voltage",)
    assert by_title["W and more"].variables == ("W", "U")
    assert isinstance(by_title["variables"], gui.Variables)
    assert len(window.tabs) == len(get_default_UI_modules()) + 1
    assert "no line is drawn at 0.5" in caplog.text


def test_the_tab_of_the_paper_shows_its_recording_and_not_the_scripts(net, opened):
    net.simulate_iterations(50)
    tab = MeanVoltage()
    window = opened(net, [tab, *get_default_UI_modules(["voltage"], ["W"])])
    window.simulate(7)
    x, y = tab.curve.getData()
    np.testing.assert_array_equal(x, np.arange(51, 58))
    np.testing.assert_array_equal(y, net["np.mean(n.voltage)", 0, "np"][50:])
    window.simulate(30)
    np.testing.assert_array_equal(tab.curve[0].getData()[0], np.arange(68, 88))  # the last 20; 3.x gives a list
    assert window.tabs[0].error is None


def test_a_network_in_the_window_computes_the_same_in_all_bits(opened):
    def outcome(net):
        found = [net[text, 0, "np"] for text in ("n.voltage", "np.mean(n.voltage)", "n.spike")]
        return [one.tobytes() for one in (*found, net["GLUTAMATE", 0].W, np.random.get_state()[1])]  # noqa: NPY002

    bare = built()
    bare.simulate_iterations(400)
    expected = outcome(bare)
    watched = built()
    before = list(watched["cells", 0].behaviours.values())
    window = opened(watched, [MeanVoltage(), *get_default_UI_modules(["voltage", "np.abs(voltage)"], ["W"])])
    for tab in window.tabs:
        window.open(tab.title)
        window.simulate(20)
    window.open("mine")
    window.player.step(400 - watched.iteration)
    window.close()
    assert watched.iteration == 400
    assert outcome(watched) == expected
    assert list(watched["cells", 0].behaviours.values()) == before


def test_what_the_window_records_is_not_found_by_name(opened):
    net = Network()
    cells = NeuronGroup(net=net, tag="cells", size=6, behaviour={1: Leaky()})
    net.initialize(info=False)
    window = opened(net, [MeanVoltage(), *get_default_UI_modules(["voltage"])])
    window.simulate(3)
    assert sorted(type(one).__name__ for one in cells.behaviours.values()) == ["EventRecorder", "Leaky", "Recorder"]
    assert net.all_behaviors() == [cells.Leaky]
    assert net["np.mean(n.voltage)"] == net["Recorder"] == []
    assert not hasattr(cells, "Recorder")
    cells.remove_behavior("Recorder")
    window.simulate(3)
    assert len(cells.behaviours) == 3
    assert window.tabs[0].error is None


def test_words_of_the_third_version_and_names_of_qt(net, opened):
    star = names_of("Exploration.Network_UI.TabBase")

    class Mine(TabBase):
        def initialize(self, Network_UI):
            self.page = Network_UI.add_tab(title="mine")
            self.curves = self.page.add_plot(x_label="t", title="two").add_curves(
                2, colors=[(255, 0, 0)], lines=[0.5], names=["one", "other"], legend=True
            )
            self.image = Network_UI.tab.add_plot().add_image()
            self.page.add_row()
            self.press = Network_UI.tab.add_widget(star["QPushButton"]("choose"))
            self.press.clicked.connect(lambda: Network_UI.select_neurons(Network_UI.selected_neuron_group(), [3, 7]))
            self.told = []

        def update(self, Network_UI):
            group = Network_UI.selected_neuron_group()
            assert group in Network_UI.network.NeuronGroups
            assert not isinstance(self.image, type(self.curves[0]))
            self.image.setImage(group.voltage.reshape(4, 5))
            self.curves[1].setData([0, Network_UI.it], [0, 1], pen=star["pg"].mkPen("k"))

        def on_selected_neuron_changed(self, Network_UI):
            mask = Network_UI.selected_neuron_mask()
            np.testing.assert_array_equal(np.flatnonzero(mask), Network_UI.selected_neuron_ids())
            self.told.append((Network_UI.selected_neuron_tag(), Network_UI.selected_neuron_id(), mask.sum()))

    tab = Mine()
    window = opened(net, [tab])
    window.simulate(6)
    tab.press.click()
    assert window.selection.neurons == (3, 7)
    assert tab.told == [("cells", 3, 2)]
    np.testing.assert_array_equal(tab.image.image.ravel(), net["cells", 0].voltage)
    assert tab.curves[1].getData()[0][1] == 6
    assert window.tabs[0].error is None


def test_a_tab_begins_with_the_first_iteration_when_all_variables_are_there(net, opened):
    tab = MeanVoltage()
    window = opened(net, [tab])
    assert said(window.tabs[0]) == WAITS
    window.simulate(1)  # PymoNNto runs it unasked
    assert said(window.tabs[0]) == ""
    window.simulate(3)
    np.testing.assert_array_equal(tab.curve.getData()[0], [2, 3, 4])


class Power(AnalysisModule):
    """Finds a mean, and a number that cannot be had."""

    def execute(self, n, exponent=1, name="mean"):
        if exponent < 0:
            raise ZeroDivisionError("it was to fail")
        return {name: float(np.mean(n.voltage**exponent))}


def test_analysis_modules_are_executed(net, opened):
    window = opened(net.simulate(5), [COUNTERPARTS["Analysis_Module_tab"](title="modules of mine")])
    tab = window.open("modules of mine")
    assert "No analysis module" in said(tab)
    module = Power(net["cells", 0])
    tab.draw()
    assert tab._box.currentText() == "Power of cells"
    tab._form.widget.item(0, 1).setText("2")
    tab._form.widget.item(1, 1).setText("mean of squares")
    tab._button.click()
    value = float(np.mean(net["cells", 0].voltage ** 2))
    assert module.result() == {"mean of squares": value}
    assert [tab._found.text(0, column) for column in (1, 2)] == ["mean of squares", f"{value:.6g}"]
    tab._form.widget.item(0, 1).setText("-1")
    tab._button.click()
    assert said(tab) == "ZeroDivisionError: it was to fail"
    assert tab.error is None


class Asks(TabBase):
    """Does one thing when it is built, and records an expression."""

    def __init__(self, ask, record="n.voltage"):
        super().__init__("asks")
        self.ask, self.record = ask, record

    def add_recorder_variables(self, net_obj, Network_UI):
        Network_UI.add_recording_variable(net_obj, self.record, timesteps=10)

    def initialize(self, Network_UI):
        Network_UI.Next_Tab(self.title)
        self.ask(Network_UI)


@pytest.mark.parametrize(
    ("ask", "reason"),
    [
        (lambda ui: ui.add_event("learning"), r"Network_UI\.add_event is not served.*Next_H_Block"),
        (lambda ui: ui.sidebar.add_row(), r"Network_UI\.sidebar is not served"),
        (lambda ui: ui.Add_plot_curve(sidebar=True), "no sidebar"),
        (lambda ui: ui.Add_element(None, sidebar=True), "no sidebar"),
        (lambda ui: ui.Next_Tab("another"), "one TabBase for each"),
    ],
)
def test_what_a_tab_asks_for_and_is_not_served_is_named_on_it(net, opened, ask, reason):
    tab = opened(net.simulate(1), [Asks(ask)]).tabs[0]
    with pytest.raises(NotServed, match=f"(?s){reason}"):
        raise tab.error
    assert "This tab stopped" in said(tab)


def test_what_no_group_has_is_told_and_what_is_no_expression_stops_the_tab(net, opened):
    NeuronGroup(net=net, tag="others", size=5, behaviour={})
    net.simulate(1)
    mine = MeanVoltage()
    window = opened(net, [mine, Asks(print, "n.volt"), Asks(print, "print(n.voltage)")])
    assert window.tabs[0].error is None
    assert mine.can_record is False  # of the last group
    for tab in window.tabs[1:]:
        tab.show()
    assert "No group has what the tab wants recorded.\n'n.volt'" in said(window.tabs[1])
    assert isinstance(window.tabs[2].error, ExpressionError)


def test_tabs_of_pymonnto_that_are_not_there_say_so(net, opened):
    class Own(COUNTERPARTS["weight_tab"]):
        def update(self, Network_UI):
            pass

    class Silent(TabBase):
        pass

    modules = [COUNTERPARTS["sidebar_fast_forward_module"](), Own(), Silent(), *get_advanced_UI_modules()]
    window = opened(net.simulate(1), modules)
    for tab in window.tabs:
        tab.show()
    assert [tab.title for tab in window.tabs][:3] == ["Own", "Silent", "stdp_buffer_tab"]
    assert "Own derives from PymoNNto's weight_tab" in said(window.tabs[0])
    assert "Silent makes no tab" in said(window.tabs[1])
    assert "nothing in the place of PymoNNto's criticality_tab" in said(window.tabs[3])


def test_a_behaviour_may_bring_tabs_and_groups_may_be_chosen_by_tag(net, opened):
    class Shown(Behavior):
        def get_UI_Tabs(self):
            return [MeanVoltage("from a behaviour")]

    asked = []

    class Asked(TabBase):
        def add_recorder_variables(self, net_obj, Network_UI):
            asked.append(net_obj)

    other = NeuronGroup(net=net, tag="other", size=5, behaviour={20: Shown()})
    net.initialize(info=False)
    window = opened(net.simulate(1), [Asked()], group_tags=["other"])
    assert [tab.title for tab in window.tabs] == ["Asked", "from a behaviour"]
    assert asked == [other]


def test_a_tab_may_pause_and_go_on(net):
    class Stops(MeanVoltage):
        def update(self, Network_UI):
            super().update(Network_UI)
            if Network_UI.it >= 20 and not Network_UI.pause:
                Network_UI.pause = True
                ui.window.close()

        def on_selected_neuron_changed(self, Network_UI):
            Network_UI.pause = False

    ui = Network_UI(net.simulate(1), [Stops()])
    QtCore.QTimer.singleShot(0, lambda: ui.window.selection.choose(net["cells", 0], [3]))
    ui.show()
    assert net.iteration >= 20
    assert ui.window.tabs[0].error is None


def test_show_waits_until_the_window_is_closed_and_the_script_goes_on(net):
    ui = Network_UI(net, [MeanVoltage()])
    QtCore.QTimer.singleShot(0, lambda: (ui.window.simulate(30), ui.window.close()))
    ui.show()
    assert net.iteration == 30


def test_the_window_is_skipped(net, monkeypatch, caplog):
    monkeypatch.setenv(NO_WINDOW, "1")
    with caplog.at_level(logging.WARNING):
        Network_UI(net, [MeanVoltage(), *get_default_UI_modules(["v"], ["W"])]).show()
    assert "skipped" in caplog.text
    assert net.iteration == 0


def test_where_qt_is_missing_the_way_out_is_told(net, monkeypatch):
    monkeypatch.delenv(NO_WINDOW, raising=False)
    monkeypatch.setitem(sys.modules, "fusion.gui", None)
    with pytest.raises(ImportError) as raised:
        Network_UI(net).show()
    assert "--no-window" in raised.value.__notes__[0]


def test_what_is_no_network_and_no_tab_is_refused(net):
    with pytest.raises(InvalidValue, match="takes a network"):
        Network_UI([MeanVoltage()], net)
    with pytest.raises(InvalidValue, match=r"Write MeanVoltage\(\)"):
        Network_UI(net, [MeanVoltage])
    with pytest.raises(InvalidValue, match="'traces' is none"):
        Network_UI(net, ["traces"]).window  # noqa: B018 - it raises
    with pytest.raises(InvalidValue, match="PCA_tab takes parameter, title, timesteps, not colour"):
        COUNTERPARTS["PCA_tab"]("voltage", colour="red")
