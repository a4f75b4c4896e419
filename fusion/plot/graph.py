"""A network as a graph: groups by simulator, links with their delays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from fusion.core.foreign import ForeignNeuronGroup
from fusion.core.neurons import NeuronGroup
from fusion.core.subgroup import NeuronSubGroup
from fusion.core.synapses import SynapseGroup
from fusion.errors import InvalidValue
from fusion.network import Network
from fusion.plot.axes import axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {"native": "0.85", "nest": "#f3b7a0", "brian2": "#a9c9ea", "tensorflow": "#f5dc9a", "toy": "#c9e3b4"}
OTHER = "#d3c1e5"

Place = tuple[float, float]


def network(net: Network, *, ax: Axes | None = None) -> Axes:
    """Groups of neurons in a circle, coloured by their simulator, and an arrow for each synapse group with its delay.

    Arrows of links that carry samples are dashed.

    Raises `InvalidValue` if the network has no neurons.
    """
    groups = list(net.groups)
    if not groups:
        raise InvalidValue("The network has no groups of neurons to draw.")
    ax = axes(ax)
    angles = np.pi / 2 - 2 * np.pi * np.arange(len(groups)) / len(groups)
    radius = 0.0 if len(groups) == 1 else 1.0
    places: dict[NeuronGroup, Place] = {
        group: (float(radius * np.cos(a)), float(radius * np.sin(a))) for group, a in zip(groups, angles, strict=True)
    }
    for synapses in dict.fromkeys(one.whole or one for one in net.synapses):
        _arrow(ax, synapses, places[_whole(synapses.source)], places[_whole(synapses.target)])
    for group, place in places.items():
        _box(ax, group, place)
    ax.set(xlim=(-1.9, 1.9), ylim=(-1.9, 1.9), aspect="equal")
    ax.set_axis_off()
    return ax


def _whole(end: Any) -> NeuronGroup:
    group: NeuronGroup = end.base if isinstance(end, NeuronSubGroup) else end
    return group


def _box(ax: Axes, group: NeuronGroup, place: Place) -> None:
    simulator, where = "native", ""
    if isinstance(group, ForeignNeuronGroup):
        simulator = group.adapter.name
        where = "" if group.adapter.place == "in process" else f"\n{group.adapter.place}"
    ax.text(
        place[0], place[1], f"{group.tag}\n{group.size}, {simulator}{where}",
        ha="center", va="center", fontsize=9, zorder=3,
        bbox={"boxstyle": "round,pad=0.5", "facecolor": COLOURS.get(simulator, OTHER), "edgecolor": "0.4"},
    )  # fmt: skip


def _arrow(ax: Axes, synapses: SynapseGroup, start: Place, end: Place) -> None:
    from matplotlib.patches import FancyArrowPatch

    source, target = np.array(start), np.array(end)
    if start == end:
        # A loop on the side that looks away from the others.
        out = source / np.hypot(*source) if source.any() else np.array([0.0, 1.0])
        side, label = np.array([-out[1], out[0]]) * 0.12, source + 0.74 * out
        source, target, bend, gap = source + 0.2 * out + side, source + 0.2 * out - side, -3.0, 0.0
    else:
        bend, gap, along = 0.18, 24.0, target - source
        label = (source + target) / 2 + 0.62 * bend * np.array([along[1], -along[0]])
    analog = synapses.delivers and (synapses.signal is not None or synapses.filter is not None)
    ax.add_patch(FancyArrowPatch(
        (source[0], source[1]), (target[0], target[1]), connectionstyle=f"arc3,rad={bend}", arrowstyle="-|>",
        mutation_scale=12, linestyle="--" if analog else "-", color="0.35", shrinkA=gap, shrinkB=gap, zorder=1,
    ))  # fmt: skip
    ax.text(
        label[0], label[1], _says(synapses), fontsize=7.5, ha="center", va="center", color="0.25", zorder=2,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
    )  # fmt: skip


def _says(synapses: SynapseGroup) -> str:
    if not synapses.delivers:
        return str(synapses.tag)
    dt = synapses.network.dt
    shortest, longest = synapses.min_delay * dt, synapses.max_delay * dt
    delay = f"{shortest:g} ms" if shortest == longest else f"{shortest:g} to {longest:g} ms"
    return f"{synapses.tag}\n{delay}"
