"""`Controls`: the bar with play, pause and step, and the line that says how fast it goes."""

from __future__ import annotations

from typing import Any

from fusion.gui.player import Player
from fusion.gui.qt import QtCore, QtWidgets

SPEEDS = {"as fast as it can": None, "1000 iterations/s": 1000.0, "100 iterations/s": 100.0, "10 iterations/s": 10.0,
          "1 iteration/s": 1.0}  # fmt: skip
MOST_STEPS = 10_000_000


class Controls:
    """What drives a player, and shows what it does."""

    def __init__(self, player: Player) -> None:
        self._player = player
        self.bar = QtWidgets.QToolBar("simulation")
        self.bar.setMovable(False)
        self.play = self.bar.addAction("Play")
        self.play.setShortcut(QtCore.Qt.Key.Key_Space)
        self.play.setToolTip("run until paused (space)")
        self.play.triggered.connect(self._toggle)
        step = self.bar.addAction("Step")
        step.setShortcut(QtCore.Qt.Key.Key_Right)
        step.setToolTip("one iteration (right arrow)")
        step.triggered.connect(lambda checked: player.step())
        self._steps = QtWidgets.QSpinBox()
        self._steps.setRange(1, MOST_STEPS)
        self._steps.setValue(1000)
        self._steps.setSuffix(" iterations")
        self.bar.addWidget(self._steps)
        run = self.bar.addAction("Run")
        run.setToolTip("so many iterations, then pause")
        run.triggered.connect(lambda: player.play(self._steps.value()))
        self._speed = QtWidgets.QComboBox()
        self._speed.addItems(list(SPEEDS))
        self._speed.currentTextChanged.connect(self._limit)
        self.bar.addWidget(self._speed)
        self._share = QtWidgets.QSpinBox()
        self._share.setRange(1, 100)
        self._share.setValue(round(100 * player.budget.share))
        self._share.setPrefix("window at most ")
        self._share.setSuffix(" %")
        self._share.setToolTip("of the time that the window may take for drawing; the rest is the simulation's")
        self._share.valueChanged.connect(self._allow)
        self.bar.addWidget(self._share)
        self.status = QtWidgets.QLabel()
        player.changed.connect(self.draw)
        self.draw()

    def draw(self) -> None:
        """How far it is, how fast, and what the window costs."""
        player, network = self._player, self._player.network
        self.play.setText("Pause" if player.is_playing else "Play")
        self.status.setText(status(network.iteration, network.dt, player))

    def _toggle(self) -> None:
        if self._player.is_playing:
            self._player.pause()
        else:
            self._player.play()

    def _limit(self, text: str) -> None:
        self._player.limit = SPEEDS[text]

    def _allow(self, percent: int) -> None:
        self._player.budget.share = percent / 100.0


def status(iteration: int, dt: float, player: Any) -> str:
    """As "iteration 1200, t = 120.0 ms, 8500 iterations/s (0.85 x real time), window 7 %"."""
    parts = [f"iteration {iteration}", f"t = {iteration * dt:.10g} ms"]
    if player.is_playing and player.speed:
        parts.append(f"{player.speed:.3g} iterations/s ({player.speed * dt / 1000.0:.2g} x real time)")
        parts.append(f"window {100.0 * player.budget.taken:.0f} %")
    return ",   ".join(parts)
