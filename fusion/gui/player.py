"""`Player`: simulates while the window stays alive, a few iterations at a time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from time import perf_counter

from fusion.gui.budget import Budget
from fusion.gui.qt import QtCore
from fusion.network import Network

CHUNK = 0.012  # seconds between two looks at the mouse
GROWTH = 2  # of a chunk over the one before, at most
PACE = 0.8  # of the speed measured before, in the mean


class Player(QtCore.QObject):
    """Play, pause and step; all in the thread of the window, which made the simulators.

    draw : called when a frame is due
    """

    changed = QtCore.Signal()
    """It plays, or has paused."""
    failed = QtCore.Signal(object)
    """With the exception that ended a run; the network is as `Network.simulate` leaves it."""

    def __init__(self, network: Network, budget: Budget, draw: Callable[[], None]) -> None:
        super().__init__()
        self.network, self.budget = network, budget
        self.speed = 0.0
        """Iterations per second while it plays, a running mean."""
        self.limit: float | None = None
        """Iterations per second that it shall not exceed."""
        self._draw = draw
        self._chunk = 1
        self._last: int | None = None
        self._frame: float | None = None
        self._earliest = 0.0
        self._session = ExitStack()
        self._timer = QtCore.QTimer(self)
        self._timer.timeout.connect(self._turn)

    @property
    def is_playing(self) -> bool:
        """Whether it plays."""
        return bool(self._timer.isActive())

    def play(self, iterations: int | None = None) -> None:
        """Simulate so many iterations, or until `pause`."""
        if self.is_playing:
            return
        self._last = None if iterations is None else self.network.iteration + iterations
        try:
            self._session.enter_context(self.network.session())
        except Exception as error:  # noqa: BLE001 - shown, and raised when the window closes
            self.failed.emit(error)
            return
        self._earliest = perf_counter()
        self._timer.start(0)
        self.changed.emit()

    def pause(self) -> None:
        """Give the simulators back and draw what is there now."""
        if not self.is_playing:
            return
        self._timer.stop()
        self._close(None)
        self._frame = None
        self.budget.rest()
        self.changed.emit()
        self._draw()

    def step(self, iterations: int = 1) -> None:
        """Simulate so many iterations at once, and draw."""
        self.pause()
        try:
            self.network.simulate(iterations)
        except BaseException as error:  # noqa: BLE001 - shown, and raised when the window closes
            self.failed.emit(error)
        self._draw()

    def _turn(self) -> None:
        now = perf_counter()
        if self._frame is not None:
            # Qt comes here when there is nothing else to do: by now the frame is on the screen.
            self.budget.drew(self._frame, now)
            self._frame = None
        if now >= self._earliest and not self._advance(now):
            return
        if self.budget.is_due(perf_counter()):
            self._frame = perf_counter()
            self._draw()
        self._timer.setInterval(max(0, int((self._earliest - perf_counter()) * 1000.0)))

    def _advance(self, now: float) -> bool:
        """One chunk; whether there is more to come."""
        n = self._chunk if self._last is None else min(self._chunk, self._last - self.network.iteration)
        if self.limit is not None:
            n = max(1, min(n, int(self.limit * CHUNK)))
            self._earliest = max(self._earliest, now - CHUNK) + n / self.limit
        try:
            self.network.simulate(n, progress=False)
        except BaseException as error:  # noqa: BLE001 - shown, and raised when the window closes
            self._timer.stop()
            self._close(error)
            self.changed.emit()
            self.failed.emit(error)
            return False
        took = max(perf_counter() - now, 1e-9)
        self._chunk = max(1, min(int(n * CHUNK / took), GROWTH * n))
        self.speed = n / took if not self.speed else PACE * self.speed + (1.0 - PACE) * n / took
        if self._last is not None and self.network.iteration >= self._last:
            self.pause()
            return False
        return True

    def _close(self, error: BaseException | None) -> None:
        """End the session, which a failure inside may end with an error of its own."""
        try:
            self._session.__exit__(type(error) if error else None, error, error.__traceback__ if error else None)
        except Exception as after:  # noqa: BLE001 - shown, and raised when the window closes
            if after is not error:
                self.failed.emit(after)
