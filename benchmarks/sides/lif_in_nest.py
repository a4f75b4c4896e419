"""The network of `lif_network` in NEST: the whole of it, or a part that is told what the others fire."""

from __future__ import annotations

from typing import Any

import nest
import numpy as np

from benchmarks.sides import lif_network as net
from benchmarks.sides.lif_network import Edges, Numbers, Spikes
from benchmarks.sides.serving import STRETCHES, seconds

MODEL = {
    "tau_m": net.TAU_M, "tau_syn_ex": net.TAU_EX, "tau_syn_in": net.TAU_IN, "C_m": net.C_M, "E_L": net.REST,
    "V_th": net.THRESHOLD, "V_reset": net.RESET, "t_ref": net.HELD * net.DT,
}  # fmt: skip


def cells(numbers: Numbers, part: slice) -> Any:
    """Nodes, connected among themselves, in a new kernel."""
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.resolution = net.DT
    return connected(numbers, part)


def connected(numbers: Numbers, part: slice) -> Any:
    """The same in the kernel as it is."""
    made = nest.Create("iaf_psc_exp", part.stop - part.start, MODEL)
    made.I_e, made.V_m = numbers.drive[part], numbers.start[part]
    _connect(made, made, numbers.edges(part, part))
    return made


class Native:
    """A part that NEST runs by itself; what the `others` fire is preloaded into its generators."""

    def __init__(self, numbers: Numbers, part: slice, others: slice | None, known: Spikes | None) -> None:
        self._cells = cells(numbers, part)
        if others is not None and known is not None:
            fired = known.of(others).rows
            times = [fired[fired[:, 1] == k, 0] * net.DT for k in range(others.stop - others.start)]
            generators = nest.Create("spike_generator", len(times))
            generators.set([{"spike_times": each} for each in times])
            _connect(generators, self._cells, numbers.edges(others, part))
        self._recorder = nest.Create("spike_recorder")
        nest.Connect(self._cells, self._recorder)

    def round(self, steps: int) -> list[float]:
        """Seconds per step, stretch by stretch."""
        length = steps // STRETCHES
        nest.Prepare()
        times = [seconds(lambda: nest.Run(length * net.DT)) / length for _ in range(STRETCHES)]
        nest.Run((steps + 1 - length * STRETCHES) * net.DT)
        nest.Cleanup()
        return times

    def spikes(self) -> Spikes:
        """All so far."""
        events = self._recorder.events
        ticks = np.round(events["times"] / net.DT).astype(np.int64)
        return Spikes(np.column_stack([ticks, events["senders"] - self._cells[0].global_id]))


def _connect(source: Any, target: Any, edges: Edges) -> None:
    pre, post, weight = edges
    synapses = {"weight": weight, "delay": np.full(len(pre), net.DELAY * net.DT)}
    nest.Connect(np.array(source.tolist())[pre], np.array(target.tolist())[post], "one_to_one", synapses)
