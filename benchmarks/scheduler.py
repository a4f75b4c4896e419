"""What the scheduler costs: behaviours that do next to nothing, beside a bare loop over the same methods."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from benchmarks.environments import pymonnto
from benchmarks.process import NotMeasured, Side
from benchmarks.rounds import Effort, Round
from benchmarks.rows import Row

LIMIT = 0.1  # us that fusion may add to a behaviour


def measure(effort: Effort) -> Iterator[Row]:
    """For 1 to 1000 behaviours, and for those in windows, replayed beside a simulator."""
    with Side("native") as ours, Side("pymonnto", python=pymonnto(effort.tell)) as theirs:
        for k in (1, 10, 100, 1000):
            steps = max(20, 40000 // k)
            here, over_there = ours.ask("scheduler", k=k, windows=False), theirs.ask("scheduler", k=k)
            _check(ours, here, steps)
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
        yield from _in_windows(effort, ours)


def _in_windows(effort: Effort, ours: Side) -> Iterator[Row]:
    empty = ours.ask("scheduler", k=0, windows=True)
    for k in (100, 1000):
        steps = max(400, 40000 // k)  # some windows
        full = ours.ask("scheduler", k=k, windows=True)
        _check(ours, full, steps)
        sides: dict[str, Round] = {
            "full": partial(ours.ask, "round", name=full, steps=steps),
            "empty": partial(ours.ask, "round", name=empty, steps=steps),
            "bare": partial(ours.ask, "bare", name=full, steps=steps),
        }
        taken = effort.compare(f"scheduler, {k} behaviours in windows", sides)
        with_them, without, bare = (times.best * 1e6 for times in taken)
        yield Row("a behaviour in windows", k, (with_them - without) / k, "a bare loop", bare / (k + 1), LIMIT, True)


def _check(side: Side, name: str, steps: int) -> None:
    """That a round calls every behaviour in each of its steps."""
    before = side.ask("counts", name=name)
    taken = side.ask("round", name=name, steps=steps)
    called = {after - count for after, count in zip(side.ask("counts", name=name), before, strict=True)}
    if called != {steps + 1} or not taken:
        raise NotMeasured(f"{steps + 1} steps called behaviours {sorted(called)} times")
