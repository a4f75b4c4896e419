"""What analyses have found."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.analysis.avalanches import AvalancheSizes
from fusion.analysis.branching import Branching
from fusion.analysis.classes import Classes
from fusion.analysis.components import Components
from fusion.analysis.counts import Correlations
from fusion.analysis.isi import Intervals
from fusion.errors import InvalidValue, ShapeMismatch, TooLittleData
from fusion.plot.axes import axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PER_DECADE = 8  # bins of avalanche sizes
MOST = 16  # receptive fields


def intervals(result: Intervals, *, ax: Axes | None = None, **style: Any) -> Axes:
    """A histogram of the intervals between spikes of all neurons, with the mean of their CV.

    Raises `InvalidValue` if it is no result of `ISI`.
    """
    _check(result, Intervals)
    ax = axes(ax)
    options: dict[str, Any] = {"bins": 50, "histtype": "stepfilled"} | style
    ax.hist(result.pooled, **options)
    ax.set(xlabel="interval between spikes (ms)", ylabel="intervals", title=f"CV {np.nanmean(result.cv):.2f}")
    ax.set_xlim(left=0.0)
    return ax


def avalanches(result: AvalancheSizes, *, ax: Axes | None = None, **style: Any) -> Axes:
    """The distribution of avalanche sizes over logarithmic bins, and the power law that was fitted to them.

    Raises `InvalidValue` if it is no result of `Avalanches`.
    """
    _check(result, AvalancheSizes)
    ax, law, sizes = axes(ax), result.size_law, result.sizes
    ends = np.geomspace(1, sizes.max() + 1, max(2, int(PER_DECADE * np.log10(sizes.max() + 1)) + 1))
    edges = np.unique(np.round(ends))
    counts, _ = np.histogram(sizes, edges)
    # Bins are open at their end and hold whole numbers.
    middles, density = np.sqrt(edges[:-1] * (edges[1:] - 1)), counts / np.diff(edges) / len(sizes)
    seen = counts > 0
    options: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 4.0} | style
    ax.loglog(middles[seen], density[seen], **options)
    k = np.arange(law.smallest, (law.largest or int(sizes.max())) + 1)
    # The law is that of sizes in its range; the picture is of all of them.
    label = f"exponent {law.exponent:.2f} ± {law.error:.2f}"
    ax.loglog(k, law.probability(k) * law.n_values / len(sizes), color="0.3", linewidth=1.0, label=label)
    ax.set(xlabel="size of an avalanche (spikes)", ylabel="probability")
    ax.legend(frameon=False)
    return ax


def branching(result: Branching, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Slopes of regression over lags, and the decay that was fitted to them.

    Raises `InvalidValue` if it is no result of `BranchingRatio`.
    """
    _check(result, Branching)
    ax, k = axes(ax), np.arange(1, len(result.slopes) + 1)
    options: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 3.0} | style
    ax.plot(k * result.width, result.slopes, **options)
    label = f"m = {result.m:.3f} in {result.width:g} ms"
    ax.plot(k * result.width, result.b * result.m**k, color="0.3", linewidth=1.0, label=label)
    ax.set(xlabel="lag (ms)", ylabel="slope of regression", xlim=(0.0, None))
    ax.legend(frameon=False)
    return ax


def correlations(result: Correlations, *, ax: Axes | None = None, **style: Any) -> Axes:
    """A histogram of the correlations of pairs of neurons, with a line at their mean.

    Raises `InvalidValue` if it is no result of `Correlation`, `TooLittleData` if no pair has a correlation.
    """
    _check(result, Correlations)
    if not result.pairs.size:
        raise TooLittleData("Correlations", 0, 1, "pairs of neurons whose counts vary")
    ax = axes(ax)
    options: dict[str, Any] = {"bins": 50, "histtype": "stepfilled"} | style
    ax.hist(result.pairs, **options)
    ax.axvline(result.mean, color="0.3", linewidth=1.0, label=f"mean {result.mean:.3f}")
    ax.set(xlabel=f"correlation of counts in {result.width:g} ms", ylabel="pairs of neurons")
    ax.legend(frameon=False)
    return ax


def variance(result: Components, *, ax: Axes | None = None, **style: Any) -> Axes:
    """The share of the variance that each principal component explains, and the sum of them.

    Raises `InvalidValue` if it is no result of `PCA`.
    """
    _check(result, Components)
    from matplotlib.ticker import MaxNLocator

    ax, number = axes(ax), np.arange(1, len(result.share) + 1)
    ax.bar(number, result.share, **({"width": 1.0} | style))
    ax.plot(number, np.cumsum(result.share), color="0.3", linewidth=1.0, label="sum")
    ax.set(xlabel="principal component", ylabel="share of the variance", ylim=(0.0, 1.02))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(frameon=False)
    return ax


def classes(result: Classes, *, ax: Axes | None = None, **style: Any) -> Axes:
    """The weights of neurons, with those of a class beside one another.

    Raises `InvalidValue` if it is no result of `WeightClassification`.
    """
    _check(result, Classes)
    ax, labels = axes(ax), result.labels[result.order]
    options: dict[str, Any] = {"aspect": "auto", "interpolation": "nearest", "origin": "lower"} | style
    image = ax.imshow(result.vectors[result.order], **options)
    ax.figure.colorbar(image, ax=ax, label="weight")
    ends = np.flatnonzero(np.diff(labels)) + 0.5
    for end in ends:
        ax.axhline(end, color="white", linewidth=1.0)
    bounds = np.concatenate([[-0.5], ends, [len(labels) - 0.5]])
    ax.set_yticks((bounds[:-1] + bounds[1:]) / 2, [str(label) if label >= 0 else "none" for label in np.unique(labels)])
    ax.set(xlabel="synapse", ylabel="class")
    return ax


def receptive_fields(fields: ArrayLike, shape: tuple[int, int], *, ax: Axes | None = None, **style: Any) -> Axes:
    """Receptive fields (neurons, inputs) as images of `shape` (height, width), the first sixteen beside one another.

    Raises `ShapeMismatch` if the inputs do not fill the shape.
    """
    values = np.asarray(fields, float)
    height, width = shape
    if values.ndim != 2 or values.shape[1] != height * width or not len(values):
        raise ShapeMismatch(
            "fields", values.shape, f"for images of {height} x {width} give (neurons, {height * width})"
        )
    ax, tiles = axes(ax), _tiled(values[:MOST].reshape(-1, height, width))
    most = float(np.nanmax(np.abs(tiles))) or 1.0
    options: dict[str, Any] = {"cmap": "RdBu_r", "vmin": -most, "vmax": most, "interpolation": "nearest"} | style
    image = ax.imshow(tiles, **options)
    ax.figure.colorbar(image, ax=ax, label="response")
    ax.set_axis_off()
    return ax


def _tiled(images: NDArray[np.float64]) -> NDArray[np.float64]:
    """Images (n, height, width) in rows of one picture, with gaps of NaN."""
    n, height, width = images.shape
    across = int(np.ceil(np.sqrt(n)))
    down = -(-n // across)
    tiles = np.full((down * (height + 1) - 1, across * (width + 1) - 1), np.nan)
    for place, image in enumerate(images):
        row, column = divmod(place, across)
        top, left = row * (height + 1), column * (width + 1)
        tiles[top : top + height, left : left + width] = image
    return tiles


def _check(result: object, kind: type[object]) -> None:
    if not isinstance(result, kind):
        raise InvalidValue(f"{result!r:.80} is no {kind.__name__}, the result of an analysis.", value=result)


_PICTURES: dict[type[object], Callable[..., Any]] = {
    Intervals: intervals,
    AvalancheSizes: avalanches,
    Branching: branching,
    Correlations: correlations,
    Components: variance,
    Classes: classes,
}


def picture_of(result: object) -> Callable[..., Any] | None:
    """The picture of what an analysis has found, to be called with it and ``ax=``; None if there is none."""
    return next((draw for kind, draw in _PICTURES.items() if isinstance(result, kind)), None)
