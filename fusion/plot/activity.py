"""Spikes: who fires when, how often, and in which rhythm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fusion.analysis.recorded import Neurons, interval, spikes_of, trains, whole
from fusion.analysis.spectrum import power_spectrum
from fusion.errors import InvalidValue
from fusion.plot.axes import axes

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
    fired = trains(neurons, start, stop)
    ax = axes(ax)
    ax.stairs(fired.rate(width), fired.edges(width), **({"label": neurons.tag} | style))
    ax.set(xlabel="time (ms)", ylabel=f"rate of {neurons.tag} (Hz)", xlim=(fired.start, fired.stop))
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
    frequencies, power = power_spectrum(trains(neurons, start, stop).rate(width), width)
    ax, shown = axes(ax), (frequencies > 0) & (frequencies <= highest)
    ax.plot(frequencies[shown], power[shown], **({"label": neurons.tag} | style))
    ax.set(xlabel="frequency (Hz)", ylabel=f"power of the rate of {neurons.tag} (Hz²/Hz)", xlim=(0.0, highest))
    ax.set_ylim(bottom=0.0)
    return ax
