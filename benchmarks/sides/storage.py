"""The paper's basic network with three recorders, kept on disk or not."""

from __future__ import annotations

from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from time import perf_counter

from benchmarks.sides.native import basic, networks
from benchmarks.sides.serving import serve

folder: list[Path] = []
"""Where it is kept, if it is."""


def prepare(n: int, events: bool, is_kept: bool) -> None:
    """Make the network, and a folder for its runs."""
    basic(n, "float64", recorders=3, events=events)
    if is_kept:
        folder.append(Path(mkdtemp()))


def measure(steps: int) -> list[float]:
    """Seconds per step of a whole run, with all that is written while it runs and when it ends."""
    (timed,) = networks.values()
    timed.net.clear_recordings()
    for parent in folder:
        timed.net.keep(parent / "run")
    start = perf_counter()
    timed.net.simulate(steps, progress=False)
    seconds = perf_counter() - start
    for parent in folder:
        rmtree(parent / "run")
    return [seconds / steps]


if __name__ == "__main__":
    serve(prepare=prepare, round=measure)
