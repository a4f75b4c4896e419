"""Queues that adapters own, so that nothing pushed is ever lost, replaced or late in silence."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fusion.core.batch import Samples, Spikes, new_batch, same_tick
from fusion.errors import LateInput, Unsupported

_NO_TICKS = np.empty(0, np.int64)
_NO_VALUES = np.empty(0, np.float64)


def late_spike(name: str, tick: int, now: int) -> LateInput:
    """The error for a row of spikes that cannot take effect any more."""
    return LateInput(f"{name}: a spike for tick {tick} came after tick {now} was computed.", tick=tick)


def repeated_tick(name: str, tick: int) -> LateInput:
    """The error for a second row of spikes for a tick."""
    return LateInput(f"{name}: tick {tick} was given twice.", tick=tick)


def late_sample(name: str, tick: int, now: int) -> LateInput:
    """The error for a sample that cannot take effect any more."""
    return LateInput(f"{name}: a sample for tick {tick} came after tick {now}.", tick=tick)


def check_once(name: str, batch: Spikes) -> None:
    """`Unsupported` if somebody fires several times in one tick, for sources that can fire only once."""
    several = batch.ticks[batch.values > 1]
    if len(several):
        raise Unsupported(
            f"{name}: a source fires more than once at tick {several[0]}, and what stands in for it can fire only "
            "once in a step. Link it with SynapseGroup(..., weight=...), or take a shorter dt."
        )


class Arrivals:
    """Arrivals of one port that wait for their tick of effect: `rows`, (indices, values) by tick."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: dict[int, tuple[NDArray[np.int64], NDArray[np.float64]]] = {}

    def push(self, batch: Spikes, now: int) -> None:
        """Take rows in; `LateInput` if a row is for a tick up to `now`, or for one that already has its row."""
        ticks, indices, values, _ = batch
        if not len(ticks):
            return
        first, last = ticks.item(0), ticks.item(-1)
        if first <= now:
            raise late_spike(self.name, first, now)
        if first == last:
            if first in self.rows:
                raise repeated_tick(self.name, first)
            self.rows[first] = indices, values
            return
        starts = [0, *((ticks[1:] != ticks[:-1]).nonzero()[0] + 1).tolist(), len(ticks)]
        for a, b in pairwise(starts):
            tick = ticks.item(a)
            if tick in self.rows:
                raise repeated_tick(self.name, tick)
            self.rows[tick] = indices[a:b], values[a:b]

    def take(self, tick: int) -> tuple[NDArray[np.int64], NDArray[np.float64]] | None:
        """The row of `tick`, once: (indices, values), or None if nothing arrives."""
        return self.rows.pop(tick, None)

    def take_until(self, tick: int) -> list[tuple[int, NDArray[np.int64], NDArray[np.float64]]]:
        """The rows of all ticks up to `tick`, in order."""
        due = sorted(t for t in self.rows if t <= tick)
        return [(t, *self.rows.pop(t)) for t in due]

    def __len__(self) -> int:
        return len(self.rows)


class Levels:
    """Samples of one port that wait for their tick of effect: `rows`, (n,) by tick."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: dict[int, NDArray[np.float64]] = {}

    def push(self, batch: Samples, now: int) -> None:
        """Take rows in; `LateInput` if a row is for a tick before `now`."""
        t0, rows = batch
        if t0 < now:
            raise late_sample(self.name, t0, now)
        self.rows.update(enumerate(rows, t0))

    def take(self, tick: int) -> NDArray[np.float64] | None:
        """The row of `tick`, once; None if there is none and the last one stands."""
        return self.rows.pop(tick, None)

    def latest(self, tick: int) -> NDArray[np.float64] | None:
        """The last row up to `tick`; rows before it are dropped."""
        due = [t for t in self.rows if t <= tick]
        rows = [self.rows.pop(t) for t in sorted(due)]
        return rows[-1] if rows else None


class Emissions:
    """Spikes of one group that wait to be pulled."""

    def __init__(self) -> None:
        self._ticks: list[int] = []
        self._rows: list[NDArray[np.int64]] = []
        self._ones = _NO_VALUES

    def add(self, tick: int, indices: NDArray[np.int64]) -> None:
        """Spikes of one tick; `indices` ascending and owned by the queue from now on."""
        if len(indices):
            self._ticks.append(tick)
            self._rows.append(indices)

    def take(self, complete_until: int) -> Spikes:
        """All spikes since the last take."""
        if not self._rows:
            return new_batch(Spikes, (_NO_TICKS, _NO_TICKS, _NO_VALUES, complete_until))
        if len(self._rows) == 1:
            indices = self._rows[0]
            ticks = same_tick(self._ticks[0], len(indices))
        else:
            indices = np.concatenate(self._rows)
            ticks = np.repeat(self._ticks, [len(row) for row in self._rows])
        self._ticks, self._rows = [], []
        return new_batch(Spikes, (ticks, indices, self._values(len(indices)), complete_until))

    def _values(self, n: int) -> NDArray[np.float64]:
        """`n` ones, which nobody can change; making them takes as long as all the rest."""
        if n > len(self._ones):
            self._ones = np.ones(2 * n)
            self._ones.flags.writeable = False
        return self._ones[:n]


class Trace:
    """Samples of one subscribed variable that wait to be pulled."""

    def __init__(self, size: int, now: int) -> None:
        self._size, self._t0 = size, now + 1
        self._rows: list[NDArray[np.float64]] = []

    def add(self, values: NDArray[np.float64]) -> None:
        """The value at the end of the next tick; owned by the queue from now on."""
        self._rows.append(values)

    def take(self) -> Samples:
        """All rows since the last take."""
        rows, self._rows = self._rows, []
        if len(rows) == 1:
            values = rows[0].astype(float, copy=False)
        else:
            values = np.concatenate(rows or [_NO_VALUES], dtype=float)
        batch = Samples(self._t0, values.reshape(len(rows), self._size))
        self._t0 += len(rows)
        return batch
