"""Arrivals on their way: a ring of rows, judged against a dictionary."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fusion import Network, NeuronGroup
from fusion.coupling.inbox import Inbox
from fusion.errors import LateInput

SIZE = 4
# (delay, target, value), a whole number so that the order of the sums shows nowhere.
ARRIVALS = st.lists(st.tuples(st.integers(1, 6), st.integers(0, SIZE - 1), st.integers(-5, 5)), max_size=6)


def inbox(ticks=7, signed=False):
    made = Inbox(NeuronGroup(Network(), size=SIZE, tag="cells"), "input", SIZE, signed)
    made.lane = made.open_lane()
    made.reserve(ticks)
    return made


def rows(ticks, targets, values):
    return np.array(ticks, np.int64), np.array(targets, np.int64), np.array(values, float)


@given(st.lists(ARRIVALS, max_size=30))
def test_a_row_holds_what_is_due_at_its_tick(steps):
    box, due, array = inbox(), defaultdict(lambda: np.zeros(SIZE)), np.full(SIZE, 99.0)
    for tick, arrivals in enumerate(steps, 1):
        box.take_into(tick, array)
        np.testing.assert_array_equal(array, due.pop(tick, np.zeros(SIZE)))
        for delay, target, value in arrivals:
            due[tick + delay][target] += value
        if arrivals:
            delays, targets, values = zip(*arrivals, strict=True)
            box.lane.scatter(*rows(np.array(delays) + tick, targets, values))


@given(st.lists(ARRIVALS, max_size=20), st.integers(1, 5), st.booleans())
def test_events_are_what_is_due_whatever_the_window(steps, window, signed):
    box, due, got = inbox(20, signed), defaultdict(float), defaultdict(float)
    for tick, arrivals in enumerate(steps, 1):
        for delay, target, value in arrivals:
            due[tick + delay, target, np.sign(value) if signed else 0] += value
            box.lane.scatter(*rows([tick + delay], [target], [value]))
        if tick % window == 0:
            batch = box.take_spikes(tick)
            if batch is not None:
                assert batch.complete_until == tick
                assert (np.diff(batch.ticks) >= 0).all()
                for when, index, value in zip(batch.ticks, batch.indices, batch.values, strict=True):
                    assert (when, index, np.sign(value) if signed else 0) not in got
                    got[when, index, np.sign(value) if signed else 0] = value
    until = len(steps) - len(steps) % window
    assert dict(got) == {key: value for key, value in due.items() if key[0] <= until and value}


def test_several_sums_for_one_tick_are_added():
    box, array = inbox(), np.zeros(SIZE)
    box.lane.add(3, np.array([1.0, 2.0, 3.0, 4.0]))
    box.open_lane(np.array([0, 3])).add(3, np.array([10.0, 20.0]))
    for tick, wanted in ((1, [0.0] * 4), (2, [0.0] * 4), (3, [11.0, 2.0, 3.0, 24.0]), (4, [0.0] * 4)):
        box.take_into(tick, array)
        assert array.tolist() == wanted


def test_arrivals_of_one_target_are_added_in_the_order_given():
    values = 10.0 ** np.arange(-8, 9)[::-1]
    box, array = inbox(), np.zeros(SIZE)
    box.lane.scatter(*rows(np.full(17, 1), np.zeros(17), values))
    box.take_into(1, array)
    wanted = 0.0
    for value in values:
        wanted += value
    assert array[0] == wanted


def test_positive_and_negative_are_kept_apart_where_they_are_different_channels():
    box = inbox(signed=True)
    box.lane.scatter(*rows([2, 2, 2], [1, 1, 0], [5.0, -3.0, -1.0]))
    box.lane.add(2, np.array([0.0, 1.0, 0.0, 0.0]), channel=0)
    batch = box.take_spikes(2)
    assert list(zip(batch.ticks, batch.indices, batch.values, strict=True)) == [(2, 1, 6.0), (2, 0, -1.0), (2, 1, -3.0)]


def test_where_they_are_not_they_cancel():
    box = inbox()
    box.lane.scatter(*rows([2, 2], [1, 1], [5.0, -5.0]))
    assert len(box.take_spikes(2).ticks) == 0


def test_nothing_is_no_batch():
    box = inbox()
    assert box.take_spikes(3) is None
    box.lane.scatter(*rows([], [], []))
    assert box.take_spikes(4) is None
    assert box.taken == 4


@pytest.mark.parametrize("tick", [5, 4, 1])
def test_input_for_a_tick_that_was_handed_over_is_an_error(tick):
    box = inbox()
    box.take_into(5, np.zeros(SIZE))
    with pytest.raises(LateInput, match=rf"cells\.input: input for tick {tick} came after tick 5") as caught:
        box.lane.add(tick, np.ones(SIZE))
    assert caught.value.tick == tick
    with pytest.raises(LateInput):
        box.lane.scatter(*rows([7, tick], [0, 0], [1.0, 1.0]))


@given(st.integers(1, 9), st.integers(1, 30), st.integers(0, 50))
def test_what_is_on_its_way_survives_more_room(first, more, start):
    box, array = inbox(first), np.zeros(SIZE)
    box.taken = start
    for delay in range(1, first + 1):
        box.lane.add(start + delay, np.full(SIZE, float(delay)))
    box.reserve(more)
    assert box.depth == max(first, more)
    for delay in range(1, first + 1):
        box.take_into(start + delay, array)
        assert array.tolist() == [float(delay)] * SIZE


def test_samples_come_as_runs_without_a_gap():
    box = inbox(20)
    for tick in (2, 3, 4, 7, 9):
        box.lane.add(tick, np.full(SIZE, float(tick)))
    first, second = box.take_samples(8)
    assert (first.t0, first.values[:, 0].tolist()) == (2, [2.0, 3.0, 4.0])
    assert (second.t0, second.values[:, 0].tolist()) == (7, [7.0])
    (third,) = box.take_samples(9)
    assert (third.t0, third.values.shape) == (9, (1, SIZE))
    assert box.take_samples(15) == []


def test_a_row_is_handed_over_once():
    box, array = inbox(3), np.zeros(SIZE)
    box.lane.add(2, np.ones(SIZE))
    seen = []
    for tick in range(1, 12):
        box.take_into(tick, array)
        seen.append(array[0])
    assert seen == [0.0, 1.0, *[0.0] * 9]


def test_the_row_takes_the_type_of_the_array():
    box, array = inbox(), np.zeros(SIZE, np.float32)
    box.lane.add(1, np.full(SIZE, 0.1))
    box.take_into(1, array)
    assert array.dtype == np.float32
    assert array[0] == np.float32(0.1)


def test_the_row_is_the_sum_over_the_lanes_whichever_was_filled_first():
    """0.1 + (0.2 + 0.3) and (0.1 + 0.2) + 0.3 differ in the last bit."""
    sums = []
    for first in (0, 1):
        box, array = inbox(), np.zeros(SIZE)
        lanes = box.lane, box.open_lane()
        for lane in (first, 1 - first):
            for value in ([0.1, 0.2], [0.3])[lane]:
                lanes[lane].add(2, np.full(SIZE, value))
        box.take_into(1, array)
        box.take_into(2, array)
        sums.append(array[0])
    assert sums == [(0.1 + 0.2) + 0.3] * 2


@given(st.lists(ARRIVALS, max_size=20), st.integers(1, 5), st.booleans())
def test_lanes_to_a_part_of_the_targets_bring_what_one_lane_to_all_brings(steps, window, signed):
    one, many = inbox(3, signed), Inbox(NeuronGroup(Network(), size=SIZE, tag="cells"), "input", SIZE, signed)
    parts = np.array([3, 0]), np.array([1]), np.array([2])
    lanes = [many.open_lane(part) for part in parts]
    for box in (one, many):
        box.reserve(20)
    for tick, arrivals in enumerate(steps, 1):
        for delay, target, value in arrivals:
            one.lane.scatter(*rows([tick + delay], [target], [value]))
            for lane, part in zip(lanes, parts, strict=True):
                if target in part:
                    lane.scatter(*rows([tick + delay], np.flatnonzero(part == target), [value]))
        if tick % window == 0:
            ours, theirs = many.take_spikes(tick), one.take_spikes(tick)
            assert (ours is None) == (theirs is None)
            if ours is not None:
                for mine, their in zip(ours, theirs, strict=True):
                    np.testing.assert_array_equal(mine, their)


def test_the_last_input_lent_is_cleared_and_never_given_twice():
    made = inbox(3)
    lanes = [made.lane, made.open_lane()]
    for lane in lanes:
        lane.add(1, np.array([1.0, 2.0, 0.0, 0.0]))
    lanes[0].add(3, np.array([5.0, 0.0, 0.0, 0.0]))
    assert made.lend(1).tolist() == [2.0, 4.0, 0.0, 0.0]
    made.reserve(6)
    assert made.lend(2) is None
    assert made.lend(3).tolist() == [5.0, 0.0, 0.0, 0.0]
    assert [made.lend(tick) for tick in range(4, 16)] == [None] * 12
    assert not any(lane.rows.any() for lane in lanes)
