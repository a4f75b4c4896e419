"""`Tab`: a page of one's own; what it asks for is there while it is seen, and an error in it is its own."""

from __future__ import annotations

import numpy as np
import pytest
from pyqtgraph.Qt import QtTest

from fusion.errors import InvalidValue
from fusion.gui import Tab, Window
from fusion.gui.qt import QtCore, pyqtgraph


class MeanVoltage(Tab):
    """The example of the docstring, which notes what the window calls."""

    title = "mean voltage"

    def __init__(self):
        super().__init__()
        self.calls = []

    def build(self):
        self.calls.append("build")
        self.recorder = self.record(self.network["cells", 0], "np.mean(voltage)")
        self.curve = self.plot(x="time (ms)", y="mean voltage").curve()

    def selected(self):
        self.calls.append("selected")

    def update(self):
        self.calls.append("update")
        self.curve.set(self.recorder.t, self.recorder["np.mean(voltage)", 0])


class Empty(Tab):
    """Nothing."""


class Broken(Tab):
    """Raises where it is told to."""

    def __init__(self, where):
        super().__init__(f"broken in {where}")
        self.where = where

    def build(self):
        self.record(self.network["cells", 0], "voltage")
        self.reach("build")

    def selected(self):
        self.reach("selected")

    def update(self):
        self.reach("update")

    def reach(self, where):
        if where == self.where:
            raise ValueError("it was to break")


def n_watching(net):
    """Recorders that the window has attached, but for those that count spikes."""
    return sum(type(each).__name__ == "Recorder" for group in net.groups for each in group.behaviours.values())


def test_a_tab_of_ones_own_shows_its_recording(net, opened):
    tab = MeanVoltage()
    opened(net, [tab]).simulate(20)
    x, y = tab.curve.drawn.getData()
    np.testing.assert_allclose(x, 0.5 * np.arange(1, 21))
    assert y[-1] == pytest.approx(net["cells", 0].voltage.mean())
    assert tab.error is None


def test_it_is_built_when_it_is_first_seen_and_told_of_neurons_when_it_is_seen(net, opened):
    tab = MeanVoltage()
    window = opened(net, [Empty(), tab])
    window.selection.choose(net["cells", 0], [3])
    assert tab.calls == []
    window.open("mean voltage")
    assert tab.calls == ["build", "selected", "update"]
    window.open("Empty")
    tab.calls.clear()
    window.selection.choose(net["cells", 0], [4])
    window.simulate(1)
    assert tab.calls == []
    window.open("mean voltage")
    assert tab.calls == ["selected", "update"]


def test_a_tab_that_is_not_seen_records_nothing(net, opened):
    tab = MeanVoltage()
    window = opened(net, [Empty(), tab])
    assert n_watching(net) == 0
    window.open("mean voltage")
    window.simulate(5)
    assert n_watching(net) == 1
    window.open("Empty")
    assert n_watching(net) == 0
    window.simulate(5)
    window.open("mean voltage")
    window.simulate(5)
    np.testing.assert_allclose(tab.recorder.t, [5.5, 6.0, 6.5, 7.0, 7.5])
    assert tab.since == 10


@pytest.mark.parametrize("where", ["build", "selected", "update"])
def test_an_error_in_a_tab_ends_that_tab_alone(net, opened, caplog, where):
    broken, fine = Broken(where), MeanVoltage()
    window = opened(net, [broken, fine])
    window.simulate(5)
    assert str(broken.error) == "it was to break"
    assert "ValueError: it was to break" in broken._note.text()
    assert broken._note.isVisible()
    assert n_watching(net) == 0
    assert len(caplog.records) == 1
    window.open("mean voltage")
    window.simulate(5)
    assert fine.error is None
    assert len(fine.recorder.t) == 5


def test_a_frame_is_painted_once(net, opened, app, monkeypatch):
    """The axes have their ranges before they are painted, so that they do not ask to be painted again."""
    tab = MeanVoltage()
    window = opened(net, [tab])
    window.simulate(20)
    app.processEvents()
    (plot,) = tab.page.findChildren(pyqtgraph.PlotWidget)
    painted, paint = [], pyqtgraph.PlotWidget.paintEvent

    def noted(each, event):
        painted.append(each)
        paint(each, event)

    monkeypatch.setattr(pyqtgraph.PlotWidget, "paintEvent", noted)
    for _ in range(3):
        window.simulate(20)
        (t_first, t_last), _ = plot.getViewBox().viewRange()
        assert t_first <= tab.recorder.t[0] < tab.recorder.t[-1] <= t_last
    app.processEvents()
    app.processEvents()
    assert painted.count(plot) == 1


def test_an_error_in_what_a_button_does_is_the_tabs(net, opened):
    class Buttons(Tab):
        def build(self):
            self.pressed = self.button("press", lambda: 1 / 0)

    tab = Buttons()
    opened(net, [tab])
    QtTest.QTest.mouseClick(tab.pressed, QtCore.Qt.MouseButton.LeftButton)
    assert isinstance(tab.error, ZeroDivisionError)


def test_controls_call_with_what_the_user_took(net, opened):
    class Many(Tab):
        def build(self):
            self.took = []
            with self.row():
                self.box = self.choice("which", ["a", "b"], self.took.append)
                self.tick = self.check("on", False, self.took.append)
            self.count = self.number("how many", 3, 1, 9, self.took.append)

    tab = Many()
    opened(net, [tab])
    tab.box.setCurrentText("b")
    tab.tick.setChecked(True)
    tab.count.setValue(40)
    assert tab.took == ["b", True, 9]
    assert tab.error is None


def test_what_it_records_may_change_with_the_neurons(net, opened):
    class Follows(Tab):
        def selected(self):
            self.forget()
            self.recorder = self.record(self.selection.group, f"voltage[{self.selection.neurons[0]}]", last=3)

    tab = Follows()
    window = opened(net, [tab])
    window.selection.choose(net["others", 0], [5])
    window.simulate(8)
    assert n_watching(net) == 1
    assert tab.recorder["voltage[5]", 0][-1] == net["others", 0].voltage[5]
    assert len(tab.recorder.t) == 3


def test_a_title_of_its_own_or_of_its_class():
    assert [tab.title for tab in (MeanVoltage(), Empty(), Broken("build"))] == [
        "mean voltage", "Empty", "broken in build",
    ]  # fmt: skip


class Silent(Tab):
    """Does not call what it should."""

    def __init__(self):
        pass


ONE = MeanVoltage()


@pytest.mark.parametrize(
    ("tabs", "hint"),
    [
        ([MeanVoltage], r"Write MeanVoltage\(\)"),
        (MeanVoltage(), r"Write \[MeanVoltage"),
        (MeanVoltage, r"Write MeanVoltage\(\)"),
        ([Silent()], "super"),
        (["traces"], "Tab objects"),
        ([ONE, ONE], "twice"),
    ],
)
def test_what_is_no_list_of_tabs_is_refused_before_anything_is_attached(net, tabs, hint):
    with pytest.raises(InvalidValue, match=hint):
        Window(net, tabs)
    assert [list(group.behaviours) for group in net.groups] == [[1], [1]]


def test_one_tab_is_in_one_window(net, opened):
    tab = MeanVoltage()
    opened(net, [tab])
    with pytest.raises(InvalidValue, match="Make another one"):
        Window(net, [tab])
