"""Buffers that grow in blocks: O(1) amortised per step however long the run."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.errors import ShapeMismatch

FIRST_BLOCK = 16  # rows
LARGEST_BLOCK = 1 << 23  # bytes


class RowBuffer:
    """Rows of equal shape, in the order in which they came.

    Parameters
    ----------
    last : int or None
        Keep only so many rows.
    """

    def __init__(self, last: int | None = None) -> None:
        self.last = last
        self.n = 0
        """Rows that were appended, whether kept or not."""
        self._full: list[NDArray[Any]] = []
        self._block: NDArray[Any] | None = None
        self._used = 0

    def append(self, value: Any) -> None:
        """Copy a row in; its type is widened if need be, its shape is that of the first row."""
        block = self._block
        if block is None or self._used == len(block):
            block = self._grow(np.asarray(value))
        try:
            if value.dtype is not block.dtype and value.dtype != block.dtype:
                block = self._widen(value.dtype)
        except AttributeError:
            block = self._widen(np.asarray(value).dtype)
        if np.ndim(value) != block.ndim - 1 or (block.ndim > 1 and value.shape != block.shape[1:]):
            raise ShapeMismatch("The recorded value", np.shape(value), f"before it was {block.shape[1:]}")
        block[self._used] = value
        self._used += 1
        self.n += 1

    def array(self) -> NDArray[Any]:
        """All rows kept, a copy (n, ...)."""
        if self._block is None:
            return np.empty(0)
        rows: NDArray[Any] = np.concatenate([*self._full, self._block[: self._used]])
        return rows if self.last is None else rows[-self.last :].copy()

    def keep(self, n: int) -> None:
        """Drop the newest rows so that `n` of those that were appended remain."""
        drop = min(self.n - n, sum(map(len, self._full)) + self._used)
        self.n -= max(drop, 0)
        while drop > 0 and self._block is not None:
            taken = min(drop, self._used)
            self._used -= taken
            drop -= taken
            if drop and self._full:
                self._block = self._full.pop()
                self._used = len(self._block)
            elif drop:
                break

    def clear(self) -> None:
        """Forget every row."""
        self._full, self._block, self._used, self.n = [], None, 0, 0

    def _grow(self, value: NDArray[Any]) -> NDArray[Any]:
        if self._block is None:
            rows = FIRST_BLOCK
            dtype = value.dtype
        else:
            self._full.append(self._block)
            rows = min(2 * len(self._block), max(FIRST_BLOCK, LARGEST_BLOCK // max(self._block[0].nbytes, 1)))
            dtype = self._block.dtype
        if self.last is not None:
            # One block of `last` rows and the one being filled always hold the last `last` rows.
            rows = max(self.last, FIRST_BLOCK)
            self._full = self._full[-1:]
        self._block, self._used = np.empty((rows, *value.shape), dtype), 0
        return self._block

    def _widen(self, dtype: np.dtype[Any]) -> NDArray[Any]:
        assert self._block is not None
        wide = np.result_type(self._block.dtype, dtype)
        if wide != self._block.dtype:
            self._full = [block.astype(wide) for block in self._full]
            self._block = self._block.astype(wide)
        return self._block


class EventBuffer:
    """Events (tick, index), in the order in which they came.

    Parameters
    ----------
    last : int or None
        Keep only the events of so many ticks.
    """

    def __init__(self, last: int | None = None) -> None:
        self.last = last
        self._full: list[NDArray[np.int64]] = []
        self._block = np.empty((256, 2), np.int64)
        self._used = 0

    def extend(self, tick: int, indices: NDArray[np.int64]) -> None:
        """Add the events of one tick."""
        n = len(indices)
        if not n:
            return
        if self._used + n > len(self._block):
            self._grow(n, tick)
        rows = self._block[self._used : self._used + n]
        rows[:, 0] = tick
        rows[:, 1] = indices
        self._used += n

    def array(self) -> NDArray[np.int64]:
        """All events kept, a copy (n, 2): ticks and indices."""
        rows: NDArray[np.int64] = np.concatenate([*self._full, self._block[: self._used]])
        if self.last is not None and len(rows):
            rows = rows[rows[:, 0] > rows[-1, 0] - self.last]
        return rows

    def cut(self, tick: int) -> None:
        """Drop events after `tick`."""
        rows = self.array()
        rows = rows[rows[:, 0] <= tick]
        self.clear()
        self._full = [rows]

    def clear(self) -> None:
        """Forget every event."""
        self._full, self._used = [], 0

    def _grow(self, n: int, tick: int) -> None:
        self._full.append(self._block[: self._used])
        if self.last is not None:
            self._full = [block for block in self._full if len(block) and block[-1, 0] > tick - self.last]
        rows = max(n, min(2 * len(self._block), LARGEST_BLOCK // 16))
        self._block, self._used = np.empty((rows, 2), np.int64), 0
