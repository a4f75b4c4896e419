"""What enters and leaves Brian2's groups, tick by tick."""

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


class SpikesIn:
    """Arrivals that are added to a variable.

    Parameters
    ----------
    view : (n,) the live array of the variable
    writable : (n,) bool or None
        Brian2's own rule for variables that are ``unless refractory``: arrivals at a neuron that is not writable are
        dropped, as those of its synapses are.
    """

    def __init__(self, name: str, view: NDArray[Any], writable: NDArray[np.bool_] | None) -> None:
        self._arrivals = Arrivals(name)
        self._view, self._writable = view, writable

    def push(self, batch: Spikes, now: int) -> None:
        self._arrivals.push(batch, now)

    def deliver(self, tick: int) -> None:
        """Add what is due at `tick`; a row holds each target once."""
        row = self._arrivals.take(tick)
        if row is None:
            return
        indices, values = row
        if self._writable is not None:
            free = self._writable[indices]
            indices, values = indices[free], values[free]
        self._view[indices] += values


class SamplesIn:
    """Levels that overwrite a variable."""

    def __init__(self, name: str, view: NDArray[Any]) -> None:
        self._levels = Levels(name)
        self._view = view

    def push(self, batch: Samples, now: int) -> None:
        self._levels.push(batch, now)
        if batch.t0 == now:
            self.apply(now)

    def apply(self, tick: int) -> None:
        """Set what stands from the end of `tick` on."""
        values = self._levels.take(tick)
        if values is not None:
            self._view[:] = values


class SpikesOut:
    """Spikes of a group; `space` is Brian2's live array of indices, its last element says how many count."""

    def __init__(self, space: NDArray[np.int32]) -> None:
        self._emissions = Emissions()
        self._space = space

    def record(self, tick: int) -> None:
        n = self._space.item(-1)
        if n:
            self._emissions.add(tick, self._space[:n].astype(np.int64))

    def pull(self, now: int) -> Spikes:
        return self._emissions.take(now)


class SamplesOut:
    """Values of a variable at the end of each tick; `read` returns a fresh copy of it."""

    def __init__(self, size: int, read: Callable[[], NDArray[Any]], now: int) -> None:
        self._trace = Trace(size, now)
        self._read = read

    def record(self, tick: int) -> None:
        self._trace.add(self._read())

    def pull(self, now: int) -> Samples:
        return self._trace.take()
