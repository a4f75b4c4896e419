import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fusion.adapter.queues import Arrivals, Emissions, Levels, Trace
from fusion.core.batch import Samples, Spikes
from fusion.errors import LateInput


def spikes(*rows):
    """Rows as (tick, indices, values)."""
    ticks = np.repeat([tick for tick, *_ in rows], [len(indices) for _, indices, _ in rows])
    indices = np.concatenate([np.array(indices, np.int64) for _, indices, _ in rows])
    values = np.concatenate([np.array(values, float) for *_, values in rows])
    return Spikes(ticks.astype(np.int64), indices, values, int(ticks[-1]))


class TestArrivals:
    def test_a_row_is_taken_at_its_tick_and_once(self):
        queue = Arrivals("cells.g")
        queue.push(spikes((4, [0, 3], [1.0, 2.0])), now=0)
        assert queue.take(3) is None
        indices, values = queue.take(4)
        assert (indices.tolist(), values.tolist()) == ([0, 3], [1.0, 2.0])
        assert queue.take(4) is None

    def test_one_batch_is_split_into_its_rows(self):
        queue = Arrivals("cells.g")
        queue.push(spikes((2, [1], [1.0]), (3, [0, 1], [2.0, 3.0]), (7, [1], [4.0])), now=1)
        assert len(queue) == 3
        assert queue.take(3)[1].tolist() == [2.0, 3.0]
        assert queue.take(7)[0].tolist() == [1]
        assert queue.take(2)[1].tolist() == [1.0]

    def test_a_later_push_leaves_what_waits(self):
        queue = Arrivals("cells.g")
        for tick in (9, 5, 7):
            queue.push(spikes((tick, [tick], [1.0])), now=0)
        assert [tick for tick, *_ in queue.take_until(7)] == [5, 7]
        assert len(queue) == 1

    def test_an_empty_batch_is_no_row(self):
        queue = Arrivals("cells.g")
        queue.push(Spikes(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), 5), now=9)
        assert len(queue) == 0

    @pytest.mark.parametrize("tick", [5, 4, 0])
    def test_a_row_for_a_tick_that_was_computed_is_late(self, tick):
        queue = Arrivals("cells.g")
        with pytest.raises(LateInput, match=rf"cells\.g.* tick {tick} .*tick 5") as raised:
            queue.push(spikes((tick, [0], [1.0])), now=5)
        assert raised.value.tick == tick
        assert len(queue) == 0

    def test_a_batch_that_begins_late_is_refused_whole(self):
        queue = Arrivals("cells.g")
        with pytest.raises(LateInput):
            queue.push(spikes((5, [0], [1.0]), (6, [0], [1.0])), now=5)
        assert len(queue) == 0

    def test_a_second_row_for_a_tick_is_an_error_and_the_first_stays(self):
        queue = Arrivals("cells.g")
        queue.push(spikes((6, [0], [1.0])), now=0)
        with pytest.raises(LateInput, match="tick 6 was given twice"):
            queue.push(spikes((6, [1], [2.0])), now=0)
        assert queue.take(6)[0].tolist() == [0]

    @given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 5)), unique_by=lambda event: event, max_size=60))
    def test_all_that_is_pushed_is_taken_whatever_the_batches(self, events):
        events.sort()
        rows = [(tick, [i for t, i in events if t == tick]) for tick in sorted({tick for tick, _ in events})]
        queue = Arrivals("cells.g")
        for first in range(0, len(rows), 3):
            batch = [(tick, indices, np.ones(len(indices))) for tick, indices in rows[first : first + 3]]
            queue.push(spikes(*batch), now=0)
        taken = [(tick, i) for tick, indices, _ in queue.take_until(40) for i in indices.tolist()]
        assert taken == events


class TestLevels:
    def test_a_row_stands_for_its_tick_and_is_taken_once(self):
        queue = Levels("cells.I")
        queue.push(Samples(3, np.array([[1.0, 2.0], [3.0, 4.0]])), now=0)
        assert queue.take(2) is None
        assert queue.take(4).tolist() == [3.0, 4.0]
        assert queue.take(4) is None

    def test_the_latest_row_counts_and_those_before_it_are_dropped(self):
        queue = Levels("cells.I")
        queue.push(Samples(3, np.array([[1.0], [2.0], [3.0]])), now=0)
        assert queue.latest(4).tolist() == [2.0]
        assert queue.latest(4) is None
        assert queue.latest(9).tolist() == [3.0]

    def test_a_sample_for_the_tick_reached_is_in_time_and_one_before_is_late(self):
        queue = Levels("cells.I")
        queue.push(Samples(5, np.array([[1.0]])), now=5)
        with pytest.raises(LateInput, match=r"cells\.I.*tick 4.*tick 5") as raised:
            queue.push(Samples(4, np.array([[1.0], [2.0]])), now=5)
        assert raised.value.tick == 4


class TestEmissions:
    def test_spikes_are_given_in_order_and_once(self):
        queue = Emissions()
        queue.add(2, np.array([0, 4]))
        queue.add(3, np.empty(0, np.int64))
        queue.add(5, np.array([1]))
        batch = queue.take(6)
        assert batch.ticks.tolist() == [2, 2, 5]
        assert batch.indices.tolist() == [0, 4, 1]
        assert batch.values.tolist() == [1.0, 1.0, 1.0]
        assert len(queue.take(7).ticks) == 0

    @pytest.mark.parametrize("rows", [0, 1, 3])
    def test_a_batch_says_how_far_it_is_complete_and_has_the_same_types_always(self, rows):
        queue = Emissions()
        for tick in range(rows):
            queue.add(tick, np.array([0, 1]))
        batch = queue.take(9)
        assert batch.complete_until == 9
        assert len(batch.ticks) == 2 * rows
        assert [a.dtype for a in (batch.ticks, batch.indices, batch.values)] == [np.int64, np.int64, np.float64]


class TestTrace:
    def test_rows_begin_with_the_tick_after_it_was_opened(self):
        trace = Trace(2, now=6)
        trace.add(np.array([1.0, 2.0]))
        trace.add(np.array([3.0, 4.0]))
        batch = trace.take()
        assert (batch.t0, batch.complete_until) == (7, 8)
        assert batch.values.tolist() == [[1.0, 2.0], [3.0, 4.0]]

    def test_takes_follow_one_another_without_a_gap(self):
        trace = Trace(1, now=0)
        trace.add(np.array([1.0]))
        first = trace.take()
        empty = trace.take()
        trace.add(np.array([2]))
        last = trace.take()
        assert [batch.t0 for batch in (first, empty, last)] == [1, 2, 2]
        assert empty.values.shape == (0, 1)
        assert empty.complete_until == first.complete_until == 1
        assert last.values.dtype == np.float64
