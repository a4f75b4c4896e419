"""The same seed gives the same arrays, however often, in whichever process, in how many runs, with what recorders."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import brian2
import nest
import numpy as np
import pytest

from fusion import Network, NeuronGroup, Recorder

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


@pytest.mark.parametrize("window", [1, 4, 15])
def test_windows_change_nothing(outcome, window):
    """15 iterations are the delay of the link into Brian2, which runs back; those into NEST run forth."""
    assert_equal(outcome(window=window, durations=(17.3, DURATION - 17.3)), outcome())


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


def noise_of_nest():
    cells = nest.Create("iaf_psc_exp", 5)
    drive = nest.Create("poisson_generator", 1, {"rate": 5000.0})
    nest.Connect(drive, cells, syn_spec={"weight": 50.0, "delay": 0.5})
    return cells, "V_m"


def noise_of_brian2():
    return brian2.NeuronGroup(5, "dv/dt = -v/(10*ms) + xi*(10*ms)**-0.5 : 1", method="euler"), "v"


def noise_of_brian2_at_resets():
    equations = "dv/dt = (2 - v)/(1*ms) : 1"
    return brian2.NeuronGroup(5, equations, threshold="v > 1", reset="v = rand()", method="exact"), "v"


@pytest.mark.parametrize("make", [noise_of_nest, noise_of_brian2, noise_of_brian2_at_resets])
def test_the_noise_of_one_simulator_alone_follows_the_seed_of_the_network(make):
    def trace(seed):
        nest.ResetKernel()
        nest.verbosity = nest.VerbosityLevel.ERROR
        with Network(dt=0.1, seed=seed) as net:
            cells, variable = make()
            NeuronGroup(net, cells, tag="cells", behaviour={10: Recorder(variable)})
            net.simulate(60)
            return net[variable, 0]

    first = trace(5)
    assert np.ptp(first, axis=1).max() > 0
    np.testing.assert_array_equal(first, trace(5))
    assert not np.array_equal(first, trace(6))


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
