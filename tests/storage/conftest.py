"""Networks to keep, and everything that they have recorded."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup


class Leaky(Behaviour):
    """A voltage that leaks and fires; a count that is a truth, then a whole number, then none."""

    leak: float = 0.9

    units = {"voltage": "mV"}

    def initialize(self, neurons):
        neurons.voltage = neurons.vector()
        neurons.spike = neurons.vector(False)
        neurons.count = True

    def iteration(self, neurons):
        neurons.voltage *= self.leak
        neurons.voltage += neurons.vector("uniform", density=0.5)
        neurons.spike = neurons.voltage > 1.0
        neurons.voltage[neurons.spike] = 0.0
        k = neurons.iteration
        neurons.count = k % 2 == 0 if k <= 10 else k if k <= 30 else k + 0.5


class Does(Behaviour):
    """Calls something in one iteration."""

    when: int
    what: object

    def iteration(self, owner):
        if owner.network.iteration == self.when:
            self.what()


def native(extra=None):
    net = Network(dt=0.1, seed=3, behaviour={20: Recorder("t"), **(extra or {})})
    cells = NeuronGroup(net, size=10, tag="cells, leaky", behaviour={
        1: Leaky(leak="normal(0.9, 0.02)"),
        2: Recorder("voltage", "np.mean(voltage)", "count", tag="main"),
        3: EventRecorder("spike", "voltage > 0.5"),
        4: Recorder("voltage[5:5]", "spike", "voltage[:3] / 2", every=0.5),
        5: Recorder("voltage", every=4.0),
    })  # fmt: skip
    others = NeuronGroup(net, size=4, tag="a/b", behaviour={1: Leaky(), 2: EventRecorder("spike")})
    SynapseGroup(net, cells, others, tag="up", weight=1.0, delay=0.3, behaviour={7: Recorder("W")})
    return net


def names(net):
    """Every tag of what was recorded, with an index."""
    texts = sorted({name for each in net["Recording"] for name in each._expressions()})
    return [(text, k) for text in texts for k in range(len(net[text]))]


def same(one, other):
    """Whether two arrays agree in all bits, dtypes and shapes."""
    return one.dtype == other.dtype and one.shape == other.shape and np.array_equal(one, other)


@pytest.fixture
def make():
    """A network with recorders of all kinds; ``make({key: behaviour})`` gives it further behaviours of its own."""
    return native


@pytest.fixture
def does():
    """A behaviour: ``does(when=3, what=function)``."""
    return Does


@pytest.fixture
def differing():
    """The names under which two of networks and runs, of which the first is a network, hold different arrays."""
    return lambda net, other: [name for name in names(net) if not same(net[name], other[name])]


@pytest.fixture
def eager(monkeypatch):
    """What is kept is written whenever it is looked at, not every few seconds."""
    from fusion.storage import keeper

    monkeypatch.setattr(keeper, "PAUSE", 0.0)
    monkeypatch.setattr(keeper, "LOOK", 1e-9)
