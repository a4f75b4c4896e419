"""`Runner`: the loop of a run - prepare, iterate, clean up, whatever happens in between."""

from __future__ import annotations

import sys
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager, nullcontext
from time import perf_counter
from typing import Any, Protocol

import numpy as np

from fusion.core.behaviour import Behaviour
from fusion.core.clock import Clock
from fusion.coupling.access import AccessLog
from fusion.coupling.interrupt import Interrupt
from fusion.coupling.progress import Progress
from fusion.coupling.relayed import STANDS_STILL
from fusion.coupling.windows import Windows
from fusion.coupling.wiring import Wiring
from fusion.errors import BehaviourFailed, FusionError, InvalidValue, NetworkBroken, SimulatorLost

COMPLETE, INTERRUPTED = "complete", "interrupted"


class Running(Protocol):
    """What the loop moves on in a network."""

    clock: Clock
    iteration: int
    active: Behaviour | None
    access: AccessLog

    def ordered_behaviours(self) -> Sequence[Behaviour]: ...
    def structure_changed(self) -> None: ...
    def cut_recordings(self) -> None: ...


class Keeping(Protocol):
    """Who keeps what is recorded, and so is told how runs go."""

    @property
    def values(self) -> MutableMapping[str, Any]: ...
    def begin(self) -> None: ...
    def reach(self, iteration: int) -> int: ...
    def flush(self, reached: int) -> None: ...
    def end(self, outcome: str) -> None: ...


class Runner:
    """Runs one network.

    threads : threads that BLAS may use during a run; two on a busy machine can be hundreds of times slower than one.
    """

    def __init__(self, network: Running, wiring: Wiring, threads: int) -> None:
        self._network, self._wiring, self._threads = network, wiring, threads
        self.is_running = False
        """Whether simulators are prepared: during a run, and from the beginning to the end of a session."""
        self._is_iterating = False
        self._n_modules = 0
        self.broken_in = 0
        """The iteration that was left in the middle, 0 if none was."""
        self.outcome = COMPLETE
        """How the last run ended: "complete", "interrupted", or "failed: why"."""
        self.seconds = 0.0
        self.keeper: Keeping | None = None
        self._met = 0

    @property
    def complete(self) -> int:
        """The last iteration that everybody has finished."""
        if not self._is_iterating:
            return self._network.iteration
        windows = self._wiring.windows
        in_window = windows is not None and windows.is_open
        return self._met if in_window else max(self._met, self._network.iteration - 1)

    def flush(self) -> None:
        """Keep what everybody has finished, if the run is kept."""
        if self.keeper is not None:
            self.keeper.flush(self.complete)

    def check(self, iterations: object, pausable: bool) -> None:
        """Raise `InvalidValue` if that is no number of iterations, `NetworkBroken` if the network cannot go on."""
        if isinstance(iterations, bool) or not isinstance(iterations, int | np.integer) or iterations < 0:
            raise InvalidValue(f"{iterations!r} iterations: give a whole number. run(ms) takes milliseconds.")
        if self.broken_in and not pausable:
            raise NetworkBroken(f"The network stopped within iteration {self.broken_in}; build a new one.")

    def check_idle(self, action: str) -> None:
        """Raise `InvalidValue` in the middle of a run or session, where `action` cannot be done."""
        if self.is_running:
            raise InvalidValue(
                f"Cannot {action} in the middle of a run, or of a session; do it between two runs outside."
            )

    @contextmanager
    def session(self) -> Iterator[None]:
        """Simulators are prepared once for all runs within."""
        if self.is_running:
            raise InvalidValue(
                "Simulators are prepared already: a session cannot begin in a run or in another session."
            )
        with self._pools().limit(limits=self._threads, user_api="blas"), self._kept():
            try:
                with self._timed():
                    self._prepare()
                yield
            finally:
                with self._timed():
                    self._cleanup()

    def run(self, iterations: int, progress: bool | None) -> None:
        """Advance the network; raises `KeyboardInterrupt` after the iteration in which Ctrl-C was pressed."""
        if self._is_iterating:
            raise InvalidValue("Cannot run a network in the middle of a run; let the behaviour do its step and return.")
        with nullcontext() if self.is_running else self.session(), self._timed():
            self._is_iterating, self.outcome = True, COMPLETE
            try:
                self._iterate(iterations, progress)
            except BaseException as error:
                self.outcome = _outcome(error)
                raise
            finally:
                self._is_iterating = False

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """What is recorded meanwhile is kept, however it ends."""
        if self.keeper is None:
            yield
            return
        self.keeper.begin()
        try:
            yield
        except BaseException as error:
            try:
                self.keeper.end(_outcome(error))
            except FusionError as failure:
                error.add_note(str(failure))  # the error that ended the run is on its way to the user
            raise
        # The user may have caught what ended a run of the session.
        self.keeper.end(self.outcome)

    @contextmanager
    def _timed(self) -> Iterator[None]:
        start = perf_counter()
        try:
            yield
        finally:
            self.seconds += perf_counter() - start

    def _pools(self) -> Any:
        """The BLAS libraries that are loaded; looking for them takes milliseconds, so only after an import."""
        # Not needed to import fusion, which shall be quick.
        from threadpoolctl import ThreadpoolController

        if len(sys.modules) != self._n_modules:
            self._n_modules, self._controller = len(sys.modules), ThreadpoolController()
        return self._controller

    def _iterate(self, n: int, progress: bool | None) -> None:
        network = self._network
        first, last = network.iteration, network.iteration + n
        if self._wiring.windows is not None and self._wiring.is_planned:
            self._wiring.windows.begin(first)
        due = last if self.keeper is None else first
        with Interrupt() as interrupt, Progress(n, network.clock.dt, progress) as bar:
            while network.iteration < last and not interrupt.requested:
                self._met = network.iteration
                # It is told, too, that behaviours came or went.
                if self.keeper is not None and (self._met >= due or self._wiring.is_stale):
                    due = self.keeper.reach(self._met)
                windows, tick = self._windows(), network.iteration + 1
                try:
                    if windows is not None and windows.may_run(tick):
                        windows.advance(network, windows.end(tick, last))
                        if network.access.tracing:
                            # Behaviours came or went within the window, where nothing is taken down.
                            network.access.traced.clear()
                        bar.reach(network.iteration - first)
                    elif windows is not None or network.access.tracing:
                        self._trace(tick)
                    else:
                        self._lockstep(range(tick, min(last, due) + 1), interrupt, bar, first)
                except BaseException as error:  # noqa: BLE001 - raised again, with the name of who failed
                    self._fail(error)
                finally:
                    self._wiring.count(network.iteration - self._met)
        if interrupt.requested:
            raise KeyboardInterrupt(f"stopped after iteration {network.iteration}")

    def _windows(self) -> Windows | None:
        """The windows for what is there now; None in lockstep, and while it has yet to be traced."""
        network, wiring = self._network, self._wiring
        if network.access.tracing:
            return None
        if wiring.is_stale:
            wiring.schedule(network.ordered_behaviours())
        if not wiring.is_planned:
            wiring.plan_windows(network.ordered_behaviours())
            if wiring.windows is not None:
                wiring.windows.begin(network.iteration)
        return wiring.windows

    def _trace(self, tick: int) -> None:
        """One iteration in which all participants meet, and what behaviours touch is noted."""
        network = self._network
        network.access.tracing = True
        network.iteration = tick
        self._wiring.schedule(network.ordered_behaviours()).iterate(network, tick)
        self._wiring.is_planned = False
        self._met = tick  # it belongs to no windows, and so is not counted with any
        network.access.tracing = self._wiring.is_stale  # what came in the middle of it was not seen

    def _lockstep(self, ticks: range, interrupt: Interrupt, bar: Progress, first: int) -> None:
        """Iterations in which all participants meet, as long as nothing changes."""
        network, wiring = self._network, self._wiring
        iterate = wiring.schedule(network.ordered_behaviours()).iterate
        for tick in ticks:
            if interrupt.requested or wiring.is_stale:
                break
            network.iteration = tick
            iterate(network, tick)
            bar.reach(tick - first)

    def _fail(self, error: BaseException) -> None:
        network = self._network
        behaviour, network.active = network.active, None
        self.broken_in = network.iteration
        network.iteration -= 1
        network.cut_recordings()
        if isinstance(error, SimulatorLost):
            raise error  # whoever noticed it is not to blame
        if behaviour is not None and behaviour.owner is not None and isinstance(error, Exception):
            failure = BehaviourFailed(behaviour, behaviour.owner.tag, self.broken_in, error)
            if isinstance(error, ValueError) and "read-only" in str(error):
                failure.add_note(STANDS_STILL)
            raise failure from error
        raise error

    def _prepare(self) -> None:
        self.is_running = True
        self._wiring.hold()
        for participant in self._wiring.participants:
            participant.prepare()

    def _cleanup(self) -> None:
        self.is_running = False
        self._wiring.release()
        failing = sys.exc_info()[1] is not None
        errors = [error for participant in self._wiring.participants if (error := participant.cleanup()) is not None]
        for error in errors:
            if not failing:
                raise error
            # The error that ended the run is on its way to the user; this one came after it.
            import logging  # not needed to import fusion, which shall be quick

            logging.getLogger("fusion").error("A simulator could not be cleaned up: %s", error)


def _outcome(error: BaseException) -> str:
    return INTERRUPTED if isinstance(error, KeyboardInterrupt) else f"failed: {type(error).__name__}: {error}"
