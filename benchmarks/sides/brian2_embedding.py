"""A Brian2 group: stepped naively (code block 9), by Brian2's own run(T), and by fusion; the command line says which.

roles : naive, naive_without_gc, native, fusion
models : "one" neuron that decays, as in the paper; "many", 1000 cells with synapses and noise
"""

from __future__ import annotations

import gc
import sys
from time import perf_counter
from typing import Any

import brian2
import numpy as np
from brian2 import ms, mV

from benchmarks.sides.serving import in_windows, serve, stretches

Model = tuple[brian2.NeuronGroup, list[Any]]


def one() -> Model:
    """The paper's: one neuron that decays, read in each step."""
    group = brian2.NeuronGroup(1, "dv/dt = (0*mV - v)/tau : volt\ntau : second", method="euler", name="one")
    group.v, group.tau = 1 * mV, 100 * ms
    return group, []


def many() -> Model:
    """1000 leaky integrate-and-fire cells, 10 synapses each with a delay of 2 ms, driven by noise; some 10 Hz."""
    group = brian2.NeuronGroup(
        1000,
        "dv/dt = (11*mV - v)/tau + 5*mV*sqrt(2/tau)*xi : volt\ntau : second",
        threshold="v > 20*mV",
        reset="v = 0*mV",
        method="euler",
        name="many",
    )
    group.v, group.tau = "20*mV*rand()", 20 * ms
    synapses = brian2.Synapses(group, group, on_pre="v_post += 0.2*mV", delay=2 * ms, name="synapses")
    synapses.connect(p=0.01)
    return group, [synapses]


class Naive:
    """Block 9: a run of one dt in each step, then the variable is copied out."""

    def __init__(self, group: brian2.NeuronGroup, others: list[Any], read: bool) -> None:
        self.group, self.net = group, brian2.Network(group, *others)

    def round(self, steps: int) -> list[float]:
        """Seconds per step, stretch by stretch."""
        stamps = [perf_counter()]
        for _ in range(steps):
            self.net.run(1 * ms)
            self.v = self.group.v / mV
            stamps.append(perf_counter())
        return stretches(stamps)


class Native:
    """Brian2's own run(T), without what it does before the first step and after the last one."""

    def __init__(self, group: brian2.NeuronGroup, others: list[Any], read: bool) -> None:
        self.stamps: list[float] = []
        stamp = brian2.NetworkOperation(lambda: self.stamps.append(perf_counter()), when="start", order=-1000)
        self.net = brian2.Network(group, *others, stamp)
        if read:
            self.net.add(brian2.StateMonitor(group, "v", record=True))

    def round(self, steps: int) -> list[float]:
        """Seconds per step, stretch by stretch."""
        self.stamps.clear()
        self.net.run((steps + 1) * ms)
        return stretches(self.stamps)


class Fusion:
    """The same group in a network of fusion."""

    def __init__(self, group: brian2.NeuronGroup, others: list[Any], read: bool) -> None:
        from fusion import Behaviour, Network, NeuronGroup, Recorder

        self.net = Network(dt=1.0, seed=1)
        recorder: dict[float, Behaviour] = {1: Recorder("v")} if read else {}
        # As Brian2 by itself has one.
        stamp = brian2.NetworkOperation(perf_counter, when="start", order=-1000)
        NeuronGroup(self.net, group, tag="cells", also=[*others, stamp], behaviour=recorder)

    def round(self, steps: int) -> list[float]:
        """Seconds per step, run by run."""
        self.net.clear_recordings()
        return in_windows(self.net, steps)


ROLES = {"naive": Naive, "naive_without_gc": Naive, "native": Native, "fusion": Fusion}
networks: dict[str, Any] = {}


def prepare(model: str, read: bool) -> str:
    """Make a network; its name is what `round` wants."""
    np.random.seed(1)  # noqa: NPY002 - Brian2's generator
    group, others = {"one": one, "many": many}[model]()
    name = f"{model} {read}"
    networks[name] = ROLES[role](group, others, read)
    return name


if __name__ == "__main__":
    role = sys.argv[1]
    brian2.prefs.codegen.target = "numpy"
    brian2.defaultclock.dt = 1 * ms
    if role == "naive_without_gc":
        gc.disable()
        # Brian2 collects by itself at the end of each run.
        gc.collect = lambda generation=2: 0
    serve(
        version=lambda: f"Brian2 {brian2.__version__}",
        prepare=prepare,
        round=lambda name, steps: networks[name].round(steps),
    )
