"""What the live window costs: minimised, and with a tab open at a share of 10 %."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.process import Side
from benchmarks.rounds import Effort, Round
from benchmarks.rows import Row

STEPS = {100: 30_000, 1000: 10_000}  # a second or two
SHARE = 0.1
SEEN = {"minimised": 1.05, "traces": 1.0 / (1.0 - SHARE - 0.05), "raster": 1.0 / (1.0 - SHARE - 0.05)}
"""What is seen of the window, and the limit: 5 % for nothing, else 5 points more than the share."""


def measure(effort: Effort) -> Iterator[Row]:
    """The basic network, bare and in windows that take turns, each in a process of its own."""
    for n, steps in STEPS.items():
        sides = {seen: Side("window") for seen in ("nothing", *SEEN)}
        try:
            for seen, side in sides.items():
                side.ask("prepare", n=n, seen=seen, share=SHARE)
            rounds = {seen: _round(side, seen, steps) for seen, side in sides.items()}
            bare, *windows = effort.compare(f"window, {n} neurons", rounds, seconds=60.0)
        finally:
            for side in sides.values():
                side.close()
        for (seen, limit), times in zip(SEEN.items(), windows, strict=True):
            typical = (times.typical * 1e6, bare.typical * 1e6)
            yield Row(
                f"in a window, {seen}", n, times.best * 1e6, "simulate()", bare.best * 1e6, limit, typical=typical
            )


def _round(side: Side, seen: str, steps: int) -> Round:
    return lambda: side.ask("round", seen=seen, steps=steps)
