"""`serve`: a process that measures answers questions, one line of JSON each."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol

STRETCHES = 20


def serve(**answers: Callable[..., Any]) -> None:
    """Answer ``{"what": name, **arguments}`` from standard input with ``answers[name](**arguments)`` until it ends."""
    # Whatever simulators print, from C++ too, goes where it does not disturb the answers.
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        question = json.loads(line)
        answer = answers[question.pop("what")](**question)
        print(json.dumps(answer), file=out, flush=True)


class Runs(Protocol):
    """A network of fusion."""

    def simulate(self, iterations: int, *, progress: bool | None) -> object: ...
    def session(self) -> AbstractContextManager[None]: ...


def in_windows(net: Runs, steps: int, runs: int = 5) -> list[float]:
    """What runs of a network take, s per step, one after the other in one session.

    A network that goes by windows is not to be measured from within: behaviours are called for all steps of a window at
    once, after simulators have taken them.
    """
    with net.session():
        return [seconds(lambda: net.simulate(steps, progress=False)) / steps for _ in range(runs)]


def stretches(stamps: Sequence[float]) -> list[float]:
    """What a run took, s per step: the stamps of all its steps, cut into stretches of equal numbers of steps."""
    length = max(1, (len(stamps) - 1) // STRETCHES)
    ends = stamps[::length]
    return [(after - before) / length for before, after in pairwise(ends)]


def seconds(run: Callable[[], object]) -> float:
    """How long a call takes."""
    start = perf_counter()
    run()
    return perf_counter() - start


def memory(line: str = "VmRSS") -> int:
    """Bytes of this process that are in memory; with ``VmHWM`` the most there ever were."""
    for text in Path("/proc/self/status").read_text().splitlines():
        if text.startswith(f"{line}:"):
            return int(text.split()[1]) * 1024
    raise OSError("this system does not tell how much memory a process takes")
