"""`Caller`: asks a worker and waits for its answers, as long as it is alive."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from time import monotonic
from typing import Any

from fusion.errors import FusionError, SimulatorLost, WireError
from fusion.host.batches import Batch
from fusion.host.channel import BEAT
from fusion.host.messages import Messages, unpack
from fusion.host.worker import Worker

PACE = 1.0
"""Seconds between two looks at a worker that answers: what it needs besides itself may have gone. A look takes 0.03 ms
for a child, about 1 ms for what is reached by a socket, 2 ms for an actor of Dask's."""


class Caller:
    """One request at a time; an answer that nobody waits for any more is dropped.

    simulator, place : for messages
    tick : the last that the worker is known to have reached, for messages
    lost : why it cannot be asked any more, None as long as it can
    """

    def __init__(self, simulator: str, place: str, worker: Worker) -> None:
        self._simulator, self._place, self._worker = simulator, place, worker
        self.tick = 0
        self.lost: SimulatorLost | None = None
        self._number = 0
        self._messages = Messages()
        self._looked_at = monotonic()

    def ask(self, verb: str, arguments: Sequence[Any], pushes: Sequence[Batch]) -> tuple[Any, list[Batch]]:
        """The answer to a request: (result, what left ports); raises what the worker raised, or `SimulatorLost`."""
        self.send(verb, arguments, pushes)
        return self.answer()

    def send(self, verb: str, arguments: Sequence[Any], pushes: Sequence[Batch]) -> None:
        """Send a request; `InvalidValue` if it cannot be told."""
        if self.lost is not None:
            raise self.lost
        if monotonic() - self._looked_at > PACE:
            self._look()
        parts = self._messages.pack([self._number + 1, verb, list(arguments)], pushes)
        self._number += 1
        try:
            self._worker.channel.send(parts, self._look)
        except ConnectionError as error:
            raise self.lose(error) from None

    def answer(self, patience: float | None = None) -> tuple[Any, list[Batch]]:
        """Wait for the answer to the last request, however long that takes; with `patience` at most so many seconds."""
        end = None if patience is None else monotonic() + patience
        try:
            while True:
                frame = self._worker.channel.receive(BEAT)
                if frame is None:
                    self._look()
                    if end is not None and monotonic() > end:
                        raise self.lose(f"it did not answer within {patience:g} s")
                    continue
                (number, result, failure, records), outputs = _read(frame)
                if number in (self._number, None):
                    break
        except (ConnectionError, WireError) as error:
            raise self.lose(error) from None
        self._tell(records)
        if failure is not None:
            raise failure
        return result, outputs

    def close(self, patience: float) -> None:
        """Let the worker close its adapter, and end it."""
        if self.lost is not None:
            return
        try:
            self.send("close", [], [])
            self.answer(patience)
        except FusionError as error:
            logging.getLogger("fusion").warning("%s on %s, when closed: %s", self._simulator, self._place, error)
        finally:
            self._worker.close()

    def _look(self) -> None:
        """Raise `SimulatorLost` if the worker cannot go on."""
        self._looked_at = monotonic()
        reason = self._worker.state()
        if reason is not None:
            raise self.lose(reason)

    def lose(self, reason: str | Exception) -> SimulatorLost:
        """The error for a worker that is lost, which is ended."""
        if self.lost is None:
            if isinstance(reason, Exception):
                # A cut connection is what one sees of a worker that has ended; its state says more.
                reason = self._worker.state() or str(reason)
            self.lost = SimulatorLost(self._simulator, self._place, self.tick, reason, self._worker.log_tail())
            self._worker.close()
        return self.lost

    def _tell(self, records: list[list[Any]]) -> None:
        """Log here what the worker logged."""
        for name, level, message in records:
            logging.getLogger(name).log(level, "%s: %s", self._place, message)


def _read(frame: memoryview) -> tuple[list[Any], list[Batch]]:
    """An answer, as `fusion.host.server.Server` gives it, and what came beside it; `WireError` if it is none."""
    answer, outputs = unpack(frame)
    if not (isinstance(answer, list) and len(answer) == 4):
        raise WireError("An answer is [number, result, error or None, log records].")
    _, _, failure, records = answer
    if not (failure is None or isinstance(failure, Exception)):
        raise WireError("An answer ends in an error that is none.")
    if not isinstance(records, list) or (records and not all(map(_is_record, records))):
        raise WireError("An answer ends in log records that are none.")
    return answer, outputs


def _is_record(told: Any) -> bool:
    return isinstance(told, list) and [*map(type, told)] == [str, int, str]
