"""Time and memory from 1000 to 100 000 neurons with 100 synapses each, and memory over 10^6 steps."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from benchmarks.process import Side
from benchmarks.rounds import Effort, Round
from benchmarks.rows import Row

SIZES, QUICK_SIZES = (1000, 10_000, 100_000), (1000, 10_000)
SMALL, LONG, QUICK_LONG = 100, 1_000_000, 50_000  # neurons, and steps
DEGREE = 100
GROWS = 1e6  # bytes that a process may grow by in a long run; a single number per step would be 8e6
FORMS = {"native": "native, event-driven", "mixed": "four fifths in NEST"}


def measure(effort: Effort) -> Iterator[Row]:
    """Each form beside itself at a tenth of the size."""
    for form, title in FORMS.items():
        before: tuple[float, float] | None = None
        for n in QUICK_SIZES if effort.quick else SIZES:
            # Memory is that of a fresh process.
            with Side("growth", form) as side:
                effort.tell(f"growth, {n} neurons, {title}, set-up")
                memory = side.ask("prepare", n=n)
                steps = max(30, 300_000 // n)
                rounds: dict[str, Round] = {form: partial(side.ask, "round", steps=steps)}
                taken = effort.compare(f"growth, {n} neurons, {title}", rounds, at_least=4, seconds=10.0)[0].best * 1e6
            what = f"{n * DEGREE:.0e} synapses, {title}".replace("e+0", "e")
            yield Row(what, n, taken, "a tenth of it", before and before[0])
            yield Row(f"{what}, per synapse", n, memory, "a tenth of it", before and before[1], unit="B")
            before = taken, memory
        steps = QUICK_LONG if effort.quick else LONG
        what = f"memory that {steps:.0e} steps take, {title}".replace("e+0", "e")
        # NEST itself keeps some 30 bytes for each slice of a run of several.
        by_itself = _grown(effort, "nest", steps) if form == "mixed" else 0.0
        yield Row(what, SMALL, _grown(effort, form, steps), "NEST by itself" if by_itself else "", by_itself or None,
                  GROWS, adds=True, unit="B")  # fmt: skip


def _grown(effort: Effort, form: str, steps: int) -> float:
    """Bytes that the process takes more after so many steps."""
    effort.tell(f"growth, {steps} steps, {form}")
    with Side("growth", form) as side:
        side.ask("prepare", n=SMALL)
        first, last = side.ask("long", steps=steps)
    return float(last - first)
