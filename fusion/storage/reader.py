"""`Reader`: the arrays of a run, whether it is still written or not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from fusion.storage.data import EVENTS, REACHED, ROWS
from fusion.storage.folder import check_there

TAIL = 4096  # times that are looked at first


class Reader:
    """What is in the file of a run up to the iteration that it is complete to.

    dt : float, ms
    """

    def __init__(self, path: Path, dt: float) -> None:
        self._path, self._dt = path, dt

    def reached(self) -> int:
        """The iteration that everything is complete to."""
        with self.opened() as file:
            return 0 if file is None else int(file[REACHED][()])

    def ticks(self, t: NDArray[np.float64]) -> NDArray[np.int64]:
        """Times in ms as iterations, exactly."""
        return np.rint(t / self._dt).astype(np.int64)

    @contextmanager
    def opened(self) -> Iterator[h5py.File | None]:
        """The file, for a moment; None if nothing was written yet."""
        if not self._path.exists():
            check_there(self._path.parent)
            yield None
            return
        with h5py.File(self._path, "r", libver="latest", swmr=True, locking="best-effort") as file:
            yield file


class Column:
    """One recording.

    data : where it lies in the file
    has_rows : whether it is of rows; otherwise of events
    unit : of the values, if it is known
    """

    def __init__(self, reader: Reader, data: str, has_rows: bool, unit: str | None) -> None:
        self._reader, self._data, self.unit = reader, data, unit
        self.has_rows = has_rows
        self._time, self._values = ROWS if has_rows else EVENTS

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the rows (n, ...), or of the events (n,)."""
        with self._reader.opened() as file:
            if file is None or self._data not in file:
                return (0,)
            return (self._count(file), *file[self._data][self._values].shape[1:])

    def t(self) -> NDArray[np.float64]:
        """Times (n,), ms."""
        return self._read(self._time, np.dtype(np.float64))

    def values(self) -> NDArray[Any]:
        """Rows (n, ...), or indices (n,)."""
        if self.has_rows:
            return self._read(self._values, np.dtype(np.float64))
        return self._read(self._values, np.dtype(np.int64)).astype(np.int64)

    def events(self) -> NDArray[np.int64]:
        """Iterations and indices (n, 2)."""
        t, indices = self.t(), self.values()
        n = min(len(t), len(indices))  # a run that goes on may have written between the two
        return np.stack([self._reader.ticks(t[:n]), indices[:n]], axis=1)

    def _read(self, name: str, dtype: np.dtype[Any]) -> NDArray[Any]:
        with self._reader.opened() as file:
            if file is None or self._data not in file:
                return np.empty(0, dtype)
            found: NDArray[Any] = file[self._data][name][: self._count(file)]
            return found

    def _count(self, file: h5py.File) -> int:
        """How many rows count: what lies beyond was being written when the process was killed, or is being written."""
        reached, time = int(file[REACHED][()]), file[self._data][self._time]
        first = end = len(time)
        # It is little: the time is read from its end on, in parts that grow.
        while first:
            first = max(2 * first - end - TAIL, 0)
            within = int(np.searchsorted(self._reader.ticks(time[first:end]), reached, "right"))
            if within:
                return first + within
        return 0
