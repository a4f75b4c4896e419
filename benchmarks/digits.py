"""The digits network of the demonstration beside the one written by hand, in step, image by image."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from benchmarks.basic_network import row
from benchmarks.process import Side
from benchmarks.rounds import Effort
from benchmarks.rows import Row

NEURONS = 64 + 400 + 100 + 10


def measure(effort: Effort) -> Iterator[Row]:
    """Seconds of the loop alone, without imports and set-up, which take longer."""
    effort.tell("digits, set-up")
    with Side("digits", "fusion") as ours, Side("digits", "by_hand") as theirs:
        for side in (ours, theirs):
            side.ask("prepare")
        fusion, by_hand = effort.compare(
            "digits", {"fusion": partial(ours.ask, "round"), "by hand": partial(theirs.ask, "round")}, seconds=60.0
        )
    yield row("digits, all of the demo's network", NEURONS, fusion, "by hand", by_hand, 1.5)
