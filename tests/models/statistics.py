"""Rate, irregularity and correlation of spike trains, and whether two samples of such numbers agree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

CONFIDENCE = 0.90
TOLERANCE = {"rate": 0.05, "cv": 0.05, "correlation": 0.02}
"""How far two means may lie apart, by the first word of a number's name; rates relative to the first sample."""

Sample = list[dict[str, float]]
"""What several seeds gave: for each of them numbers by name."""


class Spikes(NamedTuple):
    """Spikes of a population of `size` neurons within ``(begin, end]``: ``t`` ms, ``i`` index."""

    t: NDArray[np.float64]
    i: NDArray[np.int64]
    size: int
    begin: float
    end: float

    @classmethod
    def within(cls, t: NDArray[np.float64], i: NDArray[np.int64], size: int, begin: float, end: float) -> Spikes:
        """Those of the spikes that fall into the interval."""
        kept = (t > begin) & (t <= end)
        return cls(np.asarray(t)[kept], np.asarray(i)[kept], size, begin, end)

    @classmethod
    def recorded(cls, group: Any, begin: float, end: float) -> Spikes:
        """Those that the `EventRecorder` of a neuron group has written down."""
        return cls.within(group["spike.t", 0], group["spike.i", 0], group.size, begin, end)

    def part(self, first: int, last: int) -> Spikes:
        """Those of the neurons from `first` to before `last`, counted from 0 again."""
        kept = (self.i >= first) & (self.i < last)
        return Spikes(self.t[kept], self.i[kept] - first, last - first, self.begin, self.end)


def rate(spikes: Spikes) -> float:
    """Spikes per neuron and second, Hz."""
    return 1000.0 * len(spikes.t) / spikes.size / (spikes.end - spikes.begin)


def cv(spikes: Spikes, at_least: int = 5) -> float:
    """Mean over neurons of the coefficient of variation of the inter-spike intervals.

    A neuron with fewer than `at_least` intervals does not count. In a short run this leaves slow neurons out and long
    intervals too, so the number is below that of an endless run; two runs of one length can be compared.
    """
    order = np.lexsort((spikes.t, spikes.i))
    t, i = spikes.t[order], spikes.i[order]
    same = i[1:] == i[:-1]
    intervals, neuron = np.diff(t)[same], i[1:][same]
    n = np.bincount(neuron, minlength=spikes.size)
    counted = n >= at_least
    if not counted.any():
        return float("nan")
    mean = np.bincount(neuron, intervals, spikes.size)[counted] / n[counted]
    square = np.bincount(neuron, intervals**2, spikes.size)[counted] / n[counted]
    return float(np.mean(np.sqrt(np.maximum(square - mean**2, 0.0)) / mean))


def correlation(spikes: Spikes, width: float = 5.0, neurons: int = 400) -> float:
    """Mean Pearson correlation of the spike counts of two neurons in bins of `width` ms.

    Over all pairs of the first `neurons`; those that never fire do not count.
    """
    bins = int((spikes.end - spikes.begin) // width)
    kept = (spikes.i < neurons) & (spikes.t <= spikes.begin + bins * width)
    column = np.ceil((spikes.t[kept] - spikes.begin) / width).astype(int) - 1
    counts = np.zeros((min(neurons, spikes.size), bins))
    np.add.at(counts, (spikes.i[kept], column), 1.0)
    counts = counts[counts.any(axis=1)]
    z = counts - counts.mean(axis=1, keepdims=True)
    z /= np.sqrt((z**2).sum(axis=1, keepdims=True))
    n = len(z)
    # The sum over all pairs is the square of the sum, less the n pairs of a neuron with itself.
    return float(((z.sum(axis=0) ** 2).sum() - n) / (n * (n - 1)))


def summary(excitatory: Spikes, inhibitory: Spikes) -> dict[str, float]:
    """What is compared of a network of two populations."""
    return {
        "rate E": rate(excitatory),
        "rate I": rate(inhibitory),
        "cv E": cv(excitatory),
        "correlation E": correlation(excitatory),
    }


class Difference(NamedTuple):
    """The difference of the means of a number in two samples, as an interval, and how large it may be."""

    name: str
    first: float
    second: float
    low: float
    high: float
    tolerance: float

    @property
    def is_small(self) -> bool:
        """Whether the whole interval lies within the tolerance."""
        return -self.tolerance <= self.low and self.high <= self.tolerance

    @property
    def is_large(self) -> bool:
        """Whether the whole interval lies beyond the tolerance."""
        return self.low > self.tolerance or self.high < -self.tolerance

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.first:.4g} and {self.second:.4g}; difference {self.low:+.3g} to {self.high:+.3g}, "
            f"allowed {self.tolerance:.3g}"
        )


def interval(first: Sequence[float], second: Sequence[float]) -> tuple[float, float]:
    """The confidence interval of the difference of means, second less first, of two samples in pairs (Student's t)."""
    found = stats.ttest_rel(second, first).confidence_interval(CONFIDENCE)
    return float(found.low), float(found.high)


def differences(first: Sample, second: Sample) -> list[Difference]:
    """One for each number. Both samples have the same names, and the same seeds, hence the same random networks."""
    found = []
    for name in first[0]:
        a, b = ([numbers[name] for numbers in sample] for sample in (first, second))
        tolerance = TOLERANCE[name.split()[0]] * (np.mean(a) if name.startswith("rate") else 1.0)
        found.append(Difference(name, float(np.mean(a)), float(np.mean(b)), *interval(a, b), float(tolerance)))
    return found


def disagreements(first: Sample, second: Sample) -> list[str]:
    """What keeps two samples from agreeing: every difference that may be larger than its tolerance."""
    return [str(difference) for difference in differences(first, second) if not difference.is_small]


def is_noticed(first: Sample, second: Sample) -> bool:
    """Whether a difference is surely larger than its tolerance."""
    return any(difference.is_large for difference in differences(first, second))


def mean(sample: Sample, name: str) -> float:
    """The mean of a number over the seeds."""
    return float(np.mean([numbers[name] for numbers in sample]))
