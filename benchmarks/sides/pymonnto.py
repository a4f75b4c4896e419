"""The paper's basic network (code blocks 1 to 3) in PymoNNto 3.0.6, its scheduler and its tags."""

from __future__ import annotations

import timeit
from importlib.metadata import version
from time import perf_counter
from typing import Any

import numpy as np
from PymoNNto import Behavior, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup

from benchmarks.sides.serving import seconds, serve, stretches


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


class Stamp(Behavior):
    """Notes the time; the first in each step."""

    def initialize(self, owner: Any) -> None:
        self.times: list[float] = []
        self.note = self.times.append

    def iteration(self, owner: Any) -> None:
        self.note(perf_counter())


class Count(Behavior):
    """Next to nothing, so that what remains is the scheduler."""

    def iteration(self, owner: Any) -> None:
        self.k = 1


class Basic:
    """One basic network; asked for a round it forgets what was recorded before."""

    def __init__(self, n: int, dtype: str, recorders: str) -> None:
        self.net = Network(settings={"dtype": np.dtype(dtype).type})
        behavior: dict[int, Behavior] = {1: LeakyNoise(), 2: Input()}
        if recorders:
            behavior |= {9: Recorder(variables=["voltage", "np.mean(voltage)"]), 10: EventRecorder(variables=["spike"])}
        cells = NeuronGroup(net=self.net, tag="cells", size=n, behavior=behavior)
        SynapseGroup(net=self.net, src=cells, dst=cells, tag="GLUTAMATE")
        self.net.initialize(info=False)
        self.cells, self.recorders = cells, [behavior[key] for key in (9, 10) if key in behavior]

    def round(self, steps: int) -> float:
        """Seconds per step."""
        for recorder in self.recorders:
            recorder.reset()
        return seconds(lambda: self.net.simulate_iterations(steps, measure_block_time=False)) / steps


networks: dict[str, Basic] = {}


def prepare(n: int, dtype: str, recorders: str, **_: str) -> str:
    name = f"{n} {dtype} {recorders}"
    networks[name] = Basic(n, dtype, recorders)
    return name


def scheduler(k: int, steps: int) -> float:
    """Seconds per iteration of `k` behaviours."""
    net = Network()
    NeuronGroup(net=net, tag="cells", size=1, behavior={key + 1: Count() for key in range(k)})
    net.initialize(info=False)
    return min(seconds(lambda: net.simulate_iterations(steps, measure_block_time=False)) / steps for _ in range(3))


def tags(groups: int) -> dict[str, float]:
    """Seconds per look-up among so many groups."""
    net = Network()
    for number in range(groups):
        NeuronGroup(net=net, tag=f"g{number}", size=1, behavior={})
    net.initialize(info=False)
    last = f"g{groups - 1}"
    return {
        "list": min(timeit.repeat(lambda: net[last], number=2000, repeat=5)) / 2000,
        "item": min(timeit.repeat(lambda: net[last, 0], number=200, repeat=5)) / 200,
    }


if __name__ == "__main__":
    serve(
        version=lambda: f"PymoNNto {version('pymonnto')}",
        prepare=prepare,
        round=lambda name, steps: networks[name].round(steps),
        rate=lambda name: float(np.mean(networks[name].cells.spike)),
        scheduler=scheduler,
        tags=tags,
    )
