"""The order of participants and the longest window, against a search through all orders and windows."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fusion.coupling.lookahead import Need, look_ahead

PARTICIPANTS = "abcd"
MOST = 12


def is_legal(order, needs, window):
    """The rule itself: what runs forward needs its notice, what runs back needs the window on top."""
    place = {participant: i for i, participant in enumerate(order)}
    return all(need.slack >= (0 if place[need.source] < place[need.target] else window) for need in needs)


def longest(participants, needs, most):
    """The longest window that some order allows; None if not even one tick."""
    orders = list(itertools.permutations(participants))
    return next((w for w in range(most, 0, -1) if any(is_legal(order, needs, w) for order in orders)), None)


needs_of = st.lists(
    st.builds(
        Need,
        st.sampled_from(PARTICIPANTS),
        st.sampled_from(PARTICIPANTS),
        delay=st.integers(0, 9),
        notice=st.integers(0, 3),
    ),
    max_size=8,
)


@given(needs_of, st.integers(1, MOST))
def test_the_window_is_the_longest_that_any_order_allows(needs, most):
    found = look_ahead(PARTICIPANTS, needs, most)
    assert (found and found.window) == longest(PARTICIPANTS, needs, most)


@given(needs_of)
def test_the_order_is_legal_and_holds_everybody_once(needs):
    found = look_ahead(PARTICIPANTS, needs, MOST)
    if found is not None:
        assert is_legal(found.order, needs, found.window)
        assert sorted(found.order) == sorted(PARTICIPANTS)


@given(needs_of)
def test_the_limit_is_a_need_that_forbids_any_longer_window(needs):
    """With more delay on all needs as short as it the window may grow; as long as one of them is left it may not."""
    found = look_ahead(PARTICIPANTS, needs, MOST)
    if found is None or found.window == MOST:
        assert found is None or found.limit is None
        return
    assert found.limit in needs
    assert found.limit.slack == found.window
    relaxed = [replace(need, delay=need.delay + MOST) if need.slack == found.window else need for need in needs]
    assert longest(PARTICIPANTS, relaxed, MOST) > found.window


def test_participants_that_nothing_ties_keep_their_order():
    assert look_ahead("cab", [], 5).order == ("c", "a", "b")


def test_a_source_comes_first_and_bounds_nothing():
    found = look_ahead(["cortex", "retina"], [Need("retina", "cortex", 1, 1)], 100)
    assert (found.order, found.window, found.limit) == (("retina", "cortex"), 100, None)


def test_a_chain_of_one_step_links_bounds_nothing():
    needs = [Need("c", "b", 1, 1), Need("b", "a", 1, 1)]
    assert look_ahead("abc", needs, 50).order == ("c", "b", "a")
    assert look_ahead("abc", needs, 50).window == 50


def test_in_a_loop_the_longest_link_runs_back():
    short, long = Need("a", "b", 3, cause="short"), Need("b", "a", 15, 1, cause="long")
    found = look_ahead("ba", [short, long], 100)
    assert (found.order, found.window) == (("a", "b"), 14)
    assert found.limit.cause == "long"


def test_a_loop_of_links_without_a_tick_to_spare_is_impossible():
    assert look_ahead("ab", [Need("a", "b", 1, 1), Need("b", "a", 1, 1)], 100) is None


@pytest.mark.parametrize(("delay", "window"), [(1, None), (2, 1), (9, 8)])
def test_what_a_participant_needs_of_itself_always_runs_back(delay, window):
    found = look_ahead("a", [Need("a", "a", delay, 1)], 100)
    assert (found and found.window) == window


def test_a_delay_below_the_notice_is_impossible_in_any_order():
    assert look_ahead("ab", [Need("a", "b", 1, 2)], 100) is None
