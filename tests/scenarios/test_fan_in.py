"""Several links, or several neurons, onto one target.

::

    A --D1--+
            +--> relay          A0, A1, A2 --D--> relay
    B --D2--+
"""

from __future__ import annotations

import itertools

import nest
import numpy as np
import pytest
from scipy.sparse import csc_array

from fusion import EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup

SIMULATORS = ["native", "brian2", "nest"]
TARGETS = [*SIMULATORS, "summed"]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("sources", list(itertools.combinations_with_replacement(SIMULATORS, 2)), ids="-".join)
def test_two_links_into_one_target_keep_their_own_delays(sites, fired, sources, target):
    with Network(dt=0.1, seed=1) as net:
        site = sites[target]
        relay = site.relay(net)
        relay.add_behaviour(10, EventRecorder("spike"))
        for tag, name, delay in zip("AB", sources, (2, 9), strict=True):
            source = sites[name].source(net, [[5]], tag)
            SynapseGroup(net, source, relay, weight=site.kick, delay=delay * 0.1, **site.link())
        net.simulate(30)
        assert fired(net, "relay") == [(5 + 2 + site.response, 0), (5 + 9 + site.response, 0)]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("sources", list(itertools.combinations_with_replacement(SIMULATORS, 2)), ids="-".join)
def test_arrivals_of_one_tick_are_summed(sites, fired, sources, target):
    """Each brings 0.4 kicks, too little alone; only where three meet there is a spike."""
    with Network(dt=0.1, seed=1) as net:
        site = sites[target]
        relay = site.relay(net, 2)
        relay.add_behaviour(10, EventRecorder("spike"))
        first = sites[sources[0]].source(net, [[5], [5]], "A")
        second = sites[sources[1]].source(net, [[4], [40]], "B")
        # Neuron 0 gets all of them, neuron 1 the first of each; only for neuron 0 two of A and one of B meet.
        weights = np.array([[0.4, 0.4], [0.4, 0.0]]) * site.kick
        scale = 0.5 if target in ("nest", "summed") else 0.45  # NEST's threshold lies at 0.75 kicks, the others' at 0.5
        SynapseGroup(net, first, relay, weight=weights * scale / 0.5, delay=0.3, **site.link())
        SynapseGroup(
            net, second, relay, weight=np.array([[0.1, 0.0], [0.1, 0.0]]) * site.kick, delay=0.4, **site.link()
        )
        net.simulate(30)
        assert fired(net, "relay") == [(8 + site.response, 0)]


@pytest.mark.parametrize("form", ["dense", "sparse"])
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("source", SIMULATORS)
def test_a_target_receives_the_sum_of_the_weights_of_those_that_fired(sites, source, target, form):
    rng = np.random.default_rng(3)
    # Dyadic numbers, far below a kick: their sums have no rounding.
    weights = np.where(rng.random((4, 6)) < 0.6, rng.integers(1, 32, (4, 6)) / 1024, 0.0)
    with Network(dt=0.1, seed=1) as net:
        site = sites[target]
        group = sites[source].source(net, [[5], [5], [7], [5], [9], [5]])
        relay = site.relay(net, 4)
        relay.add_behaviour(10, Recorder(site.shows))
        given = weights * site.kick
        SynapseGroup(net, group, relay, weight=given if form == "dense" else csc_array(given), delay=0.4, **site.link())
        net.simulate(9)
        jump = net[site.shows, 0][8] - net[site.shows, 0][0]
    # NEST's V_m is kept relative to E_L, and shown with E_L = -70 added: that rounds by 1e-14.
    np.testing.assert_allclose(jump, given[:, [0, 1, 3, 5]].sum(axis=1), rtol=0, atol=2e-14)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("source", SIMULATORS)
def test_each_synapse_has_its_own_delay(sites, fired, source, target):
    delays = np.array([[2, 9], [5, 3], [30, 2]])
    with Network(dt=0.1, seed=1) as net:
        site = sites[target]
        group, relay = sites[source].source(net, [[5], [60]]), site.relay(net, 3)
        relay.add_behaviour(10, EventRecorder("spike"))
        SynapseGroup(net, group, relay, weight=site.kick, delay=delays * 0.1, **site.link())
        net.simulate(80)
        expected = [((5, 60)[j] + delays[i, j] + site.response, i) for i in range(3) for j in range(2)]
        assert fired(net, "relay") == sorted(expected)


@pytest.mark.parametrize("target", TARGETS)
def test_a_part_of_a_group_sends_to_a_part_of_another(sites, fired, target):
    """Source neurons 3 and 1, in this order, reach neurons 2 and 0."""
    with Network(dt=0.1, seed=1) as net:
        site = sites[target]
        source, relay = sites["nest"].source(net, [[5], [10], [15], [20]]), site.relay(net, 3)
        relay.add_behaviour(10, EventRecorder("spike"))
        SynapseGroup(
            net,
            source.subgroup([3, 1]),
            relay.subgroup([2, 0]),
            weight=np.eye(2) * site.kick,
            delay=0.3,
            **site.link(),
        )
        net.simulate(40)
        assert fired(net, "relay") == [(13 + site.response, 0), (23 + site.response, 2)]


@pytest.mark.parametrize("form", ["one link", "one link, a delay each", "two links"])
@pytest.mark.parametrize("target", ["nest", "summed"])
@pytest.mark.parametrize("source", SIMULATORS)
def test_excitation_and_inhibition_of_one_tick_do_not_cancel(sites, source, target, form):
    """NEST keeps two currents with time constants of their own; neuron 1 has the same input by `nest.Connect`."""
    with Network(dt=0.1, seed=1) as net:
        cells = nest.Create("iaf_psc_exp", 2, {"tau_syn_ex": 2.0, "tau_syn_in": 5.0})
        own = nest.Create("spike_generator", 1, {"spike_times": [0.5]})
        for weight in (512.0, -512.0):
            nest.Connect(own, cells[1], syn_spec={"weight": weight, "delay": 0.4})
        group = NeuronGroup(net, cells, tag="cells", also=[own], behaviour={10: Recorder("V_m")})
        sender = sites[source].source(net, [[5], [5]])
        delay = np.full((2, 2), 0.4) if "each" in form else 0.4
        if form == "two links":
            for weights in ([[512.0, 0.0], [0.0, 0.0]], [[0.0, -512.0], [0.0, 0.0]]):
                SynapseGroup(net, sender, group, weight=np.array(weights), delay=delay, **sites[target].link())
        else:
            SynapseGroup(
                net, sender, group, weight=np.array([[512.0, -512.0], [0.0, 0.0]]), delay=delay, **sites[target].link()
            )
        net.simulate(60)
        rows = net["V_m", 0]
        assert np.ptp(rows[:, 1]) > 0.5
        np.testing.assert_array_equal(rows[:, 0], rows[:, 1])
