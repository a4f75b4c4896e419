"""Links of samples: traces of spikes, and variables, one value per dt."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from fusion import Behaviour, Network, NeuronGroup, SynapseGroup, exponential
from fusion.errors import BuildFailed, ShapeMismatch

DT = 0.5


def train(n, size, rate):
    return np.random.default_rng(1).random((n, size)) < rate


@pytest.fixture
def traced(plays, sees):
    """``traced(table, n_targets, **options)``: (net, what the target sees) of a source that plays a table."""

    def network(table, n_targets, **options):
        net = Network(dt=DT)
        at = {k: np.flatnonzero(row) for k, row in enumerate(table, 1)}
        source = NeuronGroup(net, size=table.shape[1], behaviour={1: plays(at=at)})
        target = NeuronGroup(net, size=n_targets, behaviour={1: sees()})
        SynapseGroup(net, source, target, **options)
        return net, target.behaviours[1]

    return network


@pytest.mark.parametrize("delay", [1, 4])
def test_a_filter_is_the_trace_of_the_spikes(traced, delay):
    table, tau = train(60, 3, 0.15), 7.0
    net, seen = traced(table, 3, filter=exponential(tau), delay=delay * DT)
    net.simulate(60)
    wanted = np.zeros((60, 3))
    for k in range(1, 61):
        for fired, j in zip(*np.nonzero(table), strict=True):
            age = k - delay - (fired + 1)
            if age >= 0:
                wanted[k - 1, j] += np.exp(-age * DT / tau)
    # A trace is a product of up to 60 rounded factors.
    np.testing.assert_allclose(seen.rows, wanted, rtol=1e-13, atol=1e-15)


def test_a_filter_with_weights_is_their_product_with_the_trace(traced):
    table, weights = train(40, 3, 0.2), np.random.default_rng(3).normal(size=(2, 3))
    bare, traces = traced(table, 3, filter=exponential(7.0))
    net, seen = traced(table, 2, filter=exponential(7.0), weight=weights)
    for each in (bare, net):
        each.simulate(40)
    np.testing.assert_allclose(seen.rows, np.array(traces.rows) @ weights.T, rtol=1e-13, atol=1e-14)


class Counts(Behaviour):
    def initialize(self, neurons):
        neurons.level = neurons.vector()
        neurons.common = 0.0

    def iteration(self, neurons):
        neurons.level += np.arange(neurons.size) + 1
        neurons.common = float(neurons.iteration)


@pytest.fixture
def signals(sees):
    """``signals(n_targets, **options)``: (net, what the target sees) of a source whose `level` counts."""

    def network(n_targets, **options):
        net = Network(dt=DT)
        source = NeuronGroup(net, size=3, tag="source", behaviour={1: Counts()})
        target = NeuronGroup(net, size=n_targets, tag="target", behaviour={0: sees()})
        SynapseGroup(net, source, target, **options)
        return net, target.behaviours[0]

    return network


@pytest.mark.parametrize("delay", [1, 3])
def test_a_signal_is_the_variable_one_sample_per_dt(signals, delay):
    net, seen = signals(3, signal="level", delay=delay * DT)
    net.simulate(6)
    wanted = [[max(k - delay, 0) * j for j in (1, 2, 3)] for k in range(1, 7)]
    assert [row.tolist() for row in seen.rows] == wanted


def test_a_signal_is_multiplied_with_the_weights(signals):
    weights = np.array([[1.0, 0.0, 2.0], [0.0, -1.0, 0.0]])
    for made in (weights, sparse.csr_array(weights)):
        net, seen = signals(2, signal="level", weight=made)
        net.simulate(3)
        assert [row.tolist() for row in seen.rows] == [[0, 0], [7, -2], [14, -4]]


def test_one_number_is_a_signal_for_all(signals):
    net, seen = signals(3, signal="common")
    net.simulate(3)
    assert [row.tolist() for row in seen.rows] == [[0] * 3, [1] * 3, [2] * 3]


def test_a_signal_is_the_value_of_its_tick_and_no_view_of_a_later_one(signals):
    net, seen = signals(3, signal="level", delay=2 * DT)
    net.simulate(5)
    assert seen.rows[4].tolist() == [3.0, 6.0, 9.0]


def test_spikes_and_samples_meet_in_a_native_place(signals, plays):
    net, seen = signals(3, signal="level")
    clock = NeuronGroup(net, size=1, behaviour={1: plays(at={k: [0] for k in range(1, 6)})})
    SynapseGroup(net, clock, "target", weight=100.0)
    net.simulate(3)
    assert [row.tolist() for row in seen.rows] == [[0] * 3, [101, 102, 103], [102, 104, 106]]


def test_an_unknown_signal_is_found_at_build_with_its_line(signals):
    net, _ = signals(3, signal="levle")
    with pytest.raises(BuildFailed, match=r"Did you mean 'level'\?") as caught:
        net.build()
    ((where, _),) = caught.value.problems
    assert __file__ in where
    with pytest.raises(BuildFailed):
        net.simulate(1)


def test_a_signal_of_another_shape_is_an_error(signals):
    class Grows(Behaviour):
        def iteration(self, neurons):
            neurons.level = np.zeros(7)

    net, _ = signals(3, signal="level")
    net["source", 0].add_behaviour(2, Grows())
    with pytest.raises(ShapeMismatch, match=r"source\.level has shape \(7,\).*carries 3 values"):
        net.simulate(1)
