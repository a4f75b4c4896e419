"""What a picture is made of: axes to draw on, and expressions with their units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    try:
        unit = part.unit(expression.partition("[")[0])
    except (LookupError, AttributeError):  # it is computed from variables
        unit = None
    return f"{expression} ({unit})" if unit else expression
