"""`Player`: simulates while the window stays alive, a few iterations at a time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from time import perf_counter

import numpy as np

from fusion.errors import InvalidValue
from fusion.gui.budget import Budget
from fusion.gui.qt import QtCore
from fusion.network import Network

CHUNK = 0.012  # seconds between two looks at the mouse
GROWTH = 2  # of a chunk over the one before, at most
GLANCE = 0.5  # seconds over which the speed is taken


class Player(QtCore.QObject):
    """Play, pause and step; all in the thread of the window, which made the simulators.

    Between two chunks of iterations, of `CHUNK` seconds each, the window answers the user. An iteration that takes
    longer is a chunk of its own.

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
        """Iterations per second while it plays, by the clock; 0 until that is known."""
        self._limit: float | None = None
        self._draw = draw
        self._chunk = 1
        self._is_advancing = False
        self._last: int | None = None
        self._frame: float | None = None
        self._earliest = 0.0
        self._glance = (0, 0.0)
        self._session = ExitStack()
        self._timer = QtCore.QTimer(self)
        self._timer.timeout.connect(self._turn)

    @property
    def is_playing(self) -> bool:
        """Whether it plays."""
        return bool(self._timer.isActive())

    @property
    def limit(self) -> float | None:
        """Iterations per second that it shall not exceed; may be changed while it plays."""
        return self._limit

    @limit.setter
    def limit(self, limit: float | None) -> None:
        if limit is not None and not limit > 0:
            raise InvalidValue(f"limit={limit!r}: give iterations per second, or None.", limit=limit)
        self._limit = limit
        self._earliest = perf_counter()
        self._look()
        if self.is_playing:
            self._timer.setInterval(0)

    def play(self, iterations: int | None = None) -> None:
        """Simulate so many iterations, or until `pause`; if it plays already, from here on.

        Raises `InvalidValue` if the number is no whole one, at least 1.
        """
        if iterations is not None and (
            isinstance(iterations, bool) or not isinstance(iterations, int | np.integer) or iterations < 1
        ):
            raise InvalidValue(f"{iterations!r} iterations: give a whole number, at least 1.", iterations=iterations)
        self._last = None if iterations is None else self.network.iteration + int(iterations)
        if self.is_playing:
            return
        if not self._is_advancing:
            try:
                self._session.enter_context(self.network.session())
            except Exception as error:  # noqa: BLE001 - shown, and raised when the window closes
                self.failed.emit(error)
                return
        self._earliest = perf_counter()
        self._look()
        self._timer.start(0)
        self.changed.emit()

    def pause(self) -> None:
        """Give the simulators back and draw what is there now; a behaviour that calls it, at the end of the chunk."""
        if self.is_playing:
            self._timer.stop()
            if not self._is_advancing:
                self._rest(None)
                self._draw()

    def step(self, iterations: int = 1) -> None:
        """Simulate so many iterations at once, and draw."""
        if self._is_advancing:
            return
        self.pause()
        try:
            self.network.simulate(iterations, progress=False)
        except BaseException as error:  # noqa: BLE001 - shown, and raised when the window closes
            self.failed.emit(error)
        self._draw()

    def _turn(self) -> None:
        """What is done between two looks at the mouse."""
        if self._is_advancing:
            return  # a behaviour lets Qt work
        now = perf_counter()
        if self._frame is not None:
            # Qt comes here when there is nothing else to do: by now the frame is on the screen.
            self.budget.drew(self._frame, now)
            self._frame = None
        self._measure(now)
        if now >= self._earliest and not self._advance(now):
            return
        if self.budget.is_due(perf_counter()):
            self._frame = perf_counter()
            self._draw()
        # After a frame at once, to see when it was on the screen.
        wait = 0.0 if self._frame is not None else self._earliest - perf_counter()
        self._timer.setInterval(max(0, int(wait * 1000.0)))

    def _advance(self, now: float) -> bool:
        """One chunk; whether there is more to come."""
        n = self._chunk if self._last is None else min(self._chunk, self._last - self.network.iteration)
        if self._limit is not None:
            n = max(1, min(n, int(self._limit * CHUNK)))
            self._earliest = max(self._earliest, now - CHUNK) + n / self._limit
        self._is_advancing = True
        failure: BaseException | None = None
        try:
            self.network.simulate(n, progress=False)
        except BaseException as error:  # noqa: BLE001 - shown, and raised when the window closes
            failure = error
        self._is_advancing = False
        took = max(perf_counter() - now, 1e-9)
        self._chunk = max(1, min(int(n * CHUNK / took), GROWTH * n))
        is_over = self._last is not None and self.network.iteration >= self._last
        if failure is None and not is_over and self.is_playing:
            return True
        self._timer.stop()
        self._rest(failure)
        if failure is not None:
            self.failed.emit(failure)
        self._draw()
        return False

    def _look(self) -> None:
        """The speed is measured from here on."""
        self._glance = (self.network.iteration, perf_counter())
        self.speed = 0.0

    def _measure(self, now: float) -> None:
        first, began = self._glance
        if now - began >= GLANCE:
            self.speed = (self.network.iteration - first) / (now - began)
            self._glance = (self.network.iteration, now)

    def _rest(self, error: BaseException | None) -> None:
        """End the session, which a failure inside may end with an error of its own."""
        self._frame = None
        self.budget.rest()
        try:
            self._session.__exit__(type(error) if error else None, error, error.__traceback__ if error else None)
        except Exception as after:  # noqa: BLE001 - shown, and raised when the window closes
            if after is not error:
                self.failed.emit(after)
        self.changed.emit()
