"""``statistics.py`` against mathematics."""

from __future__ import annotations

import numpy as np
import pytest
from models.statistics import Spikes, correlation, cv, differences, disagreements, interval, is_noticed, rate

SECONDS = 100


def renewal(generator, size, rate_hz, shape):
    """Neurons whose intervals are gamma distributed: shape 1 is Poisson."""
    n = int(2 * SECONDS * rate_hz)
    intervals = generator.gamma(shape, 1000.0 / rate_hz / shape, (size, n))
    t = intervals.cumsum(axis=1)
    return Spikes.within(t.ravel(), np.repeat(np.arange(size), n), size, 0.0, 1000.0 * SECONDS)


@pytest.fixture
def generator():
    return np.random.default_rng(3)


@pytest.mark.parametrize("shape", [1, 4])
def test_rate_and_cv_of_a_renewal_process(generator, shape):
    """The CV of gamma intervals is one over the root of the shape. 20 000 intervals: 1 % is three deviations."""
    spikes = renewal(generator, 20, 10.0, shape)
    assert rate(spikes) == pytest.approx(10.0, rel=0.03)
    assert cv(spikes) == pytest.approx(shape**-0.5, rel=0.02)


def test_a_clock_has_no_cv_and_its_very_rate():
    spikes = Spikes.within(np.arange(10.0, 1001.0, 10.0), np.zeros(100, int), 1, 0.0, 1000.0)
    assert rate(spikes) == 100.0
    assert cv(spikes) == pytest.approx(0.0, abs=1e-6)


def test_neurons_with_few_intervals_do_not_count_for_the_cv():
    clock, few = np.arange(10.0, 200.0, 10.0), np.array([20.0, 30.0, 90.0])
    spikes = Spikes.within(np.r_[clock, few], np.repeat([0, 1], [19, 3]), 3, 0.0, 200.0)
    assert cv(spikes) == pytest.approx(0.0, abs=1e-6)
    assert np.isnan(cv(spikes.part(1, 3)))


def test_correlation_is_that_of_numpy(generator):
    spikes = renewal(generator, 30, 15.0, 1)
    counts = [np.histogram(spikes.t[spikes.i == i], np.arange(0.0, 100001.0, 5.0))[0] for i in range(30)]
    matrix = np.corrcoef(counts)
    expected = (matrix.sum() - 30) / (30 * 29)
    assert correlation(spikes) == pytest.approx(expected, abs=1e-6)  # bins that differ in which end they include


def test_correlation_of_copies_from_one_train_is_the_chance_to_copy(generator):
    """Each of 50 neurons takes each spike of a Poisson train with a chance of 0.3."""
    t = np.sort(generator.uniform(0.0, 1000.0 * SECONDS, 40 * SECONDS))
    taken = generator.random((50, len(t))) < 0.3
    neuron, spike = np.nonzero(taken)
    spikes = Spikes.within(t[spike], neuron, 50, 0.0, 1000.0 * SECONDS)
    assert correlation(spikes) == pytest.approx(0.3, abs=0.01)


def test_silent_neurons_do_not_count_for_the_correlation(generator):
    spikes = renewal(generator, 10, 15.0, 1)
    with_silent = Spikes(spikes.t, spikes.i, 20, spikes.begin, spikes.end)
    assert correlation(with_silent) == correlation(spikes)


def test_a_part_is_counted_from_its_first_neuron(generator):
    spikes = renewal(generator, 10, 15.0, 1)
    part = spikes.part(4, 7)
    assert part.size == 3
    np.testing.assert_array_equal(part.t[part.i == 0], spikes.t[spikes.i == 4])


def test_the_interval_holds_the_difference_nine_times_in_ten(generator):
    held = 0
    for _ in range(500):
        networks = generator.normal(0.0, 5.0, 10)
        low, high = interval(networks + generator.normal(0.0, 1.0, 10), networks + generator.normal(0.5, 1.0, 10))
        held += low <= 0.5 <= high
    assert held / 500 == pytest.approx(0.9, abs=0.04)  # three deviations of a share of 500


def sample(generator, networks, rate_hz, correlated=0.01):
    noise = generator.normal(0.0, 0.1, len(networks))
    return [{"rate": rate_hz + x, "correlation": correlated} for x in networks + noise]


def test_samples_agree_although_networks_differ(generator):
    networks = generator.normal(0.0, 2.0, 10)
    first, second = sample(generator, networks, 20.0), sample(generator, networks, 20.2)
    assert disagreements(first, second) == []
    assert not is_noticed(first, second)


def test_a_rate_that_is_a_tenth_off_is_noticed(generator):
    networks = generator.normal(0.0, 2.0, 10)
    first, second = sample(generator, networks, 20.0), sample(generator, networks, 22.0)
    (found,) = disagreements(first, second)
    assert found.startswith("rate: ")
    assert is_noticed(first, second)


def test_samples_that_say_too_little_neither_agree_nor_differ(generator):
    first, second = ([{"rate": x} for x in generator.normal(20.0, 5.0, 10)] for _ in range(2))
    assert disagreements(first, second)
    assert not is_noticed(first, second)


def test_the_tolerance_of_a_rate_is_relative_and_others_are_not(generator):
    networks = np.zeros(10)
    of_rate, of_correlation = differences(sample(generator, networks, 20.0), sample(generator, networks, 20.0))
    assert of_rate.tolerance == pytest.approx(1.0, rel=0.01)
    assert of_correlation.tolerance == 0.02
