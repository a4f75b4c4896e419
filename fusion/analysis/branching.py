"""`BranchingRatio`: how many spikes a spike leads to, also where only a part of all neurons is seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.analysis.module import AnalysisModule, Progress
from fusion.analysis.recorded import on_grid, trains
from fusion.errors import InvalidValue, ShapeMismatch, TooLittleData

LAGS = 100
HIGHEST = 1.5  # a branching ratio above it explodes within a few bins


@dataclass(frozen=True)
class Branching:
    """The branching ratio m of r_k = b m^k.

    Attributes
    ----------
    m : float, spikes in the next bin for each in this one; 1 is critical
    b : float, the share of the correlation that was seen: 1 if all neurons were
    slopes : (lags,) float, r_k: regression of the activity k bins later on that of now, k = 1, 2, ...
    width : float, ms, of the bins
    """

    m: float
    b: float
    slopes: NDArray[np.float64]
    width: float

    @property
    def naive(self) -> float:
        """What regression over one bin says, too low if not all neurons are seen: r_1."""
        return float(self.slopes[0])

    @property
    def timescale(self) -> float:
        """Time in which activity decays by e, ms; infinite from m = 1 on."""
        return float(-self.width / np.log(self.m)) if self.m < 1 else float("inf")


def regression_slopes(activity: ArrayLike, lags: int = LAGS, progress: Progress = iter) -> NDArray[np.float64]:
    """Slopes r_k (lags,) of the linear regression of activity (bins,) on itself k bins earlier, k = 1 to `lags`.

    Raises `TooLittleData` for less than three times as many bins as lags, `InvalidValue` if the activity never changes.
    """
    counts = np.asarray(activity, float)
    if counts.ndim != 1:
        raise ShapeMismatch("activity", counts.shape, "give one count for each bin (bins,)")
    if isinstance(lags, bool) or not isinstance(lags, int) or lags < 2:
        raise InvalidValue(f"lags={lags!r}: give a whole number, at least 2.", lags=lags)
    if len(counts) < 3 * lags:
        raise TooLittleData(f"Regression over up to {lags} bins", len(counts), 3 * lags, "bins")
    if counts.min() == counts.max():
        raise InvalidValue(f"The activity is {counts[0]:g} in each bin; what never changes has no branching ratio.")
    return np.array([_slope(counts[:-k], counts[k:]) for k in progress(range(1, lags + 1))])


def fit_branching(slopes: ArrayLike) -> tuple[float, float]:
    """(m, b) of the least squares of slopes r_k (lags,), k = 1, 2, ..., and b m^k."""
    from scipy.optimize import minimize_scalar

    r = np.asarray(slopes, float)
    k = np.arange(1, len(r) + 1)

    def amplitude(m: float) -> float:
        return float(r @ m**k / np.sum(m ** (2.0 * k)))

    def cost(m: float) -> float:
        return float(np.sum((r - amplitude(m) * m**k) ** 2))

    # The best of a grid first: noise in the slopes may give the cost more than one valley.
    grid = np.concatenate([np.linspace(0.01, 0.98, 98), np.linspace(0.981, 1.1, 120), np.linspace(1.11, HIGHEST, 40)])
    at = int(np.argmin([cost(m) for m in grid]))
    bounds = (grid[max(at - 1, 0)], grid[min(at + 1, len(grid) - 1)])
    m = float(minimize_scalar(cost, bounds=bounds, method="bounded", options={"xatol": 1e-10}).x)
    return m, amplitude(m)


def _slope(now: NDArray[np.float64], later: NDArray[np.float64]) -> float:
    # Sums instead of products of vectors, for which BLAS would wait for threads of its own.
    centred = now - now.mean()
    spread = float(np.sum(centred * centred))
    return float(np.sum(centred * later)) / spread if spread > 0 else 0.0


class BranchingRatio(AnalysisModule):
    """The branching ratio of the spikes of a group, or of all groups of a network, as `Branching`.

    By multistep regression, which is not misled by neurons that nobody recorded: seeing a part of them scales all
    slopes by the same factor b, and leaves m, by which they decay. For activity that is stationary.

    Arguments: ``width`` (ms) of the bins, about the time from a spike to those that it leads to, one dt unless given;
    ``lags`` (bins), some times the decay of the activity; ``start`` and ``stop`` (ms).

    References
    ----------
    Wilting & Priesemann (2018), Nat. Commun. 9:2325.
    """

    def execute(
        self,
        owner: Any,
        *,
        width: float | None = None,
        lags: int = LAGS,
        start: float = 0.0,
        stop: float | None = None,
    ) -> Branching:
        width = on_grid(owner, width)
        slopes = regression_slopes(trains(owner, start, stop).population(width), lags, self.steps)
        return Branching(*fit_branching(slopes), slopes, width)
