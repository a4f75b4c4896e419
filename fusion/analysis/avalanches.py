"""`Avalanches`: bursts of activity between two silences, and whether their sizes follow a power law."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.analysis.module import AnalysisModule
from fusion.analysis.power_law import PowerLaw, fit_power_law
from fusion.analysis.recorded import Trains, on_grid, trains
from fusion.errors import InvalidValue, ShapeMismatch, TooLittleData


@dataclass(frozen=True)
class AvalancheSizes:
    """Avalanches, and the power laws of their sizes and durations.

    Attributes
    ----------
    sizes : (n,) int, spikes in each
    durations : (n,) int, bins of each
    width : float, ms, of the bins
    size_law, duration_law : PowerLaw
    """

    sizes: NDArray[np.int64]
    durations: NDArray[np.int64]
    width: float
    size_law: PowerLaw
    duration_law: PowerLaw


def find_avalanches(activity: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sizes (spikes) and durations (bins) of the avalanches in the activity (bins,), a count of spikes in each bin.

    An avalanche is a sequence of bins with spikes between two without. What is cut off at the beginning or the end is
    left out.

    References
    ----------
    Beggs & Plenz (2003), J. Neurosci. 23:11167-11177.
    """
    counts = np.asarray(activity)
    if counts.ndim != 1:
        raise ShapeMismatch("activity", counts.shape, "give one count for each bin (bins,)")
    if np.any(counts < 0) or not np.all(counts == np.round(counts)):
        raise InvalidValue("activity holds numbers that count nothing: give whole numbers from 0.")
    change = np.diff(np.concatenate([[0], counts > 0, [0]]).astype(np.int8))
    first, end = np.flatnonzero(change == 1), np.flatnonzero(change == -1)
    whole = (first > 0) & (end < len(counts))
    first, end = first[whole], end[whole]
    total = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return total[end] - total[first], (end - first).astype(np.int64)


class Avalanches(AnalysisModule):
    """Avalanches in the spikes of a group, or of all groups of a network, as `AvalancheSizes`.

    Arguments: ``width`` (ms) of the bins, by default the mean time between two spikes of the population, rounded to
    whole dt, as Beggs and Plenz chose it; ``smallest`` and ``largest`` size (spikes), ``shortest`` and ``longest``
    duration (bins) of the fits, see `fit_power_law`; ``start`` and ``stop`` (ms).
    """

    def execute(
        self,
        owner: Any,
        *,
        width: float | None = None,
        smallest: int | None = 1,
        largest: int | None = None,
        shortest: int | None = 1,
        longest: int | None = None,
        start: float = 0.0,
        stop: float | None = None,
    ) -> AvalancheSizes:
        found = trains(owner, start, stop)
        width = on_grid(owner, _mean_distance(found, owner) if width is None else width)
        sizes, durations = find_avalanches(found.population(width))
        return AvalancheSizes(
            sizes,
            durations,
            width,
            fit_power_law(sizes, smallest, largest, self.steps),
            fit_power_law(durations, shortest, longest, self.steps),
        )


def _mean_distance(found: Trains, owner: Any) -> float:
    """The mean time between spikes of the population in whole dt, at least one; ms."""
    if len(found.t) < 2:
        raise TooLittleData(f"Avalanches of {owner.tag!r}", len(found.t), 2, "spikes")
    dt = owner.network.dt
    return float(dt * max(1, round(float(np.mean(np.diff(found.t))) / dt)))
