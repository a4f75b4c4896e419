"""`Inbox`: arrivals on their way to one place, one row per tick of effect."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.core.batch import Samples, Spikes, same_tick
from fusion.core.neurons import NeuronGroup
from fusion.errors import LateInput


class Inbox:
    """A ring of rows; the row of tick t is complete when every link into it has been collected up to t - delay.

    Parameters
    ----------
    group : NeuronGroup
        The target.
    name : str
        Its variable or receptor.
    size : int
        Entries of a row.
    signed : bool
        Keep the sums of positive and of negative weights apart.
    """

    def __init__(self, group: NeuronGroup, name: str, size: int, signed: bool) -> None:
        self.group, self.name, self.size, self.signed = group, name, size, signed
        self.depth = self.every = 1
        self.start = 0
        """The rows that count are those of tick `start` + n * `every`."""
        self.taken = 0
        """Rows up to this tick have been handed over."""
        self._rows = np.zeros((2 if signed else 1, 1, size))
        self._filled = np.zeros((2 if signed else 1, 1), dtype=bool)

    def reserve(self, ticks: int) -> None:
        """Make room for rows up to `ticks` after the last one taken; what is on its way is kept."""
        if ticks <= self.depth:
            return
        channels = len(self._rows)
        rows, filled = np.zeros((channels, ticks, self.size)), np.zeros((channels, ticks), dtype=bool)
        for tick in range(self.taken + 1, self.taken + 1 + self.depth):
            rows[:, tick % ticks] = self._rows[:, tick % self.depth]
            filled[:, tick % ticks] = self._filled[:, tick % self.depth]
        self._rows, self._filled, self.depth = rows, filled, ticks

    def add(self, tick: int, values: NDArray[np.float64], targets: Any = slice(None), channel: int = 0) -> None:
        """Add one sum per target to the row of `tick`."""
        self._check(tick)
        at = tick % self.depth
        self._rows[channel, at, targets] += values
        self._filled[channel, at] = True

    def scatter(self, ticks: NDArray[np.int64], targets: NDArray[np.int64], values: NDArray[np.float64]) -> None:
        """Add single arrivals, each to the row of its own tick, in the order given."""
        if not len(ticks):
            return
        self._check(int(ticks.min()))
        at = ticks % self.depth
        if not self.signed:
            self._scatter(0, at, targets, values)
            return
        for channel, chosen in enumerate((values > 0, values < 0)):
            self._scatter(channel, at[chosen], targets[chosen], values[chosen])

    def _scatter(
        self, channel: int, at: NDArray[np.int64], targets: NDArray[np.int64], values: NDArray[np.float64]
    ) -> None:
        np.add.at(self._rows[channel], (at, targets), values)
        self._filled[channel, at] = True

    def _check(self, tick: int) -> None:
        if tick <= self.taken:
            raise LateInput(
                f"{self.group.tag}.{self.name}: input for tick {tick} came after tick {self.taken} was handed over.",
                tick=tick,
            )

    def take_into(self, tick: int, array: NDArray[Any]) -> None:
        """Put the row of `tick` into `array` (size,)."""
        at = tick % self.depth
        self.taken = tick
        if self._filled[0, at]:
            array[:] = self._rows[0, at]
            self._rows[0, at] = 0.0
            self._filled[0, at] = False
        else:
            array.fill(0)

    def take_spikes(self, until: int) -> Spikes | None:
        """The rows up to and including tick `until` as events; None if there are none."""
        ticks, indices, values = [], [], []
        for tick in range(self.taken + 1, until + 1):
            at = tick % self.depth
            for channel in range(len(self._rows)):
                if self._filled[channel, at]:
                    row = self._rows[channel, at]
                    hit = row.nonzero()[0]
                    ticks.append(tick)
                    indices.append(hit)
                    values.append(row[hit])
                    row.fill(0.0)
                    self._filled[channel, at] = False
        self.taken = max(self.taken, until)
        if not ticks:
            return None
        if len(ticks) == 1:
            return Spikes(same_tick(ticks[0], len(indices[0])), indices[0], values[0], until)
        when = np.repeat(ticks, [len(hit) for hit in indices])
        return Spikes(when, np.concatenate(indices), np.concatenate(values), until)

    def take_samples(self, until: int) -> list[Samples]:
        """The rows up to and including tick `until` as runs of samples without a gap."""
        runs: list[Samples] = []
        rows: list[NDArray[np.float64]] = []
        for tick in range(self.taken + 1, until + 2):
            at = tick % self.depth
            if tick <= until and self._filled[0, at]:
                rows.append(self._rows[0, at].copy())
                self._rows[0, at] = 0.0
                self._filled[0, at] = False
            elif rows:
                runs.append(Samples(tick - len(rows), np.array(rows)))
                rows = []
        self.taken = max(self.taken, until)
        return runs
