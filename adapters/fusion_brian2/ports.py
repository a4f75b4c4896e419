"""What enters and leaves Brian2's groups, tick by tick; each port is its own queue, for every call counts here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.adapter.queues import Arrivals, Emissions, Levels
from fusion.core.batch import Samples, new_batch


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
    now : the tick that is being computed
    """

    def __init__(self, name: str, view: NDArray[Any], writable: NDArray[np.bool_] | None, now: Now) -> None:
        super().__init__(name)
        self._view, self._writable, self._now = view, writable, now

    def deliver(self) -> None:
        """Add what is due; a row holds each target once."""
        row = self.rows.pop(self._now.tick, None)
        if row is None:
            return
        indices, values = row
        if self._writable is not None:
            free = self._writable[indices]
            indices, values = indices[free], values[free]
        self._view[indices] += values


class SamplesIn(Levels):
    """Levels that overwrite a variable, once the step of their tick is done.

    Parameters
    ----------
    view : (n,) the live array of the variable
    """

    def __init__(self, name: str, view: NDArray[Any]) -> None:
        super().__init__(name)
        self.view = view

    def push(self, batch: Samples, now: int) -> None:
        """As `Levels.push`; a row for `now` is in force at once."""
        t0, rows = batch
        if t0 > now and len(rows) == 1:  # of each tick, in lockstep
            self.rows[t0] = rows[0]
            return
        super().push(batch, now)
        values = self.take(now)
        if values is not None:
            self.view[:] = values


class SpikesOut(Emissions):
    """Spikes of a group.

    Parameters
    ----------
    space : (n + 1,) Brian2's live array of indices; the last element says how many count
    """

    def __init__(self, space: NDArray[np.int32]) -> None:
        super().__init__()
        self._space, self.last = space, partial(space.item, -1)

    def record(self, tick: int) -> None:
        """Keep the spikes of `tick`, which has just been computed, if there are any: ``last()`` is not 0."""
        self._ticks.append(tick)
        self._rows.append(self._space[: self.last()].astype(np.int64))

    pull = Emissions.take


class SamplesOut:
    """Values of a variable at the end of each tick.

    Parameters
    ----------
    size : of the variable, or of what is selected of it
    now : the tick reached
    live : (size,) the values themselves, where Brian2 keeps them in an array
    read : what computes them where it does not

    Attributes
    ----------
    blocks : list of (n_ticks, size) float
        One for each stretch of ticks since the last pull, to be filled by who adds it.
    """

    def __init__(self, size: int, now: int, live: NDArray[Any] | None, read: Callable[[], NDArray[Any]]) -> None:
        self.size, self._t0, self.live, self.read = size, now + 1, live, read
        self.blocks: list[NDArray[np.float64]] = []

    def cut(self, now: int) -> None:
        """Give up the rows of ticks after `now`: these were not computed."""
        n_before = sum(len(block) for block in self.blocks[:-1])
        self.blocks[-1] = self.blocks[-1][: now + 1 - self._t0 - n_before]

    def pull(self, now: int) -> Samples:
        """The values since the last pull, up to `now`."""
        blocks, self.blocks = self.blocks, []
        values = blocks[0] if len(blocks) == 1 else np.concatenate(blocks or [np.empty((0, self.size))])
        t0, self._t0 = self._t0, now + 1
        return new_batch(Samples, (t0, values))
