"""The same seed gives the same arrays, however often, in whichever process, in how many runs, with what recorders."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).with_name("mixed_network.py")
DURATION = 60.0  # ms


@pytest.fixture(scope="module")
def mixed():
    """The module `mixed_network`."""
    spec = importlib.util.spec_from_file_location("mixed_network", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def outcome(mixed):
    """``outcome(seed, ...)`` is all that a network of that seed did."""

    def run(seed=3, durations=(DURATION,), **options):
        with mixed.build(seed, **options) as net:
            for duration in durations:
                net.run(duration)
            return mixed.outcome(net)

    return run


def assert_equal(a, b):
    for name in a:
        np.testing.assert_array_equal(a[name], b[name], name)


def test_every_part_of_it_is_busy(outcome):
    result = outcome()
    for tag in ("noise", "cortex", "pool"):
        assert len(result[tag]) > 15, tag


def test_the_same_seed_gives_the_same_arrays_twice_in_one_process(outcome):
    assert_equal(outcome(), outcome())


def test_the_same_seed_gives_the_same_arrays_in_two_processes(mixed, outcome):
    command = [sys.executable, str(SCRIPT), "3", str(DURATION)]
    other = subprocess.run(command, capture_output=True, text=True, check=True, timeout=200)
    assert other.stdout.split()[-1] == mixed.digest(outcome())


def test_another_seed_gives_others_everywhere(outcome):
    a, b = outcome(3), outcome(4)
    for name in a:
        assert not np.array_equal(a[name], b[name]), name


def test_the_seed_of_the_network_covers_what_is_drawn_after_it(outcome):
    a, same, other = (outcome(number=number) for number in (5, 5, 6))
    assert_equal(a, same)
    for name in a:
        assert not np.array_equal(a[name], other[name]), name


def test_recorders_change_nothing(outcome):
    assert_equal(outcome(), outcome(more_recorders=True))


@pytest.mark.parametrize("durations", [(30.0, 30.0), (0.1, 59.8, 0.1), (20.0,) * 3], ids=str)
def test_runs_in_a_row_are_one_long_run(outcome, durations):
    assert_equal(outcome(), outcome(durations=durations))


def test_the_users_own_random_numbers_between_two_runs_change_nothing(mixed, outcome):
    expected = outcome()
    with mixed.build(3) as net:
        for _ in range(2):
            np.random.random(7)  # noqa: NPY002 - the global stream, which Brian2 draws from outside of fusion
            net.run(DURATION / 2)
        assert_equal(expected, mixed.outcome(net))
