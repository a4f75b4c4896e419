"""One group of neurons, what drives it, and what is seen of it."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup


class Outcome:
    """A group after a run: spikes, rows (tick, neuron), and variables by name (ticks, n)."""

    def __init__(self, net, group, variables):
        self.net, self.group = net, group
        self.spikes = net["spike", 0]
        self.rows = {name: net[name, 0] for name in variables}

    def __getitem__(self, name):
        return self.rows[name]

    def counts(self):
        """Spikes of each neuron."""
        return np.bincount(self.spikes[:, 1], minlength=self.group.size)


class Plays(Behaviour):
    """Fires neuron 0 in these iterations."""

    at: object

    def iteration(self, neurons):
        neurons.spike = neurons.vector(neurons.iteration in self.at)


class Adds(Behaviour):
    """Adds to ``current`` what is listed for an iteration: (ticks, n)."""

    table: object

    def iteration(self, neurons):
        neurons.current += self.table[neurons.iteration - 1]


@pytest.fixture
def simulate():
    """``simulate(model, ticks=..., dt=..., size=..., before={...}, pulses=[(into, weight, ticks)])``: an `Outcome`.

    Pulses arrive in the iterations that are listed.
    """

    def run(model, ticks, *, dt=0.1, size=1, before=None, pulses=(), variables=("voltage",), table=None, dtype=None):
        net = Network(dt=dt, seed=1, **({} if dtype is None else {"dtype": dtype}))
        behaviour = {5: model, 9: EventRecorder("spike"), 10: Recorder(*variables), **(before or {})}
        if table is not None:
            behaviour[1.5] = Adds(table=table)
        cells = NeuronGroup(net, size=size, tag="cells", behaviour=behaviour)
        for into, weight, at in pulses:
            source = NeuronGroup(net, size=1, behaviour={0: Plays(at={tick - 1 for tick in at})})
            SynapseGroup(net, source, cells, weight=weight, delay=dt, into=into)
        net.simulate(ticks)
        return Outcome(net, cells, variables)

    return run
