"""NEST nodes: stepped naively (code block 10), by NEST's own Run(T), and by fusion; the command line says which.

roles : naive (which prints in each step, as NEST does unless told otherwise), naive_and_silent, native, fusion
models : "one" neuron, as in the paper; "many", 1000 cells with synapses and noise
"""

from __future__ import annotations

import sys
from time import perf_counter
from typing import Any

import nest
import numpy as np

from benchmarks.sides.serving import in_windows, seconds, serve, stretches


def one() -> Any:
    """The paper's: one neuron that charges and fires, read in each step."""
    parameters = {"E_L": 1.0, "t_ref": 1.0, "V_th": 0.9, "V_reset": 0.0, "V_m": 0.0, "tau_m": 100.0}
    return nest.Create("iaf_psc_delta", 1, parameters)


def many() -> Any:
    """1000 cells, 10 synapses each with a delay of 2 ms, driven by noise; some 10 Hz."""
    cells = nest.Create("iaf_psc_exp", 1000, {"I_e": 300.0})
    noise = nest.Create("poisson_generator", params={"rate": 8000.0})
    nest.Connect(noise, cells, syn_spec={"weight": 20.0, "delay": 1.0})
    nest.Connect(cells, cells, {"rule": "fixed_indegree", "indegree": 10}, {"weight": 20.0, "delay": 2.0})
    return cells


class Naive:
    """Block 10: a run of one dt in each step, then the variables are copied out."""

    def __init__(self, cells: Any, variable: bool, spikes: bool) -> None:
        self.cells, self.variable, self.recorder = cells, variable, _recorder(cells) if spikes else None

    def round(self, steps: int) -> list[float]:
        """Seconds per step, stretch by stretch."""
        dt, rows = nest.resolution, []
        stamps = [perf_counter()]
        for _ in range(steps):
            nest.Simulate(dt)
            if self.variable:
                rows.append(np.array(nest.GetStatus(self.cells, "V_m")))
            if self.recorder is not None:
                rows.append(nest.GetStatus(self.recorder, "events")[0]["senders"])
                nest.SetStatus(self.recorder, {"n_events": 0})
            stamps.append(perf_counter())
        return stretches(stamps)


class Native:
    """NEST's own Run(T), with its recorders."""

    def __init__(self, cells: Any, variable: bool, spikes: bool) -> None:
        self.recorders = [_recorder(cells)] if spikes else []
        if variable:
            meter = nest.Create("multimeter", params={"record_from": ["V_m"], "interval": nest.resolution})
            nest.Connect(meter, cells)
            self.recorders.append(meter)

    def round(self, steps: int) -> list[float]:
        """Seconds per step."""
        for recorder in self.recorders:
            recorder.n_events = 0
        duration = steps * nest.resolution
        with nest.RunManager():
            return [seconds(lambda: nest.Run(duration)) / steps for _ in range(RUNS)]


class Fusion:
    """The same nodes in a network of fusion."""

    def __init__(self, cells: Any, variable: bool, spikes: bool) -> None:
        from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder

        self.net = Network(dt=nest.resolution, seed=1)
        recorders: dict[float, Behaviour] = {}
        if variable:
            recorders[1] = Recorder("V_m")
        if spikes:
            recorders[2] = EventRecorder("spike")
        NeuronGroup(self.net, cells, tag="cells", behaviour=recorders)

    def round(self, steps: int) -> list[float]:
        """Seconds per step, run by run."""
        self.net.clear_recordings()
        return in_windows(self.net, steps, RUNS)


def _recorder(cells: Any) -> Any:
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    return recorder


RUNS = 3  # of a round
ROLES = {"naive": Naive, "naive_and_silent": Naive, "native": Native, "fusion": Fusion}
RESOLUTION = {"one": 1.0, "many": 0.1}  # ms
networks: list[Any] = []


def prepare(model: str, variable: bool, spikes: bool) -> None:
    """Make the network that `round` runs; a process has one."""
    nest.ResetKernel()
    nest.set(resolution=RESOLUTION[model], rng_seed=1)
    networks[:] = [ROLES[role]({"one": one, "many": many}[model](), variable, spikes)]


def measure(steps: int) -> list[float]:
    """A round of the network that is there."""
    times: list[float] = networks[0].round(steps)
    return times


if __name__ == "__main__":
    role = sys.argv[1]
    if role != "naive":
        nest.verbosity = nest.VerbosityLevel.ERROR
    serve(
        version=lambda: f"NEST {nest.__version__}",
        prepare=prepare,
        round=measure,
    )
