"""A network as a graph, drawn with Matplotlib: groups by simulator, links with their delays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fusion.core.graph import Arrow, Graph, Node
from fusion.errors import InvalidValue
from fusion.network import Network
from fusion.plot.axes import axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Place = tuple[float, float]


def network(shown: Network | Graph, *, ax: Axes | None = None) -> Axes:
    """Groups of neurons in a circle, coloured by their simulator, and arrows for synapse groups with their delays.

    Those from one group to another share an arrow, which is dashed if they carry samples. `shown` may be what
    `Network.graph` gave.

    Raises `InvalidValue` if it is neither, or has no neurons.
    """
    if not isinstance(shown, Network | Graph):
        raise InvalidValue(f"{shown!r} is no network, nor what graph() of one gives.", value=shown)
    graph = shown if isinstance(shown, Graph) else shown.graph()
    if not graph.nodes:
        raise InvalidValue("The network has no groups of neurons to draw.")
    ax = axes(ax)
    places = graph.places()
    for arrow in graph.arrows():
        _draw(ax, arrow, places[arrow.source], places[arrow.target])
    for node, place in zip(graph.nodes, places, strict=True):
        _box(ax, node, place)
    ax.set(xlim=(-1.9, 1.9), ylim=(-1.9, 1.9), aspect="equal")
    ax.set_axis_off()
    return ax


def _box(ax: Axes, node: Node, place: Place) -> None:
    ax.text(
        place[0], place[1], node.label, ha="center", va="center", fontsize=9, zorder=3,
        bbox={"boxstyle": "round,pad=0.5", "facecolor": node.colour, "edgecolor": "0.4"},
    )  # fmt: skip


def _draw(ax: Axes, arrow: Arrow, start: Place, end: Place) -> None:
    from matplotlib.patches import FancyArrowPatch

    source, target = np.array(start), np.array(end)
    if arrow.source == arrow.target:
        # A loop on the side that looks away from the others.
        out = source / np.hypot(*source) if source.any() else np.array([0.0, 1.0])
        side, label = np.array([-out[1], out[0]]) * 0.12, source + 0.74 * out
        source, target, bend, gap = source + 0.2 * out + side, source + 0.2 * out - side, -3.0, 0.0
    else:
        bend, gap, along = 0.18, 24.0, target - source
        label = (source + target) / 2 + 0.62 * bend * np.array([along[1], -along[0]])
    ax.add_patch(FancyArrowPatch(
        (source[0], source[1]), (target[0], target[1]), connectionstyle=f"arc3,rad={bend}", arrowstyle="-|>",
        mutation_scale=12, linestyle="--" if arrow.is_dashed else "-", color="0.35", shrinkA=gap, shrinkB=gap,
        zorder=1,
    ))  # fmt: skip
    ax.text(
        label[0], label[1], arrow.label, fontsize=7.5, ha="center", va="center", color="0.25", zorder=2,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
    )  # fmt: skip
