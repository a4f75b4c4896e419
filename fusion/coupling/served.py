"""`Fired` and `Subscription`: what a participant did in its last window, tick by tick."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fusion.core.batch import Samples, Spikes

NOBODY = np.empty(0, np.int64)


class Fired:
    """Who fired in each tick of a window, and in the last one before it.

    Attributes
    ----------
    ticks, indices : (n,) int64
        The spikes of the window, ascending by tick, then by index.
    """

    def __init__(self) -> None:
        self.ticks = self.indices = NOBODY
        self._first = 1
        self._rows: list[NDArray[np.int64]] = []
        self._before = NOBODY

    def put(self, first: int, last: int, batch: Spikes, start: int) -> None:
        """Take in a window of ticks `first` to `last`; the batch counts its own from `start`."""
        self._before = self.at(first - 1)
        self._first = first
        self.ticks, self.indices = batch.ticks + start if start else batch.ticks, batch.indices
        if first == last:
            self._rows = [batch.indices]
            return
        starts = np.searchsorted(batch.ticks, np.arange(first, last + 2) - start).tolist()
        self._rows = [batch.indices[a:b] for a, b in pairwise(starts)]

    def busy(self) -> list[int]:
        """The ticks of the window in which somebody fired."""
        return [tick for tick, row in enumerate(self._rows, self._first) if len(row)]

    def at(self, tick: int) -> NDArray[np.int64]:
        """Indices of those that fired at `tick`, ascending."""
        row = tick - self._first
        if row < 0:
            return self._before
        return self._rows[row] if row < len(self._rows) else NOBODY


class Wanted(NamedTuple):
    """A variable of a foreign group, or of a selection of its neurons.

    lags : whether somebody sees the value of the tick before
    """

    group: Any
    name: str
    index: Any
    lags: bool


class Subscription:
    """A foreign variable in each tick of a window, and in the last one before it if somebody lags behind."""

    def __init__(self, wanted: Wanted) -> None:
        self.group, self.name, self.index, self.lags = wanted
        self.port = self.group.adapter.port(self.group.handle, self.name, "samples out", self.index)
        now = self._read()
        self._first, self._before = 0, now
        self._rows: NDArray[Any] = np.empty((0, *now.shape), now.dtype)

    def refresh(self, tick: int) -> None:
        """Read the value as it is now, at the end of `tick`: somebody may have written it."""
        self._first, self._rows = tick + 1, self._rows[:0]
        if self.lags:
            self._before = self._read()

    def _read(self) -> NDArray[Any]:
        values: NDArray[Any] = self.group.adapter.read(self.group.handle, self.name, self.index)
        return values

    def pull(self, first: int, start: int) -> None:
        """Take in the window that begins with tick `first`; the simulator counts its ticks from `start`."""
        batch: Samples = self.group.adapter.pull(self.port)
        if len(self._rows):
            self._before = self._rows[-1]
        rows = batch.values[first - start - batch.t0 :]
        # Samples are floating-point numbers; a variable of another type is shown as it is.
        self._rows = rows.reshape(len(rows), *self._before.shape).astype(self._before.dtype, copy=False)
        self._first = first

    def at(self, tick: int) -> NDArray[Any]:
        """The value at the end of `tick`, a copy."""
        row = tick - self._first
        values: NDArray[Any] = self._before if row < 0 else self._rows[row]
        return values.copy()
