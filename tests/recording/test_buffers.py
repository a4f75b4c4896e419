"""Buffers that grow in blocks, judged against lists."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fusion.errors import InvalidValue, ShapeMismatch
from fusion.recording import buffers
from fusion.recording.buffers import EventBuffer, RowBuffer, TickBuffer

LAST = st.none() | st.integers(1, 40)
# What happens to a buffer: so many rows are added, all but some of the newest are dropped, or all are forgotten.
ACTIONS = st.lists(
    st.tuples(st.just("add"), st.integers(1, 60))
    | st.tuples(st.just("drop"), st.integers(0, 80))
    | st.tuples(st.just("clear"), st.just(0)),
    max_size=12,
)


def rows(values):
    return np.array(values, dtype=float)


@given(LAST, ACTIONS, st.sampled_from([(), (3,), (2, 2)]))
def test_rows_are_those_of_a_list(last, actions, shape):
    buffer, wanted, counter = RowBuffer(last), [], 0
    for action, n in actions:
        if action == "add":
            for _ in range(n):
                counter += 1
                buffer.append(np.full(shape, float(counter)))
                wanted.append(float(counter))
        elif action == "drop":
            # A buffer that keeps the last rows only has no older ones to bring back.
            n = min(n, len(wanted)) if last is None else min(n, 1, len(wanted))
            buffer.keep(buffer.n - n)
            del wanted[len(wanted) - n :]
        else:
            buffer.clear()
            wanted.clear()
        kept = wanted if last is None else wanted[-last:]
        array = buffer.array()
        if last is not None and action == "drop":
            # After a cut at least all but the dropped rows are there.
            kept = kept[-len(array) :] if len(array) else []
            assert len(array) >= min(len(wanted), last - n)
        np.testing.assert_array_equal(array.reshape(len(array), -1)[:, :1].ravel() if len(array) else [], kept)
        assert buffer.n == len(wanted)
        if len(array):
            assert array.shape[1:] == shape


@given(LAST, ACTIONS)
def test_ticks_are_those_of_a_list(last, actions):
    buffer, wanted, counter = TickBuffer(last), [], 0
    for action, n in actions:
        if action == "add":
            for _ in range(n):
                counter += 1
                buffer.append(counter)
                wanted.append(counter)
        elif action == "drop":
            n = min(n, len(wanted)) if last is None else min(n, 1, len(wanted))
            buffer.keep(buffer.n - n)
            del wanted[len(wanted) - n :]
        else:
            buffer.clear()
            wanted.clear()
        array = buffer.array()
        kept = wanted if last is None else wanted[-last:]
        if last is not None and action == "drop":
            assert len(array) >= min(len(wanted), last - n)
            kept = kept[-len(array) :] if len(array) else []
        np.testing.assert_array_equal(array, kept)
        assert array.dtype == np.int64


@given(LAST, st.lists(st.integers(0, 9), max_size=80), st.lists(st.integers(0, 80), max_size=3))
def test_events_are_those_of_a_list(last, counts, cuts):
    buffer, wanted = EventBuffer(last), []
    for tick, n in enumerate(counts, 1):
        buffer.extend(tick, np.arange(n) * tick)
        wanted += [[tick, index * tick] for index in range(n)]
        if last is not None:
            wanted = [event for event in wanted if event[0] > tick - last]
        assert buffer.array().tolist() == wanted
    for cut in sorted(cuts, reverse=True):
        buffer.cut(cut)
        wanted = [event for event in wanted if event[0] <= cut]
        if last is None:
            assert buffer.array().tolist() == wanted
    buffer.clear()
    assert buffer.array().tolist() == []
    buffer.extend(1000, np.array([5]))
    assert buffer.array().tolist() == [[1000, 5]]


def test_events_without_limit_survive_thousands_in_one_tick():
    buffer = EventBuffer()
    buffer.extend(1, np.arange(3))
    buffer.extend(2, np.arange(100_000))
    buffer.extend(3, np.arange(2))
    ticks, indices = buffer.array().T
    assert np.bincount(ticks).tolist() == [0, 3, 100_000, 2]
    np.testing.assert_array_equal(indices, np.concatenate([np.arange(n) for n in (3, 100_000, 2)]))


def test_the_last_events_are_those_of_the_last_ticks_also_when_nobody_fires():
    buffer = EventBuffer(last=10)
    buffer.extend(1, np.array([7]))
    for tick in range(2, 50):
        buffer.extend(tick, np.empty(0, np.int64))
        assert len(buffer.array()) == (tick <= 10)


def test_a_row_is_copied():
    buffer, value = RowBuffer(), np.zeros(3)
    buffer.append(value)
    value[:] = 9.0
    buffer.append(value)
    assert buffer.array().tolist() == [[0.0] * 3, [9.0] * 3]


def test_what_is_given_out_is_a_copy():
    for buffer in (RowBuffer(), RowBuffer(last=5)):
        buffer.append(rows([1.0]))
        buffer.array()[:] = 9.0
        assert buffer.array().tolist() == [[1.0]]
    events = EventBuffer()
    events.extend(1, np.array([3]))
    events.array()[:] = 9
    assert events.array().tolist() == [[1, 3]]


def test_an_empty_buffer_gives_an_empty_array():
    assert RowBuffer().array().shape == (0,)
    assert TickBuffer().array().shape == (0,)
    assert EventBuffer().array().shape == (0, 2)


@pytest.mark.parametrize(
    ("first", "then", "dtype"),
    [(True, 2, np.int64), (1, 0.5, np.float64), (np.float32(1.5), 0.1, np.float64), (1.5, 2, np.float64)],
)
def test_the_type_is_widened_when_need_be(first, then, dtype):
    buffer = RowBuffer()
    for _ in range(40):
        buffer.append(np.asarray(first))
    buffer.append(np.asarray(then))
    array = buffer.array()
    assert array.dtype == dtype
    assert array.tolist() == [*[np.asarray(first, dtype).item()] * 40, np.asarray(then, dtype).item()]


@pytest.mark.parametrize("value", [3, 2.5, True, np.float32(1.5), [1.0, 2.0], (1, 2), [[1], [2]]])
def test_numbers_and_lists_are_rows_too(value):
    buffer = RowBuffer()
    for _ in range(3):
        buffer.append(value)
    np.testing.assert_array_equal(buffer.array(), [value] * 3)


@pytest.mark.parametrize(("first", "then"), [((3,), (4,)), ((3,), ()), ((), (3,)), ((3,), (3, 1)), ((2, 2), (4,))])
def test_a_row_of_another_shape_is_refused_and_nothing_lost(first, then):
    buffer = RowBuffer()
    buffer.append(np.ones(first))
    with pytest.raises(ShapeMismatch, match="recorded value"):
        buffer.append(np.ones(then))
    assert buffer.n == len(buffer.array()) == 1


@pytest.mark.parametrize("value", [object(), None, {"a": 1}, "text", [1, [2, 3]]])
def test_what_is_no_number_is_no_row(value):
    # An array of objects would hold the same object in each row, as it is at the end.
    for buffer in (RowBuffer(), RowBuffer()):
        with pytest.raises(InvalidValue, match="recorded value"):
            buffer.append(value)
        buffer.append(1.0)
        with pytest.raises((InvalidValue, ShapeMismatch)):
            buffer.append(value)
        assert buffer.array().tolist() == [1.0]


def test_after_clear_rows_may_have_another_shape():
    buffer = RowBuffer()
    buffer.append(np.ones(3))
    buffer.clear()
    buffer.append(np.ones(2))
    assert buffer.array().shape == (1, 2)


@pytest.mark.parametrize("last", [None, 3, 100])
def test_rows_that_came_later_than_the_ticks_are_dropped_and_found_with_them(last):
    ticks = TickBuffer(last)
    for tick in range(5):
        ticks.append(tick)
    rows = ticks.rows()
    for tick in range(5, 8):
        rows.append(tick)
        ticks.append(tick)
    for tick in (6, 6, 3):  # the last is before they came
        for buffer in (ticks, rows):
            buffer.keep(ticks.count(tick))
        assert rows.n == ticks.n == tick + 1
        assert rows.array().tolist() == list(range(5, tick + 1))
    rows.append(4)
    assert [part.tolist() for part in rows.between(0, 9)] == [[4]]
    assert [part.tolist() for part in rows.between(4, 5)] == [[4]]


def test_as_many_ticks_are_kept_as_rows_whenever_the_newest_is_dropped():
    for n in range(1, 100):
        ticks = TickBuffer(10)
        rows = ticks.rows()
        for tick in range(n):
            rows.append(tick)
            ticks.append(tick)
        for buffer in (rows, ticks):
            buffer.keep(n - 1)
        assert rows.array().tolist() == ticks.array().tolist() == list(range(max(n - 11, 0), n - 1))


@pytest.mark.parametrize("last", [4, 50, 1000])
def test_rows_that_are_limited_later_are_the_last_of_them(last):
    buffer = RowBuffer()
    for k in range(100):
        buffer.append(k)
    buffer.last = last
    for k in range(100, 130):
        buffer.append(k)
    assert buffer.array().tolist() == list(range(max(130 - last, 0), 130))


# Cost: so many blocks are made, and no row is copied twice but for the final array.


@pytest.fixture
def allocations(monkeypatch):
    """Sizes in bytes of the arrays that the buffers make."""
    made, empty = [], np.empty

    def counted(*args, **kwargs):
        array = empty(*args, **kwargs)
        made.append(array.nbytes)
        return array

    monkeypatch.setattr(buffers.np, "empty", counted)
    return made


def test_the_number_of_blocks_grows_like_the_logarithm(allocations):
    buffer, value = RowBuffer(), np.zeros(4)
    counts = {}
    for n in range(1, 2**16 + 1):
        buffer.append(value)
        if n & (n - 1) == 0:
            counts[n] = len(allocations)
    assert all(counts[2 * n] - counts[n] <= 1 for n in counts if 2 * n in counts)


def test_blocks_stop_growing_at_the_largest(allocations, monkeypatch):
    monkeypatch.setattr(buffers, "LARGEST_BLOCK", 4096)
    buffer, value = RowBuffer(), np.zeros(4)
    for _ in range(10_000):
        buffer.append(value)
    assert max(allocations) <= 4096
    # 32 bytes a row, so nearly all blocks hold 128 rows.
    assert len(allocations) <= 10_000 / 128 + 8


def test_events_stop_growing_at_the_largest_block(allocations, monkeypatch):
    monkeypatch.setattr(buffers, "LARGEST_BLOCK", 16_384)
    buffer, indices = EventBuffer(), np.arange(10)
    for tick in range(5000):
        buffer.extend(tick, indices)
    assert max(allocations) <= 16_384
    assert len(allocations) <= 5000 * 10 / 1024 + 8


@pytest.mark.parametrize("last", [1, 10, 100])
def test_the_last_rows_take_no_more_memory_however_long_the_run(last, allocations):
    buffer, value = RowBuffer(last), np.zeros(4)
    for _ in range(5000):
        buffer.append(value)
    held = sum(block.nbytes for block in (*buffer._full, buffer._block))
    assert held <= 2 * max(last, buffers.FIRST_BLOCK) * value.nbytes


def test_the_last_events_take_no_more_memory_however_long_the_run():
    buffer = EventBuffer(last=10)
    for tick in range(5000):
        buffer.extend(tick, np.arange(20))
    # Ten ticks of twenty events of 16 bytes, in blocks that are at most as large again.
    assert sum(block.nbytes for block in (*buffer._full, buffer._block)) <= 64 * 1024


@given(LAST, st.lists(st.sampled_from(["add", "add 20", "drop", "write", "clear"]), max_size=40), st.data())
def test_what_is_held_is_written_once_and_whole_whatever_is_dropped_in_between(last, actions, data):
    ticks, values, events = buffered = TickBuffer(last), RowBuffer(last), EventBuffer(last)
    for buffer in buffered:
        buffer.hold()
    now = written = 0
    found_rows, found_events = [], []

    def write():
        first, new = ticks.between(written, now)
        parts = values.between(first, first + len(new))
        np.testing.assert_array_equal(np.concatenate([np.empty(0), *parts]), new * 0.5)
        found_rows.extend(new)
        found_events.extend(map(tuple, events.between(written, now).T))
        for buffer in buffered:
            buffer.trim()

    for action in [*actions, "write"]:
        if action.startswith("add"):
            for _ in range(20 if action == "add 20" else 1):
                now += 1
                ticks.append(now)
                values.append(now * 0.5)
                events.extend(now, np.arange(now % 4))
        elif action == "drop":  # but never what was written
            drop = data.draw(st.integers(0, now - written))
            now -= drop
            ticks.keep(ticks.n - drop)
            values.keep(values.n - drop)
            events.cut(now)
        else:
            write()
            written = now
            if action == "clear":
                for buffer in buffered:
                    buffer.clear()
    np.testing.assert_array_equal(found_rows, np.arange(1, now + 1))
    assert found_events == [(tick, i) for tick in range(1, now + 1) for i in range(tick % 4)]
    if last is not None:
        assert len(ticks.array()) == len(values.array()) <= last
        assert sum(map(len, values.between(0, values.n))) <= 2 * max(last, 16)  # the rest is given back
