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
        self._first, self._last = 1, 0
        self._previous = NOBODY, NOBODY
        self._rows: list[NDArray[np.int64]] | None = []

    def put(self, first: int, last: int, batch: Spikes, start: int) -> None:
        """Take in a window of ticks `first` to `last`; the batch counts its own from `start`."""
        self._previous = self.ticks, self.indices
        self._first, self._last = first, last
        self.ticks, self.indices = batch.ticks + start if start else batch.ticks, batch.indices
        # Those who take the window as a whole need no rows.
        self._rows = [batch.indices] if first == last else None

    def busy(self) -> list[int]:
        """The ticks of the window in which somebody fired."""
        return [tick for tick, row in enumerate(self._all_rows(), self._first) if len(row)]

    def at(self, tick: int) -> NDArray[np.int64]:
        """Indices of those that fired at `tick`, ascending."""
        if tick < self._first:
            ticks, indices = self._previous
            return indices[np.searchsorted(ticks, self._first - 1) :]
        return self._all_rows()[tick - self._first] if tick <= self._last else NOBODY

    def within(self, first: int, last: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Ticks and indices of the spikes of these ticks, ascending by tick, then by index."""
        if (first, last) == (self._first, self._last):
            return self.ticks, self.indices
        ticks = range(first, last + 1)
        rows = [self.at(tick) for tick in ticks]
        return np.repeat(ticks, [len(row) for row in rows]), np.concatenate(rows)

    def _all_rows(self) -> list[NDArray[np.int64]]:
        if self._rows is None:
            starts = np.searchsorted(self.ticks, np.arange(self._first, self._last + 2)).tolist()
            self._rows = [self.indices[a:b] for a, b in pairwise(starts)]
        return self._rows


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
