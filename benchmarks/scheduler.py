"""What the scheduler costs: behaviours that do next to nothing, beside a bare loop over the same methods."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from benchmarks.environments import pymonnto
from benchmarks.process import Side
from benchmarks.rounds import Effort, Round
from benchmarks.rows import Row

LIMIT = 0.1  # us that fusion may add to a behaviour


def measure(effort: Effort) -> Iterator[Row]:
    """For 1 to 1000 behaviours."""
    with Side("native") as ours, Side("pymonnto", python=pymonnto(effort.tell)) as theirs:
        for k in (1, 10, 100, 1000):
            steps = max(20, 40000 // k)
            here, over_there = ours.ask("scheduler", k=k), theirs.ask("scheduler", k=k)
            sides: dict[str, Round] = {
                "fusion": partial(ours.ask, "round", name=here, steps=steps),
                "bare": partial(ours.ask, "bare", name=here, steps=steps),
                "there": partial(theirs.ask, "round", name=over_there, steps=steps),
            }
            # One more behaviour, that reads the clock, is in all three.
            fusion, bare, there = (
                times.best * 1e6 / (k + 1) for times in effort.compare(f"scheduler, {k} behaviours", sides)
            )
            limit = LIMIT if k > 1 else None
            yield Row("a behaviour in its turn", k, fusion, "a bare loop", bare, limit, adds=True)
            yield Row("a behaviour in its turn", k, fusion, theirs.ask("version"), there)
