"""The paper's basic network alone, and played in a window."""

from __future__ import annotations

from time import process_time
from typing import Any

from benchmarks.sides.native import Input, LeakyNoise
from benchmarks.sides.serving import serve
from fusion import Behaviour, Network, NeuronGroup, SynapseGroup
from fusion.gui import Window, default_tabs
from fusion.gui.qt import QtWidgets

CHOSEN = 3  # neurons
FRAMES = 20  # before it is measured, so that the window knows what a frame takes


class Stamp(Behaviour):
    """Notes, first in each step, what this process has computed: what others do meanwhile is not the window's."""

    def initialize(self, owner: Any) -> None:
        self.times: list[float] = []

    def iteration(self, owner: Any) -> None:
        self.times.append(process_time())


class Played:
    """A network in a window, of which something is seen."""

    def __init__(self, n: int, seen: str, share: float) -> None:
        self.net, self.stamp = Network(dt=1.0, seed=1), Stamp()
        cells = NeuronGroup(self.net, size=n, tag="cells", behaviour={0: self.stamp, 1: LeakyNoise(), 2: Input()})
        SynapseGroup(self.net, cells, cells, tag="GLUTAMATE")
        self.net.build()
        self.window: Window | None = None
        if seen == "nothing":
            return
        self.window = Window(self.net, default_tabs(["voltage"]), share=share)
        self.window.selection.choose(cells, range(CHOSEN))
        self.window._frame.show()
        if seen == "minimised":
            self.window._frame.showMinimized()
        else:
            self.window.open(seen)
        self.application = QtWidgets.QApplication.instance()
        for _ in range(FRAMES):
            self.round(100)

    def round(self, steps: int) -> list[float]:
        """Seconds of computing per step: all of them together, for frames lie far apart."""
        self.stamp.times.clear()
        if self.window is None:
            self.net.simulate(steps + 1, progress=False)
        else:
            self.window.player.play(steps + 1)
            while self.window.player.is_playing:
                self.application.processEvents()
        return [(self.stamp.times[-1] - self.stamp.times[0]) / steps]


played: dict[str, Played] = {}


def prepare(n: int, seen: str, share: float) -> None:
    """Make a network, and a window in which `seen` is open: a tab, "minimised", or "nothing" for no window."""
    played[seen] = Played(n, seen, share)


def measure(seen: str, steps: int) -> list[float]:
    """A round of it."""
    return played[seen].round(steps)


if __name__ == "__main__":
    serve(prepare=prepare, round=measure)
