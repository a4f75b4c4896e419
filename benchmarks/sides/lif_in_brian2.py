"""The network of `lif_network` in Brian2: the whole of it, or a part that is told what the others fire."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import brian2
import numpy as np
from brian2 import ms, mV, pA, pF

from benchmarks.sides import lif_network as net
from benchmarks.sides.lif_network import Edges, Numbers, Spikes
from benchmarks.sides.serving import stretches

EQUATIONS = """
dv/dt = (rest - v)/tau_m + (drive + ie + ii)/c_m : volt (unless refractory)
die/dt = -ie/tau_ex : amp
dii/dt = -ii/tau_in : amp
drive : amp
"""
NAMES = {
    "tau_m": net.TAU_M * ms, "tau_ex": net.TAU_EX * ms, "tau_in": net.TAU_IN * ms, "c_m": net.C_M * pF,
    "rest": net.REST * mV, "theta": net.THRESHOLD * mV, "reset": net.RESET * mV,
}  # fmt: skip


def unconnected(numbers: Numbers, part: slice, target: str) -> Any:
    """Neurons without synapses; `target` of Brian2's code for everything from now on."""
    brian2.prefs.codegen.target = target
    brian2.defaultclock.dt = net.DT * ms
    group = brian2.NeuronGroup(
        part.stop - part.start, EQUATIONS, threshold="v >= theta", reset="v = reset", method="exact",
        refractory=f"int((t - lastspike)/dt + 0.5) <= {net.HELD}", namespace=NAMES,
    )  # fmt: skip
    group.v, group.drive = numbers.start[part] * mV, numbers.drive[part] * pA
    return group


class Cells:
    """Neurons, connected among themselves, and an operation that notes the time in each step."""

    def __init__(self, numbers: Numbers, part: slice, target: str) -> None:
        self.group = unconnected(numbers, part, target)
        self.stamps: list[float] = []
        stamp = brian2.NetworkOperation(lambda: self.stamps.append(perf_counter()), when="start", order=-1000)
        self.others: list[Any] = [*synapses(self.group, self.group, numbers.edges(part, part)), stamp]

    def stretches(self) -> list[float]:
        """Seconds per step of what ran, forgotten then."""
        times = stretches(self.stamps)
        self.stamps.clear()
        return times


class Native:
    """A part that Brian2 runs by itself; what the `others` fire is preloaded into its generator."""

    def __init__(self, numbers: Numbers, part: slice, others: slice | None, known: Spikes | None, target: str) -> None:
        self._cells = Cells(numbers, part, target)
        group = self._cells.group
        self._monitor = brian2.SpikeMonitor(group)
        self._net = brian2.Network(group, *self._cells.others, self._monitor)
        if others is not None and known is not None:
            # The step that begins at t is the tick that ends at t + dt.
            ticks, fired = known.of(others).rows.T
            source = brian2.SpikeGeneratorGroup(others.stop - others.start, fired, (ticks - 1) * net.DT * ms)
            self._net.add(source, synapses(source, group, numbers.edges(others, part)))

    def round(self, steps: int) -> list[float]:
        """Seconds per step, stretch by stretch."""
        self._net.run((steps + 1) * net.DT * ms)
        return self._cells.stretches()

    def spikes(self) -> Spikes:
        """All so far."""
        ticks = np.round(np.asarray(self._monitor.t / ms) / net.DT).astype(np.int64) + 1
        return Spikes(np.column_stack([ticks, np.asarray(self._monitor.i)]))


def synapses(source: Any, target: Any, edges: Edges) -> list[Any]:
    """Excitatory and inhibitory synapses, as two `Synapses`."""
    pre, post, weight = edges
    made = []
    for current, chosen in (("ie", weight > 0), ("ii", weight < 0)):
        if chosen.any():
            one = brian2.Synapses(
                source, target, "w : amp", on_pre=f"{current}_post += w", delay=net.DELAY * net.DT * ms
            )
            one.connect(i=pre[chosen], j=post[chosen])
            one.w = weight[chosen] * pA
            made.append(one)
    return made
