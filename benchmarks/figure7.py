"""Figure 7 of the paper again: NumPy against TensorFlow, 100 to 11 000 neurons, its own way and with our groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from benchmarks.process import Side
from benchmarks.rounds import Effort, Round
from benchmarks.rows import Row

SIZES = tuple(round(100 * 1.2**s) for s in (0, 4, 8, 11, 14, 16, 18, 20, 22, 24, 26))
QUICK_SIZES = tuple(round(100 * 1.2**s) for s in (0, 8, 14))
LABELS = {
    "paper_numpy": "the paper's way, NumPy float64",
    "dense": "W @ spike, float32",
    "events": "event-driven, float32",
    "paper_tensorflow": "the paper's way, TensorFlow",
    "layer": "a TensorFlow group",
}
BESIDE = {"dense": "paper_numpy", "events": "paper_numpy", "layer": "paper_tensorflow"}
FIGURE = Path(__file__).parent.parent / "docs" / "figure7.png"
SECONDS = 0.15  # that a round of the slowest form takes, about


def measure(effort: Effort) -> Iterator[Row]:
    """Ours beside the paper's way in the same library, and the paper's two beside one another; draws the figure."""
    curves: dict[str, list[float]] = {form: [] for form in LABELS}
    sizes = QUICK_SIZES if effort.quick else SIZES
    with ExitStack() as stack:
        sides = {form: stack.enter_context(Side("figure7", form)) for form in LABELS}
        for n in sizes:
            effort.tell(f"figure 7, {n} neurons, set-up")
            for side in sides.values():
                side.ask("prepare", n=n)
            rounds: dict[str, Round] = {
                form: partial(side.ask, "round", steps=_steps(n)) for form, side in sides.items()
            }
            times = effort.compare(f"figure 7, {n} neurons", rounds, at_least=4, seconds=8.0)
            best = {form: taken.best * 1e6 for form, taken in zip(rounds, times, strict=True)}
            for form, taken in best.items():
                curves[form].append(taken)
            yield from _rows(n, best)
    if not effort.quick:
        draw(sizes, curves, FIGURE)


def _rows(n: int, best: Mapping[str, float]) -> Iterator[Row]:
    for ours, theirs in BESIDE.items():
        yield Row(f"basic network, {LABELS[ours]}", n, best[ours], LABELS[theirs], best[theirs])
    yield Row("basic network, a TensorFlow group", n, best["layer"], LABELS["events"], best["events"])


def _steps(n: int) -> int:
    """As many as take the slower of the two, the dense product or the calls of TensorFlow, about `SECONDS`."""
    return max(20, round(SECONDS / (1e-3 + 1e-10 * n * n)))


def draw(sizes: Sequence[int], curves: Mapping[str, Sequence[float]], path: Path) -> None:
    """Time per 1000 iterations against the number of neurons, both logarithmic, as in the paper."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.6, 3.6), dpi=110, layout="constrained")
    axes = figure.subplots()
    for form, taken in curves.items():
        colour = "tab:orange" if form in ("paper_tensorflow", "layer") else "tab:blue"
        style = "--" if form.startswith("paper") else ":" if form == "dense" else "-"
        axes.plot(sizes, [time * 1e-3 for time in taken], style, color=colour, marker=".", label=LABELS[form])
    axes.set(xscale="log", yscale="log", xlabel="neurons", ylabel="s per 1000 iterations")
    axes.grid(which="major", color="0.9")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8)
    figure.savefig(path)
