"""What a participant did in its last window: who fired, and variables, tick by tick."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Network, NeuronGroup
from fusion.core.batch import Spikes
from fusion.coupling.served import Fired, Subscription, Wanted
from fusion.testing.toy import ToyNeurons


def spikes(*events, until):
    ticks, indices = np.array(events, np.int64).reshape(-1, 2).T
    return Spikes(ticks, indices, np.ones(len(ticks)), until)


def at(fired, *ticks):
    return [fired.at(tick).tolist() for tick in ticks]


def test_who_fired_is_told_of_each_tick_of_the_window():
    fired = Fired()
    fired.put(1, 4, spikes((1, 0), (1, 2), (4, 1), until=4), 0)
    assert at(fired, 1, 2, 3, 4) == [[0, 2], [], [], [1]]


def test_and_of_the_last_tick_before_it():
    fired = Fired()
    assert at(fired, 0) == [[]]
    fired.put(1, 4, spikes((1, 0), (4, 1), until=4), 0)
    fired.put(5, 5, spikes((5, 2), until=5), 0)
    assert at(fired, 4, 5) == [[1], [2]]
    fired.put(6, 7, spikes(until=7), 0)
    assert at(fired, 5, 6, 7) == [[2], [], []]


def test_nobody_fired_in_a_tick_that_a_slower_clock_passed_over():
    fired = Fired()
    fired.put(5, 5, spikes((5, 3), until=5), 0)
    assert at(fired, 5, 6) == [[3], []]
    fired.put(7, 10, spikes((10, 1), until=10), 0)
    assert at(fired, 6, 7, 10) == [[], [], [1]]


def test_a_simulator_that_joined_later_counts_from_then():
    fired = Fired()
    fired.put(101, 103, spikes((1, 0), (3, 1), until=3), 100)
    assert at(fired, 100, 101, 102, 103) == [[], [0], [], [1]]


@pytest.mark.parametrize(("first", "last"), [(5, 8), (4, 7), (5, 5), (6, 8)])
def test_a_window_or_another_stretch_is_told_of_at_once(first, last):
    fired = Fired()
    fired.put(1, 4, spikes((2, 0), (4, 1), until=4), 0)
    fired.put(5, 8, spikes((5, 0), (5, 2), (8, 3), until=8), 0)
    known = [(4, 1), (5, 0), (5, 2), (8, 3)]
    assert list(zip(*fired.within(first, last), strict=True)) == [each for each in known if first <= each[0] <= last]


@pytest.fixture
def cells(toy):
    with Network(dt=0.1, seed=1) as net:
        yield NeuronGroup(net, ToyNeurons(4), tag="cells")


def lagging(group, name, index):
    """A subscription of which the value of the tick before is wanted, too."""
    subscription = Subscription(Wanted(group, name, index, lags=True))
    subscription.refresh(0)
    return subscription


def advanced(group, subscription, first, last):
    """The values that `read` gives at the end of each tick of a window, after it has been pulled."""
    rows = []
    for tick in range(first, last + 1):
        group.adapter.advance(tick)
        rows.append(group.adapter.read(group.handle, "v"))
    subscription.pull(first, 0)
    return rows


@pytest.mark.parametrize("index", [None, slice(1, 3), np.array([3, 0])])
def test_a_variable_is_told_of_each_tick_of_the_window_and_of_the_last_before_it(cells, index):
    cells.drive = [100.0, 200.0, 300.0, 400.0]
    cells.adapter.prepare()
    subscription = lagging(cells, "v", index)
    part = slice(None) if index is None else index
    last = np.full(4, -70.0)
    for first, end in ((1, 3), (4, 4), (5, 9)):
        rows = advanced(cells, subscription, first, end)
        for tick, row in zip(range(first - 1, end + 1), [last, *rows], strict=True):
            np.testing.assert_array_equal(subscription.at(tick), row[part], f"tick {tick}")
        last = rows[-1]


def test_what_was_written_is_told_after_a_fresh_look(cells):
    cells.adapter.prepare()
    subscription = lagging(cells, "v", None)
    advanced(cells, subscription, 1, 3)
    cells.adapter.write(cells.handle, "v", -60.0)
    subscription.refresh(3)
    assert subscription.at(3).tolist() == [-60.0] * 4
    advanced(cells, subscription, 4, 5)
    assert subscription.at(3).tolist() == [-60.0] * 4
    assert (subscription.at(4) < -60.0).all()


def test_what_is_told_is_a_copy(cells):
    cells.adapter.prepare()
    subscription = lagging(cells, "v", None)
    advanced(cells, subscription, 1, 3)
    subscription.at(2)[:] = 0.0
    assert (subscription.at(2) != 0.0).all()


def test_a_variable_of_whole_numbers_is_told_as_such(cells):
    cells.adapter.prepare()
    subscription = lagging(cells, "held", None)
    advanced(cells, subscription, 1, 2)
    assert subscription.at(0).dtype == subscription.at(2).dtype == np.int64
