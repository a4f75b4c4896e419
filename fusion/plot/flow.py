"""The flow chart of behaviours: who reads and writes what, in the order of an iteration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fusion.core.parts import Part
from fusion.errors import InvalidValue
from fusion.network import Network
from fusion.plot.recorded import axes
from fusion.plot.tracing import Touched, traced

if TYPE_CHECKING:
    from matplotlib.axes import Axes

READ, WRITTEN = "#2b6ca3", "#c8553d"


def flow_chart(part: Part, *, iterations: int = 1, ax: Axes | None = None) -> Axes:
    """Behaviours from top to bottom as they take their steps, variables as columns; a ring is read, a disc is written.

    part : a network, for all behaviours; a group or a synapse group, for its own and those that touch it
    iterations : that the network simulates meanwhile; `traced` says what can be seen

    Raises `InvalidValue` if there are no behaviours.
    """
    net = part if isinstance(part, Network) else part.network
    if not isinstance(net, Network):
        raise InvalidValue(f"{part!r} is no network, group or synapse group.", value=part)
    rows = [one for one in traced(net, iterations) if part is net or one.behaviour.owner is part or _touches(one, part)]
    if not rows:
        raise InvalidValue(f"{part!r} has no behaviours to show.")
    return draw_flow([Touched(one.behaviour, _full(one, one.reads), _full(one, one.writes)) for one in rows], ax)


def draw_flow(rows: list[Touched], ax: Axes | None = None) -> Axes:
    """The chart of what is known of behaviours, in the order and by the names given."""
    ax = axes(ax)
    names = list(dict.fromkeys(name for one in rows for name in (*one.reads, *one.writes)))
    for column, name in enumerate(names):
        ax.plot([column, column], [-0.6, len(rows) - 0.4], color="0.85", linewidth=1, zorder=0)
        ax.text(column, -0.8, name, rotation=35, ha="left", va="bottom", fontsize=9)
    for y, one in enumerate(rows):
        _row(ax, y, one, names)
    ax.scatter([], [], s=150, facecolors="none", edgecolors=READ, linewidths=2, label="reads")
    ax.scatter([], [], s=60, color=WRITTEN, label="writes")
    ax.legend(loc="upper left", bbox_to_anchor=(0.0, 0.0), ncols=2, frameon=False)
    ax.set(xlim=(-0.8, len(names) + 0.4), ylim=(len(rows) - 0.3, -2.2))
    ax.set_yticks(range(len(rows)), [_label(one) for one in rows])
    ax.set_xticks([])
    ax.tick_params(length=0)
    for side in ax.spines.values():
        side.set_visible(False)
    return ax


def _row(ax: Axes, y: int, one: Touched, names: list[str]) -> None:
    read = [names.index(name) for name in one.reads]
    written = [names.index(name) for name in one.writes]
    if read or written:
        ax.plot([-0.7, max(read + written)], [y, y], color="0.6", linewidth=1, zorder=1)
    ax.scatter(written, [y] * len(written), s=60, color=WRITTEN, zorder=2)
    ax.scatter(read, [y] * len(read), s=150, facecolors="none", edgecolors=READ, linewidths=2, zorder=3)


def _full(one: Touched, names: list[str]) -> list[str]:
    owner = one.behaviour.owner
    own = "" if owner is None or isinstance(owner, Network) else f"{owner.tag}."
    return [name if "." in name else own + name for name in names]


def _touches(one: Touched, part: Part) -> bool:
    return any(name.startswith(f"{part.tag}.") for name in (*_full(one, one.reads), *_full(one, one.writes)))


def _label(one: Touched) -> str:
    owner = one.behaviour.owner
    where = "network" if owner is None or isinstance(owner, Network) else owner.tag
    return f"{one.behaviour.key:g}  {type(one.behaviour).__name__}\n{where}"
