"""The CUBA network in equations of fusion and in Brian2; the command line says which: "fusion" or "brian2"."""

from __future__ import annotations

import sys
from time import perf_counter
from typing import Any

import brian2
import numpy as np
from brian2 import ms, second, volt

from benchmarks.sides import cuba_network as cuba
from benchmarks.sides.halves import Stamps
from benchmarks.sides.serving import serve, stretches
from fusion import EventRecorder, Network, NeuronGroup, SynapseGroup
from fusion.behaviours import Equations

CONSTANTS = {name: value * second for name, value in cuba.CONSTANTS.items()}
CONSTANTS |= {name: value * volt for name, value in cuba.VOLTAGES.items()}


class Native:
    """Behaviours and links of fusion."""

    def __init__(self, compiler: str) -> None:
        numbers, self._clock = cuba.draw(), Stamps()
        self._net = Network(dt=cuba.DT, seed=1, behaviour={1: self._clock})
        equations = Equations(
            cuba.EQUATIONS, **cuba.EVENTS, **CONSTANTS, refractory=cuba.REFRACTORY, v=numbers.start, compile=compiler
        )
        cells = NeuronGroup(self._net, size=cuba.N, tag="cells", behaviour={1: equations, 9: EventRecorder("spike")})
        for part, into, is_excitatory in ((cells[: cuba.N_E], "ge", True), (cells[cuba.N_E :], "gi", False)):
            SynapseGroup(self._net, part, cells, weight=numbers.weights(is_excitatory), delay=cuba.DT, into=into)

    def round(self, steps: int) -> list[float]:
        """Seconds per step, stretch by stretch."""
        self._net.simulate(steps + 1, progress=False)
        times = stretches(self._clock.stamps)
        self._clock.stamps.clear()
        return times

    def spikes(self) -> list[list[int]]:
        """(step, neuron) of all so far."""
        return np.asarray(self._net["spike", 0]).tolist()


class Brian2:
    """Brian2 by itself."""

    def __init__(self, target: str) -> None:
        brian2.prefs.codegen.target = target
        brian2.defaultclock.dt = cuba.DT * ms
        numbers, self._stamps = cuba.draw(), list[float]()
        cells = brian2.NeuronGroup(
            cuba.N, cuba.EQUATIONS, refractory=cuba.REFRACTORY * ms, namespace=CONSTANTS, name="cells", **cuba.EVENTS
        )
        cells.v = numbers.start * volt
        parts: list[Any] = []
        for name, into, weight, first, last in (
            ("ce", "ge", cuba.W_E, 0, cuba.N_E),
            ("ci", "gi", cuba.W_I, cuba.N_E, cuba.N),
        ):
            synapses = brian2.Synapses(
                cells, cells, on_pre=f"{into}_post += {name}_weight", delay=cuba.DT * ms, name=name,
                namespace={f"{name}_weight": weight * volt},
            )  # fmt: skip
            chosen = (numbers.pre >= first) & (numbers.pre < last)
            synapses.connect(i=numbers.pre[chosen], j=numbers.post[chosen])
            parts.append(synapses)
        self._monitor = brian2.SpikeMonitor(cells, name="monitor")
        stamp = brian2.NetworkOperation(lambda: self._stamps.append(perf_counter()), when="start", order=-1000)
        self._net = brian2.Network(cells, *parts, self._monitor, stamp)

    def round(self, steps: int) -> list[float]:
        """Seconds per step, stretch by stretch."""
        self._net.run((steps + 1) * cuba.DT * ms)
        times = stretches(self._stamps)
        self._stamps.clear()
        return times

    def spikes(self) -> list[list[int]]:
        """(step, neuron) of all so far; the step that begins at t is the one that ends at t + dt."""
        ticks = np.round(np.asarray(self._monitor.t / ms) / cuba.DT).astype(int) + 1
        return np.column_stack([ticks, np.asarray(self._monitor.i)]).tolist()


def prepare(how: str) -> str:
    """Make the network, which `how` compiles; what ran."""
    running[:] = [FORMS[sys.argv[1]](how)]
    return how


def measure(steps: int) -> list[float]:
    """A round: seconds per step, stretch by stretch."""
    times: list[float] = running[0].round(steps)
    return times


def spikes() -> list[list[int]]:
    """All so far."""
    fired: list[list[int]] = running[0].spikes()
    return fired


FORMS: dict[str, Any] = {"fusion": Native, "brian2": Brian2}
running: list[Any] = []

if __name__ == "__main__":
    serve(prepare=prepare, round=measure, spikes=spikes)
