"""What a picture is made of: axes to draw on, and expressions with their units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fusion.core.parts import unit_of
from fusion.core.synapses import AdoptedSynapseGroup, SynapseGroup

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def axes(ax: Axes | None) -> Axes:
    """The axes that were given, or the current ones."""
    if ax is not None:
        return ax
    try:
        import matplotlib.pyplot as plt  # not where ax= is given, for a figure may be made without pyplot
    except ImportError as error:
        raise ImportError("Pictures need Matplotlib: pip install 'fusion-sim[plot]'.") from error
    return plt.gca()


def labelled(part: Any, expression: str) -> str:
    """An expression with its unit, where it is a variable that has one, or some of its values."""
    unit = unit_of(part, expression)
    return f"{expression} ({unit})" if unit else expression


def weight_label(synapses: SynapseGroup) -> str:
    """The word for the weights of synapses, with their unit if one is known."""
    if isinstance(synapses, AdoptedSynapseGroup):
        unit = synapses.unit("weights")
    else:
        unit = synapses.place.unit if synapses.delivers else None
    return f"weight ({unit})" if unit else "weight"
