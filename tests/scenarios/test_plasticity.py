"""Plasticity is a behaviour on a link, whatever simulates its two ends.

::

    source --W, STDP--> relay
"""

from __future__ import annotations

import itertools

import brian2
import nest
import numpy as np
import pytest
from scipy.sparse import csc_array

from fusion import Behaviour, EventRecorder, Network, Recorder, SynapseGroup
from fusion.behaviours import (
    STDP,
    InhibitorySTDP,
    OneStepSTDP,
    RewardModulatedSTDP,
    ShortTermPlasticity,
    SynapticNormalization,
)
from fusion.errors import BuildFailed, DelayTooShort, FusionError

SIMULATORS = ["native", "brian2", "nest"]
A_PLUS, A_MINUS, TAU_PLUS, TAU_MINUS = 1e-5, 1.2e-5, 2.0, 3.0
ALPHA = 0.4
RHO = 1e3 * ALPHA / (2 * TAU_PLUS)  # Hz
WIDE = {"w_min": -9.0, "w_max": 9.0}


def by_hand(weights, pre, post, until):
    """Every pair of spikes on its own: (until, target, source), row k - 1 at the end of iteration k."""
    rows = np.repeat(weights[None], until, axis=0)
    for (t_pre, j), (t_post, i) in itertools.product(pre, post):
        apart = (t_post - t_pre) * 0.1
        if apart > 0:
            rows[t_post - 1 :, i, j] += A_PLUS * np.exp(-apart / TAU_PLUS)
        elif apart < 0:
            rows[t_pre - 1 :, i, j] -= A_MINUS * np.exp(apart / TAU_MINUS)
    return rows


@pytest.mark.parametrize("form", ["dense", "sparse"])
@pytest.mark.parametrize("pair", [("nest", "brian2"), ("brian2", "nest"), ("native", "nest")], ids="-".join)
def test_weights_change_as_the_spikes_of_both_ends_say(sites, fired, pair, form):
    rng = np.random.default_rng(2)
    times = [sorted(rng.choice(np.arange(1, 290), 12, replace=False).tolist()) for _ in range(4)]
    # So weak that the relay fires only where it is kicked.
    starting = 1e-3 * np.round(rng.uniform(0.4, 0.6, (3, 4)), 3)
    starting[1, 2] = 0.0
    stdp = STDP(a_plus=A_PLUS, a_minus=A_MINUS, tau_plus=TAU_PLUS, tau_minus=TAU_MINUS, **WIDE)
    with Network(dt=0.1, seed=1) as net:
        a, b = sites[pair[0]], sites[pair[1]]
        source, relay = a.source(net, times), b.relay(net, 3)
        kicks = sites["native"].source(net, [[30, 111, 200], [31, 50, 220], [90]], "kicks")
        SynapseGroup(net, kicks, relay, weight=np.eye(3) * b.kick, delay=0.2, into=b.into)
        weights = starting if form == "dense" else csc_array(starting)
        behaviour = {4: stdp, 10: Recorder("weights")}
        link = SynapseGroup(net, source, relay, weight=weights, delay=0.3, into=b.into, behaviour=behaviour)
        for group in (source, relay):
            group.add_behaviour(10, EventRecorder("spike"))
        net.simulate(300)
        pre, post = fired(net, "source"), fired(net, "relay")
        assert pre == sorted((tick, j) for j, row in enumerate(times) for tick in row)
        assert len(post) == 7
        expected = by_hand(starting, pre, post, 300)[:, link.post, link.pre]
        # A trace is decayed step by step: 300 roundings of 1e-16, on changes of 1e-5.
        np.testing.assert_allclose(net["weights", 0], expected, rtol=0, atol=1e-17)
        assert np.ptp(net["weights", 0], axis=0).max() > 1e-5


def inhibited(weights, pre, post):
    """As `InhibitorySTDP`, each pair of spikes on its own."""
    final = weights.copy()
    for _, j in pre:
        final[:, j] -= A_PLUS * ALPHA
    for (t_pre, j), (t_post, i) in itertools.product(pre, post):
        final[i, j] += A_PLUS * np.exp(-abs(t_post - t_pre) * 0.1 / TAU_PLUS)
    return final


def in_steps(weights, pre, post):
    """As `OneStepSTDP`, each pair of spikes on its own."""
    final = weights.copy()
    for (t_pre, j), (t_post, i) in itertools.product(pre, post):
        final[i, j] += A_PLUS * {1: 1.0, 0: 1.0, -1: -1.0}.get(t_post - t_pre, 0.0)
    return final


RULES = {
    "inhibitory": (
        lambda: InhibitorySTDP(eta=A_PLUS, rho=1e3 * ALPHA / (2 * TAU_PLUS), tau=TAU_PLUS, **WIDE),
        inhibited,
    ),
    "one step": (lambda: OneStepSTDP(rate=A_PLUS, **WIDE), in_steps),
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("form", ["dense", "sparse"])
@pytest.mark.parametrize("pair", [("nest", "brian2"), ("brian2", "native"), ("native", "nest")], ids="-".join)
def test_rules_follow_the_spikes_of_any_simulator(sites, fired, pair, form, rule):
    rng = np.random.default_rng(2)
    times = [sorted(rng.choice(np.arange(1, 290), 40, replace=False).tolist()) for _ in range(4)]
    starting = 1e-3 * np.round(rng.uniform(0.4, 0.6, (3, 4)), 3)
    make, by_formula = RULES[rule]
    with Network(dt=0.1, seed=1) as net:
        a, b = sites[pair[0]], sites[pair[1]]
        source, relay = a.source(net, times), b.relay(net, 3)
        kicks = sites["native"].source(net, [[30, 111, 200], [31, 50, 220], [90]], "kicks")
        SynapseGroup(net, kicks, relay, weight=np.eye(3) * b.kick, delay=0.2, into=b.into)
        weights = starting if form == "dense" else csc_array(starting)
        link = SynapseGroup(net, source, relay, weight=weights, delay=0.6, into=b.into, behaviour={4: make()})
        for group in (source, relay):
            group.add_behaviour(10, EventRecorder("spike"))
        net.simulate(300)
        assert net.coupling.window > 1
        pre, post = fired(net, "source"), fired(net, "relay")
        assert (len(pre), len(post)) == (160, 7)
        expected = by_formula(starting, pre, post)
        # 300 roundings of 1e-16, on changes of 1e-5.
        np.testing.assert_allclose(link.weights, expected[link.post, link.pre], rtol=0, atol=1e-16)
        assert np.abs(expected - starting).max() > 1e-5


@pytest.mark.parametrize("every", [None, 0.4])
@pytest.mark.parametrize("target", ["nest", "brian2", "native"])
def test_weights_onto_any_simulator_keep_their_sum(sites, target, every):
    """Spikes of ticks 4 and 12, when the weights have been normalized at least once."""
    with Network(dt=0.1, seed=1) as net:
        site = sites[target]
        source, relay = sites["native"].source(net, [[4], [12]]), site.relay(net)
        relay.add_behaviour(10, Recorder(site.shows))
        links = [
            SynapseGroup(net, source, relay, tag="kept", weight=[[0.3, 0.1]], delay=0.6, into=site.into)
            for _ in range(2)
        ]
        relay.add_behaviour(5, SynapticNormalization(synapses="kept", norm=site.kick / 4, every=every))
        net.simulate(20)
        rows = net[site.shows, 0][:, 0]
        assert sum(link.W.sum() for link in links) == pytest.approx(site.kick / 4, rel=1e-14)
        # Both links bring 3/8 of the norm with the first spike; what it brought may have leaked by then.
        assert rows[9] - rows[8] == pytest.approx(2 * 3 / 8 * site.kick / 4, rel=1e-10)


@pytest.mark.parametrize("form", ["dense", "sparse"])
@pytest.mark.parametrize("source", ["nest", "native"])
def test_synapses_tire_between_simulators(sites, source, form):
    times = [[3, 40, 41, 90], [], [7, 260]]
    strength = np.array([[1e-3, 2e-3, 4e-3], [5e-3, 0.0, 7e-3]])
    released = np.zeros(3)
    for j, row in enumerate(times):
        x, last = 1.0, -np.inf
        for tick in row:
            x = 1.0 - (1.0 - x) * np.exp(-(tick - last) * 0.1 / 10.0)
            released[j] += 0.5 * x
            x, last = 0.5 * x, tick
    with Network(dt=0.1, seed=1) as net:
        weights = strength if form == "dense" else csc_array(strength)
        behaviour = {4: ShortTermPlasticity(utilization_increment=0.5, tau_rec=10.0)}
        relay = sites["brian2"].relay(net, 2)
        SynapseGroup(
            net, sites[source].source(net, times), relay, weight=weights, delay=0.6, into="v", behaviour=behaviour
        )
        net.simulate(300)
        assert net.coupling.window > 1
        # The relay adds up what arrives, far below its threshold: 6 roundings of 1e-18.
        np.testing.assert_allclose(relay.v, strength @ released, rtol=0, atol=1e-16)


class Rewards(Behaviour):
    """Gives dopamine every 5 ms."""

    def iteration(self, synapses):
        if synapses.network.iteration % 50 == 0:
            synapses.dopamine += 0.01


def rewarded_in_windows_of(window, sites, pair):
    """Weights after 30 ms, and how long windows were."""
    rng = np.random.default_rng(2)
    times = [sorted(rng.choice(np.arange(1, 290), 40, replace=False).tolist()) for _ in range(4)]
    with Network(dt=0.1, seed=1, window=window) as net:
        a, b = sites[pair[0]], sites[pair[1]]
        source, relay = a.source(net, times), b.relay(net, 3)
        kicks = sites["native"].source(net, [[30, 111, 200], [31, 50, 220], [90]], "kicks")
        SynapseGroup(net, kicks, relay, weight=np.eye(3) * b.kick, delay=0.6, into=b.into)
        behaviour = {3: Rewards(), 4: RewardModulatedSTDP(a_plus=A_PLUS, a_minus=A_MINUS)}
        link = SynapseGroup(net, source, relay, weight=1e-3, delay=0.6, into=b.into, behaviour=behaviour)
        net.simulate(300)
        return link.W.copy(), net.coupling.window


@pytest.mark.parametrize("pair", [("nest", "brian2"), ("brian2", "native"), ("native", "nest")], ids="-".join)
def test_rewards_between_simulators_do_the_same_in_windows_of_any_length(sites, pair):
    alone, short = rewarded_in_windows_of(1, sites, pair)
    nest.ResetKernel()
    brian2.start_scope()
    together, long = rewarded_in_windows_of(None, sites, pair)
    np.testing.assert_array_equal(alone, together)
    assert short == 1 < long
    assert np.abs(alone - 1e-3).min() > 1e-9


class Counts(Behaviour):
    """Gives W the number of the iteration, as a part of a kick."""

    unit: float = 1.0

    def iteration(self, synapses):
        synapses.W[:] = synapses.network.iteration * self.unit


@pytest.mark.parametrize("key", [-5, 4, 99])
@pytest.mark.parametrize("delay", [2, 6])
@pytest.mark.parametrize("pair", [("brian2", "nest"), ("nest", "brian2"), ("brian2", "native"), ("native", "native")],
                         ids="-".join)  # fmt: skip
def test_a_spike_in_flight_carries_the_weight_of_the_end_of_its_iteration(sites, pair, delay, key):
    with Network(dt=0.1, seed=1) as net:
        source, site = sites[pair[0]].source(net, [[7]]), sites[pair[1]]
        relay = site.relay(net)
        relay.add_behaviour(10, Recorder(site.shows))
        unit = site.kick * 2.0**-8
        SynapseGroup(
            net, source, relay, weight=0.0, delay=delay * 0.1, into=site.into, behaviour={key: Counts(unit=unit)}
        )
        net.simulate(20)
        rows = net[site.shows, 0][:, 0]
        np.testing.assert_array_equal(rows[: 7 + delay - 1], rows[0])
        assert rows[7 + delay - 1] - rows[0] == pytest.approx(7 * unit, rel=1e-12)  # 1e-14 of a V_m of -70


def test_a_plastic_link_of_one_tick_into_nest_is_refused_by_the_public_tier(sites, monkeypatch):
    """NEST steps before the iteration ends, so nobody can know yet which weight the spike will carry."""
    monkeypatch.setenv("FUSION_TIER", "nest")
    with Network(dt=0.1, seed=1) as net:
        source, relay = sites["native"].source(net, [[7]]), sites["nest"].relay(net)
        SynapseGroup(net, source, relay, tag="plastic", weight=1.0, delay=0.1, behaviour={4: Counts()})
        with pytest.raises(BuildFailed, match=r"'plastic'.*at least 0\.2 ms") as caught:
            net.build()
        assert isinstance(caught.value.problems[0][1], DelayTooShort)


class Rests(Behaviour):
    """Does nothing."""


@pytest.mark.parametrize("delays", ["one", "each"])
@pytest.mark.parametrize("change", ["written", "replaced", "made plastic", "other synapses", "twice"])
@pytest.mark.parametrize("target", [*SIMULATORS, "summed"])
def test_what_changes_between_two_runs_leaves_spikes_on_their_way_alone(sites, target, change, delays):
    """Spikes of ticks 2 and 14; the weight changes after tick 6, when the first is still on its way."""
    if change == "other synapses" and delays == "each":
        return  # an error, below
    with Network(dt=0.1, seed=1) as net:
        source, site = sites["brian2"].source(net, [[2, 14], []]), sites[target]
        relay = site.relay(net)
        relay.add_behaviour(10, Recorder(site.shows))
        unit = site.kick / 64
        weights = csc_array([[unit, 0.0]])
        delay = csc_array([[0.8, 0.0]]) if delays == "each" else 0.8
        link = SynapseGroup(net, source, relay, weight=weights, delay=delay, **site.link())
        net.simulate(6)
        if change == "written":
            link.W.data[:] = 4 * unit
        elif change == "replaced":
            link.W = csc_array([[4 * unit, 0.0]])
        elif change == "made plastic":
            link.W.data[:] = 4 * unit
            link.add_behaviour(5, Rests())
        elif change == "other synapses":
            link.W = csc_array([[4 * unit, 2 * unit]])
        else:
            for factor in (2.0, 4.0):
                net.simulate(1)
                link.W.data[:] = factor * unit
        net.simulate(24 - (2 if change == "twice" else 0))
        rows = net[site.shows, 0][:, 0]
        jumps = {tick: rows[tick - 1] - rows[tick - 2] for tick in (10, 22)}
        leak = {10: 0.0, 22: 0.0}
        if site.shows == "V_m":  # what was brought by the first has leaked a little when the second comes
            leak[22] = (rows[20] + 70.0) * (np.exp(-0.1 / 10.0) - 1.0)
        if site.shows == "input":  # stands for one tick only
            assert not rows[[8, 10, 20, 22]].any()
        assert jumps[10] == pytest.approx(unit, rel=1e-10)  # of a V_m near -70
        assert jumps[22] - leak[22] == pytest.approx(4 * unit, rel=1e-10)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("target", ["nest", "summed"])
def test_a_weight_that_changes_while_nest_runs_on_its_own_leaves_spikes_on_their_way_alone(sites, target, when):
    with Network(dt=0.1, seed=1) as net:
        source, site = sites["native"].source(net, [[2, 14]]), sites[target]
        relay = site.relay(net)
        relay.add_behaviour(10, Recorder("V_m"))
        link = SynapseGroup(net, source, relay, weight=1.0, delay=0.8, **site.link())
        net.simulate(6)
        if when == "before":
            link.W[:] = 4.0
            net.simulate(1)
        nest.Simulate(3.0)
        link.W[:] = 4.0
        net.simulate(24 if when == "after" else 23)
        rows = net["V_m", 0][:, 0]
        leak = (rows[20] + 70.0) * (np.exp(-0.1 / 10.0) - 1.0)
        assert rows[9] - rows[8] == pytest.approx(1.0, rel=1e-10)
        assert rows[21] - rows[20] - leak == pytest.approx(4.0, rel=1e-10)


@pytest.mark.parametrize("target", ["brian2", "nest", "summed"])
def test_synapses_with_a_delay_each_keep_their_structure(sites, target):
    with Network(dt=0.1, seed=1) as net:
        source, site = sites["native"].source(net, [[3], [3]]), sites[target]
        delay = csc_array([[0.8, 0.0]])
        link = SynapseGroup(
            net, source, site.relay(net), tag="each", weight=csc_array([[1.0, 0.0]]), delay=delay, **site.link()
        )
        net.simulate(1)
        link.W = csc_array([[1.0, 1.0]])
        with pytest.raises(FusionError, match=r"'each' has other synapses than when its delays were given"):
            net.simulate(10)


@pytest.mark.parametrize("write", ["in place", "replaced"])
def test_weights_that_nest_holds_change_by_a_behaviour_of_the_link_and_by_nobody_else(sites, write):
    """Otherwise the change would be seen at the next run, and until then nobody would know."""

    class Meddles(Behaviour):
        """A behaviour of the source, not of the link."""

        def iteration(self, neurons):
            if neurons.iteration == 2:
                (link,) = neurons.efferent["held"]
                if write == "in place":
                    link.W[:] = 2.0
                else:
                    link.W = np.array([[2.0]])

    with Network(dt=0.1, seed=1) as net:
        source, relay = sites["native"].source(net, [[3]]), sites["nest"].relay(net)
        link = SynapseGroup(net, source, relay, tag="held", weight=1.0, delay=0.8)
        source.add_behaviour(5, Meddles())
        with pytest.raises((FusionError, ValueError)):
            net.simulate(10)
        assert link.W.flags.writeable or write == "replaced"


@pytest.mark.parametrize("target", ["brian2", "nest", "summed"])
def test_a_behaviour_elsewhere_may_change_the_weights_that_fusion_sums(sites, target):
    """Once the link has a behaviour of its own, whatever it is, all of them may."""

    class Meddles(Behaviour):
        """A behaviour of the source, not of the link."""

        def iteration(self, neurons):
            if neurons.iteration == 2:
                (link,) = neurons.efferent["summed"]
                link.W[:] *= 2.0

    with Network(dt=0.1, seed=1) as net:
        source, site = sites["native"].source(net, [[3]]), sites[target]
        relay = site.relay(net)
        relay.add_behaviour(10, Recorder(site.shows))
        link = SynapseGroup(
            net, source, relay, tag="summed", weight=site.kick / 64, delay=0.8, into=site.into, behaviour={9: Rests()}
        )
        source.add_behaviour(5, Meddles())
        net.simulate(12)
        rows = net[site.shows, 0][:, 0]
        assert rows[10] - rows[9] == pytest.approx(2 * site.kick / 64, rel=1e-10)
        assert link.W[0, 0] == 2 * site.kick / 64
