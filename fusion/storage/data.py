"""`DataFile`: the arrays of a run in one HDF5 file, which is whole at every instant."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from fusion.errors import CannotKeep, ShapeMismatch

REACHED = "iteration"
"""The dataset that tells up to which iteration all others are complete; what lies beyond it is no part of the run."""
ROWS, EVENTS = ("t", "values"), ("timestamps", "node_ids")
"""The columns of a recording; those of events are SONATA's, ``/spikes/<population>/...``."""
CHUNK = 1 << 17  # bytes, at most
MOST_ROWS = 1024  # in a chunk
MARGIN = 1 << 20  # bytes that stay free for what HDF5 notes of its own, and for what is told of the run
UNKNOWING = (errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)
"""What disks say that cannot give room beforehand."""
SORTING = h5py.enum_dtype({"none": 0, "by_id": 1, "by_time": 2}, basetype="u1")


@dataclass(frozen=True)
class Block:
    """New rows of one recording.

    path : where it lies in the file
    columns : names of its datasets, `ROWS` or `EVENTS`
    t : (n,) float, ms
    values : (n, ...) rows, or (n,) indices, in parts of the same type
    unit : of the values, if it is known
    """

    path: str
    columns: tuple[str, str]
    t: NDArray[np.float64]
    values: Sequence[NDArray[Any]]
    unit: str | None = None

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the values, of which there are some."""
        return self.values[0].dtype

    @property
    def shape(self) -> tuple[int, ...]:
        """Of a row."""
        return self.values[0].shape[1:]


@dataclass
class _Column:
    """What is known of the values of a recording in the file, and how many rows of it count."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    n: int = 0


class DataFile:
    """Takes rows of recordings; open from the first of them until `close`, again and again.

    HDF5 keeps what was flushed whole, even if the process is killed while it writes, and shows it to readers meanwhile,
    as long as only rows are added (single-writer mode). A recording that is new, or whose type is widened, is therefore
    made in a copy, which then takes the file's place.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: h5py.File | None = None
        self._columns: dict[str, _Column] = {}

    def append(self, blocks: Sequence[Block], reached: int) -> None:
        """Add the rows and flush them; from then on the file is complete up to iteration `reached`.

        Raises
        ------
        CannotKeep
            If the disk is full, or the file cannot be written; the rows may be given again.
        ShapeMismatch
            If rows do not fit those that are there.
        """
        blocks = [block for block in blocks if len(block.t)]
        with self._telling():
            missing = [block for block in blocks if not self._fits(block)]
            is_remade = bool(missing) or not self._path.exists()
            self._look_for_room(blocks, missing, is_remade)
            if is_remade:
                self._remake(missing)
            self._write(blocks, reached)

    def close(self) -> None:
        """Close the file, so that any program can open it; `CannotKeep` as for `append`."""
        file, self._file = self._file, None
        if file is not None:
            with self._telling():
                file.close()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """What the disk refuses is told with the way out."""
        try:
            yield
        except (OSError, RuntimeError) as error:  # HDF5 has both
            raise CannotKeep(self._path, error) from error

    def _look_for_room(self, blocks: Sequence[Block], missing: Sequence[Block], is_remade: bool) -> None:
        """`OSError` if the disk has no room for what is to come: HDF5 does not survive that in the middle."""
        n_bytes = MARGIN + sum(_room(block, self._type(block), len(block.t)) for block in blocks)
        if is_remade and self._path.exists():
            n_bytes += self._path.stat().st_size
            known = [block for block in missing if block.path in self._columns]
            n_bytes += sum(_room(block, self._type(block), self._columns[block.path].n) for block in known)
        with TemporaryFile(dir=self._path.parent) as spare:
            try:
                os.posix_fallocate(spare.fileno(), 0, n_bytes)
            except OSError as error:
                if error.errno not in UNKNOWING:
                    raise

    def _type(self, block: Block) -> np.dtype[Any]:
        """The type that its values have in the file."""
        column = self._columns.get(block.path)
        return block.dtype if column is None else np.result_type(column.dtype, block.dtype)

    def _fits(self, block: Block) -> bool:
        column = self._columns.get(block.path)
        if column is None:
            return False
        if column.shape != block.shape:
            there = f"there are rows {column.shape} of it in {str(self._path)!r}; keep the run in another folder"
            raise ShapeMismatch(f"A row of {block.path!r}", block.shape, there)
        return self._type(block) == column.dtype

    def _write(self, blocks: Sequence[Block], reached: int) -> None:
        file = self._opened()
        for block in blocks:
            # Rows of a flush that failed do not count, and are written over.
            n = self._columns[block.path].n
            for name, parts in zip(block.columns, ([block.t], block.values), strict=True):
                _extend(file[block.path][name], n, parts)
        file.flush()
        # Last, when everything before it is in the file.
        file[REACHED][()] = reached
        file.flush()
        for block in blocks:
            self._columns[block.path].n += len(block.t)

    def _opened(self) -> h5py.File:
        if self._file is None:
            self._file = h5py.File(self._path, "r+", libver="latest", locking="best-effort")
            self._file.swmr_mode = True
        return self._file

    def _remake(self, blocks: Sequence[Block]) -> None:
        """Make the datasets of recordings that are new, and widen those of a type that is too narrow."""
        self.close()
        copy = self._path.with_suffix(".new")
        is_first = not self._path.exists()
        if not is_first:
            shutil.copyfile(self._path, copy)
        columns = dict(self._columns)
        with h5py.File(copy, "w" if is_first else "r+", libver="latest", locking="best-effort") as file:
            if is_first:
                # As SONATA marks its files.
                file.attrs.update(magic=np.uint32(0x0A7A), version=np.array([0, 1], np.uint32))
                file.create_dataset(REACHED, data=np.int64(0))
            for block in blocks:
                column = columns.get(block.path)
                if column is None:
                    columns[block.path] = _make(file, block)
                else:
                    columns[block.path] = _widen(file[block.path], column, block)
        copy.replace(self._path)
        self._columns = columns


def _extend(dataset: h5py.Dataset, n: int, parts: Sequence[NDArray[Any]]) -> None:
    """Write rows behind the first `n`."""
    dataset.resize(n + sum(map(len, parts)), axis=0)
    for part in parts:
        dataset[n : n + len(part)] = part.astype(dataset.dtype, copy=False)
        n += len(part)


def _make(file: h5py.File, block: Block) -> _Column:
    group, (time, values) = file.create_group(block.path), block.columns
    dtype = np.dtype(np.uint64) if block.columns == EVENTS else block.dtype
    _create(group, time, (), np.dtype(np.float64)).attrs["units"] = "ms"
    dataset = _create(group, values, block.shape, dtype)
    if block.unit is not None:
        dataset.attrs["units"] = block.unit
    if block.columns == EVENTS:
        group.attrs.create("sorting", 2, dtype=SORTING)
    return _Column(block.dtype, block.shape)


def _create(group: h5py.Group, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> h5py.Dataset:
    # A chunk of no values is none; an axis that may grow can be empty.
    chunks = (_chunk(_row(dtype, shape)), *(max(n, 1) for n in shape))
    limits = (None, *(n or None for n in shape))
    return group.create_dataset(name, (0, *shape), dtype, maxshape=limits, chunks=chunks)


def _row(dtype: np.dtype[Any], shape: tuple[int, ...]) -> int:
    """Bytes of a row."""
    return max(dtype.itemsize * int(np.prod(shape)), 1)


def _chunk(row: int) -> int:
    """Rows in a chunk, of so many bytes each."""
    return min(max(CHUNK // row, 1), MOST_ROWS)


def _room(block: Block, dtype: np.dtype[Any], n: int) -> int:
    """Bytes that `n` rows of both columns take at most, which come in whole chunks."""
    return sum((n + _chunk(row)) * row for row in (_row(block.t.dtype, ()), _row(dtype, block.shape)))


def _widen(group: h5py.Group, column: _Column, block: Block) -> _Column:
    name = block.columns[1]
    narrow = group[name]
    dtype = np.result_type(column.dtype, block.dtype)
    wide = _create(group, f"{name} in wider numbers", column.shape, dtype)
    wide.attrs.update(narrow.attrs)
    wide.resize(column.n, axis=0)
    step = wide.chunks[0]
    for first in range(0, column.n, step):
        end = min(first + step, column.n)
        wide[first:end] = narrow[first:end].astype(dtype)
    del group[name]
    group.move(wide.name, name)
    return _Column(dtype, column.shape, column.n)
