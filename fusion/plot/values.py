"""Variables over time, and weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from fusion.analysis.recorded import recorder_of
from fusion.analysis.weights import each_synapse
from fusion.core.parts import Part
from fusion.core.synapses import SynapseGroup
from fusion.core.weights import is_sparse
from fusion.errors import InvalidValue
from fusion.plot.axes import axes, labelled, weight_label
from fusion.recording.recorder import Recorder

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 10
"""Columns that are drawn unless the user chooses."""


def traces(part: Part, expression: str, *, columns: Any = None, ax: Axes | None = None, **style: Any) -> Axes:
    """What a `Recorder` wrote down over time, one line for each column.

    part : what the recorder is attached to
    columns : which neurons or synapses, as an index of the columns; the first ten unless given

    Raises `UnknownName` if nobody recorded it, `InvalidValue` if rows are no rows of numbers or a column is not there.
    """
    recorder = recorder_of(part, Recorder, expression)
    rows = part[expression, 0]
    if rows.ndim > 2:
        raise InvalidValue(f"{expression!r} of {part.tag!r} has rows of shape {rows.shape[1:]}; record a part of it.")
    rows = rows.reshape(len(rows), -1)
    try:
        chosen = np.atleast_1d(np.arange(rows.shape[1])[slice(MOST) if columns is None else columns])
    except IndexError as error:
        raise InvalidValue(f"columns={columns!r}: {error}.", columns=columns) from error
    ax = axes(ax)
    ax.plot(recorder.t, rows[:, chosen], **({"linewidth": 0.9} | style))
    ax.set(xlabel="time (ms)", ylabel=f"{part.tag}: {labelled(part, expression)}")
    return ax


def weights(synapses: SynapseGroup, *, kind: str = "matrix", ax: Axes | None = None, **style: Any) -> Axes:
    """The weights as they are now.

    kind : "matrix", an image (target, source) with a colour bar; or "histogram" of the synapses that there are

    Raises `InvalidValue` if it is another kind, or no synapse group with weights.
    """
    if not isinstance(synapses, SynapseGroup):
        raise InvalidValue(f"{synapses!r} is no SynapseGroup.", value=synapses)
    if kind not in ("matrix", "histogram"):
        raise InvalidValue(f"kind={kind!r}: give 'matrix' or 'histogram'.", kind=kind)
    if "W" not in synapses.variable_names():
        raise InvalidValue(f"{synapses.tag!r} has no weights W to show.")
    from matplotlib.ticker import MaxNLocator

    ax, W = axes(ax), synapses.W
    title = f"{synapses.source.tag} to {synapses.target.tag}"
    if kind == "histogram":
        ax.hist(each_synapse(synapses), **({"bins": 50} | style))
        ax.set(xlabel=f"{weight_label(synapses)}, {title}", ylabel="synapses")
        return ax
    dense = W.toarray() if is_sparse(W) else np.asarray(W)
    most = float(np.abs(dense).max(initial=0.0)) or 1.0
    # Signs are told apart by hue; weights of one sign alone need only one.
    options = {"cmap": "RdBu_r", "vmin": -most, "vmax": most} if dense.min(initial=0.0) < 0 else {"vmin": 0.0}
    image = ax.imshow(dense, **({"aspect": "auto", "interpolation": "nearest", "origin": "lower"} | options | style))
    ax.figure.colorbar(image, ax=ax, label=weight_label(synapses))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel=f"source, {synapses.source.tag}", ylabel=f"target, {synapses.target.tag}")
    return ax
