"""A relay gives who fired, tick by tick, whatever the window, and nothing twice."""

from collections import Counter
from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fusion import Network, NeuronGroup
from fusion.coupling.relay import Relay
from fusion.errors import LateInput

FIRED = st.lists(st.lists(st.integers(0, 3), max_size=5).map(sorted), max_size=20)


def relay():
    return Relay(NeuronGroup(Network(), size=4, tag="cells"), "link")


@given(FIRED, st.integers(1, 5), st.integers(0, 3), st.booleans())
def test_who_fired_comes_once_and_as_often_as_it_fired(rows, window, further, at_once):
    """Sent tick by tick or a window at a time; taken up to the last tick sent, or some ticks before."""
    one, delay, got = relay(), window + further, []
    for first in range(0, len(rows), window):
        chunk = rows[first : first + window]
        ticks = np.arange(first + 1, first + 1 + len(chunk)) + delay
        if at_once:
            one.add_window(np.repeat(ticks, [len(row) for row in chunk]), np.fromiter(chain(*chunk), np.int64))
        else:
            for tick, row in zip(ticks, chunk, strict=True):
                one.add(int(tick), np.array(row, np.int64))
        batch = one.take_spikes(first + len(chunk) + window)
        if batch is not None:
            assert batch.complete_until == first + len(chunk) + window
            got += zip(batch.ticks.tolist(), batch.indices.tolist(), batch.values.tolist(), strict=True)
    batch = one.take_spikes(len(rows) + delay)
    if batch is not None:
        got += zip(batch.ticks.tolist(), batch.indices.tolist(), batch.values.tolist(), strict=True)
    wanted = [
        (tick + delay, source, float(times))
        for tick, row in enumerate(rows, 1)
        for source, times in sorted(Counter(row).items())
    ]
    assert got == wanted
    assert one.bytes == 16 * sum(map(len, rows))


def test_nobody_is_no_batch():
    one = relay()
    one.add(5, np.empty(0, np.int64))
    assert one.take_spikes(5) is None
    one.add(9, np.array([2]))
    assert one.take_spikes(8) is None
    assert one.take_spikes(9).indices.tolist() == [2]
    assert one.take_spikes(9) is None


def test_a_spike_for_a_tick_that_was_handed_over_is_an_error():
    one = relay()
    one.take_spikes(7)
    with pytest.raises(LateInput, match=r"cells\.link: a spike for tick 7 came after tick 7") as caught:
        one.add(7, np.array([1]))
    assert caught.value.tick == 7
