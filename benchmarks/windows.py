"""What the length of the windows costs, on the network of `split`."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.rounds import Effort
from benchmarks.rows import Row
from benchmarks.split import beside, compare, described

N, TARGET = 1000, "cython"
LENGTHS = (1, 2, 5, 10, None)  # ticks; None is the longest that is exact


def measure(effort: Effort) -> Iterator[Row]:
    """Beside windows of one tick; Brian2 with the quicker target, beside which the coupling shows most."""
    forms = {f"{length}": {"role": "split", "target": TARGET, "window": length} for length in LENGTHS}
    times, about = compare(effort, "windows of the split network", N, forms)
    one = times["1"]
    for name, taken in times.items():
        what = f"split, {described(about[name])}, Brian2 with {TARGET}"
        yield beside(what, N, taken, "windows of one tick", (one.best, one.typical), 1.0 if name == "None" else None)
