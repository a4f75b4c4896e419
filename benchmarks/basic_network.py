"""The paper's basic network: code blocks 1 to 3, beside PymoNNto."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.environments import pymonnto
from benchmarks.process import Side
from benchmarks.rounds import Effort, Round, Times
from benchmarks.rows import Row

STEPS = {100: 1000, 1000: 400, 5000: 40}
PLAIN, EVENTS = "basic network, W @ spike", "basic network, event-driven"


def measure(effort: Effort) -> Iterator[Row]:
    """Without and with recorders, for every number of neurons."""
    with Side("pymonnto", python=pymonnto(effort.tell)) as theirs:
        version = theirs.ask("version")
        for n in STEPS:
            # Matrices of 5000 x 5000 are many; they go with their process.
            with Side("native") as ours:
                yield from _measure(effort, n, ours, theirs, version)


def _measure(effort: Effort, n: int, ours: Side, theirs: Side, version: str) -> Iterator[Row]:
    def fusion(dtype: str, recorders: int = 0, events: bool = False) -> Round:
        name = ours.ask("basic", n=n, dtype=dtype, recorders=recorders, events=events)
        return lambda: ours.ask("round", name=name, steps=STEPS[n])

    def pymonnto(dtype: str, recorders: bool = False) -> Round:
        name = theirs.ask("basic", n=n, dtype=dtype, recorders=recorders)
        return lambda: theirs.ask("round", name=name, steps=STEPS[n])

    title = f"basic network, {n} neurons"
    at_least = 4 if n > 1000 else 8
    single, double, events, single_there, double_there = effort.compare(
        title,
        {
            "single": fusion("float32"),
            "double": fusion("float64"),
            "events": fusion("float64", events=True),
            "single there": pymonnto("float32"),
            "double there": pymonnto("float64"),
        },
        at_least,
    )
    yield row(f"{PLAIN}, float32", n, single, f"{version}, float32", single_there, 1.0)
    yield row(f"{PLAIN}, float64", n, double, f"{version}, float64", double_there, 1.0)
    yield row(f"{EVENTS}, as it comes", n, events, f"{version}, as it comes", single_there, {5000: 0.2}.get(n, 1.0))

    plain, driven, three, without, there = effort.compare(
        f"{title}, recorders",
        {
            "plain": fusion("float32", recorders=2),
            "driven": fusion("float64", recorders=2, events=True),
            "three": fusion("float64", recorders=3, events=True),
            "without": fusion("float64", events=True),
            "there": pymonnto("float32", recorders=True),
        },
        at_least,
    )
    yield row(f"{PLAIN}, float32, recorders", n, plain, f"{version}, the same", there)
    yield row(f"{EVENTS}, recorders", n, driven, f"{version}, recorders", there)
    limit = 20.0 if n == 1000 else None
    yield row("three recorders added", n, three, "event-driven, without", without, limit, adds=True)


def row(
    what: str, n: int | None, ours: Times, beside: str, theirs: Times, limit: float | None = None, adds: bool = False
) -> Row:
    """A row of two sides."""
    typical = (ours.typical * 1e6, theirs.typical * 1e6)
    return Row(what, n, ours.best * 1e6, beside, theirs.best * 1e6, limit, adds, typical)
