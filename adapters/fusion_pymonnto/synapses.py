"""`SynapseGroup` of a PymoNNto script."""

from __future__ import annotations

import copy
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

import fusion.core.synapses as core
from fusion.errors import InvalidValue
from fusion_pymonnto.behavior import Behavior
from fusion_pymonnto.parts import Behaviors, ScriptPart, by_key
from fusion_pymonnto.shadowing import shadowing
from fusion_pymonnto.views import View
from fusion_pymonnto.words import SynapseWords, afferent

_OWN = frozenset({"source", "target", "src", "dst", "network", "shape", "tags", "behaviours", "location", "delivers"})


@shadowing
class SynapseGroup(ScriptPart, SynapseWords, core.SynapseGroup):  # type: ignore[misc]  # `matrix` takes more
    """Synapses of a PymoNNto script: a place for behaviours and what they keep, ``W`` among it.

    Parameters
    ----------
    net : Network
    src, dst : NeuronGroup, a part of one, or a tag
    tag : str
    behavior : {key: Behavior}, or a list, whose places are the keys
    behaviour : 1.x's word for `behavior`

    Attributes
    ----------
    enabled : True, or bool (dst.size, src.size)
        Which synapses there are.
    group_weighting : float
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        return object.__new__(cls)  # fusion's looks whether a simulator's synapses were given

    def __init__(
        self,
        net: Any,
        src: Any,
        dst: Any,
        tag: str | None = None,
        behavior: Behaviors = None,
        behaviour: Behaviors = None,
    ) -> None:
        given = by_key(behavior, behaviour, net)
        self._begin()
        self.enabled: Any = True
        self.group_weighting = 1.0
        ends = [_end(net, end, role) for end, role in ((src, "src"), (dst, "dst"))]
        core.SynapseGroup.__init__(
            self, net, *ends, tag=tag or f"SynapseGroup_{len(net.synapses) + 1}", behaviour=given
        )
        # Attributes, because steps look them up all the time.
        self.src, self.dst = self._shown(self.source), self._shown(self.target)  # type: ignore[misc]
        self.add_tag("syn").add_tag(f"{self.source.tag} => {self.target.tag}")
        self._initialize_on_init()

    @property
    def iteration(self) -> int:
        """Number of the current iteration; the first is 1."""
        now: int = self.network.iteration
        return now

    def _extent(self) -> tuple[int, ...]:
        shape = (self.target.size, self.source.size)
        return shape[::-1] if self.network.transposed_synapse_matrix_mode else shape

    def ignore_transpose_mode(self, W: Any) -> Any:
        """A matrix of this group as (dst.size, src.size)."""
        return W.T if self.network.transposed_synapse_matrix_mode else W

    # --- space -----------------------------------------------------------------------------------------------------

    def get_distance_mat(
        self, radius: float, src_x: Any = None, src_y: Any = None, dst_x: Any = None, dst_y: Any = None
    ) -> NDArray[Any]:
        """1 at the closest neuron of each row, falling to 0 at `radius` (dst.size, src.size); the rest is 0."""
        sx, sy = (self.src.x if src_x is None else src_x), (self.src.y if src_y is None else src_y)
        dx, dy = (self.dst.x if dst_x is None else dst_x), (self.dst.y if dst_y is None else dst_y)
        near = np.clip(radius - np.hypot(sx[None, :] - dx[:, None], sy[None, :] - dy[:, None]), 0.0, None)
        largest = near.max(axis=1, keepdims=True)
        scaled: NDArray[Any] = near / np.where(largest > 0, largest, 1.0)
        return scaled

    def get_ring_mat(
        self,
        radius: float,
        inner_exp: float,
        src_x: Any = None,
        src_y: Any = None,
        dst_x: Any = None,
        dst_y: Any = None,
    ) -> NDArray[Any]:
        """A ring around each neuron, 1 at its highest (dst.size, src.size)."""
        near = self.get_distance_mat(radius, src_x, src_y, dst_x, dst_y)
        ring = np.clip(near - near**inner_exp * 1.5, 0.0, None)
        return ring / (ring.max() or 1.0)

    def get_max_receptive_field_size(self) -> tuple[float, ...]:
        """How far enabled synapses reach along x, y and z, at least 1."""
        rows, columns = np.nonzero(np.broadcast_to(self.enabled, (self.dst.size, self.src.size)))
        reach = []
        for name in "xyz":
            there, here = getattr(self.src, name), getattr(self.dst, name)  # one of x, y and z
            reach.append(float(np.max(np.abs(there[columns] - here[rows]), initial=1.0)))
        return tuple(reach)

    def get_synapse_group_size_factor(self, synapse_group: Any, synapse_type: str) -> float:
        """The share that a group has in all synapses of a type that arrive at its target."""
        groups = synapse_group.dst.synapses(afferent, synapse_type)
        weighting = sum(one.group_weighting for one in groups)
        total = sum(one.src.size * one.group_weighting for one in groups)
        return float(weighting / total * synapse_group.src.size * synapse_group.group_weighting)

    # --- parts -----------------------------------------------------------------------------------------------------

    def get_sub_synapse_group(self, src_mask: NDArray[np.bool_], dst_mask: NDArray[np.bool_]) -> Self:
        """The synapses between two parts, in the same network: matrices cut out, behaviours and the rest copied.

        Behaviours that have been initialized are not copied: what they did is there.
        """
        waiting = {key: one for key, one in self.behaviours.items() if isinstance(one, Behavior) and not one.is_started}
        copies: dict[float, Any] = {key: one.copied() for key, one in waiting.items()}
        part = type(self)(
            self.network, self.src.subGroup(src_mask), self.dst.subGroup(dst_mask), self.tags[0], behavior=copies
        )
        part.add_tag(",".join(self.tags))
        block = np.ix_(dst_mask, src_mask)
        for name, value in vars(self).items():
            if name not in _OWN and not name.startswith("_"):
                is_matrix = isinstance(value, np.ndarray) and value.shape == self.shape
                setattr(part, name, value[block] if is_matrix else copy.copy(value))  # an attribute of both
        return part

    def __str__(self) -> str:
        inside = "".join(f"{key}:{self.behaviours[key]}," for key in sorted(self.behaviours))
        return f"SynapseGroup{list(self.tags)}(D{self.target.size}xS{self.source.size}){{{inside}}}"


def _end(net: Any, end: Any, role: str) -> Any:
    if isinstance(end, View):
        return end.plain
    if isinstance(end, str) and net[end, 0] is None:
        raise InvalidValue(f"{role}={end!r}: no group bears this tag.", tag=end)
    return end
