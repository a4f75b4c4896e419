"""Buffers that grow in blocks: O(1) amortised per step however long the run."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.errors import InvalidValue, ShapeMismatch

FIRST_BLOCK = 16  # rows
LARGEST_BLOCK = 1 << 23  # bytes
SMALLEST_EVENTS = 256  # in a block


class _Buffer:
    """Keeps all that comes, or the last of it."""

    def __init__(self, last: int | None) -> None:
        self.last = last
        self._is_held = False

    def hold(self) -> None:
        """From now on keep what `last` would drop, until `trim`."""
        self._is_held = True


class RowBuffer(_Buffer):
    """Rows of equal shape, in the order in which they came.

    Parameters
    ----------
    last : int or None
        Keep only so many rows.
    """

    def __init__(self, last: int | None = None) -> None:
        super().__init__(last)
        self.n = 0
        """Rows that were appended, whether kept or not, and those that a buffer which came late has missed."""
        self._full: list[NDArray[Any]] = []
        self._block: NDArray[Any] = np.empty(0)
        self._used, self._room = 0, 0
        self._dtype: np.dtype[Any] | None = None
        self._shape: tuple[int, ...] = ()

    def append(self, value: Any) -> None:
        """Copy a row in; its type is widened if need be, its shape is that of the first row."""
        used = self._used
        try:
            # NumPy makes each of its types once, so that a look at the identity will nearly always do.
            fits = value.dtype is self._dtype and value.shape == self._shape
        except AttributeError:
            fits = False
        if not fits or used == self._room:
            value = _numbers(value)
            self._make_room(value)
            used = self._used
        self._block[used] = value
        self._used = used + 1
        self.n += 1

    def array(self) -> NDArray[Any]:
        """All rows kept, a copy (n, ...)."""
        if self._dtype is None:
            return np.empty(0)
        rows: NDArray[Any] = np.concatenate([*self._full, self._block[: self._used]])
        return rows if self.last is None else rows[-self.last :].copy()

    def between(self, first: int, end: int) -> list[NDArray[Any]]:
        """Those of the rows `first` to `end` - 1, counted as `n`, that are still there.

        They are not copied, and so come in as many parts as they lie in.
        """
        blocks = [*self._full, self._block[: self._used]]
        at, parts = self.n - sum(map(len, blocks)), []
        for block in blocks:
            parts.append(block[max(first - at, 0) : max(end - at, 0)])
            at += len(block)
        return [part for part in parts if len(part)]

    def trim(self) -> None:
        """Let go of what `last` does not ask for."""
        if self.last is not None:
            # Full blocks of `last` rows and the one being filled always hold the last `last` rows.
            first, rows = len(self._full), 0
            while first and rows < self.last:
                first -= 1
                rows += len(self._full[first])
            del self._full[:first]

    def keep(self, n: int) -> None:
        """Drop the newest rows so that of `n` no more remain."""
        drop = min(self.n - n, sum(map(len, self._full)) + self._used)
        self.n = min(self.n, n)
        while drop > 0:
            taken = min(drop, self._used)
            self._used -= taken
            drop -= taken
            if drop and self._full:
                self._block = self._full.pop()
                self._used = self._room = len(self._block)
            elif drop:
                break

    def clear(self) -> None:
        """Forget every row."""
        self._full, self._block, self._dtype = [], np.empty(0), None
        self._used, self._room, self.n = 0, 0, 0

    def _make_room(self, value: NDArray[Any]) -> None:
        if self._dtype is None:
            self._shape = value.shape
            self._add_block(FIRST_BLOCK, value.dtype)
            return
        if value.shape != self._shape:
            raise ShapeMismatch("The recorded value", value.shape, f"before it was {self._shape}")
        if value.dtype != self._dtype:
            self._widen(value.dtype)
        if self._used == self._room:
            self._full.append(self._block)
            row = max(self._block[0].nbytes, 1)
            self._add_block(min(2 * self._room, max(FIRST_BLOCK, LARGEST_BLOCK // row)), self._dtype)

    def _add_block(self, rows: int, dtype: np.dtype[Any]) -> None:
        if self.last is not None:
            rows = max(self.last, FIRST_BLOCK)
            if not self._is_held:
                self.trim()
        self._block, self._used, self._room, self._dtype = np.empty((rows, *self._shape), dtype), 0, rows, dtype

    def _widen(self, dtype: np.dtype[Any]) -> None:
        wide = np.result_type(self._block.dtype, dtype)
        if wide != self._dtype:
            self._full = [block.astype(wide) for block in self._full]
            # What is beyond the rows in use is whatever memory held, which may not be cast.
            block = np.empty(self._block.shape, wide)
            block[: self._used] = self._block[: self._used]
            self._block, self._dtype = block, wide


def _numbers(value: Any) -> NDArray[Any]:
    try:
        array = np.asarray(value)
    except ValueError:
        array = None
    # An array of objects would hold the same one in each row, as it is at the end.
    if array is None or array.dtype.kind not in "biufc":
        raise InvalidValue(f"The recorded value is a {type(value).__name__}; only numbers and arrays can be recorded.")
    return array


class TickBuffer(_Buffer):
    """Ticks of rows, in the order in which they came; `last` and `n` as for `RowBuffer`."""

    def __init__(self, last: int | None = None) -> None:
        super().__init__(last)
        self.n = 0
        self._ticks = array("q")

    def rows(self) -> RowBuffer:
        """A buffer for rows at the ticks to come, of which it keeps as many."""
        buffer = RowBuffer(self.last)
        buffer.n, buffer._is_held = self.n, self._is_held
        return buffer

    def append(self, tick: int) -> None:
        """Add a tick."""
        if self.last is not None and not self._is_held and len(self._ticks) > 2 * self.last + FIRST_BLOCK:
            self.trim()  # before it, so that there are `last` of them also when it is dropped again
        self._ticks.append(tick)
        self.n += 1

    def array(self) -> NDArray[np.int64]:
        """All ticks kept, a copy (n,)."""
        ticks = np.array(self._ticks, np.int64)
        return ticks if self.last is None else ticks[-self.last :]

    def between(self, after: int, until: int) -> tuple[int, NDArray[np.int64]]:
        """The ticks `after` < k <= `until`, and how many were appended before them."""
        first, end, gone = self.count(after), self.count(until), self.n - len(self._ticks)
        return first, np.array(self._ticks[first - gone : end - gone], np.int64)

    def count(self, tick: int) -> int:
        """How many there are up to and including `tick`, as `n` counts."""
        return self.n - len(self._ticks) + bisect_right(self._ticks, tick)

    def trim(self) -> None:
        """Let go of what `last` does not ask for."""
        if self.last is not None:
            del self._ticks[: -self.last]

    def keep(self, n: int) -> None:
        """Drop the newest ticks so that `n` of those that were appended remain."""
        drop = max(self.n - n, 0)
        if drop:
            del self._ticks[-drop:]
        self.n -= drop

    def clear(self) -> None:
        """Forget every tick."""
        self._ticks, self.n = array("q"), 0


class EventBuffer(_Buffer):
    """Events (tick, index), in the order in which they came.

    Parameters
    ----------
    last : int or None
        Keep only the events of so many ticks.
    """

    def __init__(self, last: int | None = None) -> None:
        super().__init__(last)
        self._full: list[NDArray[np.int64]] = []
        self._block = np.empty((2, SMALLEST_EVENTS), np.int64)
        self._used = self._now = 0

    def extend(self, tick: int, indices: NDArray[np.int64]) -> None:
        """Add the events of one tick."""
        self._add(tick, tick, indices)

    def extend_window(self, last: int, ticks: NDArray[np.int64], indices: NDArray[np.int64]) -> None:
        """Add the events of all ticks up to `last`, in order."""
        self._add(last, ticks, indices)

    def _add(self, now: int, ticks: int | NDArray[np.int64], indices: NDArray[np.int64]) -> None:
        self._now = now
        n = len(indices)
        if not n:
            return
        start = self._used
        end = start + n
        if end > self._block.shape[1]:
            self._grow(n)
            start, end = 0, n
        self._block[0, start:end] = ticks
        self._block[1, start:end] = indices
        self._used = end

    def array(self) -> NDArray[np.int64]:
        """All events kept, a copy (n, 2): ticks and indices."""
        rows = self._held()
        return rows if self.last is None else rows[rows[:, 0] > self._now - self.last]

    def between(self, after: int, until: int) -> NDArray[np.int64]:
        """The events of the ticks `after` < k <= `until` (2, n): ticks and indices."""
        blocks = (block for block in (*self._full, self._block[:, : self._used]) if block.size and block[0, -1] > after)
        parts = [block[:, slice(*np.searchsorted(block[0], (after, until), "right"))] for block in blocks]
        return np.concatenate(parts, axis=1) if parts else np.empty((2, 0), np.int64)

    def trim(self) -> None:
        """Let go of what `last` does not ask for."""
        if self.last is not None:
            gone = self._now - self.last
            self._full = [block for block in self._full if block.size and block[0, -1] > gone]

    def cut(self, tick: int) -> None:
        """Drop events after `tick`."""
        rows = self._held()
        rows = rows[rows[:, 0] <= tick]
        self.clear()
        self._full, self._now = [rows.T], min(tick, self._now)

    def clear(self) -> None:
        """Forget every event."""
        self._full, self._used = [], 0

    def _held(self) -> NDArray[np.int64]:
        """All events that are there (n, 2)."""
        rows: NDArray[np.int64] = np.concatenate([*self._full, self._block[:, : self._used]], axis=1).T
        return rows

    def _grow(self, n: int) -> None:
        self._full.append(self._block[:, : self._used])
        rows = min(2 * self._block.shape[1], LARGEST_BLOCK // 16)
        if self.last is not None and not self._is_held:
            self.trim()
            gone = self._now - self.last
            kept = sum(int(np.count_nonzero(block[0] > gone)) for block in self._full)
            rows = min(rows, max(2 * kept, SMALLEST_EVENTS))
        self._block, self._used = np.empty((2, max(n, rows)), np.int64), 0
