"""What enters and leaves Brian2's groups, tick by tick; each port is its own queue, for every call counts here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.adapter.queues import Arrivals, Emissions, Levels, Trace
from fusion.core.batch import Samples, Spikes


@dataclass
class Now:
    """The tick that is being computed; 0 while none is, so that a run of the user's own delivers nothing."""

    tick: int = 0


class SpikesIn(Arrivals):
    """Arrivals that are added to a variable.

    Parameters
    ----------
    view : (n,) the live array of the variable
    writable : (n,) bool or None
        Brian2's own rule for variables that are ``unless refractory``: arrivals at a neuron that is not writable are
        dropped, as those of its synapses are.
    """

    def __init__(self, name: str, view: NDArray[Any], writable: NDArray[np.bool_] | None) -> None:
        super().__init__(name)
        self._view, self._writable = view, writable

    def deliver(self, tick: int) -> None:
        """Add what is due at `tick`; a row holds each target once."""
        row = self._rows.pop(tick, None)
        if row is None:
            return
        indices, values = row
        if self._writable is not None:
            free = self._writable[indices]
            indices, values = indices[free], values[free]
        self._view[indices] += values


class SamplesIn(Levels):
    """Levels that overwrite a variable."""

    def __init__(self, name: str, view: NDArray[Any]) -> None:
        super().__init__(name)
        self._view = view

    def push(self, batch: Samples, now: int) -> None:
        super().push(batch, now)
        if batch.t0 == now:
            self.apply(now)

    def apply(self, tick: int) -> None:
        """Set what stands from the end of `tick` on."""
        values = self._rows.pop(tick, None)
        if values is not None:
            self._view[:] = values


class SpikesOut(Emissions):
    """Spikes of a group; `space` is Brian2's live array of indices, its last element says how many count."""

    def __init__(self, space: NDArray[np.int32]) -> None:
        super().__init__()
        self._space = space

    def record(self, tick: int) -> None:
        """Keep the spikes of `tick`, which has just been computed."""
        n = self._space.item(-1)
        if n:
            self._ticks.append(tick)
            self._rows.append(self._space[:n].astype(np.int64))

    def pull(self, now: int) -> Spikes:
        return self.take(now)


class SamplesOut(Trace):
    """Values of a variable at the end of each tick; `read` returns a fresh copy of it."""

    def __init__(self, size: int, read: Callable[[], NDArray[Any]], now: int) -> None:
        super().__init__(size, now)
        self._read = read

    def record(self, tick: int) -> None:
        """Keep the value at the end of `tick`, which has just been computed."""
        self._rows.append(self._read())

    def pull(self, now: int) -> Samples:
        return self.take()
