"""One recurrent network split over NEST and Brian2, beside the sum of its parts, and whole in either; same spikes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.process import NotMeasured, Side
from benchmarks.rounds import Effort, Round, Times
from benchmarks.rows import Row

STEPS, MOST = 1500, 16  # ticks of a round, in which windows of 15 ticks begin anew; rounds
SIZES, QUICK_SIZES = (1000, 10_000), (1000,)
LIMIT = 1.5
DT = 0.1  # ms

Forms = Mapping[str, Mapping[str, Any]]


def measure(effort: Effort) -> Iterator[Row]:
    """In Brian2's two targets; a row of one target compares what runs with that target."""
    for n in QUICK_SIZES if effort.quick else SIZES:
        for target in ("numpy", "cython"):
            forms: Forms = {
                "split": {"role": "split", "target": target},
                "in step": {"role": "split", "target": target, "window": 1},
                "E": {"role": "nest_part"},
                "I": {"role": "brian2_part", "target": target},
                "nest": {"role": "nest_whole"},
                "brian2": {"role": "brian2_whole", "target": target},
            }
            times, about = compare(effort, f"split network, {n} neurons, Brian2 with {target}", n, forms)
            yield from _rows(n, target, times, about)


def _rows(n: int, target: str, times: Mapping[str, Times], about: Mapping[str, Mapping[str, str]]) -> Iterator[Row]:
    split, in_step = (f"split, {described(about[form])}, Brian2 with {target}" for form in ("split", "in step"))
    parts = times["E"].best + times["I"].best, times["E"].typical + times["I"].typical
    limit = LIMIT if n == 1000 else None
    yield beside(split, n, times["split"], "its parts, natively", parts, limit)
    yield beside(in_step, n, times["in step"], "its parts, natively", parts)
    for simulator, whole in (("nest", "whole in NEST"), ("brian2", "whole in Brian2")):
        yield beside(split, n, times["split"], whole, (times[simulator].best, times[simulator].typical))


def beside(what: str, n: int, ours: Times, name: str, theirs: tuple[float, float], limit: float | None = None) -> Row:
    """A row; `theirs` (best, typical) s."""
    typical = (ours.typical * 1e6, theirs[1] * 1e6)
    return Row(what, n, ours.best * 1e6, name, theirs[0] * 1e6, limit, typical=typical)


def described(about: Mapping[str, str]) -> str:
    """The window and the tiers."""
    tiers = ", ".join(f"{name} {tier}" for name, tier in about.items() if name in ("nest", "brian2"))
    return f"window {about['window']} ({tiers})"


def compare(
    effort: Effort, title: str, n: int, forms: Forms, steps: int = STEPS, module: str = "split"
) -> tuple[dict[str, Times], dict[str, Mapping[str, str]]]:
    """Times of the forms of the network, after all have fired the very spikes of the whole in NEST, and what they are.

    module : of `benchmarks.sides`, which makes the forms

    Raises
    ------
    NotMeasured
        If one of them fires others, before or while it is measured.
    """
    with TemporaryDirectory() as folder, ExitStack() as stack:
        effort.tell(f"{title}, set-up")
        known = str(Path(folder, "spikes.npy"))
        with Side(module) as whole:
            whole.ask("prepare", n=n, role="nest_whole")
            whole.ask("save", steps=(steps + 1) * (MOST + 1), path=known)
        sides = {name: stack.enter_context(Side(module)) for name in forms}
        for name, side in sides.items():
            side.ask("prepare", n=n, known=known, **forms[name])
            side.ask("round", steps=steps)
            _check(name, side)
        rounds: dict[str, Round] = {name: partial(side.ask, "round", steps=steps) for name, side in sides.items()}
        times = effort.compare(title, rounds, at_least=4 if n > 1000 else 6, at_most=MOST)
        for name, side in sides.items():
            _check(name, side)
        about = {name: side.ask("about") for name, side in sides.items() if forms[name]["role"] == "split"}
        return dict(zip(forms, times, strict=True)), about


def _check(name: str, side: Side) -> None:
    difference = side.ask("difference")
    if difference:
        raise NotMeasured(f"the form {name!r} of the split network does not fire the same spikes: {difference}")
