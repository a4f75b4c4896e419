"""Spikes: who fires when, how often, and in which rhythm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fusion.errors import InvalidValue
from fusion.plot.recorded import Neurons, axes, interval, spikes_of, whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def raster(
    neurons: Neurons | Sequence[Neurons], *, start: float = 0.0, stop: float | None = None, ax: Axes | None = None,
    **style: Any,
) -> Axes:  # fmt: skip
    """A mark for each spike; several groups stand one above the other, each with its colour and its tag.

    neurons : a group or a part of one, with an ``EventRecorder("spike")``; or several
    start, stop : ms; all until now
    style : of the marks, as for ``ax.plot``

    Raises `UnknownName` if nobody recorded the spikes.
    """
    groups: list[Any] = list(neurons) if isinstance(neurons, list | tuple) else [neurons]
    if not groups:
        raise InvalidValue("raster() was given no group of neurons.")
    fired = [spikes_of(one) for one in groups]
    start, stop = interval(whole(groups[0]), start, stop)
    ax = axes(ax)
    options: dict[str, Any] = {"linestyle": "", "marker": "|", "markersize": 3.0, "markeredgewidth": 0.7} | style
    first, middles = 0, []
    for one, (t, i) in zip(groups, fired, strict=True):
        shown = (t >= start) & (t <= stop)
        ax.plot(t[shown], i[shown] + first, **options)
        middles.append(first + (one.size - 1) / 2)
        first += one.size
        if one is not groups[-1]:
            ax.axhline(first - 0.5, color="0.8", linewidth=0.7, zorder=0)
    if len(groups) > 1:
        ax.set_yticks(middles, [one.tag for one in groups])
    else:
        ax.set_ylabel(f"{groups[0].tag}, neuron")
    ax.set(xlabel="time (ms)", xlim=(start, stop), ylim=(-1, first))
    return ax


def rate(
    neurons: Neurons, *, width: float = 5.0, start: float = 0.0, stop: float | None = None, ax: Axes | None = None,
    **style: Any,
) -> Axes:  # fmt: skip
    """The mean rate of a population, Hz, in bins of `width` ms.

    Raises `UnknownName` if nobody recorded the spikes, `InvalidValue` if a bin is not positive or longer than the time.
    """
    start, stop = interval(whole(neurons), start, stop)
    edges, hz = binned(neurons, width, start, stop)
    ax = axes(ax)
    ax.stairs(hz, edges, **({"label": neurons.tag} | style))
    ax.set(xlabel="time (ms)", ylabel=f"rate of {neurons.tag} (Hz)", xlim=(start, stop))
    ax.set_ylim(bottom=0.0)
    return ax


def spectrum(
    neurons: Neurons, *, width: float = 1.0, highest: float = 100.0, start: float = 0.0, stop: float | None = None,
    ax: Axes | None = None, **style: Any,
) -> Axes:  # fmt: skip
    """The power spectrum of the population rate, by Welch's method over segments of half a second or what there is.

    width : ms, of the bins in which spikes are counted
    highest : Hz, up to which it is shown

    Raises as `rate`.
    """
    from scipy.signal import welch

    start, stop = interval(whole(neurons), start, stop)
    _, hz = binned(neurons, width, start, stop)
    frequencies, power = welch(hz, 1000.0 / width, nperseg=min(len(hz), max(1, round(500.0 / width))))
    ax, shown = axes(ax), (frequencies > 0) & (frequencies <= highest)
    ax.plot(frequencies[shown], power[shown], **({"label": neurons.tag} | style))
    ax.set(xlabel="frequency (Hz)", ylabel=f"power of the rate of {neurons.tag} (Hz²/Hz)", xlim=(0.0, highest))
    ax.set_ylim(bottom=0.0)
    return ax


def binned(
    neurons: Neurons, width: float, start: float, stop: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Edges of whole bins of `width` ms (n + 1,), and the mean rate of a neuron in each (n,), Hz."""
    if not width > 0 or width > stop - start:
        raise InvalidValue(f"width={width!r}: bins are longer than 0 and fit into {stop - start:g} ms.", width=width)
    t, _ = spikes_of(neurons)
    n = int((stop - start) / width + 1e-9)
    edges: NDArray[np.float64] = start + width * np.arange(n + 1, dtype=float)
    # A spike at tick k belongs to the step that ends there, so a bin is open at its beginning and closed at its end.
    at = np.ceil((t - start) / width - 1e-9).astype(int) - 1
    counts = np.bincount(at[(at >= 0) & (at < n)], minlength=n)
    return edges, np.asarray(counts * (1000.0 / width / neurons.size), float)
