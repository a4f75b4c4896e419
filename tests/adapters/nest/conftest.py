"""A fresh NEST kernel around each test, and the few lines of a run that tests would repeat."""

import os

os.environ.setdefault("PYNEST_QUIET", "1")

import nest
import numpy as np
import pytest
from fusion_nest import Adapter

from fusion.adapter.base import GroupSpec
from fusion.core.batch import Samples, Spikes
from fusion.core.clock import Clock


@pytest.fixture(autouse=True)
def reset():
    """Begins and ends with a fresh kernel; call it for another one in between."""
    _reset()
    yield _reset
    _reset()


def _reset():
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR


@pytest.fixture
def public(monkeypatch):
    """Keeps NEST on its public interface."""
    monkeypatch.setenv("FUSION_TIER", "nest")


class Participant:
    """An open adapter that counts its ticks."""

    def __init__(self, dt=0.1, seed=1):
        self.adapter = Adapter()
        self.adapter.open(Clock(dt), seed)
        self.tick = 0

    def group(self, nodes, name="cells", *also):
        return self.adapter.create(nodes, GroupSpec(name, also=also))

    def advance(self, ticks=1):
        self.tick += ticks
        self.adapter.advance(self.tick)

    def run(self, *chunks):
        """Prepare, advance by so many ticks each, clean up."""
        self.adapter.prepare()
        for ticks in chunks:
            self.advance(ticks)
        self.adapter.cleanup()

    def trajectory(self, handle, name, ticks):
        """(ticks, n) values at the end of each tick."""
        rows = []
        for _ in range(ticks):
            self.advance()
            rows.append(self.adapter.read(handle, name))
        return np.array(rows)

    def spikes_in(self, handle, name="spikes"):
        return self.adapter.port(handle, name, "spikes in")

    def spikes_out(self, handle):
        return self.adapter.port(handle, "", "spikes out")

    def push(self, port, tick, arrivals):
        """arrivals : {neuron: value}, or pairs where a neuron gets two."""
        pairs = sorted(arrivals.items()) if isinstance(arrivals, dict) else arrivals
        indices, values = zip(*pairs, strict=True)
        row = Spikes(np.full(len(pairs), tick), np.array(indices), np.array(values, float), tick)
        self.adapter.push(port, row)

    def push_samples(self, port, t0, rows):
        self.adapter.push(port, Samples(t0, np.asarray(rows, float)))

    def pulled(self, port):
        """[(tick, neuron), ...]"""
        batch = self.adapter.pull(port)
        return list(zip(batch.ticks.tolist(), batch.indices.tolist(), strict=True))


@pytest.fixture
def participant():
    """A factory of open participants, closed at the end of the test."""
    made = []

    def make(**arguments):
        made.append(Participant(**arguments))
        return made[-1]

    yield make
    for one in made:
        one.adapter.close()
