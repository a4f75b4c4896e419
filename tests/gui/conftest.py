"""Windows without a screen, in real Qt; a test in which anything that Qt calls raises fails."""

from __future__ import annotations

import sys
from time import perf_counter

import numpy as np
import pytest

pytest.importorskip("pyqtgraph", reason="the window is optional")

from pyqtgraph.Qt import QtTest

from fusion import Behaviour, Network, NeuronGroup
from fusion.gui import Window
from fusion.gui.qt import QtCore, application

PATIENCE = 20.0  # seconds


class Noisy(Behaviour):
    """Leaky units that random kicks make fire."""

    leak: float = 0.9

    def initialize(self, neurons):
        neurons.voltage = neurons.vector()
        neurons.count = np.zeros(neurons.size, int)

    def iteration(self, neurons):
        neurons.voltage *= self.leak
        neurons.voltage += neurons.vector("uniform", density=0.1)
        neurons.spike = neurons.voltage > 0.8
        neurons.voltage[neurons.spike] = 0.0
        neurons.count += neurons.spike


class Fails(Behaviour):
    """Raises in one iteration."""

    at: int = 5

    def iteration(self, neurons):
        if neurons.iteration == self.at:
            raise RuntimeError("it was to fail")


@pytest.fixture(autouse=True)
def app():
    """The application; PyQt5 ends the process at an error in a slot, unless there is a hook for it."""
    running = application()
    raised, before = [], sys.excepthook
    sys.excepthook = lambda kind, error, trace: raised.append(error)
    yield running
    sys.excepthook = before
    running.processEvents()
    if raised:
        raise AssertionError("An error in what Qt calls.") from raised[0]


@pytest.fixture
def until(app):
    """``until(lambda: ...)`` lets Qt work until that is true."""

    def wait(is_true):
        end = perf_counter() + PATIENCE
        while not is_true():
            assert perf_counter() < end, "it never became true"
            app.processEvents(QtCore.QEventLoop.ProcessEventsFlag.AllEvents, 20)

    return wait


@pytest.fixture
def net():
    """Two groups, of 12 and 9 neurons."""
    made = Network(dt=0.5, seed=4)
    NeuronGroup(made, size=12, tag="cells", behaviour={1: Noisy()})
    NeuronGroup(made, size=9, tag="others", behaviour={1: Noisy(leak=0.8)})
    return made


@pytest.fixture
def opened(app):
    """``opened(net, tabs)`` is a window as on a screen, but that it does not wait; it is closed after the test."""
    windows = []

    def make(*args, **options):
        windows.append(Window(*args, **options))
        windows[-1]._frame.show()
        QtTest.QTest.qWaitForWindowExposed(windows[-1]._frame)
        return windows[-1]

    yield make
    for window in windows:
        window.close()


@pytest.fixture
def noisy():
    """The behaviour of both groups."""
    return Noisy


@pytest.fixture
def fails():
    """``fails(at=5)``: a behaviour that raises a `RuntimeError` in that iteration."""
    return Fails


@pytest.fixture
def in_show(app):
    """``in_show(window, step, step, ...)`` shows it while the steps are done one after the other, then closes it.

    A step is called again and again until it gives anything but False.
    """

    def show(window, *steps):
        waiting, timer, end = list(steps), QtCore.QTimer(), perf_counter() + PATIENCE

        def work():
            late = perf_counter() > end
            if not waiting or late:
                timer.stop()
                window.close()
                assert not late, "a step never came to its end"
            elif waiting[0]() is not False:
                waiting.pop(0)

        timer.timeout.connect(work)
        timer.start(1)
        window.show()

    return show
