"""Populations that every simulator can make: sources that fire when told to, relays that answer each kick with a spike.

A relay that is kicked by an arrival of tick t fires once, at tick t + `response`.
"""

from __future__ import annotations

import itertools
import os
from typing import Any

os.environ.setdefault("PYNEST_QUIET", "1")

import brian2
import nest
import numpy as np
import pytest
from brian2 import ms

from fusion import Behaviour, Network, NeuronGroup

DT = 0.1  # ms


class Fires(Behaviour):
    """Fires neuron i at the ticks of row i."""

    ticks: object

    def iteration(self, neurons):
        neurons.spike = np.array([neurons.iteration in row for row in self.ticks])


class Relays(Behaviour):
    """Fires where a kick has arrived."""

    kick: float = 1.0

    def iteration(self, neurons):
        neurons.spike = neurons.input > 0.5 * self.kick


class Rests(Behaviour):
    """Does nothing."""


class Site:
    """What all of them share."""

    into = None

    def link(self) -> dict[str, Any]:
        """How a link onto a relay is made."""
        return {"into": self.into}


class Native(Site):
    """Behaviours; an arrival is answered in its own tick."""

    kick, response, into, shows = 1.0, 0, "input", "input"

    def source(self, net: Network, ticks: list[list[int]], tag: str = "source") -> NeuronGroup:
        return NeuronGroup(net, size=len(ticks), tag=tag, behaviour={1: Fires(ticks=ticks)})

    def relay(self, net: Network, n: int = 1, tag: str = "relay") -> NeuronGroup:
        return NeuronGroup(net, size=n, tag=tag, behaviour={2: Relays()})


class Brian2(Site):
    """Brian2 tests for a threshold before synapses act, so that an arrival is answered one tick later."""

    kick, response, into, shows = 1.0, 1, "v", "v"

    def source(self, net: Network, ticks: list[list[int]], tag: str = "source") -> NeuronGroup:
        # A Brian2 step that begins at t belongs to the tick that ends at t + dt.
        pairs = [(i, (tick - 1) * DT) for i, row in enumerate(ticks) for tick in row]
        generator = brian2.SpikeGeneratorGroup(len(ticks), [i for i, _ in pairs], [t for _, t in pairs] * ms)
        return NeuronGroup(net, generator, tag=tag)

    def relay(self, net: Network, n: int = 1, tag: str = "relay") -> NeuronGroup:
        cells = brian2.NeuronGroup(n, "v : 1", threshold="v > 0.5", reset="v = 0")
        return NeuronGroup(net, cells, tag=tag)


class Nest(Site):
    """NEST holds the weights of links that have no behaviour.

    A spike adds to the potential of ``iaf_psc_delta`` before the threshold is tested, in the tick of its arrival.
    """

    kick, response, into, shows = 20.0, 0, None, "V_m"

    def source(self, net: Network, ticks: list[list[int]], tag: str = "source") -> NeuronGroup:
        nodes = nest.Create("spike_generator", len(ticks), [{"spike_times": [t * DT for t in row]} for row in ticks])
        return NeuronGroup(net, nodes, tag=tag)

    def relay(self, net: Network, n: int = 1, tag: str = "relay") -> NeuronGroup:
        return NeuronGroup(net, nest.Create("iaf_psc_delta", n, {"t_ref": DT}), tag=tag)


class Summed(Nest):
    """NEST, where fusion sums the weights of links, as it does if they may change."""

    def link(self) -> dict[str, Any]:
        return {"into": None, "behaviour": {99: Rests()}}


class Keras(Site):
    """A function with a Boolean output; an arrival is answered in its own tick."""

    kick, response, into, shows = 1.0, 0, None, "input"

    def source(self, net: Network, ticks: list[list[int]], tag: str = "source") -> NeuronGroup:
        import tensorflow as tf
        from fusion_tensorflow import layer

        last = max(itertools.chain([0], *ticks))
        table = tf.constant([[tick in row for row in ticks] for tick in range(last + 2)])

        def play(x, tick):
            return tf.gather(table, tf.minimum(tick[0], last + 1)), tick + 1

        return NeuronGroup(net, layer(play, len(ticks), state=np.array([1])), tag=tag)

    def relay(self, net: Network, n: int = 1, tag: str = "relay") -> NeuronGroup:
        from fusion_tensorflow import layer

        return NeuronGroup(net, layer(lambda x: x > 0.5, n), tag=tag)


SITES: dict[str, Site] = {"native": Native(), "brian2": Brian2(), "nest": Nest(), "summed": Summed(), "keras": Keras()}


@pytest.fixture
def sites():
    """How each simulator makes a source and a relay, by its name."""
    return SITES


@pytest.fixture(autouse=True)
def _fresh_simulators():
    """Every test finds the simulators of this process as a new script does."""
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    brian2.start_scope()
    brian2.prefs.codegen.target = "numpy"
    brian2.seed(1)


@pytest.fixture
def fired():
    """``fired(net, "tag")`` are the events of its EventRecorder as a list of (tick, neuron)."""
    return lambda net, tag: [tuple(event) for event in net[tag, 0]["spike", 0].tolist()]
