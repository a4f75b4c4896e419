"""`Analyses`: arguments are taken from the page, results and pictures come back, errors are told and nothing stops."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("pyqtgraph")

from fusion import EventRecorder, Network, NeuronGroup, SynapseGroup
from fusion.analysis import ISI, AnalysisModule, Avalanches, FanoFactor
from fusion.behaviours import PoissonSpikes
from fusion.gui import Analyses, Window
from fusion.gui.tabs.analyses import findings


class Broken(AnalysisModule):
    def execute(self, owner, *, gain):
        return {"gain": gain, "inverse": 1 / gain}


@pytest.fixture
def window():
    net = Network(dt=1.0, seed=1)
    cells = NeuronGroup(net, size=20, tag="cells", behaviour={1: PoissonSpikes(rate=50.0), 9: EventRecorder("spike")})
    NeuronGroup(net, size=2, tag="silent", behaviour={1: PoissonSpikes(rate=0.0)})
    synapses = SynapseGroup(net, cells, cells, tag="s")
    cells.attach(ISI(start=10.0))
    cells.attach(Avalanches())
    synapses.attach(Broken(tag="broken"))
    net.attach(FanoFactor(tag="fano"))
    with Window(net, [Analyses()]) as made:
        yield made
        assert made.tabs[0].error is None


def found(tab):
    rows = range(tab._found.widget.rowCount())
    return {tab._found.text(row, 0): tab._found.text(row, 1) for row in rows}


def give(tab, name, text):
    tab._form.widget.item(list(tab._arguments).index(name), 1).setText(text)


def test_those_of_the_group_its_synapses_and_the_network_can_be_chosen(window):
    tab = window.tabs[0]
    labels = [tab._box.itemText(index) for index in range(tab._box.count())]
    assert labels == ["ISI of cells", "Avalanches of cells", "broken of s", "fano of the network"]
    window.selection.choose(window.network["silent", 0])
    assert [tab._box.itemText(index) for index in range(tab._box.count())] == ["fano of the network"]
    late = window.network["silent", 0].attach(ISI())
    window.draw()
    assert tab._box.itemText(0) == "ISI of silent"
    window.network["silent", 0].detach(late)
    window.draw()
    assert tab._box.count() == 1


def test_arguments_are_given_and_what_is_found_is_shown_with_its_picture(window):
    tab, isi = window.tabs[0], window.network["ISI", 0]
    window.simulate(500)
    assert tab._arguments == {"start": 10.0, "stop": None}
    give(tab, "stop", "300.0")
    tab._button.click()
    assert list(isi.results) == ["stop=300.0"]
    expected = isi.run(start=10.0, stop=300.0)
    assert np.array_equal(isi.results["stop=300.0"].pooled, expected.pooled)
    assert (
        found(tab)["pooled"] == f"{expected.pooled.mean():.4g} ± {expected.pooled.std():.2g}  {expected.pooled.shape}"
    )
    assert not tab._figure.image.isNull()
    assert len({tab._figure.image.pixel(x, 300) for x in range(tab._figure.image.width())}) > 2
    tab._box.setCurrentIndex(3)
    assert tab._figure.image is None
    tab._button.click()
    assert (list(found(tab)), tab._figure.image) == (["ndarray"], None)


def test_too_little_data_is_told_and_the_tab_goes_on(window):
    tab = window.tabs[0]
    window.simulate(2)
    tab._button.click()
    assert "Nothing lies between" in tab._note.text()
    tab._box.setCurrentIndex(1)
    tab._button.click()
    assert "too few" in tab._note.text()
    window.simulate(50)
    tab._box.setCurrentIndex(3)
    tab._button.click()
    assert tab._note.text() != ""
    window.simulate(500)
    tab._button.click()
    assert (tab._note.text(), list(found(tab))) == ("", ["ndarray"])


def test_what_an_algorithm_of_the_user_raises_is_told(window):
    tab = window.tabs[0]
    tab._box.setCurrentIndex(2)
    tab._button.click()
    assert tab._note.text() == "Broken needs a value for: gain."
    give(tab, "gain", "0")
    tab._button.click()
    assert tab._note.text().startswith("ZeroDivisionError: ")
    give(tab, "gain", "4.0")
    tab._button.click()
    assert found(tab) == {"gain": "4", "inverse": "0.25"}


@pytest.mark.parametrize("text", ["ten", "1 +", "__import__('os')", ""])
def test_what_is_no_value_is_refused(window, text):
    tab = window.tabs[0]
    give(tab, "start", text)
    assert f"start = {text}: give a number" in tab._note.text()
    assert tab._form.text(0, 1) == "10.0"
    assert tab._arguments["start"] == 10.0


def test_a_group_without_any_is_told_how_to_attach_one():
    net = Network()
    NeuronGroup(net, size=1, tag="cells", behaviour={1: PoissonSpikes()})
    with Window(net, [Analyses()]) as window:
        assert "net['cells', 0].attach(ISI())" in window.tabs[0]._note.text()
        assert not window.tabs[0]._button.isEnabled()


def test_findings_of_results_within_results(window):
    window.simulate(500)
    names = [name for name, _ in findings(window.network["Avalanches", 0].run())]
    assert {"sizes", "size_law.exponent", "duration_law.error"} <= set(names)
