"""`PowerLaw`: the exponent of a distribution of whole numbers, by maximum likelihood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.analysis.module import Progress
from fusion.errors import InvalidValue, TooLittleData

LEAST = 50
"""Values that a fit needs, a rule of thumb of Clauset et al. (2009); estimates from fewer are biased."""
STEEPEST = 10.0  # exponent
CANDIDATES = 50  # cut-offs that are tried


@dataclass(frozen=True)
class PowerLaw:
    """P(k) proportional to k to the power of -exponent, for k from `smallest` to `largest`.

    Attributes
    ----------
    exponent, error : float, estimate and standard error
    smallest, largest : int, the range of the fit; no upper end if `largest` is None
    n_values : int, in the range
    distance : float, Kolmogorov-Smirnov, between the values and the law
    """

    exponent: float
    error: float
    smallest: int
    largest: int | None
    n_values: int
    distance: float

    def probability(self, k: ArrayLike) -> NDArray[np.float64]:
        """P(k) given that k is in the range."""
        weights = np.asarray(k, float) ** -self.exponent
        return np.asarray(weights / _normal(self.exponent, self.smallest, self.largest))


def fit_power_law(
    values: ArrayLike, smallest: int | None = 1, largest: int | None = None, progress: Progress = iter
) -> PowerLaw:
    """The power law that makes whole numbers (k,) from `smallest` to `largest` most likely.

    smallest : None takes the cut-off from which the law fits best, in the Kolmogorov-Smirnov distance
    largest : for values that cannot be larger, as avalanches in few neurons; they are unbounded unless given
    progress : see `Progress`, over the cut-offs that are tried

    Raises `TooLittleData` for less than 50 values in the range, `InvalidValue` if values are no whole numbers from 1.

    References
    ----------
    Clauset, Shalizi & Newman (2009), SIAM Rev. 51:661-703, section 3, the discrete case.
    """
    all_values = np.asarray(values)
    if all_values.ndim != 1 or not np.all(all_values == np.round(all_values)) or np.any(all_values < 1):
        raise InvalidValue("A power law is fitted to whole numbers from 1, one array (k,).")
    bounded = all_values if largest is None else all_values[all_values <= largest]
    if smallest is not None:
        return _fit(bounded, smallest, largest)
    counted = np.sort(bounded)[::-1]
    # A cut-off leaves enough values, and at least two different ones.
    highest = min(counted[LEAST - 1], counted[0] - 1) if len(counted) >= LEAST else 1
    candidates = np.unique(bounded[bounded <= highest])
    if len(candidates) > CANDIDATES:
        candidates = candidates[np.unique(np.geomspace(1, len(candidates), CANDIDATES).astype(int)) - 1]
    fits = [_fit(bounded, int(cut), largest) for cut in progress(candidates)] or [_fit(bounded, 1, largest)]
    return min(fits, key=lambda fit: fit.distance)


def _fit(values: NDArray[np.int64], smallest: int, largest: int | None) -> PowerLaw:
    from scipy.optimize import minimize_scalar

    found = values[values >= smallest]
    if len(found) < LEAST:
        raise TooLittleData(f"A power law from {smallest}", len(found), LEAST, "values")
    if found.min() == found.max():
        raise InvalidValue(f"All {len(found)} values are {found[0]}: no power law has an exponent for them.")
    mean_log = float(np.mean(np.log(found)))
    shallowest = 1.0 + 1e-6 if largest is None else 0.0

    def cost(exponent: float) -> float:
        return float(np.log(_normal(exponent, smallest, largest))) + exponent * mean_log

    exponent = float(minimize_scalar(cost, bounds=(shallowest, STEEPEST), method="bounded", options={"xatol": 1e-8}).x)
    step = 1e-4
    # The cost's second derivative is the variance of log k, one value's Fisher information.
    inside = min(max(exponent, shallowest + step), STEEPEST - step)
    information = (cost(inside + step) - 2 * cost(inside) + cost(inside - step)) / step**2
    error = 1.0 / np.sqrt(len(found) * information)
    return PowerLaw(
        exponent, float(error), smallest, largest, len(found), _distance(found, exponent, smallest, largest)
    )


def _distance(found: NDArray[np.int64], exponent: float, smallest: int, largest: int | None) -> float:
    from scipy.special import zeta

    different, counts = np.unique(found, return_counts=True)
    total = _normal(exponent, smallest, largest)
    if largest is None:
        law = 1.0 - zeta(exponent, different + 1.0) / total
    else:
        each = np.arange(smallest, largest + 1, dtype=float) ** -exponent
        law = np.cumsum(each)[different - smallest] / total
    return float(np.max(np.abs(np.cumsum(counts) / len(found) - law)))


def _normal(exponent: float, smallest: int, largest: int | None) -> float:
    """The sum of k to the power of -exponent over the range."""
    from scipy.special import zeta

    if largest is None:
        return float(zeta(exponent, smallest))
    return float(np.sum(np.arange(smallest, largest + 1, dtype=float) ** -exponent))
