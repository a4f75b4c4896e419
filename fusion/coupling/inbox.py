"""`Inbox`: arrivals on their way to one place, one row per tick of effect."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.core import weights as weighing
from fusion.core.batch import Samples, Spikes, same_tick
from fusion.core.neurons import NeuronGroup
from fusion.errors import LateInput


class Inbox:
    """A ring of rows; the row of tick t is complete when every link into it has been collected up to t - delay.

    Each link has a `Lane` of its own. Within one, what arrives is added in the order of the ticks at which it was sent;
    the row is the sum over the lanes, in the order in which they were opened. So it is the same in all bits whoever
    computes first, and however far ahead.

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
        self._lanes: list[Lane] = []
        self._lent: NDArray[np.float64] | None = None
        self._channels = range(2 if signed else 1)

    def open_lane(self, targets: Any = slice(None)) -> Lane:
        """A lane for one more link, to all entries or to those that `targets` selects."""
        self._lanes.append(Lane(self, targets))
        return self._lanes[-1]

    def reserve(self, ticks: int) -> None:
        """Make room for rows up to `ticks` after the last one taken; what is on its way is kept."""
        if ticks > self.depth:
            self._give_back()
            for lane in self._lanes:
                lane.reserve(ticks, self.taken)
            self.depth = ticks

    def take_into(self, tick: int, array: NDArray[Any]) -> None:
        """Put the row of `tick` into `array` (size,)."""
        self.taken = tick
        row = self._take(tick, 0)
        if row is None:
            array.fill(0)
        else:
            array[:] = row

    def lend(self, tick: int) -> NDArray[np.float64] | None:
        """The row of `tick` (size,), which stands until the next call; None if nothing arrives."""
        self._give_back()
        self.taken = tick
        at = tick % self.depth
        for lane in self._lanes:
            if lane.filled[0][at]:
                lane.filled[0][at] = False
                row = lane.rows[0, at]
                if self._lent is None and lane.is_whole:
                    self._lent = row
                else:
                    self._lent = lane.added(self._lent, row)
                    row.fill(0.0)
        return self._lent

    def _give_back(self) -> None:
        if self._lent is not None:
            self._lent.fill(0.0)
            self._lent = None

    def take_spikes(self, until: int) -> Spikes | None:
        """The rows up to and including tick `until` as events; None if there are none."""
        due = self._due(until)
        self.taken = max(self.taken, until)
        if not due:
            return None
        if len(due) == 1:
            row = self._take(*due[0])
            assert row is not None
            hit = row.nonzero()[0]
            return Spikes(same_tick(due[0][0], len(hit)), hit, row[hit], until)
        ticks = np.array([tick for tick, _ in due])
        rows = self._take_rows(ticks, np.array([channel for _, channel in due])).ravel()
        hit = rows.nonzero()[0]
        at, indices = np.divmod(hit, self.size)
        return Spikes(ticks[at], indices, rows[hit], until)

    def _due(self, until: int) -> list[tuple[int, int]]:
        """(tick, channel) of the rows up to `until` in which something arrives."""
        filled = [(channel, [lane.filled[channel] for lane in self._lanes]) for channel in self._channels]
        depth = self.depth
        due = []
        for tick in range(self.taken + 1, until + 1):
            at = tick % depth
            for channel, lanes in filled:
                for lane in lanes:
                    if lane[at]:
                        due.append((tick, channel))
                        break
        return due

    def _take_rows(self, ticks: NDArray[np.int64], channels: NDArray[np.int64]) -> NDArray[np.float64]:
        """As `_take` for several rows, at least one: (rows, size)."""
        at = ticks % self.depth
        total: NDArray[np.float64] | None = None
        for lane in self._lanes:
            # A row that is not filled holds zeros, which change no sum.
            total = lane.added(total, lane.rows[channels, at])
            lane.empty(channels, at)
        assert total is not None
        return total

    def take_samples(self, until: int) -> list[Samples]:
        """The rows up to and including tick `until` as runs of samples without a gap."""
        runs: list[Samples] = []
        rows: list[NDArray[np.float64]] = []
        for tick in range(self.taken + 1, until + 2):
            row = self._take(tick, 0) if tick <= until else None
            if row is not None:
                rows.append(row)
            elif rows:
                runs.append(Samples(tick - len(rows), np.array(rows)))
                rows = []
        self.taken = max(self.taken, until)
        return runs

    def _take(self, tick: int, channel: int) -> NDArray[np.float64] | None:
        """The row of `tick`, once; None if nothing arrives."""
        total: NDArray[np.float64] | None = None
        for lane in self._lanes:
            if lane.filled[channel][at := tick % self.depth]:
                lane.filled[channel][at] = False
                row = lane.rows[channel, at]
                total = lane.added(total, row)
                row.fill(0.0)
        return total


class Lane:
    """What one link brings to an inbox; it has room for its own targets, so that many small ones take little.

    targets : slice or indices (n,)
    """

    def __init__(self, inbox: Inbox, targets: Any) -> None:
        self.inbox = inbox
        self.bytes = 0
        """What was brought: sums, samples or single arrivals, and where they go."""
        self._targets = targets
        self.is_whole = isinstance(targets, slice)
        channels = 2 if inbox.signed else 1
        self.rows = np.zeros((channels, inbox.depth, inbox.size if self.is_whole else len(targets)))
        self.filled = [[False] * inbox.depth for _ in range(channels)]

    def reserve(self, ticks: int, taken: int) -> None:
        """As `Inbox.reserve`."""
        channels, depth, size = self.rows.shape
        rows, filled = np.zeros((channels, ticks, size)), [[False] * ticks for _ in range(channels)]
        for tick in range(taken + 1, taken + 1 + depth):
            rows[:, tick % ticks] = self.rows[:, tick % depth]
            for channel in range(channels):
                filled[channel][tick % ticks] = self.filled[channel][tick % depth]
        self.rows, self.filled = rows, filled

    def added(self, total: NDArray[np.float64] | None, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Rows of this lane added to `total` (..., inbox.size) in place; to nothing if it is None."""
        if self.is_whole:
            return rows.copy() if total is None else np.add(total, rows, total)
        if total is None:
            total = np.zeros((*rows.shape[:-1], self.inbox.size))
        total[..., self._targets] += rows
        return total

    def empty(self, channels: NDArray[np.int64], at: NDArray[np.int64]) -> None:
        """Forget some rows."""
        self.rows[channels, at] = 0.0
        for channel, row in zip(channels.tolist(), at.tolist(), strict=True):
            self.filled[channel][row] = False

    def add(self, tick: int, values: NDArray[np.float64], channel: int = 0) -> None:
        """Add one sum per target to the row of `tick`."""
        self._check(tick)
        at = tick % self.inbox.depth
        self.rows[channel, at] += values
        self.bytes += values.nbytes + (0 if self.is_whole else self._targets.nbytes)
        self.filled[channel][at] = True

    def add_columns(self, tick: int, weights: Any, sources: NDArray[np.int64]) -> None:
        """As `add` with the columns of a CSC matrix, for few of them: nothing is touched but their targets."""
        self._check(tick)
        at = tick % self.inbox.depth
        weighing.add_columns(self.rows[0, at], weights, sources)
        self.bytes += self.rows[0, at].nbytes
        self.filled[0][at] = True

    def scatter(self, ticks: NDArray[np.int64], targets: NDArray[np.int64], values: NDArray[np.float64]) -> None:
        """Add single arrivals, each to the row of its own tick, in the order given."""
        if not len(ticks):
            return
        self._check(int(ticks.min()))
        self.bytes += ticks.nbytes + targets.nbytes + values.nbytes
        at = ticks % self.inbox.depth
        if not self.inbox.signed:
            self._scatter(0, at, targets, values)
            return
        for channel, chosen in enumerate((values > 0, values < 0)):
            self._scatter(channel, at[chosen], targets[chosen], values[chosen])

    def _scatter(
        self, channel: int, at: NDArray[np.int64], targets: NDArray[np.int64], values: NDArray[np.float64]
    ) -> None:
        # NumPy is several times quicker where there is one index.
        np.add.at(self.rows[channel].reshape(-1), at * self.rows.shape[-1] + targets, values)
        for row in np.flatnonzero(np.bincount(at)).tolist():
            self.filled[channel][row] = True

    def _check(self, tick: int) -> None:
        inbox = self.inbox
        if tick <= inbox.taken:
            raise LateInput(
                f"{inbox.group.tag}.{inbox.name}: input for tick {tick} came after tick {inbox.taken} was handed over.",
                tick=tick,
            )
