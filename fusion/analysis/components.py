"""`PCA`: the directions in which activity varies most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.analysis.module import AnalysisModule
from fusion.analysis.recorded import on_grid, samples, trains
from fusion.errors import InvalidValue, ShapeMismatch, TooLittleData


@dataclass(frozen=True)
class Components:
    """Principal components, the one with the most variance first.

    Attributes
    ----------
    variance : (k,) float, along each component, in squared units of the points
    share : (k,) float, of all variance
    directions : (k, columns) float, of length one; the largest entry of each is positive
    projections : (points, k) float, the points without their mean along each component
    mean : (columns,) float
    """

    variance: NDArray[np.float64]
    share: NDArray[np.float64]
    directions: NDArray[np.float64]
    projections: NDArray[np.float64]
    mean: NDArray[np.float64]

    @property
    def dimension(self) -> float:
        """Participation ratio, the number of components that share the variance: (sum of it)² / sum of its squares.

        Of those that were kept. Gao et al. (2017), bioRxiv 214262.
        """
        return float(np.sum(self.variance) ** 2 / np.sum(self.variance**2))


def principal_components(points: ArrayLike, n: int | None = None) -> Components:
    """The first `n` principal components of points (points, columns), by singular values; all unless given.

    Raises `TooLittleData` for less than two points, `InvalidValue` if nothing varies or there are no `n` components.
    """
    values = np.asarray(points, float)
    if values.ndim != 2:
        raise ShapeMismatch("points", values.shape, "give (points, columns)")
    if len(values) < 2:
        raise TooLittleData("Principal components", len(values), 2, "points")
    most = min(len(values) - 1, values.shape[1])
    if n is not None and (isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= most):
        raise InvalidValue(f"n={n!r}: give a whole number from 1 to {most}.", n=n)
    mean = values.mean(axis=0)
    projected, singular, directions = np.linalg.svd(values - mean, full_matrices=False)
    variance = singular**2 / (len(values) - 1)
    total = variance.sum()
    if not total > 0:
        raise InvalidValue("Nothing varies: all points are the same.")
    kept = slice(most if n is None else n)
    # A direction and its opposite are the same component.
    largest = np.argmax(np.abs(directions), axis=1)
    sign = np.sign(directions[np.arange(len(directions)), largest])
    return Components(
        variance[kept],
        variance[kept] / total,
        (directions * sign[:, None])[kept],
        (projected * singular * sign)[:, kept],
        mean,
    )


class PCA(AnalysisModule):
    """Principal components of the spike counts of a group or a network, or of what a `Recorder` wrote down.

    The result is `Components`; points are the bins or rows, columns the neurons or recorded values.

    Arguments: ``expression``, what was recorded, the spikes unless given; ``n`` components, all unless given; ``width``
    (ms) of the bins in which spikes are counted; ``start`` and ``stop`` (ms).
    """

    def execute(
        self,
        owner: Any,
        *,
        expression: str | None = None,
        n: int | None = None,
        width: float = 10.0,
        start: float = 0.0,
        stop: float | None = None,
    ) -> Components:
        if expression is not None:
            return principal_components(samples(owner, expression, start, stop).rows, n)
        return principal_components(trains(owner, start, stop).counts(on_grid(owner, width)), n)
