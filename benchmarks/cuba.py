"""The CUBA network of 4000 cells in equations of fusion, beside Brian2."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.basic_network import row
from benchmarks.process import NotMeasured, Side
from benchmarks.rounds import Effort
from benchmarks.rows import Row
from benchmarks.sides.cuba_network import DT, N

PAIRS = (("numpy", "numpy"), ("numba", "cython"))
STEPS = 1000
SAME = 200  # steps until sums of arrivals, which differ in their last bits, have made the trajectories others
RATE = 0.15  # share by which the rates may differ; ten networks have a standard deviation of 5 %


def measure(effort: Effort) -> Iterator[Row]:
    """NumPy beside NumPy, machine code beside machine code."""
    for ours, theirs in PAIRS:
        with Side("cuba", "fusion") as here, Side("cuba", "brian2") as there:
            here.ask("prepare", how=ours)
            there.ask("prepare", how=theirs)
            sides = {ours: here, theirs: there} if ours != theirs else {"fusion": here, "Brian2": there}
            native, brian2 = effort.compare(
                f"CUBA, {ours} beside {theirs}",
                {name: lambda side=side: side.ask("round", steps=STEPS) for name, side in sides.items()},
            )
            check(np.array(here.ask("spikes")), np.array(there.ask("spikes")))
            yield row(f"CUBA in equations, {ours}", N, native, f"Brian2, {theirs}", brian2, 1.0)


def check(ours: np.ndarray, theirs: np.ndarray) -> None:
    """`NotMeasured` unless both fire the same spikes at first, and with the same rate later."""
    first, second = (spikes[spikes[:, 0] <= SAME] for spikes in (ours, theirs))
    if sorted(map(tuple, first.tolist())) != sorted(map(tuple, second.tolist())):
        raise NotMeasured(f"CUBA: {len(first)} spikes in the first {SAME} steps are not the {len(second)} of Brian2")
    rates = [len(spikes) / N / (spikes[:, 0].max() * DT / 1000.0) for spikes in (ours, theirs)]
    if abs(rates[0] / rates[1] - 1.0) > RATE:
        raise NotMeasured(f"CUBA fires with {rates[0]:.2f} Hz, in Brian2 with {rates[1]:.2f} Hz")
