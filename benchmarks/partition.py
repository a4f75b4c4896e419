"""A sheet of 90 000 neurons with local synapses in dense blocks: memory, and time beside one sparse matrix."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from benchmarks.process import Side
from benchmarks.rounds import Effort, Round
from benchmarks.rows import Row

SIDE, SMALL = 300, 100  # cells
MOST = 2e9  # bytes
STEPS = 5
WAYS = {"by hand": "W @ spike", "Delivery": "Delivery", "OneStepSTDP": "OneStepSTDP, Delivery"}


def measure(effort: Effort) -> Iterator[Row]:
    """Memory of fresh processes, then the ways to use the same synapses."""
    n = SIDE**2
    most = {}
    for side in (SMALL, SIDE):
        with Side("partition", "blocks") as blocks:
            effort.tell(f"partition, {side} x {side}, set-up")
            most[side] = blocks.ask("prepare", side=side, way="by hand")
    yield Row("partitioned sheet of 300 x 300, range 5, peak memory", n, most[SIDE][0], limit=MOST, unit="B")
    yield Row(
        "the same, per synapse", n, most[SIDE][0] / most[SIDE][1], "100 x 100", most[SMALL][0] / most[SMALL][1],
        unit="B",
    )  # fmt: skip
    for way, title in WAYS.items():
        with Side("partition", "blocks") as blocks, Side("partition", "sparse") as sparse:
            effort.tell(f"partition, {way}, set-up")
            rounds: dict[str, Round] = {}
            for one in (blocks, sparse):
                one.ask("prepare", side=SIDE, way=way)
                rounds[one.name] = partial(one.ask, "round", steps=STEPS)
            ours, whole = effort.compare(f"partition, {way}", rounds, at_least=4, seconds=10.0)
            yield Row(
                f"partitioned sheet, {title}, float32", n, ours.best * 1e6, "one sparse matrix", whole.best * 1e6,
                typical=(ours.typical * 1e6, whole.typical * 1e6),
            )  # fmt: skip
