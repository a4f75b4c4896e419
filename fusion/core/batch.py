"""What crosses between participants: arrays of spikes or samples, and the tick up to which they are complete."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Spikes(NamedTuple):
    """Events on a port.

    ticks : (n,) int64, not descending
        Ticks of emission when pulled, ticks of effect when pushed.
    indices : (n,) int64
        Neurons of the port's group, ascending within a tick.
    values : (n,) float64
        Summed weights when pushed; ones when pulled.
    complete_until : int
        Every spike up to this tick is in this batch or an earlier one: an empty batch differs from an unfinished one.
    """

    ticks: NDArray[np.int64]
    indices: NDArray[np.int64]
    values: NDArray[np.float64]
    complete_until: int


class Samples(NamedTuple):
    """Analog values on a port, one row per tick.

    t0 : int
        Tick of the first row: of its value when pulled, of its effect when pushed.
    values : (n_ticks, n) float64
        As the variable or the input has them.
    """

    t0: int
    values: NDArray[np.float64]

    @property
    def complete_until(self) -> int:
        """Tick of the last row."""
        return self.t0 + len(self.values) - 1


# What ``Spikes(...)`` calls in the end, past a function of Python that takes as long as all the rest of a small batch:
# ``new_batch(Spikes, (ticks, indices, values, complete_until))``.
new_batch = tuple.__new__


def same_tick(tick: int, n: int) -> NDArray[np.int64]:
    """`n` times the same tick; three times as fast as `numpy.full`, which counts here."""
    ticks = np.empty(n, np.int64)
    ticks.fill(tick)
    return ticks
