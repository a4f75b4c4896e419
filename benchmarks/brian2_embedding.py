"""A Brian2 group within a larger network: code block 9 as it stands, and as fusion does it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

from benchmarks.basic_network import row
from benchmarks.process import Side
from benchmarks.rounds import Effort, Round, Times
from benchmarks.rows import Row

MODELS = {"one": ("Brian2, block 9", 1, 1000), "many": ("Brian2, noise and synapses", 1000, 400)}


def measure(effort: Effort) -> Iterator[Row]:
    """All with NumPy code, each in a process of its own."""
    with ExitStack() as stack:
        roles = ("naive", "naive_without_gc", "native", "fusion")
        sides = {role: stack.enter_context(Side("brian2_embedding", role)) for role in roles}
        for model, (title, n, steps) in MODELS.items():
            times = {
                read: effort.compare(
                    f"{title}{', read in each step' if read else ''}",
                    {role: _round(sides[role], model, read, steps) for role in ("fusion", "native")},
                )
                for read in (False, True)
            }
            naive = effort.compare(
                f"{title}, naive",
                {role: _round(sides[role], model, True, 5) for role in ("naive", "naive_without_gc")},
                at_least=4,
                seconds=10.0,
            )
            yield from _rows(title, n, times, naive)


def _rows(title: str, n: int, times: dict[bool, list[Times]], naive: list[Times]) -> Iterator[Row]:
    yield row(title, n, times[False][0], "run(T)", times[False][1], 1.5)
    yield row(f"{title}, recorded", n, times[True][0], "run(T), StateMonitor", times[True][1], 1.5)
    yield row(f"{title}, recorded", n, times[True][0], "run(dt) in a loop, no gc", naive[1], 0.01 if n == 1 else None)
    yield row(f"{title}, recorded", n, times[True][0], "run(dt) in a loop", naive[0])


def _round(side: Side, model: str, read: bool, steps: int) -> Round:
    name = side.ask("prepare", model=model, read=read)
    return lambda: side.ask("round", name=name, steps=steps)
