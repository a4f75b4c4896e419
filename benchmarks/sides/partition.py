"""A sheet whose cells have synapses from those at most 5 away; the command line says in which form.

forms : blocks (many dense matrices), sparse (one matrix)
"""

from __future__ import annotations

import sys
from time import perf_counter
from typing import Any

import numpy as np
from scipy.sparse import csc_array

from benchmarks.sides.serving import memory, serve
from fusion import Behaviour, Network, NeuronGroup, SynapseGroup
from fusion.behaviours import Delivery, OneStepSTDP, blocks, box, grid

RANGE = 5


class Noise(Behaviour):
    """One in a hundred fires at random; what arrives leaks away."""

    def initialize(self, neurons: Any) -> None:
        neurons.voltage = neurons.vector()

    def iteration(self, neurons: Any) -> None:
        neurons.spike = neurons.generator.random(neurons.size) < 0.01
        neurons.voltage *= 0.9


class ByHand(Behaviour):
    """What is fired in an iteration arrives in it."""

    def iteration(self, neurons: Any) -> None:
        for synapse in neurons.afferent["GLUTAMATE"]:
            synapse.target.voltage += synapse.W @ synapse.source.spike


def prepare(side: int, way: str) -> list[int]:
    """Make a network and let it take a step: (most bytes of this process, synapses)."""
    net = Network(dt=1.0, seed=1, dtype=np.float32)
    arrival = ByHand() if way == "by hand" else Delivery(synapses="GLUTAMATE")
    cells = grid(side, side).place(NeuronGroup(net, size=side**2, tag="cells", behaviour={1: Noise(), 2: arrival}))
    make = {"blocks": _blocks, "sparse": _sparse}[form]
    n = make(net, cells, way)
    net.simulate(1, progress=False)
    running[:] = [net]
    return [memory("VmHWM"), n]


def _blocks(net: Network, cells: Any, way: str) -> int:
    whole = SynapseGroup(net, cells, cells, tag="GLUTAMATE", connect=box(RANGE), partition=blocks())
    for block in whole.blocks:
        block.W = block.matrix("uniform") * block.connected
    if way == "OneStepSTDP":
        whole.add_behaviour(3, OneStepSTDP())
    return sum(int(np.count_nonzero(block.connected)) for block in whole.blocks)


def _sparse(net: Network, cells: Any, way: str) -> int:
    shape, generator = (cells.size, cells.size), np.random.default_rng(1)
    pairs = box(RANGE).between(cells, cells).pairs(generator, shape, True)
    weights = csc_array((generator.random(len(pairs[0]), dtype=np.float32), pairs), shape=shape)
    synapses = SynapseGroup(net, cells, cells, tag="GLUTAMATE")
    synapses.W = weights.tocsr() if way == "by hand" else weights
    if way == "OneStepSTDP":
        synapses.add_behaviour(3, OneStepSTDP())
    return int(weights.nnz)


def measure(steps: int) -> list[float]:
    """A round: seconds per step."""
    start = perf_counter()
    running[0].simulate(steps, progress=False)
    return [(perf_counter() - start) / steps]


running: list[Network] = []

if __name__ == "__main__":
    form = sys.argv[1]
    serve(prepare=prepare, round=measure)
