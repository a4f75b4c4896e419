"""A variable of one population is the input of another, one sample per tick.

::

    source.variable --W, D--> target.into
"""

from __future__ import annotations

import brian2
import nest
import numpy as np
import pytest
from brian2 import mV

from fusion import Behaviour, Network, NeuronGroup, Recorder, SynapseGroup

TICKS = 40
# Multiples of 1/8, so that sums do not depend on their order.
W = np.array([[0.5, 0.0, -1.0], [0.125, 2.0, 0.25]])


class Ramps(Behaviour):
    """A variable that is different in every iteration."""

    def initialize(self, neurons):
        neurons.level = neurons.vector()

    def iteration(self, neurons):
        neurons.level = neurons.iteration * np.array([1.0, -2.0, 0.5])


def native_source(net):
    return NeuronGroup(net, size=3, tag="source", behaviour={1: Ramps()}), "level"


def nest_source(net):
    nodes = nest.Create("iaf_psc_exp", 3, {"I_e": 100.0})
    nodes.V_m = [-69.0, -66.0, -61.0]
    return NeuronGroup(net, nodes, tag="source"), "V_m"


def brian2_source(net):
    cells = brian2.NeuronGroup(3, "dv/dt = (20*mV - v)/(5*ms) : volt\ntwice = 2*v : volt", method="exact")
    cells.v = [1, 2, 4] * mV
    return NeuronGroup(net, cells, tag="source"), "twice"


def keras_source(net):
    from fusion_tensorflow import layer

    def ramps(x, state):
        return state * 0.5, state + 1.0

    return NeuronGroup(net, layer(ramps, 3, state=np.array([1.0, 5.0, 7.0])), tag="source"), "output"


def native_target(net):
    return NeuronGroup(net, size=2, tag="target", behaviour={1: Recorder("input", tag="log")}), "input"


def nest_target(net):
    group = NeuronGroup(net, nest.Create("iaf_psc_exp", 2), tag="target", behaviour={10: Recorder("I_e", tag="log")})
    return group, "I_e"


def brian2_target(net):
    cells = brian2.NeuronGroup(2, "dv/dt = (drive - v)/(5*ms) : 1\ndrive : 1", method="exact")
    return NeuronGroup(net, cells, tag="target", behaviour={10: Recorder("drive", tag="log")}), "drive"


def keras_target(net):
    from fusion_tensorflow import layer

    group = NeuronGroup(net, layer(lambda x: 2.0 * x, 2), tag="target", behaviour={10: Recorder("input", tag="log")})
    return group, "input"


SOURCES = {"native": native_source, "nest": nest_source, "brian2": brian2_source, "keras": keras_source}
TARGETS = {"native": native_target, "nest": nest_target, "brian2": brian2_target, "keras": keras_target}


@pytest.mark.parametrize("delay", [1, 4])
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("source", SOURCES)
def test_a_sample_of_tick_k_stands_in_the_target_at_the_end_of_k_plus_d(source, target, delay):
    with Network(dt=0.1, seed=1) as net:
        sender, variable = SOURCES[source](net)
        receiver, into = TARGETS[target](net)
        sender.add_behaviour(10, Recorder(variable, tag="sent"))
        SynapseGroup(net, sender, receiver, signal=variable, weight=W, delay=delay * 0.1, into=into)
        net.simulate(TICKS)
        sent, received = net["sent", 0][variable, 0], net["log", 0][into, 0]
        assert np.unique(sent[:, 0]).size == TICKS
        np.testing.assert_allclose(received[delay:], sent[:-delay] @ W.T, rtol=1e-15)
        np.testing.assert_array_equal(received[:delay], 0.0)


@pytest.mark.parametrize("target", ["nest", "brian2"])
def test_the_step_after_starts_from_the_sample(target):
    """A current that stands from the end of tick k on moves the potential in tick k + 1."""
    with Network(dt=0.1, seed=1) as net:
        sender, _ = native_source(net)
        receiver, into = TARGETS[target](net)
        potential = {"nest": "V_m", "brian2": "v"}[target]
        receiver.add_behaviour(11, Recorder(potential))
        SynapseGroup(net, sender, receiver, signal="level", weight=W, delay=0.3, into=into)
        net.simulate(10)
        rows = net[potential, 0][:, 1]
        assert np.flatnonzero(np.diff(rows))[0] + 2 == 1 + 3 + 1


@pytest.mark.parametrize("source", ["nest", "brian2"])
def test_samples_of_two_links_are_summed(source):
    with Network(dt=0.1, seed=1) as net:
        ramps, level = native_source(net)
        ramps.tags = ("ramps",)
        other, variable = SOURCES[source](net)
        receiver, into = brian2_target(net)
        other.add_behaviour(10, Recorder(variable, tag="sent"))
        ramps.add_behaviour(10, Recorder(level, tag="too"))
        SynapseGroup(net, other, receiver, signal=variable, weight=W, delay=0.2, into=into)
        SynapseGroup(net, ramps, receiver, signal=level, weight=W, delay=0.5, into=into)
        net.simulate(TICKS)
        sent, too = net["sent", 0][variable, 0], net["too", 0][level, 0]
        expected = sent[3:-2] @ W.T + too[:-5] @ W.T
        np.testing.assert_allclose(net["log", 0][into, 0][5:], expected, rtol=1e-13)  # the two are added in any order


@pytest.mark.parametrize("delay", [1, 3])
def test_a_slow_layer_takes_the_sample_of_its_own_tick(delay):
    from fusion_tensorflow import layer

    with Network(dt=0.1, seed=1) as net:
        sender, level = native_source(net)
        slow = NeuronGroup(net, layer(lambda x: 2.0 * x, 3), every=0.5, tag="slow", behaviour={10: Recorder("output")})
        SynapseGroup(net, sender, slow, signal=level, delay=delay * 0.1)
        net.simulate(23)
        steps = np.arange(1, 24) // 5 * 5
        expected = 2.0 * np.maximum(steps - delay, 0)[:, None] * np.array([1.0, -2.0, 0.5])
        np.testing.assert_array_equal(net["output", 0], expected)
