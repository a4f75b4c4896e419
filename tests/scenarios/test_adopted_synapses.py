"""A simulator's own synapses stay where they are; the network shows them and leaves the delivery to the simulator.

::

    A --synapses of the simulator--> B
"""

from __future__ import annotations

import brian2
import nest
import numpy as np
import pytest
from brian2 import ms, mV

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.errors import InvalidValue, ReadOnly

PRE, POST = [0, 0, 1, 2, 2], [1, 3, 0, 3, 3]  # the last two are a multapse
WEIGHTS, DELAYS = [0.5, 1.5, 2.5, 3.5, 4.5], [0.3, 0.5, 0.7, 0.9, 1.1]


def in_brian2(net):
    spikes = brian2.SpikeGeneratorGroup(3, [0, 1, 2], [0.4, 0.4, 1.4] * ms)  # ticks 5, 5 and 15
    cells = brian2.NeuronGroup(4, "v : volt")
    synapses = brian2.Synapses(spikes, cells, "w : volt", on_pre="v_post += w")
    synapses.connect(i=PRE, j=POST)
    synapses.w, synapses.delay = WEIGHTS * mV, DELAYS * ms
    a, b = NeuronGroup(net, spikes, tag="A"), NeuronGroup(net, cells, tag="B")
    return SynapseGroup(net, a, b, synapses, tag="own"), "v", 1e-3


def in_nest(net):
    spikes = nest.Create("spike_generator", 3, [{"spike_times": [0.5]}, {"spike_times": [0.5]}, {"spike_times": [1.5]}])
    # A long membrane time constant, so that potentials stay where arrivals put them.
    cells = nest.Create("iaf_psc_delta", 4, {"tau_m": 1e12, "C_m": 1e12})
    ids, others = np.array(spikes.tolist()), np.array(cells.tolist())
    nest.Connect(ids[PRE], others[POST], "one_to_one", {"weight": WEIGHTS, "delay": DELAYS})
    a, b = NeuronGroup(net, spikes, tag="A"), NeuronGroup(net, cells, tag="B")
    return SynapseGroup(net, a, b, nest.GetConnections(spikes, cells), tag="own"), "V_m", 1.0


MAKE = {"brian2": in_brian2, "nest": in_nest}


def in_order(group, scale):
    """(pre, post, delay, weight) of every synapse, sorted: the simulator chooses the order."""
    columns = (group.pre, group.post, np.asarray(group.delays), np.asarray(group.weights) / scale)
    return sorted(zip(*(np.asarray(column).tolist() for column in columns), strict=True))


@pytest.mark.parametrize("simulator", MAKE)
def test_they_show_pre_post_weights_and_delays(simulator):
    with Network(dt=0.1, seed=1) as net:
        group, _, scale = MAKE[simulator](net)
        assert in_order(group, scale) == [
            (i, j, pytest.approx(d), pytest.approx(w))
            for i, j, d, w in sorted(zip(PRE, POST, DELAYS, WEIGHTS, strict=True))
        ]
        dense = np.zeros((4, 3))
        np.add.at(dense, (POST, PRE), WEIGHTS)
        np.testing.assert_allclose(group.W.toarray() / scale, dense, rtol=1e-15)
        assert not group.delivers
        assert net["own", 0] is group
        assert net["B", 0].afferent["own"] == [group]


@pytest.mark.parametrize("simulator", MAKE)
def test_the_simulator_delivers_once(simulator):
    with Network(dt=0.1, seed=1) as net:
        _, potential, scale = MAKE[simulator](net)
        net["B", 0].add_behaviour(10, Recorder(potential))
        net.simulate(40)
        rows = net[potential, 0] / scale
        expected = np.zeros((40, 4))
        for i, j, weight, delay in zip(PRE, POST, WEIGHTS, DELAYS, strict=True):
            expected[(15 if i == 2 else 5) + round(delay / 0.1) - 1 :, j] += weight
        # NEST's potentials have rounded at -70 mV.
        np.testing.assert_allclose(rows - rows[0], expected, rtol=0, atol=1e-10)
        assert net.coupling.links == []


@pytest.mark.parametrize("simulator", MAKE)
def test_weights_are_recorded_and_may_be_set(simulator):
    class Grows(Behaviour):
        """Adds 1 to the weight of every synapse in iteration 4."""

        def iteration(self, synapses):
            if synapses.network.iteration == 4:
                synapses.weights = synapses.weights + 1.0 * scale

    with Network(dt=0.1, seed=1) as net:
        group, potential, scale = MAKE[simulator](net)
        group.add_behaviour(5, Grows())
        group.add_behaviour(10, Recorder("weights", "np.sum(weights)"))
        net["B", 0].add_behaviour(10, Recorder(potential))
        net.simulate(40)
        weights = net["weights", 0] / scale
        assert weights.shape == (40, 5)
        np.testing.assert_allclose(np.sort(weights[2]), WEIGHTS, rtol=1e-15)
        np.testing.assert_allclose(np.sort(weights[3]), np.add(WEIGHTS, 1.0), rtol=1e-15)
        np.testing.assert_allclose(net["np.sum(weights)", 0] / scale, weights.sum(axis=1), rtol=1e-15)
        # Spikes that were sent later bring the new weight.
        rows = net[potential, 0] / scale
        np.testing.assert_allclose(rows[-1] - rows[0], [3.5, 1.5, 0.0, 2.5 + 4.5 + 5.5], rtol=0, atol=1e-10)


@pytest.mark.parametrize("simulator", MAKE)
def test_what_they_are_made_of_cannot_be_set(simulator):
    with Network(dt=0.1, seed=1) as net:
        group, _, _ = MAKE[simulator](net)
        with pytest.raises(ReadOnly, match="pre"):
            group.pre = [0] * 5
        with pytest.raises(ValueError, match="read-only"):
            group.W.data[0] = 1.0
        with pytest.raises(InvalidValue, match="delay"):
            SynapseGroup(net, "A", "B", group.foreign, delay=1.0)


def test_weights_that_nest_changes_itself_are_recorded(sites):
    """NEST's own STDP: the weight that the synapse has after each of its spikes."""
    with Network(dt=0.1, seed=1) as net:
        a, b = nest.Create("parrot_neuron"), nest.Create("parrot_neuron")
        nest.Connect(a, b, syn_spec={"synapse_model": "stdp_synapse", "weight": 5.0, "Wmax": 100.0, "delay": 0.5})
        one, two = NeuronGroup(net, a, tag="one"), NeuronGroup(net, b, tag="two")
        own = SynapseGroup(net, one, two, nest.GetConnections(a, b), tag="own", behaviour={10: Recorder("weights")})
        kicks = sites["native"].source(net, [[5, 50, 90]], "kicks")
        SynapseGroup(net, kicks, one, weight=1.0, delay=0.2)
        two.add_behaviour(10, EventRecorder("spike"))
        net.simulate(120)
        weights = net["weights", 0][:, 0]
        assert weights[0] == 5.0
        assert len(np.unique(weights)) >= 3
        assert own.weights[0] == weights[-1]
