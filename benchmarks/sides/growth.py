"""Networks of any size with 100 synapses per neuron, native or in part in NEST; the command line says which.

forms : native, mixed (four fifths in NEST), nest (those four fifths, by NEST itself). Nothing is recorded.
"""

from __future__ import annotations

import sys
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.sides.serving import memory, serve
from fusion import Behaviour, Network, NeuronGroup, SynapseGroup, fixed_probability

DT, DELAY, DEGREE = 0.1, 1.5, 100  # ms, ms, synapses per neuron
WEIGHT = "normal(0.0, 5.0)"  # pA; in the mean nothing, so that some 10 spikes per second stay that at any size


class Lif(Behaviour):
    """Leaky integrate-and-fire neurons with exponential currents, as NEST's ``iaf_psc_exp``."""

    reads = ()
    writes = ("spike",)

    def initialize(self, neurons: Any) -> None:
        self.drive = neurons.vector("uniform") * 15.0 + 185.0  # pA
        neurons.v, neurons.current, neurons.arrivals = neurons.vector(), neurons.vector(), neurons.vector()
        self.leak, self.decay = np.exp(-DT / 20.0), np.exp(-DT / 2.0)
        self.gain = 0.08 * (1.0 - self.leak)  # mV/pA

    def iteration(self, neurons: Any) -> None:
        neurons.v *= self.leak
        neurons.v += self.gain * (self.drive + neurons.current)
        neurons.current *= self.decay
        neurons.current += neurons.arrivals
        neurons.spike = neurons.v >= 15.0
        neurons.v[neurons.spike] = 0.0


def native(net: Network, n: int) -> None:
    """One population of behaviours; fusion delivers."""
    cells = NeuronGroup(net, size=n, tag="cells", behaviour={1: Lif()})
    _link(net, cells, cells, n, "arrivals")


def _nodes(n: int) -> Any:
    """Nodes with synapses of their own, in a new kernel."""
    import nest

    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.resolution = DT
    nodes = nest.Create("iaf_psc_exp", n, {"tau_m": 20.0, "t_ref": DT})
    nodes.I_e = np.random.default_rng(1).uniform(185.0, 200.0, n)
    rule = {"rule": "fixed_indegree", "indegree": DEGREE * 4 // 5}
    weight = nest.random.normal(0.0, 5.0)
    nest.Connect(nodes, nodes, rule, {"weight": weight, "delay": DELAY})
    return nodes


class Nest:
    """NEST by itself, in slices of one step as it works behind fusion, and in runs of one delay."""

    def __init__(self, n: int) -> None:
        import nest

        _nodes(n * 4 // 5)
        pair = nest.Create("parrot_neuron", 2)
        nest.Connect(pair[0], pair[1], syn_spec={"delay": DT})
        self._kernel = nest

    def simulate(self, iterations: int, progress: bool = False) -> None:
        """As `Network.simulate`."""
        self._kernel.Prepare()
        for _ in range(round(iterations * DT / DELAY)):
            self._kernel.Run(DELAY)
        self._kernel.Cleanup()

    def close(self) -> None:
        """There is nothing to give back."""


def mixed(net: Network, n: int) -> None:
    """Four fifths in NEST with their own synapses, which are two thirds of all; fusion delivers the others."""
    n_nest = n * 4 // 5
    nodes = _nodes(n_nest)
    e, i = NeuronGroup(net, nodes, tag="E"), NeuronGroup(net, size=n - n_nest, tag="I", behaviour={1: Lif()})
    for source, target, into in ((e, i, "arrivals"), (i, e, None), (i, i, "arrivals")):
        _link(net, source, target, n, into)


def _link(net: Network, source: Any, target: Any, n: int, into: str | None) -> None:
    SynapseGroup(net, source, target, connect=fixed_probability(DEGREE / n), weight=WEIGHT, delay=DELAY, into=into)


def prepare(n: int) -> float:
    """Make a network; bytes per synapse that the process grew by, its first steps included."""
    _make(DEGREE)  # what is imported, and made once, is no synapse
    before = memory()
    _make(n)
    return (memory() - before) / (n * DEGREE)


def _make(n: int) -> None:
    for former in running:
        former.close()
    if form == "nest":
        running[:] = [Nest(n)]
    else:
        net = Network(dt=DT, seed=1)
        {"native": native, "mixed": mixed}[form](net, n)
        running[:] = [net]
    running[0].simulate(100, progress=False)


def measure(steps: int) -> list[float]:
    """A round: seconds per step."""
    start = perf_counter()
    running[0].simulate(steps, progress=False)
    return [(perf_counter() - start) / steps]


def long(steps: int) -> list[int]:
    """Bytes of the process before and after so many steps."""
    measure(40_000)  # until buffers and caches have the size that they keep
    before = memory()
    measure(steps)
    return [before, memory()]


running: list[Network | Nest] = []

if __name__ == "__main__":
    form = sys.argv[1]
    serve(prepare=prepare, round=measure, long=long)
