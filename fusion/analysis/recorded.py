"""`Trains`: what recorders have written down, as arrays to compute with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fusion.core.neurons import NeuronGroup
from fusion.core.parts import Part, listed
from fusion.core.subgroup import NeuronSubGroup
from fusion.errors import InvalidValue, TooLittleData, UnknownName
from fusion.network import Network
from fusion.recording.recorder import EventRecorder, Recorder, Recording

Neurons = NeuronGroup | NeuronSubGroup
R = TypeVar("R", bound=Recording)

ROUNDING = 1e-6
"""ms, by which a time that the user writes may miss that of a tick."""


@dataclass(frozen=True)
class Trains:
    """Spikes of some neurons between two times.

    Attributes
    ----------
    t : (n_spikes,) float, ms, ascending
    i : (n_spikes,) int, who fired
    size : int, neurons
    start, stop : float, ms
    """

    t: NDArray[np.float64]
    i: NDArray[np.int64]
    size: int
    start: float
    stop: float

    def bins(self, width: float) -> int:
        """How many whole bins of `width` ms there are; `InvalidValue` if none."""
        span = self.stop - self.start
        if not width > 0 or width > span:
            raise InvalidValue(f"width={width!r}: bins are longer than 0 and fit into {span:g} ms.", width=width)
        return int(span / width + 1e-9)

    def edges(self, width: float) -> NDArray[np.float64]:
        """Edges of the bins (bins + 1,), ms."""
        return np.asarray(self.start + width * np.arange(self.bins(width) + 1, dtype=float))

    def population(self, width: float) -> NDArray[np.int64]:
        """Spikes of all neurons in each bin (bins,)."""
        n = self.bins(width)
        at, _ = self._placed(width, n)
        return np.bincount(at, minlength=n)

    def counts(self, width: float) -> NDArray[np.int64]:
        """Spikes of each neuron in each bin (bins, size)."""
        n = self.bins(width)
        at, who = self._placed(width, n)
        return np.bincount(at * self.size + who, minlength=n * self.size).reshape(n, self.size)

    def rate(self, width: float) -> NDArray[np.float64]:
        """Mean rate of a neuron in each bin (bins,), Hz."""
        return np.asarray(self.population(width) * (1000.0 / width / self.size), float)

    def _placed(self, width: float, n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        # A spike at tick k belongs to the step that ends there: bins are open at their beginning, closed at their end.
        at = np.ceil((self.t - self.start) / width - 1e-9).astype(np.int64) - 1
        inside = (at >= 0) & (at < n)
        return at[inside], self.i[inside]


@dataclass(frozen=True)
class Samples:
    """Rows at even times.

    Attributes
    ----------
    rows : (n, values)
    t : (n,) float, ms
    step : float, ms, from one to the next
    """

    rows: NDArray[Any]
    t: NDArray[np.float64]
    step: float


def trains(part: Part | NeuronSubGroup, start: float = 0.0, stop: float | None = None) -> Trains:
    """What an ``EventRecorder("spike")`` wrote down: of a group, a part of one, or all recorded groups of a network.

    start, stop : ms; all until now unless given. A spike counts from after `start` up to `stop`.

    Raises `UnknownName` if nobody recorded the spikes, `InvalidValue` if nothing lies between the times.
    """
    if isinstance(part, Network):
        groups: list[Any] = [group for group in part.groups if _writes_down(group, EventRecorder, "spike")]
        if not groups:
            raise _unrecorded(part, EventRecorder, "spike", "its groups")
    else:
        groups = [part]
    fired = [spikes_of(group) for group in groups]
    begin, end = interval(part, start, stop)
    t, i, first = [np.empty(0)], [np.empty(0, np.int64)], 0
    for group, (times, who) in zip(groups, fired, strict=True):
        shown = (times > begin + ROUNDING) & (times <= end + ROUNDING)
        t.append(times[shown])
        i.append(who[shown] + first)
        first += group.size
    all_t, all_i = np.concatenate(t), np.concatenate(i)
    order = np.argsort(all_t, kind="stable")
    return Trains(all_t[order], all_i[order], first, begin, end)


def samples(part: Part, expression: str, start: float = 0.0, stop: float | None = None) -> Samples:
    """What a `Recorder` wrote down after `start` up to `stop` (ms).

    Raises `UnknownName` if nobody recorded it, `TooLittleData` if there are less than two rows.
    """
    recorder = recorder_of(part, Recorder, expression)
    begin, end = interval(part, start, stop)
    chosen = (recorder.t > begin + ROUNDING) & (recorder.t <= end + ROUNDING)
    t, values = recorder.t[chosen], part[expression, 0][chosen]
    if len(t) < 2:
        raise TooLittleData(f"{expression!r} of {part.tag!r}", len(t), 2, "rows")
    step = float(t[1] - t[0])
    if not np.allclose(np.diff(t), step, rtol=0.0, atol=1e-6 * step):
        raise InvalidValue(f"{expression!r} of {part.tag!r} was not recorded at even times; choose start= and stop=.")
    return Samples(values.reshape(len(values), -1), t, step)


def recorder_of(part: Part, kind: type[R], expression: str) -> R:
    """The first recorder of a kind that writes an expression down; `UnknownName` if there is none."""
    for recorder in listed(part):
        if isinstance(recorder, kind) and any(each.text == expression for each in recorder.expressions):
            return recorder
    raise _unrecorded(part, kind, expression, repr(part.tag))


def whole(neurons: Any) -> NeuronGroup:
    """The group, of which the neurons may be a part; `InvalidValue` if these are no neurons."""
    if isinstance(neurons, NeuronSubGroup):
        return neurons.base
    if not isinstance(neurons, NeuronGroup):
        raise InvalidValue(f"{neurons!r} is no group of neurons; give a NeuronGroup or a part of one.", value=neurons)
    return neurons


def spikes_of(neurons: Neurons) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Times (ms) and indices within the selection, of all spikes that an `EventRecorder` has written down."""
    group = whole(neurons)
    recorder_of(group, EventRecorder, "spike")
    t, i = group["spike.t", 0], group["spike.i", 0]
    if not isinstance(neurons, NeuronSubGroup):
        return t, i
    position = np.full(group.size, -1)
    position[neurons.index] = np.arange(neurons.size)
    chosen = position[i] >= 0
    return t[chosen], position[i[chosen]]


def interval(part: Part | NeuronSubGroup, start: float, stop: float | None) -> tuple[float, float]:
    """`start` and `stop` (ms), the latter what the network has reached if it is None; `InvalidValue` if it is empty."""
    network: Any = part.network
    end = float(network.clock.ms(network.iteration)) if stop is None else float(stop)
    if not start < end:
        raise InvalidValue(f"Nothing lies between start={start:g} and stop={end:g} ms.", start=start, stop=end)
    return float(start), end


def on_grid(part: Part, width: float | None) -> float:
    """`width` (ms), one dt if it is None; `OffGrid` or `InvalidValue` if it is no whole number of them, at least one.

    Bins that hold now one step more, now one less, would show a rhythm that nobody has.
    """
    clock = part.network.clock
    ticks = 1 if width is None else clock.ticks(width, "width")
    if ticks < 1:
        raise InvalidValue(f"width={width!r}: bins are longer than 0.", width=width)
    return float(clock.ms(ticks))


def _writes_down(part: Part, kind: type[Recording], expression: str) -> bool:
    recorders = (one for one in listed(part) if isinstance(one, kind))
    return any(each.text == expression for recorder in recorders for each in recorder.expressions)


def _unrecorded(part: Part, kind: type[Recording], expression: str, place: str) -> UnknownName:
    recorders = (one for one in listed(part) if isinstance(one, kind))
    known = [each.text for recorder in recorders for each in recorder.expressions]
    error = UnknownName(f"recorded expression of {part.tag!r}", expression, known)
    error.add_note(f"Attach {kind.__name__}({expression!r}) to {place} before the run.")
    return error
