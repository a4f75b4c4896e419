"""`Budget`: frames are as far apart as their cost and the share ask for."""

from __future__ import annotations

import pytest

from fusion.gui.budget import MOST_FRAMES, Budget


def played(budget, cost, seconds):
    """A clock that moves on by 1 ms of simulation or by a frame; how many frames there were."""
    now, frames = 100.0, 0
    end = now + seconds
    while now < end:
        if budget.is_due(now):
            budget.drew(now, now + cost)
            now, frames = now + cost, frames + 1
        else:
            now += 0.001
    return frames


def test_the_first_frame_is_due_at_once():
    assert Budget(0.1).is_due(0.0)


@pytest.mark.parametrize("share", [0.05, 0.1, 0.5])
def test_frames_take_their_share(share):
    """20 ms at 10 % are 5 frames per second."""
    budget = Budget(share)
    assert played(budget, 0.02, 10.0) == pytest.approx(10.0 * share / 0.02, rel=0.05)
    assert budget.taken == pytest.approx(share, rel=0.05)


def test_cheap_frames_are_no_more_than_the_eye_sees():
    budget = Budget(1.0)
    assert played(budget, 0.0001, 10.0) == pytest.approx(10.0 * MOST_FRAMES, rel=0.05)


def test_a_whole_share_leaves_nothing_between_frames():
    assert played(Budget(1.0), 0.0625, 10.0) == 160


def test_one_slow_frame_is_paid_for():
    budget = Budget(0.1)
    budget.drew(0.0, 1.0)
    assert not budget.is_due(9.9)
    assert budget.is_due(10.0)


def test_a_slow_frame_among_quick_ones_is_in_no_interval_more_than_the_share():
    budget, now = Budget(0.1), 0.0
    for cost in (0.01, 0.01, 0.15, 0.01, 0.2, 0.15, 0.01):
        while not budget.is_due(now):
            now += 0.001
        budget.drew(now, now + cost)
        assert budget.taken <= 0.1
    assert budget.taken > 0.05


def test_a_rest_is_no_time_between_two_frames():
    """An hour between two frames would make their share look small; the next one is due at once."""
    budget = Budget(0.1)
    played(budget, 0.02, 10.0)
    before = budget.taken
    budget.rest()
    assert budget.is_due(110.0)
    budget.drew(3700.0, 3700.02)
    assert budget.taken == before
