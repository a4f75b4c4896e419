"""ShortTermPlasticity against its equations, its steady state, and NEST."""

from __future__ import annotations

import nest
import numpy as np
import pytest
from behaviours.plasticity.trains import DT, FORMS, Trains, connected, dense, trains
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.behaviours import STDP, Delivery, ShortTermPlasticity
from fusion.errors import BehaviourFailed, BuildFailed, InvalidValue, Unsupported

RULE = {"utilization_increment": 0.3, "tau_rec": 60.0, "tau_fac": 25.0}


def step_by_step(pre, utilization_increment, tau_rec, tau_fac):
    """What each spike releases, u x; NaN where there is none (iterations, sources). The exact solution, dt by dt."""
    u, x = np.zeros(pre.shape[1]), np.ones(pre.shape[1])
    released = np.full(pre.shape, np.nan)
    for k, fires in enumerate(pre):
        x = 1.0 - (1.0 - x) * np.exp(-DT / tau_rec)
        u = u * np.exp(-DT / tau_fac) if tau_fac else np.zeros_like(u)
        u[fires] += utilization_increment * (1.0 - u[fires])
        released[k, fires] = (u * x)[fires]
        x[fires] -= (u * x)[fires]
    return released


class Keeps(Behaviour):
    """Keeps W of each iteration."""

    def initialize(self, synapses):
        self.rows = []

    def iteration(self, synapses):
        self.rows.append(dense(synapses.W).copy())


def weights(rule, initial, pre):
    """W at the end of each iteration (iterations, targets, sources)."""
    synapses = connected(initial, pre, np.zeros((len(pre), 5), bool))
    synapses.add_behaviour(2, rule)
    keeps = synapses.add_behaviour(3, Keeps())
    synapses.network.simulate(len(pre))
    return np.array(keeps.rows)


@given(
    form=st.sampled_from(sorted(FORMS)),
    seed=st.integers(0, 2**32 - 1),
    density=st.floats(0.0, 1.0),
    increment=st.floats(0.01, 1.0),
    tau_rec=st.floats(0.5, 1000.0),
    tau_fac=st.one_of(st.just(0.0), st.floats(0.5, 1000.0)),
)
def test_it_is_the_exact_solution(form, seed, density, increment, tau_rec, tau_fac):
    rule = {"utilization_increment": increment, "tau_rec": tau_rec, "tau_fac": tau_fac}
    pre = trains(40, 4, seed, density)
    strength = np.random.default_rng(seed).uniform(0.1, 2.0, (5, 4))
    rows = weights(ShortTermPlasticity(**rule), FORMS[form](strength), pre)
    released = step_by_step(pre, **rule)
    for row, before, part in zip(rows, [strength, *rows[:-1]], released, strict=True):
        # Up to 40 roundings of numbers of size 1.
        np.testing.assert_allclose(row, np.where(np.isnan(part), before, strength * part), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("tau_fac", [0.0, 500.0])
@pytest.mark.parametrize("interval", [10.0, 50.0])
def test_the_steady_state(interval, tau_fac):
    """What u and x come to if one interval brings them back to what they were."""
    pre = np.zeros((20000, 1), bool)
    pre[:: int(interval / DT)] = True
    rule = ShortTermPlasticity(utilization_increment=0.2, tau_rec=300.0, tau_fac=tau_fac)
    last = weights(rule, np.full((5, 1), 3.0), pre)[-1]
    kept = np.exp(-interval / tau_fac) if tau_fac else 0.0
    u = 0.2 / (1.0 - 0.8 * kept)
    recovered = np.exp(-interval / 300.0)
    x = (1.0 - recovered) / (1.0 - (1.0 - u) * recovered)
    # After 10 s, 20 of the slowest time constant: what is left of the beginning is below 1e-8.
    np.testing.assert_allclose(last, 3.0 * u * x, rtol=1e-7)


def test_it_is_nests_synapse():
    ticks = sorted(np.random.default_rng(4).choice(np.arange(20, 3000), 40, replace=False).tolist())
    nest.ResetKernel()
    nest.resolution = 0.1
    recorder = nest.Create("weight_recorder")
    nest.CopyModel("tsodyks2_synapse", "recorded", {"weight_recorder": recorder})
    own, source, target = nest.Create("spike_generator"), nest.Create("parrot_neuron"), nest.Create("parrot_neuron")
    own.spike_times = [tick * 0.1 for tick in ticks]
    nest.Connect(own, source, syn_spec={"delay": 0.1})
    synapse = {"synapse_model": "recorded", "weight": 2.0, "U": 0.3, "u": 0.3, "tau_rec": 60.0, "tau_fac": 25.0}
    nest.Connect(source, target, syn_spec=synapse)
    nest.Simulate(310.0)

    table = np.zeros((3000, 1), bool)
    table[np.array(ticks) - 1] = True
    net = Network(dt=0.1)
    cell = NeuronGroup(net, size=1, tag="cell", behaviour={1: Trains(table=table), 9: EventRecorder("spike")})
    SynapseGroup(
        net, cell, cell, tag="plastic", weight=2.0, behaviour={2: ShortTermPlasticity(**RULE), 9: Recorder("W")}
    )
    net.simulate(3000)
    ours = net["W", 0][net["spike", 0][:, 0] - 1].ravel()
    # 40 spikes, each with a few roundings of numbers of size 1.
    np.testing.assert_allclose(ours, recorder.events["weights"], rtol=1e-12)
    assert np.ptp(ours) > 0.1


@pytest.mark.parametrize("way", ["link", "within the iteration"])
def test_each_spike_brings_what_it_releases(way):
    pre = trains(80, 4, 5, 0.2)
    net = Network(dt=DT)
    source = NeuronGroup(net, size=4, tag="source", behaviour={1: Trains(table=pre)})
    target = NeuronGroup(net, size=3, tag="target", behaviour={9: Recorder("input")})
    strength = np.random.default_rng(1).uniform(size=(3, 4))
    rule = {2: ShortTermPlasticity(**RULE)}
    if way == "link":
        SynapseGroup(net, source, target, weight=strength, delay=3 * DT, behaviour=rule)
    else:
        SynapseGroup(net, source, target, tag="plastic", behaviour=rule).W = strength.copy()
        target.input = target.vector()
        target.add_behaviour(1, Clears())
        target.add_behaviour(3, Delivery(synapses="plastic", into="input"))
    net.simulate(80)
    arrived = np.nan_to_num(step_by_step(pre, **RULE)) @ strength.T
    delayed = np.vstack([np.zeros((3, 3)), arrived[:-3]]) if way == "link" else arrived
    np.testing.assert_allclose(net["input", 0], delayed, rtol=0, atol=1e-13)


class Clears(Behaviour):
    """Empties the input."""

    def iteration(self, neurons):
        neurons.input = neurons.vector()


def test_the_strength_may_learn_meanwhile():
    pre, post = trains(100, 6, 1), trains(100, 5, 2)
    pre[-1, 2:5] = True
    alone = connected(np.full((5, 6), 0.5), pre, post)
    alone.add_behaviour(2, STDP())
    alone.network.simulate(100)
    both = connected(np.full((5, 6), 0.5), pre, post)
    both.add_behaviour(2, STDP(variable="strength"))
    rule = both.add_behaviour(3, ShortTermPlasticity(**RULE))
    both.network.simulate(100)
    np.testing.assert_array_equal(both.strength, alone.W)
    fired = pre[-1]
    released = (rule.utilization * rule.resources)[fired]
    np.testing.assert_allclose(both.W[:, fired], both.strength[:, fired] * released, rtol=1e-14)


def test_another_rule_of_the_weights_is_refused():
    synapses = connected(np.full((5, 6), 0.5), trains(5, 6, 1), trains(5, 5, 2))
    synapses.add_behaviour(2, STDP())
    synapses.add_behaviour(3, ShortTermPlasticity())
    with pytest.raises(BuildFailed, match=r'Write STDP\(variable="strength"') as caught:
        synapses.network.build()
    assert isinstance(caught.value.problems[0][1], Unsupported)


def test_a_rule_that_comes_later_is_refused_too():
    synapses = connected(np.full((5, 6), 0.5), trains(5, 6, 1), trains(5, 5, 2))
    synapses.add_behaviour(3, ShortTermPlasticity())
    synapses.network.build()
    with pytest.raises(Unsupported, match=r'Write STDP\(variable="strength"'):
        synapses.add_behaviour(4, STDP())


@pytest.mark.parametrize("form", FORMS)
def test_weights_that_are_assigned_are_the_new_strength(form):
    pre = np.ones((2, 6), bool)
    synapses = connected(FORMS[form](np.full((5, 6), 0.5)), pre, pre[:, :5])
    synapses.add_behaviour(2, ShortTermPlasticity(utilization_increment=0.25))
    synapses.network.simulate(1)
    np.testing.assert_allclose(dense(synapses.W), 0.125, rtol=1e-14)
    synapses.W = FORMS[form](np.full((5, 6), 4.0))
    synapses.network.simulate(1)
    recovered = 1.0 - 0.25 * np.exp(-DT / 800.0)
    np.testing.assert_allclose(dense(synapses.W), 4.0 * 0.25 * recovered, rtol=1e-14)
    np.testing.assert_array_equal(dense(synapses.strength), 4.0)


def test_the_strength_has_the_synapses_of_the_weights():
    pre = np.ones((2, 6), bool)
    synapses = connected(sparse.csc_array(np.eye(5, 6)), pre, pre[:, :5])
    synapses.strength = sparse.csc_array(np.ones((5, 6)))
    synapses.add_behaviour(2, ShortTermPlasticity())
    with pytest.raises(BehaviourFailed, match="needs a synapse where W has one"):
        synapses.network.simulate(1)


@pytest.mark.parametrize(
    "parameters",
    [{"utilization_increment": 0.0}, {"utilization_increment": 1.1}, {"tau_fac": -1.0}, {"tau_rec": 0.0},
     {"tau_rec": [1.0, 2.0]}, {"every": 3.0}],
    ids=str,
)  # fmt: skip
def test_parameters_that_mean_nothing(parameters):
    with pytest.raises(InvalidValue, match=next(iter(parameters))):
        ShortTermPlasticity(**parameters)
