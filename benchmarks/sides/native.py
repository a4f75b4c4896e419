"""The paper's basic network (code blocks 1 to 3) in fusion, its scheduler and its tags."""

from __future__ import annotations

import timeit
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.sides.serving import seconds, serve, stretches
from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.behaviours import Delivery


class LeakyNoise(Behaviour):
    """Leaky units kicked by noise."""

    leak: float = 0.9
    threshold: float = 0.5

    def initialize(self, neurons: Any) -> None:
        neurons.voltage = neurons.vector()

    def iteration(self, neurons: Any) -> None:
        neurons.spike = neurons.voltage > self.threshold
        neurons.voltage[neurons.spike] = 0.0
        neurons.voltage *= self.leak
        neurons.voltage += neurons.vector("uniform", density=0.01)


class Input(Behaviour):
    """The spikes of the same iteration, through a dense matrix."""

    def initialize(self, neurons: Any) -> None:
        for synapse in neurons.afferent["GLUTAMATE"]:
            synapse.W = synapse.matrix("uniform", density=0.1)

    def iteration(self, neurons: Any) -> None:
        for synapse in neurons.afferent["GLUTAMATE"]:
            neurons.voltage += synapse.W @ synapse.source.spike / synapse.source.size * 10


class Weights(Behaviour):
    """The weights alone; `Delivery` brings the spikes."""

    def initialize(self, synapse: Any) -> None:
        synapse.W = synapse.matrix("uniform", density=0.1)


class Stamp(Behaviour):
    """Notes the time; the first in each step."""

    def initialize(self, owner: Any) -> None:
        self.times: list[float] = []
        self.note = self.times.append

    def iteration(self, owner: Any) -> None:
        self.note(perf_counter())


class Count(Behaviour):
    """Next to nothing, so that what remains is the scheduler."""

    def iteration(self, owner: Any) -> None:
        self.k = 1


RECORDERS: dict[str, Callable[[], dict[int, Behaviour]]] = {
    "": dict,
    "blocks": lambda: {9: Recorder("voltage", "np.mean(voltage)"), 10: EventRecorder("spike")},
    "three": lambda: {9: Recorder("voltage"), 10: Recorder("np.mean(voltage)"), 11: EventRecorder("spike")},
}


class Basic:
    """One basic network; asked for a round it forgets what was recorded before."""

    def __init__(self, n: int, dtype: str, recorders: str, delivery: str) -> None:
        self.net = Network(dt=1.0, seed=1, dtype=dtype)
        arrivals: Behaviour = Input()
        if delivery == "events":
            arrivals = Delivery(synapses="GLUTAMATE", into="voltage", scale=10.0, per_source=True)
        behaviour = {1: LeakyNoise(), 2: arrivals, **RECORDERS[recorders]()}
        self.cells = NeuronGroup(self.net, size=n, tag="cells", behaviour=behaviour)
        weights = {1: Weights()} if delivery == "events" else {}
        SynapseGroup(self.net, self.cells, self.cells, tag="GLUTAMATE", behaviour=weights)
        self.net.build()

    def round(self, steps: int) -> float:
        """Seconds per step."""
        self.net.clear_recordings()
        return seconds(lambda: self.net.simulate(steps, progress=False)) / steps


networks: dict[str, Basic] = {}


def prepare(n: int, dtype: str, recorders: str, delivery: str) -> str:
    name = f"{n} {dtype} {recorders} {delivery}"
    networks[name] = Basic(n, dtype, recorders, delivery)
    return name


schedulers: dict[int, Network] = {}


def scheduler(k: int, steps: int) -> float:
    """Seconds per iteration of `k` behaviours."""
    if k not in schedulers:
        schedulers[k] = Network(dt=1.0, seed=1)
        NeuronGroup(schedulers[k], size=1, tag="cells", behaviour={key + 1: Count() for key in range(k)})
    return seconds(lambda: schedulers[k].simulate(steps, progress=False)) / steps


def bare(k: int, steps: int) -> float:
    """Seconds per iteration of a bare loop over the same bound methods."""
    owner = schedulers[k]["cells", 0]
    calls = [behaviour.iteration for behaviour in schedulers[k]["Count"]]

    def loop() -> None:
        for _ in range(steps):
            for call in calls:
                call(owner)

    return seconds(loop) / steps


def tags(groups: int) -> dict[str, float]:
    """Seconds per look-up among so many groups."""
    net = Network(dt=1.0, seed=1)
    for number in range(groups):
        NeuronGroup(net, size=1, tag=f"g{number}")
    last = f"g{groups - 1}"
    return {
        "list": min(timeit.repeat(lambda: net[last], number=2000, repeat=5)) / 2000,
        "item": min(timeit.repeat(lambda: net[last, 0], number=2000, repeat=5)) / 2000,
    }


if __name__ == "__main__":
    serve(
        prepare=prepare,
        round=lambda name, steps: networks[name].round(steps),
        rate=lambda name: float(np.mean(networks[name].cells.spike)),
        scheduler=scheduler,
        bare=bare,
        tags=tags,
    )
