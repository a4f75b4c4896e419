"""A population of one simulator takes part inside another: a stand-in fires what it fires, `delay` later.

::

    source (anywhere) --delay--> stand-in (inside) --the simulator's own synapses, their own delay--> cells (inside)
"""

from __future__ import annotations

import brian2
import nest
import numpy as np
import pytest
from brian2 import ms

from fusion import EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.errors import BelongsElsewhere, DelayTooShort, Unsupported

TICKS = [[5, 30], [9], [5, 31]]


def expected(delay):
    return sorted((tick + delay, i) for i, row in enumerate(TICKS) for tick in row)


@pytest.mark.parametrize("delay", [1, 2, 8])
@pytest.mark.parametrize("source", ["native", "nest", "brian2"])
def test_brian2_synapses_on_a_stand_in(sites, fired, source, delay):
    with Network(dt=0.1, seed=1) as net:
        group = sites[source].source(net, TICKS)
        cells = brian2.NeuronGroup(3, "v : 1", threshold="v > 0.5", reset="v = 0")
        relay = NeuronGroup(net, cells, tag="relay", behaviour={10: EventRecorder("spike")})
        stand_in = net.stand_in(group, inside=relay, delay=delay * 0.1)
        synapses = brian2.Synapses(stand_in, cells, on_pre="v_post += 1", delay=0.4 * ms)
        synapses.connect(j="i")
        net.simulate(50)
        # Brian2's cells answer one tick after an arrival.
        assert fired(net, "relay") == expected(delay + 4 + 1)


@pytest.mark.parametrize("delay", [1, 2, 8])
@pytest.mark.parametrize("source", ["native", "brian2", "nest"])
def test_nest_connections_from_parrots(sites, fired, source, delay):
    if source == "nest":
        delay += 1  # NEST's own spikes take two ticks through fusion
    with Network(dt=0.1, seed=1) as net:
        group, relay = sites[source].source(net, TICKS), sites["nest"].relay(net, 3)
        relay.add_behaviour(10, EventRecorder("spike"))
        parrots = net.stand_in("source", inside="relay", delay=delay * 0.1)
        assert isinstance(parrots, nest.NodeCollection)
        assert len(parrots) == group.size
        nest.Connect(parrots, relay.foreign, "one_to_one", {"weight": 20.0, "delay": 0.4})
        net.simulate(50)
        assert fired(net, "relay") == expected(delay + 4)


def test_a_brian2_source_that_would_have_to_fire_twice_in_a_step_is_an_error(sites):
    with Network(dt=0.1, seed=1) as net:
        nest.ResetKernel()
        nest.resolution = 0.1
        parrot = nest.Create("parrot_neuron")
        nest.Connect(nest.Create("spike_generator", 2, {"spike_times": [1.0]}), parrot, syn_spec={"delay": 0.1})
        relay = NeuronGroup(net, parrot, tag="relay")
        cells = brian2.NeuronGroup(1, "v : 1", threshold="v > 0.5", reset="v = 0")
        stand_in = net.stand_in(relay, inside=NeuronGroup(net, cells), delay=0.5)
        brian2.Synapses(stand_in, cells, on_pre="v_post += 1").connect()
        with pytest.raises(Unsupported, match="fires more than once at tick 16"):
            net.simulate(50)


def test_plastic_synapses_of_the_simulator_on_a_stand_in(sites):
    """Brian2's own rule sees the spikes of NEST at the tick at which its stand-in fires."""
    with Network(dt=0.1, seed=1) as net:
        group = sites["nest"].source(net, TICKS)
        cells = brian2.NeuronGroup(1, "v : 1", threshold="v > 0.5", reset="v = 0")
        relay = NeuronGroup(net, cells, tag="relay")
        stand_in = net.stand_in(group, inside=relay, delay=0.2)
        synapses = brian2.Synapses(
            stand_in, cells, "w : 1\ndx/dt = -x/(1*ms) : 1 (event-driven)", on_pre="x += 1; w += x"
        )
        synapses.connect()
        net.simulate(50)
        # Neurons 0 and 2 fire twice, 2.5 and 2.6 ms apart.
        np.testing.assert_allclose(synapses.w[:], [2 + np.exp(-2.5), 1, 2 + np.exp(-2.6)], rtol=1e-12)  # 3 roundings


def test_a_part_of_a_stand_in_is_a_source_too(sites, fired):
    with Network(dt=0.1, seed=1) as net:
        group = sites["native"].source(net, TICKS)
        cells = brian2.NeuronGroup(1, "v : 1", threshold="v > 0.5", reset="v = 0")
        relay = NeuronGroup(net, cells, tag="relay", behaviour={10: EventRecorder("spike")})
        stand_in = net.stand_in(group, inside=relay, delay=0.3)
        synapses = brian2.Synapses(stand_in[1:2], cells, on_pre="v_post += 1")
        synapses.connect()
        net.simulate(50)
        assert fired(net, "relay") == [(9 + 3 + 1, 0)]


def test_a_stand_in_is_a_link_of_the_certificate(sites):
    with Network(dt=0.1, seed=1) as net:
        group, relay = sites["nest"].source(net, TICKS), sites["brian2"].relay(net)
        stand_in = net.stand_in(group, inside=relay, delay=0.7)
        net.simulate(50)
        (report,) = net.coupling.links
        assert (report.delay_ms, report.sent, report.late) == (pytest.approx(0.7), 5, 0)
        assert len(stand_in) == 3


def test_both_ways_at_once_make_a_loop(sites, fired):
    """NEST's relay kicks Brian2's through Brian2's synapses, and the other way through NEST's connections."""
    with Network(dt=0.1, seed=1) as net:
        there, back = sites["nest"].relay(net, tag="A"), sites["brian2"].relay(net, tag="B")
        SynapseGroup(net, sites["native"].source(net, [[1]], "starter"), there, weight=20.0, delay=0.2)
        synapses = brian2.Synapses(
            net.stand_in(there, inside=back, delay=0.3), back.foreign, on_pre="v_post += 1", delay=0.2 * ms
        )
        synapses.connect()
        parrots = net.stand_in(back, inside=there, delay=0.2)
        nest.Connect(parrots, there.foreign, syn_spec={"weight": 20.0, "delay": 0.4})
        for group in (there, back):
            group.add_behaviour(10, EventRecorder("spike"))
        net.simulate(60)
        period = 3 + 2 + 1 + 2 + 4
        assert fired(net, "A") == [(tick, 0) for tick in range(3, 61, period)]
        assert fired(net, "B") == [(tick, 0) for tick in range(9, 61, period)]


def test_connections_made_on_a_stand_in_leave_adopted_ones_alone(sites):
    """NEST sorts its connections anew when others are made; the adopted ones are found again."""
    with Network(dt=0.1, seed=1) as net:
        group, relay = sites["native"].source(net, TICKS), sites["nest"].relay(net, 3)
        parrots = net.stand_in(group, inside=relay, delay=0.2)
        others = NeuronGroup(net, nest.Create("iaf_psc_exp", 2), tag="others")
        weights = np.arange(1.0, 7.0).reshape(3, 2)
        nest.Connect(others.foreign, relay.foreign, syn_spec={"weight": weights, "delay": 0.4})
        own = nest.GetConnections(others.foreign, relay.foreign)
        adopted = SynapseGroup(net, others, relay, own, behaviour={10: Recorder("weights")})
        nest.Connect(parrots, relay.foreign, "one_to_one", {"weight": 9.0, "delay": 0.4})
        net.simulate(20)
        np.testing.assert_array_equal(net["weights", 0][-1], weights[adopted.post, adopted.pre])


@pytest.mark.parametrize("inside", ["native", "keras"])
def test_only_simulators_with_sources_of_their_own_have_stand_ins(sites, inside):
    with Network(dt=0.1, seed=1) as net:
        group, home = sites["native"].source(net, TICKS), sites[inside].relay(net)
        with pytest.raises(Unsupported, match=r"'relay'.*SynapseGroup"):
            net.stand_in(group, inside=home)


def test_a_stand_in_needs_a_delay_and_a_group_of_this_network(sites):
    with Network(dt=0.1, seed=1) as net, Network(dt=0.1, seed=1) as other:
        group, relay = sites["native"].source(net, TICKS), sites["brian2"].relay(net)
        with pytest.raises(DelayTooShort, match=r"0\.1 ms"):
            net.stand_in(group, inside=relay, delay=0.0)
        with pytest.raises(BelongsElsewhere):
            other.stand_in(group, inside=relay, delay=0.1)
