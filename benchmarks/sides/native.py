"""The paper's basic network (code blocks 1 to 3) in fusion, its plasticity, its scheduler and its tags."""

from __future__ import annotations

import timeit
from collections.abc import Mapping
from time import perf_counter
from typing import Any

from scipy.sparse import csc_array

from benchmarks.sides.serving import STRETCHES, in_windows, seconds, serve, stretches
from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.adapter.registry import register
from fusion.behaviours import STDP, Delivery, OneStepSTDP
from fusion.testing.toy import ToyAdapter, ToyNeurons


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
    """The same matrix alone; `Delivery` brings the spikes."""

    def initialize(self, synapse: Any) -> None:
        synapse.W = synapse.matrix("uniform", density=0.1)


class Poisson(Behaviour):
    """Fires at random."""

    probability: float = 0.01

    def iteration(self, neurons: Any) -> None:
        neurons.spike = neurons.generator.random(neurons.size) < self.probability


class Sparse(Behaviour):
    """The synapses of `Weights` alone."""

    def initialize(self, synapse: Any) -> None:
        synapse.W = csc_array(synapse.matrix("uniform", density=0.1))


class Stamp(Behaviour):
    """Notes the time, first in each step."""

    def initialize(self, owner: Any) -> None:
        self.times: list[float] = []

    def iteration(self, owner: Any) -> None:
        self.times.append(perf_counter())


class Count(Behaviour):
    """Next to nothing, so that what remains is the scheduler."""

    def initialize(self, owner: Any) -> None:
        self.k = 0

    def iteration(self, owner: Any) -> None:
        self.k += 1


class Timed:
    """A network with a group, and perhaps one of a simulator; each round forgets what was recorded before."""

    def __init__(
        self, n: int, dtype: str, behaviour: Mapping[float, Behaviour], synapses: Mapping[float, Behaviour],
        foreign: ToyNeurons | None = None,
    ) -> None:  # fmt: skip
        self.net, self.stamp = Network(dt=1.0, seed=1, dtype=dtype), Stamp()
        self.cells = NeuronGroup(self.net, size=n, tag="cells", behaviour={0: self.stamp, **behaviour})
        SynapseGroup(self.net, self.cells, self.cells, tag="GLUTAMATE", behaviour=synapses)
        self._is_mixed = foreign is not None
        if foreign is not None:
            NeuronGroup(self.net, foreign, tag="foreign")
        self.net.build()

    def round(self, steps: int) -> list[float]:
        """Seconds per step, stretch by stretch."""
        self.net.clear_recordings()
        if self._is_mixed:
            return in_windows(self.net, steps + 1, runs=1)
        self.stamp.times.clear()
        self.net.simulate(steps + 1, progress=False)
        return stretches(self.stamp.times)


networks: dict[str, Timed] = {}
RULES = {rule.__name__: rule for rule in (OneStepSTDP, STDP)}


def basic(n: int, dtype: str, recorders: int, events: bool) -> str:
    """Make a basic network; its name is what `round` wants.

    recorders : none, the two of the paper, or three
    events : deliver event-driven
    """
    behaviour: dict[float, Behaviour] = {1: LeakyNoise(), 2: Input()}
    if events:
        behaviour[2] = Delivery(synapses="GLUTAMATE", into="voltage", scale=10.0, per_source=True)
    if recorders == 2:
        behaviour |= {9: Recorder("voltage", "np.mean(voltage)"), 10: EventRecorder("spike")}
    elif recorders == 3:
        behaviour |= {8: Recorder("voltage"), 9: Recorder("np.mean(voltage)"), 10: EventRecorder("spike")}
    name = f"{n} {dtype} {recorders} {events}"
    networks[name] = Timed(n, dtype, behaviour, {1: Weights()} if events else {})
    return name


def plastic(n: int, dtype: str, probability: float, rule: str, sparse: bool, compiler: str) -> str:
    """Make neurons that fire at random, connected with each other by synapses that learn."""
    name = f"{n} {dtype} {probability} {rule} {sparse} {compiler}"
    synapses = {1: Sparse() if sparse else Weights(), 2: RULES[rule](compile=compiler)}
    networks[name] = Timed(n, dtype, {1: Poisson(probability=probability)}, synapses)
    return name


def scheduler(k: int, windows: bool) -> str:
    """Make a network of `k` behaviours that do next to nothing; beside a simulator that lets them run in windows."""
    name = f"{k} {windows}"
    foreign = ToyNeurons(1, dt=1.0) if windows else None
    networks[name] = Timed(1, "float64", {key + 1: Count() for key in range(k)}, {}, foreign)
    return name


def counts(name: str) -> list[int]:
    """How often each behaviour has been called."""
    return [each.k for each in networks[name].cells.behaviours.values() if isinstance(each, Count)]


def bare(name: str, steps: int) -> list[float]:
    """A bare loop over the very behaviours of a network."""
    owner = networks[name].cells
    calls = [behaviour.iteration for behaviour in owner.behaviours.values()]
    length = max(1, steps // STRETCHES)

    def loop() -> None:
        for _ in range(length):
            for call in calls:
                call(owner)

    return [seconds(loop) / length for _ in range(STRETCHES)]


def tags(groups: int) -> list[float]:
    """Seconds per look-up among so many groups: of the list, and of one of it."""
    net = Network(dt=1.0, seed=1)
    for number in range(groups):
        NeuronGroup(net, size=1, tag=f"g{number}")
    last = f"g{groups - 1}"
    return [
        min(timeit.repeat(lambda: net[last], number=500, repeat=20)) / 500,
        min(timeit.repeat(lambda: net[last, 0], number=500, repeat=20)) / 500,
    ]


if __name__ == "__main__":
    register(ToyAdapter)
    serve(
        basic=basic,
        plastic=plastic,
        scheduler=scheduler,
        counts=counts,
        round=lambda name, steps: networks[name].round(steps),
        bare=bare,
        tags=tags,
    )
