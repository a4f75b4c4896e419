"""Plasticity of 1000 neurons that are all connected, beside the paper's rule in PymoNNto."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.basic_network import row
from benchmarks.environments import pymonnto
from benchmarks.process import Side
from benchmarks.rounds import Effort, Round
from benchmarks.rows import Row

N = 1000
RATES = {10: 0.02, 50: None}  # Hz, and the limit
STEPS, STEPS_THERE = 200, 20


def measure(effort: Effort) -> Iterator[Row]:
    """The same rule, whole matrices there and the synapses of those who fire here."""
    with Side("pymonnto", python=pymonnto(effort.tell)) as theirs, Side("native") as ours:
        version = theirs.ask("version")
        for rate, limit in RATES.items():
            parameters = {"n": N, "dtype": "float32", "probability": rate / 1000.0}

            def fusion(rule: str, sparse: bool, parameters: dict[str, object] = parameters) -> Round:
                name = ours.ask("plastic", rule=rule, sparse=sparse, **parameters)
                return lambda: ours.ask("round", name=name, steps=STEPS)

            name = theirs.ask("plastic", **parameters)
            dense, sparse, traces, there = effort.compare(
                f"plasticity, {rate} Hz",
                {
                    "dense": fusion("OneStepSTDP", False),
                    "sparse": fusion("OneStepSTDP", True),
                    "traces": fusion("STDP", False),
                    "there": lambda name=name: theirs.ask("round", name=name, steps=STEPS_THERE),
                },
                at_least=8,
            )
            yield row(f"OneStepSTDP, {rate} Hz, dense, float32", N, dense, f"{version}, dense", there, limit)
            yield row(f"OneStepSTDP, {rate} Hz, 10 % sparse", N, sparse, f"{version}, dense", there)
            yield row(f"STDP, {rate} Hz, dense, float32", N, traces, f"{version}, the rule above", there)
