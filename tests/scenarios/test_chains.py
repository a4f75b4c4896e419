"""Chains: links on no cycle, first to last.

::

    source --2--> A --3--> B --4--> C          retina --1--> cortex --2--> decoder
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup, exponential

SIMULATORS = ["native", "brian2", "nest"]
FIRING = [3, 40, 47]


@pytest.mark.parametrize("order", list(itertools.permutations(SIMULATORS)), ids="-".join)
def test_a_spike_passes_through_three_simulators(sites, fired, order):
    with Network(dt=0.1, seed=1) as net:
        before, at = sites["native"].source(net, [FIRING]), 0
        for tag, name, delay in zip("ABC", order, (2, 3, 4), strict=True):
            site = sites[name]
            relay = site.relay(net, tag=tag)
            relay.add_behaviour(10, EventRecorder("spike"))
            SynapseGroup(net, before, relay, weight=site.kick, delay=delay * 0.1, **site.link())
            before, at = relay, at + delay + site.response
        net.simulate(80)
        assert fired(net, "C") == [(tick + at, 0) for tick in FIRING]


class Poisson(Behaviour):
    """Fires at random in every fourth iteration, so that no relay is kicked twice before it has answered."""

    def iteration(self, neurons):
        neurons.spike = neurons.vector("uniform") < (0.3 if neurons.iteration % 4 == 0 else 0.0)


class Count(Behaviour):
    """Counts arrivals."""

    def initialize(self, neurons):
        neurons.total = neurons.vector()

    def iteration(self, neurons):
        neurons.total += neurons.input


@pytest.mark.parametrize("cortex", ["brian2", "nest"])
def test_a_native_retina_comes_first_and_a_native_decoder_last(sites, fired, cortex):
    n, until = 5, 200
    with Network(dt=0.1, seed=1) as net:
        site = sites[cortex]
        decoder = NeuronGroup(net, size=n, tag="decoder", behaviour={1: Count(), 10: Recorder("total")})
        relay = site.relay(net, n, "cortex")
        retina = NeuronGroup(net, size=n, tag="retina", behaviour={9: Poisson(), 10: EventRecorder("spike")})
        SynapseGroup(net, retina, relay, weight=np.eye(n) * site.kick, delay=0.1, **site.link())
        SynapseGroup(net, relay, decoder, weight=np.eye(n), delay=0.2)
        net.simulate(until)
        sent = fired(net, "retina")
        expected = np.zeros((until, n))
        for tick, i in sent:
            expected[tick + 1 + site.response + 2 - 1 :, i] += 1  # row k - 1 is iteration k
        assert len(sent) > 20
        np.testing.assert_array_equal(net["total", 0], expected)


@pytest.mark.parametrize("name", SIMULATORS)
def test_a_filtered_link_carries_the_trace_of_the_spikes(sites, name):
    tau, delay = 2.0, 3
    with Network(dt=0.1, seed=1) as net:
        source = sites[name].source(net, [FIRING, [5]])
        reader = NeuronGroup(net, size=2, tag="reader", behaviour={1: Recorder("input")})
        SynapseGroup(net, source, reader, filter=exponential(tau), delay=delay * 0.1)
        net.simulate(80)
    ticks = np.arange(1, 81)[:, None] - delay
    expected = np.zeros((80, 2))
    for i, row in enumerate([FIRING, [5]]):
        since = ticks - np.array(row)
        expected[:, i] = np.where(since >= 0, np.exp(-since * 0.1 / tau), 0.0).sum(axis=1)
    # The trace is decayed step by step, which rounds once in each.
    np.testing.assert_allclose(net["input", 0], expected, rtol=1e-13, atol=0)


def test_a_keras_decoder_comes_last(sites, fired):
    with Network(dt=0.1, seed=1) as net:
        site = sites["nest"]
        retina, relay, decoder = (
            sites["native"].source(net, [FIRING]),
            site.relay(net),
            sites["keras"].relay(net, 1, "end"),
        )
        decoder.add_behaviour(10, EventRecorder("spike"))
        SynapseGroup(net, relay, decoder, weight=1.0, delay=0.1)
        SynapseGroup(net, retina, relay, weight=site.kick, delay=0.2)
        net.simulate(60)
        assert fired(net, "end") == [(tick + 3, 0) for tick in FIRING]
