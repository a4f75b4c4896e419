"""The flow chart of behaviours, drawn with Matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fusion.core.flow_chart import READ, WRITTEN, FlowChart, Step
from fusion.core.parts import Part
from fusion.errors import InvalidValue
from fusion.plot.axes import axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def flow_chart(shown: Part | FlowChart, *, iterations: int = 1, ax: Axes | None = None) -> Axes:
    """Behaviours from top to bottom as they take their steps, variables as columns; a ring is read, a disc is written.

    shown : a network, for all behaviours; a group or synapses, for those that touch it; or what `flow_chart` gave
    iterations : that the network simulates meanwhile

    Raises `InvalidValue` if there are no behaviours.
    """
    if not isinstance(shown, Part | FlowChart):
        raise InvalidValue(f"{shown!r} is no network, group, synapse group or flow chart.", value=shown)
    chart = shown if isinstance(shown, FlowChart) else shown.flow_chart(iterations)
    ax = axes(ax)
    names = chart.variables
    for column, name in enumerate(names):
        ax.plot([column, column], [-0.6, len(chart.steps) - 0.4], color="0.85", linewidth=1, zorder=0)
        ax.text(column, -0.8, name, rotation=35, ha="left", va="bottom", fontsize=9)
    for y, step in enumerate(chart.steps):
        _row(ax, y, step, names)
    ax.scatter([], [], s=150, facecolors="none", edgecolors=READ, linewidths=2, label="reads")
    ax.scatter([], [], s=60, color=WRITTEN, label="writes")
    ax.legend(loc="upper left", bbox_to_anchor=(0.0, 0.0), ncols=2, frameon=False)
    ax.set(xlim=(-0.8, len(names) + 0.4), ylim=(len(chart.steps) - 0.3, -2.2))
    ax.set_yticks(range(len(chart.steps)), [step.label for step in chart.steps])
    ax.set_xticks([])
    ax.tick_params(length=0)
    for side in ax.spines.values():
        side.set_visible(False)
    return ax


def _row(ax: Axes, y: int, step: Step, names: list[str]) -> None:
    read, written = ([names.index(name) for name in touched] for touched in (step.reads, step.writes))
    if read or written:
        ax.plot([-0.7, max(read + written)], [y, y], color="0.6", linewidth=1, zorder=1)
    ax.scatter(written, [y] * len(written), s=60, color=WRITTEN, zorder=2)
    ax.scatter(read, [y] * len(read), s=150, facecolors="none", edgecolors=READ, linewidths=2, zorder=3)
