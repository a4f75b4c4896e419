"""NEST nodes within a larger network: code block 10 as it stands, and as fusion does it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from typing import Any

from benchmarks.basic_network import row
from benchmarks.process import Side
from benchmarks.rounds import Effort, Round
from benchmarks.rows import Row

ROLES = ("fusion", "naive", "naive_and_silent", "native")
CASES: Mapping[str, tuple[int, Mapping[str, Any], int, int]] = {
    # neurons, what to prepare, steps of a round, and of a round of the naive way
    "NEST, block 10, V_m": (1, {"model": "one", "variable": True, "spikes": False}, 500, 500),
    "NEST, 1000 cells, spikes": (1000, {"model": "many", "variable": False, "spikes": True}, 400, 400),
    "NEST, 1000 cells, V_m": (1000, {"model": "many", "variable": True, "spikes": False}, 400, 20),
}


def measure(effort: Effort) -> Iterator[Row]:
    """Each in a process of its own; all record the same."""
    with ExitStack() as stack:
        sides = {role: stack.enter_context(Side("nest_embedding", role)) for role in ROLES}
        for title, (n, options, steps, naive_steps) in CASES.items():
            for side in sides.values():
                side.ask("prepare", **options)
            rounds: dict[str, Round] = {
                role: partial(side.ask, "round", steps=naive_steps if "naive" in role else steps)
                for role, side in sides.items()
            }
            fusion, naive, silent, native = effort.compare(title, rounds)
            yield row(title, n, fusion, "Simulate(dt) in a loop", naive, 1.0)
            yield row(title, n, fusion, "Simulate(dt), silenced", silent)
            yield row(title, n, fusion, "Run(T), recorder", native)
