"""`FanoFactor` and `Correlation`: how spike counts vary, and with whose they vary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.analysis.module import AnalysisModule
from fusion.analysis.recorded import on_grid, trains
from fusion.errors import ShapeMismatch, TooLittleData


@dataclass(frozen=True)
class Correlations:
    """Pearson's correlation of the counts of neurons.

    Attributes
    ----------
    matrix : (n, n) float, NaN for a neuron whose count is always the same
    width : float, ms, of the bins
    """

    matrix: NDArray[np.float64]
    width: float

    @property
    def pairs(self) -> NDArray[np.float64]:
        """The correlation of each pair of neurons, once, without those that have none."""
        values = self.matrix[np.triu_indices(len(self.matrix), 1)]
        return np.asarray(values[~np.isnan(values)], float)

    @property
    def mean(self) -> float:
        """Mean over all pairs; NaN if there are none."""
        return float(np.mean(self.pairs)) if self.pairs.size else float("nan")


def fano_factor(counts: ArrayLike) -> NDArray[np.float64]:
    """Variance over mean of counts (bins, n), for each neuron (n,); 1 for Poisson, NaN for one that never fired.

    References
    ----------
    Fano (1947), Phys. Rev. 72:26-29.
    """
    values = _binned(counts)
    mean, variance = values.mean(axis=0), values.var(axis=0)
    factor: NDArray[np.float64] = np.divide(variance, mean, out=np.full(mean.shape, np.nan), where=mean > 0)
    return factor


def correlation(counts: ArrayLike) -> NDArray[np.float64]:
    """Pearson's correlation (n, n) of counts (bins, n); NaN for a neuron whose count is always the same."""
    values = _binned(counts)
    centred = values - values.mean(axis=0)
    spread = np.sqrt(np.sum(centred**2, axis=0))
    scale = np.divide(1.0, spread, out=np.full(spread.shape, np.nan), where=spread > 0)
    matrix: NDArray[np.float64] = np.clip((centred.T @ centred) * scale * scale[:, None], -1.0, 1.0)
    matrix[np.diag_indices(len(matrix))] = np.where(spread > 0, 1.0, np.nan)
    return matrix


def _binned(counts: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(counts, float)
    if values.ndim != 2:
        raise ShapeMismatch("counts", values.shape, "give (bins, neurons)")
    if len(values) < 2:
        raise TooLittleData("Counts of spikes", len(values), 2, "bins")
    return values


class FanoFactor(AnalysisModule):
    """`fano_factor` of each neuron (n,) of a group, or of all groups of a network.

    Arguments: ``width`` (ms) of the bins in which spikes are counted, ``start`` and ``stop`` (ms).
    """

    def execute(
        self, owner: Any, *, width: float = 100.0, start: float = 0.0, stop: float | None = None
    ) -> NDArray[np.float64]:
        return fano_factor(trains(owner, start, stop).counts(on_grid(owner, width)))


class Correlation(AnalysisModule):
    """`correlation` of the spike counts of each pair of neurons, of a group or a network, as `Correlations`.

    Arguments: ``width`` (ms) of the bins in which spikes are counted, ``start`` and ``stop`` (ms).
    """

    def execute(
        self, owner: Any, *, width: float = 10.0, start: float = 0.0, stop: float | None = None
    ) -> Correlations:
        width = on_grid(owner, width)
        return Correlations(correlation(trains(owner, start, stop).counts(width)), width)
