"""A deterministic recurrent network of leaky integrate-and-fire neurons: all its numbers, and no simulator.

Four fifths are excitatory, with 80 synapses from them and 20 from the others on each neuron, whatever the size; some
12 spikes per second and neuron. Nothing is random while it runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

DT, DELAY, HELD = 0.1, 15, 20  # ms; ticks from a spike to its arrival; ticks that a neuron is held after a spike
TAU_M, TAU_EX, TAU_IN, C_M, REST, THRESHOLD, RESET = 20.0, 2.0, 4.0, 250.0, -70.0, -55.0, -65.0
FROM_E, FROM_I, J, G = 80, 20, 100.0, 6.0  # in-degrees, pA, and how much stronger inhibition is

Edges = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]


@dataclass(frozen=True)
class Numbers:
    """What was drawn: drives (N,) pA, first potentials (N,) mV, weights (target, source) pA."""

    drive: NDArray[np.float64]
    start: NDArray[np.float64]
    weights: Any

    @property
    def whole(self) -> slice:
        """All neurons."""
        return slice(0, len(self.drive))

    @property
    def e(self) -> slice:
        """Excitatory neurons."""
        return slice(0, len(self.drive) * 4 // 5)

    @property
    def i(self) -> slice:
        """Inhibitory neurons."""
        return slice(self.e.stop, len(self.drive))

    def edges(self, source: slice, target: slice) -> Edges:
        """(pre, post, weight) of the synapses from some neurons to others, counted within each."""
        block = self.weights[target, source].tocoo()
        return block.col.astype(np.int64), block.row.astype(np.int64), block.data


def draw(n: int, seed: int = 1) -> Numbers:
    """A network of `n` neurons; no two numbers are round, so that no potential meets the threshold exactly."""
    rng = np.random.default_rng(seed)
    n_e = n * 4 // 5
    sources = np.empty((n, FROM_E + FROM_I), np.int64)
    for target in range(n):
        for columns, first, size in ((slice(0, FROM_E), 0, n_e), (slice(FROM_E, None), n_e, n - n_e)):
            is_own = first <= target < first + size
            chosen = first + rng.choice(size - is_own, FROM_E if first == 0 else FROM_I, replace=False)
            sources[target, columns] = chosen + (is_own & (chosen >= target))
    mean = np.where(sources < n_e, J, -G * J)
    data = mean * rng.uniform(0.9, 1.1, sources.shape)
    targets = np.repeat(np.arange(n), FROM_E + FROM_I)
    weights = csc_array((data.ravel(), (targets, sources.ravel())), shape=(n, n))
    return Numbers(rng.uniform(300.0, 400.0, n), rng.uniform(-65.0, -55.5, n), weights)


class Spikes:
    """Spikes of the whole network up to some tick, as one simulator made them; others are judged by them, or fed."""

    def __init__(self, rows: NDArray[np.int64]) -> None:
        self.rows = rows[np.lexsort(rows.T[::-1])]

    @classmethod
    def load(cls, path: str) -> Spikes:
        """From a file."""
        return cls(np.load(path))

    def save(self, path: Path | str) -> None:
        """Into a file."""
        np.save(path, self.rows)

    def of(self, part: slice) -> Spikes:
        """Those of some neurons, counted from the first of them."""
        rows = self.rows[(self.rows[:, 1] >= part.start) & (self.rows[:, 1] < part.stop)]
        return Spikes(rows - [0, part.start])

    def until(self, tick: int) -> Spikes:
        """Those up to and including a tick."""
        return Spikes(self.rows[self.rows[:, 0] <= tick])

    def difference(self, other: Spikes) -> str:
        """Where the two part first, in words; "" if they are the same."""
        both = min(len(self.rows), len(other.rows))
        differ = np.flatnonzero((self.rows[:both] != other.rows[:both]).any(axis=1))
        if not len(differ) and len(self.rows) == len(other.rows):
            return ""
        first = int(differ[0]) if len(differ) else both
        here, there = (one.rows[first : first + 1].tolist() or "nothing" for one in (self, other))
        return f"spike {first} is {here}, and {there} in the whole network (tick, neuron)"
