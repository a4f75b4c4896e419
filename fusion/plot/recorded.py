"""What a picture is made of: axes to draw on, and what recorders have written down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fusion.core.neurons import NeuronGroup
from fusion.core.parts import Part
from fusion.core.subgroup import NeuronSubGroup
from fusion.errors import InvalidValue, UnknownName
from fusion.recording.recorder import EventRecorder, Recording

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Neurons = NeuronGroup | NeuronSubGroup
R = TypeVar("R", bound=Recording)


def axes(ax: Axes | None) -> Axes:
    """The axes that were given, or the current ones."""
    if ax is not None:
        return ax
    try:
        import matplotlib.pyplot as plt  # not where ax= is given, for a figure may be made without pyplot
    except ImportError as error:
        raise ImportError("Pictures need Matplotlib: pip install 'fusion-sim[plot]'.") from error
    return plt.gca()


def recorder_of(part: Part, kind: type[R], expression: str) -> R:
    """The first recorder of a kind that writes an expression down; `UnknownName` if there is none."""
    recorders = [one for one in part.behaviours.values() if isinstance(one, kind)]
    for recorder in recorders:
        if any(each.text == expression for each in recorder.expressions):
            return recorder
    error = UnknownName(
        f"recorded expression of {part.tag!r}",
        expression,
        [each.text for recorder in recorders for each in recorder.expressions],
    )
    error.add_note(f"Attach {kind.__name__}({expression!r}) to {part.tag!r} before the run.")
    raise error


def whole(neurons: Neurons) -> NeuronGroup:
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


def interval(group: NeuronGroup, start: float, stop: float | None) -> tuple[float, float]:
    """`start` and `stop` (ms), the latter what the network has reached if it is None; `InvalidValue` if it is empty."""
    network: Any = group.network
    end = float(network.clock.ms(network.iteration)) if stop is None else float(stop)
    if not start < end:
        raise InvalidValue(f"Nothing lies between start={start:g} and stop={end:g} ms.", start=start, stop=end)
    return float(start), end


def labelled(part: Any, expression: str) -> str:
    """An expression with its unit, where it is a variable that has one, or some of its values."""
    try:
        unit = part.unit(expression.partition("[")[0])
    except (LookupError, AttributeError):  # it is computed from variables
        unit = None
    return f"{expression} ({unit})" if unit else expression
