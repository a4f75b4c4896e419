"""InhibitorySTDP against the sum over pairs of spikes, and what it is for: the rate of its targets."""

from __future__ import annotations

import brian2
import numpy as np
import pytest
from behaviours.plasticity.trains import DT, FORMS, simulate, trains

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, SynapseGroup
from fusion.behaviours import Delivery, InhibitorySTDP
from fusion.errors import InvalidValue

RULE = {"eta": 0.01, "rho": 8.0, "tau": 15.0}
WIDE = {"w_min": -1e9, "w_max": 1e9}


def over_all_pairs(initial, pre, post, eta, rho, tau):
    """Each pair of spikes strengthens, whatever its order, and each presynaptic spike weakens."""
    ticks = np.arange(len(pre)) * DT
    kernel = np.exp(-np.abs(ticks[:, None] - ticks[None, :]) / tau)
    pairs = post.T.astype(float) @ kernel @ pre.astype(float)
    return initial + eta * (pairs - 2.0 * (rho / 1000.0) * tau * pre.sum(axis=0))


@pytest.mark.parametrize("form", FORMS)
def test_pairs_strengthen_and_presynaptic_spikes_weaken(form):
    pre, post = trains(150, 6, 1, 0.2), trains(150, 5, 2, 0.1)
    initial = np.random.default_rng(3).random((5, 6))
    weights = simulate(InhibitorySTDP(**RULE, **WIDE), FORMS[form](initial), pre, post)
    # A trace is a product of up to 150 rounded factors.
    np.testing.assert_allclose(weights, over_all_pairs(initial, pre, post, **RULE), rtol=0, atol=1e-12)
    assert np.abs(weights - initial).min() > 1e-3


@pytest.mark.parametrize("form", FORMS)
def test_a_group_may_inhibit_itself(form):
    fires = trains(150, 5, 6, 0.1)
    weights = simulate(InhibitorySTDP(**RULE, **WIDE), FORMS[form](np.ones((5, 5))), fires, fires, same=True)
    wanted = over_all_pairs(np.ones((5, 5)), fires, fires, **RULE)
    np.testing.assert_allclose(weights, wanted, rtol=0, atol=1e-12)


def test_it_is_the_rule_as_brian2_users_write_it():
    """The example of Brian2's documentation, with bounds that both ends reach."""
    pre, post = trains(400, 6, 1, 0.1), trains(400, 5, 2, 0.05)
    brian2.start_scope()
    brian2.prefs.codegen.target = "numpy"
    brian2.defaultclock.dt = DT * brian2.ms
    ends = []
    for table in (pre, post):
        ticks, neurons = table.nonzero()
        ends.append(brian2.SpikeGeneratorGroup(table.shape[1], neurons, ticks * DT * brian2.ms))
    names = {"tau": 15.0 * brian2.ms, "eta": 0.1, "alpha": 2.0 * 0.1 * 15.0}
    synapses = brian2.Synapses(
        *ends,
        "w : 1\ndwent/dt = -went/tau : 1 (event-driven)\ndcame/dt = -came/tau : 1 (event-driven)",
        on_pre="went += 1\nw = clip(w + eta * (came - alpha), 0, 1)",
        on_post="came += 1\nw = clip(w + eta * went, 0, 1)",
        namespace=names,
    )
    synapses.pre.order = -1  # in an iteration what the sources did counts first
    synapses.connect()
    synapses.w = 0.5
    brian2.Network(*ends, synapses).run(200.0 * brian2.ms)
    theirs = np.zeros((5, 6))
    theirs[np.array(synapses.j), np.array(synapses.i)] = synapses.w
    rule = InhibitorySTDP(eta=0.1, rho=100.0, tau=15.0, w_max=1.0)
    weights = simulate(rule, np.full((5, 6), 0.5), pre, post)
    # Brian2 decays traces over whole gaps, we step by step: 400 roundings.
    np.testing.assert_allclose(weights, theirs, rtol=0, atol=1e-12)
    assert len(np.unique(weights)) > 10


def test_weights_below_zero_mirror_those_above():
    pre, post = trains(200, 6, 1, 0.2), trains(200, 5, 2, 0.1)
    positive = simulate(InhibitorySTDP(eta=0.1, rho=200.0, w_max=1.0), np.full((5, 6), 0.5), pre, post)
    negative = simulate(InhibitorySTDP(eta=-0.1, rho=200.0, w_min=-1.0, w_max=0.0), np.full((5, 6), -0.5), pre, post)
    np.testing.assert_array_equal(negative, -positive)
    assert len(np.unique(positive)) > 10


class Poisson(Behaviour):
    """Fires at random with a rate (Hz)."""

    rate: float = 20.0

    def iteration(self, neurons):
        neurons.spike = neurons.vector("uniform") < self.rate * neurons.network.dt / 1000.0


class Driven(Behaviour):
    """Leaky units (20 ms) with noise, whose drive alone would make them fire with 50 Hz and more."""

    drive: float = 0.07

    def initialize(self, neurons):
        neurons.voltage = neurons.vector("uniform")

    def iteration(self, neurons):
        neurons.spike = neurons.voltage > 1.0
        neurons.voltage[neurons.spike] = 0.0
        neurons.voltage += -neurons.voltage / 20.0 + self.drive + neurons.vector("normal(0, 0.03)")


@pytest.mark.parametrize("rho", [5.0, pytest.param(12.0, marks=pytest.mark.slow)])
def test_targets_come_to_fire_with_the_rate_that_is_asked_for(rho):
    net = Network(dt=1.0, seed=3)
    inhibition = NeuronGroup(net, size=200, tag="inhibition", behaviour={1: Poisson()})
    drive = np.linspace(0.065, 0.08, 20)
    cells = NeuronGroup(net, size=20, tag="cells", behaviour={
        1: Driven(drive=drive), 2: Delivery(synapses="GABA", scale=-1.0), 9: EventRecorder("spike")})  # fmt: skip
    synapses = SynapseGroup(net, inhibition, cells, tag="GABA")
    synapses.W = synapses.matrix()
    net.simulate(2000)
    before = len(net["spike", 0]) / 20 / 2.0
    synapses.add_behaviour(3, InhibitorySTDP(eta=0.0002, rho=rho))
    net.simulate(8000)
    net.clear_recordings()
    net.simulate(8000)
    rates = np.bincount(net["spike.i", 0], minlength=20) / 8.0
    assert before > 40.0
    # 20 neurons over 8 s at 5 Hz are 800 spikes: 3.5 % were they a Poisson process. A spike of one of 200 sources keeps
    # a target from firing just after, which makes pairs rarer than at random; the rate makes up for it by 2 to 4 %.
    assert rates.mean() == pytest.approx(rho, rel=0.08)
    assert np.abs(rates - rho).max() < 0.35 * rho  # 40 spikes of each: 16 %, the largest of 20


def test_a_rate_is_not_negative():
    with pytest.raises(InvalidValue, match=r"rho is -1\.0"):
        InhibitorySTDP(rho=-1.0)
