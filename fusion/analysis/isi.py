"""`ISI`: the intervals between the spikes of each neuron, and how irregular they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.analysis.module import AnalysisModule
from fusion.analysis.recorded import trains
from fusion.errors import InvalidValue, ShapeMismatch, TooLittleData


@dataclass(frozen=True)
class Intervals:
    """Intervals between spikes, for each of n neurons.

    Attributes
    ----------
    each : n arrays (intervals,) float, ms
    """

    each: tuple[NDArray[np.float64], ...]

    @property
    def pooled(self) -> NDArray[np.float64]:
        """All intervals, ms."""
        return np.concatenate([np.empty(0), *self.each])

    @property
    def mean(self) -> NDArray[np.float64]:
        """Mean interval of each neuron (n,), ms; NaN without one."""
        return self._of_each(lambda one: float(np.mean(one)), 1)

    @property
    def cv(self) -> NDArray[np.float64]:
        """`cv` of each neuron (n,); NaN for less than two intervals."""
        return self._of_each(cv, 2)

    @property
    def cv2(self) -> NDArray[np.float64]:
        """`cv2` of each neuron (n,); NaN for less than two intervals."""
        return self._of_each(cv2, 2)

    @property
    def lv(self) -> NDArray[np.float64]:
        """`lv` of each neuron (n,); NaN for less than two intervals."""
        return self._of_each(lv, 2)

    def _of_each(self, measure: Callable[[NDArray[np.float64]], float], least: int) -> NDArray[np.float64]:
        return np.array([measure(one) if len(one) >= least else np.nan for one in self.each])


def intervals(t: ArrayLike, i: ArrayLike, n: int) -> tuple[NDArray[np.float64], ...]:
    """The intervals (ms) of each of `n` neurons that fired at times `t` (spikes,), ms; `i` (spikes,) says who.

    Raises `ShapeMismatch` if times and indices do not go together, `InvalidValue` if an index is none of `n`.
    """
    times, who = np.asarray(t, float), np.asarray(i)
    if times.ndim != 1 or times.shape != who.shape:
        raise ShapeMismatch("i", who.shape, f"there are times {times.shape}; give one index for each")
    if who.size and not (who.min() >= 0 and who.max() < n):
        raise InvalidValue(f"Indices reach from {who.min()} to {who.max()}; there are {n} neurons.", n=n)
    order = np.lexsort((times, who))
    ends = np.cumsum(np.bincount(who.astype(np.int64), minlength=n))[:-1]
    return tuple(np.diff(one) for one in np.split(times[order], ends))


def cv(intervals: ArrayLike) -> float:
    """Coefficient of variation of intervals (k,): standard deviation over mean. Poisson 1, gamma of order k 1/sqrt(k).

    Raises `TooLittleData` for less than two intervals.
    """
    values = _enough(intervals)
    return float(np.std(values) / np.mean(values))


def cv2(intervals: ArrayLike) -> float:
    """Variation of neighbouring intervals (k,), which slow changes of rate do not raise: mean of 2|b - a|/(a + b).

    References
    ----------
    Holt, Softky, Koch & Douglas (1996), J. Neurophysiol. 75:1806-1814.
    """
    values = _enough(intervals)
    return float(np.mean(2.0 * np.abs(np.diff(values)) / (values[1:] + values[:-1])))


def lv(intervals: ArrayLike) -> float:
    """Local variation of intervals (k,): mean of 3 ((a - b)/(a + b))². Poisson 1, gamma of order k 3/(2k + 1).

    References
    ----------
    Shinomoto, Shima & Tanji (2003), Neural Comput. 15:2823-2842.
    """
    values = _enough(intervals)
    return float(np.mean(3.0 * (np.diff(values) / (values[1:] + values[:-1])) ** 2))


def _enough(intervals: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(intervals, float)
    if values.ndim != 1:
        raise ShapeMismatch("intervals", values.shape, "give those of one neuron (k,)")
    if len(values) < 2:
        raise TooLittleData("Intervals between spikes", len(values), 2, "intervals")
    return values


class ISI(AnalysisModule):
    """Intervals between the spikes of each neuron of a group, or of all groups of a network, as `Intervals`.

    Arguments: ``start`` and ``stop`` (ms). `TooLittleData` if no neuron fired three times.
    """

    def execute(self, owner: Any, *, start: float = 0.0, stop: float | None = None) -> Intervals:
        found = trains(owner, start, stop)
        result = Intervals(intervals(found.t, found.i, found.size))
        longest = max(len(one) for one in result.each)
        if longest < 2:
            raise TooLittleData(f"Intervals between the spikes of one neuron of {owner.tag!r}", longest, 2, "intervals")
        return result
