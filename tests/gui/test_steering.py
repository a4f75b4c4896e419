"""`Behaviours`, `Variables`, the journal: what the user changes happens, is shown as it is, and can be done again."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("pyqtgraph")

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup, fixed_probability
from fusion.behaviours import LIF, STDP, PoissonSpikes, WhiteNoise, blocks, box, grid
from fusion.errors import InvalidValue, ReadOnly
from fusion.gui import Behaviours, Journal, Variables, Window
from fusion.gui.brief import brief
from fusion.gui.qt import QtWidgets
from fusion.gui.tabs.behaviours import KEY, NAME, OWNER, VALUE
from fusion.testing.toy import ToyNeurons


class Hum(Behaviour):
    """Acts on the network."""

    def iteration(self, network):
        network.hum = network.iteration


def made(seed=1):
    net = Network(dt=0.5, seed=seed, behaviour={5: Hum()})
    drive, capacitance = WhiteNoise(into="current", mean=450.0, sigma=50.0), "normal(250, 20)"
    cells = NeuronGroup(net, size=20, tag="cells", behaviour={
        1: drive, 2: LIF(capacitance=capacitance), 9: Recorder("voltage"), 10: EventRecorder("spike"),
    })  # fmt: skip
    out = NeuronGroup(net, size=5, tag="out", behaviour={2.5: LIF(bias=420.0)})
    rule = STDP(w_max=90.0, a_plus=0.5)
    SynapseGroup(net, cells, out, tag="up", connect=fixed_probability(0.5), weight=40.0, into="current",
                 behaviour={4: rule})  # fmt: skip
    return net


@pytest.fixture
def window():
    with Window(made(), [Behaviours(), Variables()]) as made_window:
        yield made_window
        assert [tab.error for tab in made_window.tabs] == [None, None]


def row_of(tab, key, name):
    return next(
        row for row, (one, parameter) in enumerate(tab._rows) if one.key == key and parameter and parameter.name == name
    )


def type_into(sheet, row, column, text):
    """As a user does: the cell holds the text, and the table says so."""
    sheet.widget.item(row, column).setText(text)


def heads(tab):
    rows = [row for row, (_, parameter) in enumerate(tab._rows) if parameter is None]
    return [(tab._sheet.text(row, KEY), tab._sheet.text(row, OWNER)) for row in rows]


def test_behaviours_stand_in_the_order_of_their_keys_without_the_recorders_of_the_window(window):
    tab = window.open("behaviours")
    assert heads(tab) == [
        ("1", "cells"),
        ("2", "cells"),
        ("4", "up"),
        ("5", "network"),
        ("9", "cells"),
        ("10", "cells"),
    ]
    window.selection.choose(window.network["out", 0])
    assert heads(tab) == [("2.5", "out"), ("4", "up"), ("5", "network")]
    assert tab._sheet.text(row_of(tab, 4, "tau_plus"), VALUE + 1) == "ms"


def test_a_number_is_changed_and_shown_as_it_is_held(window):
    tab, lif = window.open("behaviours"), window.network["LIF", 0]
    row = row_of(tab, 2, "threshold")
    type_into(tab._sheet, row, VALUE, " -5.75e1 ")
    assert lif.threshold == -57.5
    assert tab._sheet.text(row, VALUE) == "-57.5"
    lif.threshold = -57.0
    window.draw()
    assert tab._sheet.text(row, VALUE) == "-57"


@pytest.mark.parametrize(("text", "reason"), [("abc", "'abc' cannot be taken: give a number."), ("nan", "'nan'")])
def test_wrong_input_is_refused_and_the_old_value_stays(window, text, reason):
    tab, lif = window.open("behaviours"), window.network["LIF", 0]
    row = row_of(tab, 2, "threshold")
    type_into(tab._sheet, row, VALUE, text)
    assert lif.threshold == -55.0
    assert tab._sheet.text(row, VALUE) == "-55"
    assert tab._note.text().startswith(reason)
    assert window.journal.edits == []
    type_into(tab._sheet, row, VALUE, "-56")
    assert tab._note.text() == ""


def test_what_would_do_nothing_cannot_be_changed_and_says_why(window):
    tab = window.open("behaviours")
    for name, text, reason in (
        ("tau", "10", "_decayed, _gain was computed from it before the first step"),
        ("capacitance", brief(window.network["LIF", 0].capacitance), "_gain was computed"),
        ("every", "None", "settled when the behaviour is attached"),
    ):
        row = row_of(tab, 2, name)
        assert not tab._sheet.is_allowed(row, VALUE)
        assert tab._sheet.text(row, VALUE) == text
        assert reason in tab._sheet.widget.item(row, VALUE).toolTip()
    assert tab._sheet.is_allowed(row_of(tab, 2, "threshold"), VALUE)
    assert not tab._sheet.is_allowed(row_of(tab, 2, "threshold"), NAME)


def test_what_the_user_is_typing_is_not_overwritten(window):
    tab, lif = window.open("behaviours"), window.network["LIF", 0]
    row = row_of(tab, 2, "threshold")
    table = tab._sheet.widget
    table.setCurrentCell(row, VALUE)
    table.editItem(table.item(row, VALUE))
    editor = table.findChild(QtWidgets.QLineEdit)
    editor.setText("-5")
    lif.threshold = -56.0
    window.simulate(2)
    assert (editor.text(), lif.threshold) == ("-5", -56.0)
    for typed, value, shown_value in (("-5x", -56.0, "-56"), ("-58.50", -58.5, "-58.5")):
        editor.setText(typed)
        table.commitData(editor)
        assert (lif.threshold, tab._sheet.text(row, VALUE)) == (value, shown_value)


def test_a_behaviour_rests_as_long_as_its_box_is_empty(window):
    tab, rule = window.open("behaviours"), window.network["STDP", 0]
    row = next(row for row, (one, _) in enumerate(tab._rows) if one is rule)
    box = tab._sheet.widget.item(row, 1)
    weights = window.simulate(100).network["up", 0].weights.copy()
    box.setCheckState(0)
    window.simulate(100)
    assert np.array_equal(window.network["up", 0].weights, weights)
    box.setCheckState(2)
    window.simulate(100)
    assert not np.array_equal(window.network["up", 0].weights, weights)
    assert [(edit.name, edit.new, edit.iteration) for edit in window.journal.edits] == [
        ("enabled", False, 100), ("enabled", True, 200)
    ]  # fmt: skip


def test_a_behaviour_that_comes_and_goes_is_followed(window):
    tab, cells = window.open("behaviours"), window.network["cells", 0]
    more = cells.add_behaviour(3, WhiteNoise(into="current"))
    window.draw()
    assert ("3", "cells") in heads(tab)
    cells.remove_behaviour(more)
    window.draw()
    assert ("3", "cells") not in heads(tab)


def test_variables_show_the_neurons_that_are_chosen(window):
    cells = window.network["cells", 0]
    window.simulate(50)
    window.selection.choose(cells, [3, 17])
    tab = window.open("variables")
    row, voltage = tab._names.index("voltage"), cells.voltage
    columns = [tab._sheet.widget.horizontalHeaderItem(column).text() for column in range(7)]
    assert columns == ["variable", "unit", "neuron 3", "neuron 17", "mean", "least", "most"]
    values = [voltage[3], voltage[17], voltage.mean(), voltage.min(), voltage.max()]
    assert [tab._sheet.text(row, column) for column in range(2, 7)] == [f"{value:.6g}" for value in values]


def test_what_takes_long_to_read_is_shown_a_part_at_a_time(window, monkeypatch):
    tab = window.open("variables")
    seen = []
    monkeypatch.setattr(tab, "_show", seen.append)
    clock = iter(range(100))
    monkeypatch.setattr("fusion.gui.tabs.variables.perf_counter", lambda: next(clock))
    for _ in range(4):
        tab._fill(0.5)
    assert len(tab._names) == 2
    assert seen == [1, 0, 1, 0]
    tab._fill()
    assert sorted(seen[4:]) == [0, 1]


def test_a_value_is_written_into_one_neuron_and_undone(window):
    cells = window.network["cells", 0]
    window.simulate(50)
    window.selection.choose(cells, [3, 17])
    tab = window.open("variables")
    before = cells.voltage.copy()
    type_into(tab._sheet, tab._names.index("voltage"), 3, "-61.25")
    assert cells.voltage[17] == -61.25
    assert np.array_equal(np.delete(cells.voltage, 17), np.delete(before, 17))
    tab._edits.undo.click()
    assert np.array_equal(cells.voltage, before)
    assert not tab._edits.undo.isEnabled()
    type_into(tab._sheet, tab._names.index("voltage"), 3, "warm")
    assert np.array_equal(cells.voltage, before)
    assert "cannot be taken" in tab._note.text()


def test_the_journal_replays_to_the_same_bits(window):
    net, tab = window.network, window.open("behaviours")
    window.simulate(60)
    type_into(tab._sheet, row_of(tab, 2, "threshold"), VALUE, "-57.3")
    window.simulate(40)
    window.journal.set(net["cells", 0], "voltage", -60.1, 4)
    window.journal.change(net["STDP", 0], "a_plus", 1.5)
    window.journal.undo()
    window.simulate(30)
    window.journal.change(net["STDP", 0], "a_plus", 0.25)
    window.journal.enable(net["WhiteNoise", 0], False)
    script = window.journal.script()
    window.simulate(70)
    again, plain = made(), made()
    exec(script, {"net": again})
    again.simulate(70)
    plain.simulate(200)
    assert again.iteration == net.iteration == 200
    assert np.array_equal(again["voltage", 0], net["voltage", 0])
    assert np.array_equal(again["up", 0].weights, net["up", 0].weights)
    assert not np.array_equal(plain["voltage", 0], net["voltage", 0])
    window.draw()
    assert tab._edits.text.toPlainText() == script


def test_a_journal_that_begins_later_says_so_and_names_parts_that_share_a_tag():
    net = Network(seed=1)
    groups = [NeuronGroup(net, size=2, tag="twin", behaviour={1: Hums()}) for _ in range(2)]
    net.simulate(7)
    journal = Journal(net)
    journal.set(groups[1], "v", float("inf"), 0)
    journal.change(groups[1].behaviours[1], "gain", 2.0)
    assert journal.script().splitlines()[1:] == [
        "net.simulate(7)  # before the window",
        "net.groups[1].set('v', float(\"inf\"), [0])",
        "net.groups[1].behaviours[1].gain = 2.0",
    ]


class Hums(Behaviour):
    gain: float = 1.0

    def initialize(self, neurons):
        neurons.v = neurons.vector()

    def iteration(self, neurons):
        neurons.v += self.gain


def test_the_copies_of_a_rule_on_blocks_are_changed_and_undone_as_one():
    net = Network(dt=1.0, seed=1)
    cells = grid(6, 6).place(NeuronGroup(net, size=36, tag="cells", behaviour={1: PoissonSpikes(rate=50.0)}))
    SynapseGroup(net, cells, cells, tag="near", connect=box(1), weight=0.5, into="x", partition=blocks(3),
                 behaviour={4: STDP()})  # fmt: skip
    with Window(net, [Behaviours()]) as window:
        tab, rules = window.tabs[0], net["STDP"]
        assert len(rules) == 4
        assert heads(tab) == [("1", "cells"), ("4", "near (4 blocks)")]
        type_into(tab._sheet, row_of(tab, 4, "a_plus"), VALUE, "0.125")
        assert {rule.a_plus for rule in rules} == {0.125}
        tab._sheet.widget.item(row_of(tab, 4, "w_min") - 1, 1).setCheckState(0)
        assert {rule.enabled for rule in rules} == {False}
        assert "net.synapses[3].behaviours[4].enabled = False" in window.journal.script()
        tab._edits.undo.click()
        tab._edits.undo.click()
        assert {(rule.a_plus, rule.enabled) for rule in rules} == {(0.01, True)}
        assert not window.journal.can_undo
        assert tab.error is None


def test_nothing_to_undo_is_an_error():
    with pytest.raises(InvalidValue, match="nothing to undo"):
        Journal(Network()).undo()


def test_a_simulator_says_what_cannot_be_written(toy):
    net = Network(dt=0.1, seed=1)
    cells = NeuronGroup(net, ToyNeurons(4, dt=0.1), tag="cells")
    with Window(net, [Variables(), Behaviours()]) as window:
        tab = window.open("variables")
        held, tau = tab._names.index("held"), tab._names.index("tau_m")
        assert not tab._sheet.is_allowed(held, 2)
        assert "counts the steps of refractoriness" in tab._sheet.widget.item(held, 2).toolTip()
        assert tab._sheet.text(tau, 1) == "ms"
        type_into(tab._sheet, tau, 2, "12.5")
        assert cells.tau_m[0] == 12.5
        with net.session():
            window.draw()
            assert not tab._sheet.is_allowed(tau, 2)
            with pytest.raises(ReadOnly):
                window.journal.set(cells, "tau_m", 3.0, 0)
        window.draw()
        assert tab._sheet.is_allowed(tau, 2)
        assert len(window.journal.edits) == 1
        empty = window.open("behaviours")
        assert "has behaviours" in empty._note.text()
        assert (tab.error, empty.error) == (None, None)


@pytest.mark.parametrize("n", [1, 10_000])
def test_every_tab_can_be_opened_before_and_after_the_first_iteration(toy, n):
    net = Network(dt=0.1, seed=1)
    NeuronGroup(net, ToyNeurons(n, dt=0.1), tag="toy")
    NeuronGroup(net, size=n, tag="plain", behaviour={1: Hums()})
    with Window(net) as window:
        for iterations in (0, 3):
            window.simulate(iterations)
            for group in net.groups:
                window.selection.choose(group)
                for tab in window.tabs:
                    window.open(tab.title)
                    window.draw()
                    assert tab.error is None
