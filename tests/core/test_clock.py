"""Integer time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fusion.core.clock import Clock
from fusion.errors import InvalidValue, OffGrid

STEPS = st.sampled_from([0.01, 0.1, 0.125, 0.3, 0.5, 1.0, 2.5])


@given(STEPS, st.integers(0, 10**9))
def test_ticks_and_milliseconds_are_inverse_to_each_other(dt, tick):
    clock = Clock(dt)
    assert clock.ticks(clock.ms(tick)) == tick


@given(STEPS, st.integers(0, 10**6), st.floats(0.01, 0.99))
def test_a_time_between_two_ticks_is_refused(dt, tick, part):
    with pytest.raises(OffGrid):
        Clock(dt).ticks((tick + part) * dt)


def test_the_decimal_that_floats_cannot_hold_is_on_the_grid():
    # 0.1 + 0.2 is not 0.3 in floats, and 3 * 0.1 neither.
    assert Clock(0.1).ticks(0.1 + 0.2) == 3
    assert Clock(0.1).ticks(0.3) == 3
    assert Clock(0.1).ticks(1e6) == 10**7


def test_a_time_off_the_grid_names_the_nearest_one():
    with pytest.raises(OffGrid, match=r"delay of 1\.26 ms.*dt = 0\.1 ms.*nearest is 1\.3 ms") as caught:
        Clock(0.1).ticks(1.26, "delay")
    assert (caught.value.time, caught.value.dt) == (1.26, 0.1)


def test_below_half_a_tick_the_nearest_time_is_one_tick():
    with pytest.raises(OffGrid, match=r"nearest is 0\.5 ms"):
        Clock(0.5).ticks(0.1)


@pytest.mark.parametrize("t", [np.nan, np.inf, -np.inf])
def test_a_time_that_is_not_finite_is_off_the_grid(t):
    with pytest.raises(OffGrid):
        Clock(1.0).ticks(t)


def test_times_are_rounded_to_the_nearest_tick():
    ticks = Clock(0.5).rounded([0.0, 0.2, 0.3, 0.7, 0.8, 10.1])
    assert ticks.tolist() == [0, 0, 1, 1, 2, 20]
    assert ticks.dtype == np.int64


def test_ticks_become_milliseconds_elementwise():
    assert Clock(0.25).ms(np.array([0, 1, 4])).tolist() == [0.0, 0.25, 1.0]


@pytest.mark.parametrize("dt", [0, -1.0, np.nan, np.inf])
def test_dt_is_positive_and_finite(dt):
    with pytest.raises(InvalidValue, match="positive"):
        Clock(dt)


@pytest.mark.parametrize("dt", ["fast", None, [1, "a"]])
def test_dt_is_a_number(dt):
    with pytest.raises(InvalidValue, match="dt"):
        Clock(dt)
