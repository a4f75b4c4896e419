"""The arrays of a run: whole at every instant, in numbers that are wide enough, spikes as SONATA has them."""

from __future__ import annotations

import errno
import os

import h5py
import numpy as np
import pytest

from fusion.errors import CannotKeep
from fusion.storage.data import CHUNK, EVENTS, MARGIN, ROWS, Block, DataFile
from fusion.storage.reader import TAIL, Column, Reader

DT = 0.1


def rows(first, values, path="/rows/cells.v", unit=None):
    values = np.asarray(values)
    return Block(path, ROWS, (first + np.arange(len(values))) * DT, [values[:2], values[2:]], unit)


@pytest.fixture
def file(tmp_path):
    data = DataFile(tmp_path / "data.h5")
    yield data
    data.close()


@pytest.fixture
def column(tmp_path):
    """A function that reads a recording."""
    reader = Reader(tmp_path / "data.h5", DT)
    return lambda path="/rows/cells.v", has_rows=True: Column(reader, path, has_rows, None)


@pytest.mark.parametrize("dtype", ["?", "i1", "u8", "i8", "f2", "f4", "f8", "c8", "c16"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 2), (0,), (200_000,)])
def test_rows_come_back_in_all_bits(dtype, shape, file, column):
    values = np.random.default_rng(1).integers(0, 2, (7, *shape)).astype(dtype)
    file.append([rows(1, values[:3])], 3)
    file.append([rows(4, values[3:])], 7)
    found = column().values()
    assert (found.dtype, column().shape) == (values.dtype, values.shape)
    np.testing.assert_array_equal(found, values)
    np.testing.assert_array_equal(column().t(), np.arange(1, 8) * DT)


def test_numbers_are_widened_as_memory_widens_them(file, column):
    parts = [np.array([True, False]), np.array([3, 2**53 + 1]), np.array([0.5]), np.array([True])]
    for k, part in enumerate(parts):
        file.append([rows(2 * k + 1, part, unit="mV")], 2 * k + 2)
    wide = np.concatenate([parts[0].astype(np.int64), parts[1]]).astype(np.float64)
    np.testing.assert_array_equal(column().values(), [*wide, 0.5, 1.0])
    file.close()
    with h5py.File(file._path) as plain:
        assert dict(plain["rows/cells.v/values"].attrs) == {"units": "mV"}


@pytest.mark.parametrize("beyond", [0, 1, TAIL - 1, TAIL, TAIL + 1, 4 * TAIL])
def test_what_lies_beyond_the_iteration_reached_does_not_count(beyond, file, column):
    n = 10 + beyond
    file.append([rows(1, np.arange(n)), rows(11, np.arange(beyond), path="/rows/cells.late")], 10)
    assert (column().shape, column().values().tolist()) == ((10,), list(range(10)))
    assert column("/rows/cells.late").shape == (0,)


def test_others_find_spikes_where_sonata_puts_them(file, column):
    events = Block("/spikes/cells", EVENTS, np.array([1, 1, 4]) * DT, [np.array([5, 9, 5])])
    file.append([events], 4)
    file.close()
    with h5py.File(file._path) as plain:
        population = plain["spikes/cells"]
        assert plain.attrs["magic"] == 0x0A7A
        np.testing.assert_array_equal(population["timestamps"][()], np.array([1, 1, 4]) * DT)
        assert population["timestamps"].attrs["units"] == "ms"
        np.testing.assert_array_equal(population["node_ids"][()], [5, 9, 5])
        assert population["node_ids"].dtype == np.uint64
        kinds = h5py.check_enum_dtype(population.attrs.get_id("sorting").dtype)
        assert kinds == {"none": 0, "by_id": 1, "by_time": 2}
        assert population.attrs["sorting"] == kinds["by_time"]
    np.testing.assert_array_equal(column("/spikes/cells", False).events(), [[1, 5], [1, 9], [4, 5]])


def test_rows_that_were_not_finished_do_not_count(file, column, monkeypatch):
    file.append([rows(1, [1, 2]), rows(1, [7, 8], "/rows/cells.w")], 2)
    with monkeypatch.context() as patch:
        patch.setattr(h5py.File, "flush", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space left")))
        with pytest.raises(CannotKeep, match="No space left"):
            file.append([rows(3, [3, 4, 5])], 5)
    np.testing.assert_array_equal(column().values(), [1, 2])
    file.append([rows(3, [3, 4]), rows(3, [9], "/rows/cells.w")], 4)
    np.testing.assert_array_equal(column().values(), [1, 2, 3, 4])
    np.testing.assert_array_equal(column("/rows/cells.w").values(), [7, 8, 9])


def test_nothing_is_read_before_anything_is_written(column):
    assert column().values().shape == column().shape == (0,)
    assert column(has_rows=False).events().shape == (0, 2)
    assert column(has_rows=False).values().dtype == np.int64


def test_times_give_the_iterations_back_however_many(tmp_path):
    for dt in (0.1, 1 / 3, 0.025, 1e-3):
        ticks = np.unique(np.geomspace(1, 2**45, 5000).astype(np.int64))
        np.testing.assert_array_equal(Reader(tmp_path, dt).ticks(ticks * dt), ticks)


@pytest.fixture
def disk(monkeypatch):
    """A disk that notes the bytes asked for, ``disk.asked``, and refuses them with ``disk.error`` if there is one."""

    class Disk:
        asked, error = (), None

    def fallocate(descriptor, offset, n):
        Disk.asked += (n,)
        if Disk.error is not None:
            raise OSError(Disk.error, os.strerror(Disk.error))

    monkeypatch.setattr(os, "posix_fallocate", fallocate)
    return Disk


def test_a_full_disk_is_told_before_the_file_is_touched(file, column, disk, tmp_path):
    file.append([rows(1, [1, 2, 3])], 3)
    before = file._path.read_bytes()
    disk.error = errno.ENOSPC
    for block in (rows(4, [4, 5]), rows(4, [0.5]), rows(4, [1, 2], "/rows/cells.u")):
        with pytest.raises(CannotKeep, match="No space left on device"):
            file.append([block], 5)
        assert file._path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["data.h5"]
    disk.error = None
    file.append([rows(4, [4, 5])], 5)
    np.testing.assert_array_equal(column().values(), [1, 2, 3, 4, 5])


@pytest.mark.parametrize("shape", [(), (3,), (0,), (5000,), (50_000,)])
def test_it_asks_for_no_less_room_than_it_takes(shape, file, disk):
    def taken():
        return file._path.stat().st_size if file._path.exists() else 0

    end = 0
    for n, dtype in ((3, "?"), (1, "?"), (0, "?"), (40, "i4"), (1, "i4"), (40, "c16"), (1, "c16"), (3000, "i4")):
        n = min(n, 1_000_000 // max(int(np.prod(shape)), 1) + 1)
        indices = Block("/spikes/cells", EVENTS, np.arange(end, end + n) * DT, [np.arange(n)])
        # A copy needs room for all of it, before the file itself is given up.
        is_copied = n > 0 and not file._fits(rows(0, np.ones((1, *shape), dtype)))
        before = 0 if is_copied else taken()
        file.append([rows(end, np.ones((n, *shape), dtype)), indices], end := end + n)
        assert taken() - before <= disk.asked[-1] <= 2 * taken() + MARGIN + 4 * CHUNK


def test_a_disk_that_cannot_give_room_beforehand_is_written_all_the_same(file, column, disk):
    disk.error = errno.EOPNOTSUPP
    file.append([rows(1, [1, 2, 3])], 3)
    np.testing.assert_array_equal(column().values(), [1, 2, 3])


def test_a_file_that_cannot_be_closed_is_told_as_one_that_cannot_be_written(file):
    file.append([rows(1, [1, 2, 3])], 3)
    opened = file._file

    class Refusing:
        def close(self):
            opened.close()
            raise RuntimeError("unable to truncate the file")

    file._file = Refusing()
    with pytest.raises(CannotKeep, match="unable to truncate"):
        file.close()
    file.close()
