"""Plasticity of 1000 neurons that are all connected, in NumPy and by numba, beside the paper's rule in PymoNNto."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.basic_network import row
from benchmarks.environments import pymonnto
from benchmarks.process import Side
from benchmarks.rounds import Effort, Round
from benchmarks.rows import Row

N = 1000
RATES = (10, 50)  # Hz
LIMIT = 0.02
LIMITED = {(10, "numpy", "OneStepSTDP", False)}  # with numba all are
STEPS, STEPS_THERE = 200, 20


def measure(effort: Effort) -> Iterator[Row]:
    """Whole matrices there, and the synapses of those who fire here."""
    with Side("pymonnto", python=pymonnto(effort.tell)) as theirs, Side("native") as ours:
        for rate in RATES:
            for compiler in ("numpy", "numba"):
                yield from _beside(effort, theirs, ours, rate, compiler)


def _beside(effort: Effort, theirs: Side, ours: Side, rate: int, compiler: str) -> Iterator[Row]:
    """Both rules on dense and sparse matrices, beside the one rule there."""
    parameters = {"n": N, "dtype": "float32", "probability": rate / 1000.0}

    def fusion(rule: str, sparse: bool) -> Round:
        name = ours.ask("plastic", rule=rule, sparse=sparse, compiler=compiler, **parameters)
        return lambda: ours.ask("round", name=name, steps=STEPS)

    there = theirs.ask("plastic", **parameters)
    kinds = [(rule, sparse) for rule in ("OneStepSTDP", "STDP") for sparse in (False, True)]
    *times, beside = effort.compare(
        f"plasticity, {rate} Hz, {compiler}",
        {
            **{f"{rule}, {sparse}": fusion(rule, sparse) for rule, sparse in kinds},
            "there": lambda: theirs.ask("round", name=there, steps=STEPS_THERE),
        },
        at_least=8,
    )
    version = theirs.ask("version")
    for (rule, sparse), taken in zip(kinds, times, strict=True):
        matrix = "10 % sparse" if sparse else "dense"
        limit = LIMIT if compiler == "numba" or (rate, compiler, rule, sparse) in LIMITED else None
        other = f"{version}, dense" if rule == "OneStepSTDP" else f"{version}, OneStepSTDP"
        yield row(f"{rule}, {rate} Hz, {matrix}, float32, {compiler}", N, taken, other, beside, limit)
