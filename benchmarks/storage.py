"""What it costs to keep a run on disk, beside the same run that is not kept."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.basic_network import EVENTS, PLAIN, row
from benchmarks.process import Side
from benchmarks.rounds import Effort, Round
from benchmarks.rows import Row

CASES = ((100, True, 40_000), (1000, True, 20_000), (1000, False, 5_000))
"""Neurons, whether spikes are delivered event-driven, and steps: a second or more."""
MOST = 1.05


def measure(effort: Effort) -> Iterator[Row]:
    """The basic network with three recorders, each side in a process of its own."""
    for n, events, steps in CASES:
        form = EVENTS if events else PLAIN
        with Side("storage") as kept, Side("storage") as plain:
            kept.ask("prepare", n=n, events=events, is_kept=True)
            plain.ask("prepare", n=n, events=events, is_kept=False)
            rounds = {"kept": _round(kept, steps), "plain": _round(plain, steps)}
            ours, theirs = effort.compare(f"{form}, kept on disk, {n} neurons", rounds, seconds=60.0)
        yield row(f"{form}, three recorders, kept on disk", n, ours, "not kept", theirs, MOST)


def _round(side: Side, steps: int) -> Round:
    return lambda: side.ask("round", steps=steps)
