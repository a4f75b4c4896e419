"""The network of `lif_network` in NEST: whole in one process, or in two halves on two hosts.

roles : nest_whole (NEST by itself), whole (one group of fusion, in process), split (two groups in child processes)
"""

from __future__ import annotations

from time import perf_counter

import numpy as np

from benchmarks.sides import lif_in_nest, lif_network, split
from benchmarks.sides.half import numbers_of, part
from benchmarks.sides.lif_network import Spikes
from benchmarks.sides.serving import serve, stretches
from fusion import Behaviour, EventRecorder, Network, NeuronGroup, SynapseGroup, built
from fusion.host import InProcess, Process


class Stamps(Behaviour):
    """Notes when each iteration is done, or each window; it does not make a network step that would not."""

    reads = ()
    writes = ()

    def initialize(self, network: Network) -> None:
        self.stamps: list[float] = []

    def iteration(self, network: Network) -> None:
        self.stamps.append(perf_counter())

    def steps_at_once(self) -> bool:
        return True

    def iterate_window(self, network: Network, first: int, last: int) -> None:
        self.stamps += [perf_counter()] * (last - first + 1)


class Coupled:
    """Parts of the network, each on a host of its own, and fusion between them."""

    def __init__(self, n: int, n_parts: int) -> None:
        numbers, size = numbers_of(n), n // n_parts
        self._clock = Stamps()
        self.net = Network(dt=lif_network.DT, seed=1, behaviour={1: self._clock})
        self._parts = [slice(first, first + size) for first in range(0, n, size)]
        self._groups = [
            NeuronGroup(
                self.net, built(part, adapter="nest", n=n, first=one.start, last=one.stop), tag=f"part {k}",
                behaviour={1: EventRecorder("spike")}, host=InProcess() if n_parts == 1 else Process(),
            )
            for k, one in enumerate(self._parts)
        ]  # fmt: skip
        for source, here in zip(self._groups, self._parts, strict=True):
            for target, there in zip(self._groups, self._parts, strict=True):
                if source is not target:
                    weights = numbers.weights[there, here]
                    delay = lif_network.DELAY * lif_network.DT
                    SynapseGroup(self.net, source, target, weight=weights, delay=delay)

    def round(self, steps: int) -> list[float]:
        """Seconds per step, stretch by stretch."""
        self.net.simulate(steps + 1, progress=False)
        times = stretches(self._clock.stamps)
        self._clock.stamps.clear()
        return times

    def spikes(self) -> Spikes:
        """All so far."""
        fired = [group["spike", 0] + [0, one.start] for group, one in zip(self._groups, self._parts, strict=True)]
        return Spikes(np.vstack(fired))

    def about(self) -> dict[str, str]:
        """The window and the tiers."""
        participants = self.net.coupling.participants
        window = max(one.window_ms for one in participants)
        return {"window": f"{window:g} ms", **{one.participant: one.tier for one in participants}}


def prepare(n: int, role: str, known: str = "") -> None:
    """Make what `round` runs; `known` is a file with the spikes of the whole network."""
    if role == "nest_whole":
        numbers = numbers_of(n)
        split.running[:] = [lif_in_nest.Native(numbers, numbers.whole, None, None)]
    else:
        split.running[:] = [Coupled(n, 1 if role == "whole" else 2)]
    split.expected[:] = [Spikes.load(known)] if known else []
    split.done[0] = 0


if __name__ == "__main__":
    serve(prepare=prepare, round=split.measure, save=split.save, difference=split.difference, about=split.about)
