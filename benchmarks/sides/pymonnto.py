"""The paper's basic network (code blocks 1 to 3) in PymoNNto 3.0.6, its plasticity, its scheduler and its tags."""

from __future__ import annotations

import timeit
from importlib.metadata import version
from time import perf_counter
from typing import Any

import numpy as np
from PymoNNto import Behavior, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup

from benchmarks.sides.serving import serve, stretches


class LeakyNoise(Behavior):
    """Leaky units kicked by noise."""

    def initialize(self, neurons: Any) -> None:
        neurons.voltage = neurons.vector()
        self.threshold = 0.5
        self.leak = self.parameter("leak", 0.9, neurons)

    def iteration(self, neurons: Any) -> None:
        neurons.spike = neurons.voltage > self.threshold
        neurons.voltage[neurons.spike] = 0.0
        neurons.voltage *= self.leak
        neurons.voltage += neurons.vector("uniform", density=0.01)


class Input(Behavior):
    """The spikes of the same iteration, through a dense matrix."""

    def initialize(self, neurons: Any) -> None:
        for synapse in neurons.afferent_synapses["GLUTAMATE"]:
            synapse.W = synapse.matrix("uniform", density=0.1)
            synapse.enabled = synapse.W > 0

    def iteration(self, neurons: Any) -> None:
        for synapse in neurons.afferent_synapses["GLUTAMATE"]:
            neurons.voltage += synapse.W.dot(synapse.src.spike) / synapse.src.size * 10


class Poisson(Behavior):
    """Fires at random; numbers and no mask, which NumPy does not subtract."""

    def initialize(self, neurons: Any) -> None:
        self.probability = self.parameter("probability", 0.01, neurons)
        self.generator = np.random.default_rng(1)
        neurons.spike = neurons.vector()

    def iteration(self, neurons: Any) -> None:
        fires = self.generator.random(neurons.size) < self.probability
        neurons.spike = fires.astype(neurons.spike.dtype)


class OneStep(Behavior):
    """The rule of the paper's examples, for whole matrices as they write it."""

    def initialize(self, neurons: Any) -> None:
        self.rate = self.parameter("rate", 0.0015, neurons)
        neurons.spike_before = neurons.vector()
        for synapse in neurons.afferent_synapses["GLUTAMATE"]:
            synapse.W = synapse.matrix("uniform", density=0.1)
            synapse.enabled = synapse.W > 0

    def iteration(self, neurons: Any) -> None:
        for synapse in neurons.afferent_synapses["GLUTAMATE"]:
            pre, pre_before = synapse.src.spike[None, :], synapse.src.spike_before[None, :]
            post, post_before = synapse.dst.spike[:, None], synapse.dst.spike_before[:, None]
            change = self.rate * (post * pre_before - post_before * pre + post * pre)
            synapse.W = np.clip(synapse.W + change * synapse.enabled, 0.0, 10.0)
        neurons.spike_before = neurons.spike.copy()


class Stamp(Behavior):
    """Notes the time, first in each step."""

    def initialize(self, owner: Any) -> None:
        self.times: list[float] = []

    def iteration(self, owner: Any) -> None:
        self.times.append(perf_counter())


class Count(Behavior):
    """Next to nothing, so that what remains is the scheduler."""

    def initialize(self, owner: Any) -> None:
        self.k = 0

    def iteration(self, owner: Any) -> None:
        self.k += 1


class Timed:
    """A network with a group; each round forgets what was recorded before."""

    def __init__(self, n: int, dtype: str, behavior: dict[int, Behavior]) -> None:
        self.net = Network(settings={"dtype": np.dtype(dtype).type})
        self.stamp, self.recorders = Stamp(), [b for b in behavior.values() if isinstance(b, Recorder)]
        self.cells = NeuronGroup(net=self.net, tag="cells", size=n, behavior={0: self.stamp, **behavior})
        SynapseGroup(net=self.net, src=self.cells, dst=self.cells, tag="GLUTAMATE")
        self.net.initialize(info=False)

    def round(self, steps: int) -> list[float]:
        """Seconds per step, stretch by stretch."""
        for recorder in self.recorders:
            recorder.reset()
        self.stamp.times.clear()
        self.net.simulate_iterations(steps + 1, measure_block_time=False)
        return stretches(self.stamp.times)


networks: dict[str, Timed] = {}


def basic(n: int, dtype: str, recorders: bool) -> str:
    """Make a basic network; its name is what `round` wants."""
    behavior: dict[int, Behavior] = {1: LeakyNoise(), 2: Input()}
    if recorders:
        behavior |= {9: Recorder(variables=["voltage", "np.mean(voltage)"]), 10: EventRecorder(variables=["spike"])}
    name = f"{n} {dtype} {recorders}"
    networks[name] = Timed(n, dtype, behavior)
    return name


def plastic(n: int, dtype: str, probability: float) -> str:
    """Make neurons that fire at random, connected with each other by synapses that learn."""
    name = f"{n} {dtype} {probability}"
    networks[name] = Timed(n, dtype, {1: Poisson(probability=probability), 2: OneStep()})
    return name


def scheduler(k: int) -> str:
    """Make a network of `k` behaviours that do next to nothing."""
    networks[f"{k}"] = Timed(1, "float32", {key + 1: Count() for key in range(k)})
    return f"{k}"


def tags(groups: int) -> list[float]:
    """Seconds per look-up among so many groups: of the list, and of one of it."""
    net = Network()
    for number in range(groups):
        NeuronGroup(net=net, tag=f"g{number}", size=1, behavior={})
    net.initialize(info=False)
    last = f"g{groups - 1}"
    return [
        min(timeit.repeat(lambda: net[last], number=500, repeat=20)) / 500,
        min(timeit.repeat(lambda: net[last, 0], number=20, repeat=20)) / 20,
    ]


if __name__ == "__main__":
    serve(
        version=lambda: f"PymoNNto {version('pymonnto')}",
        basic=basic,
        plastic=plastic,
        scheduler=scheduler,
        round=lambda name, steps: networks[name].round(steps),
        tags=tags,
    )
