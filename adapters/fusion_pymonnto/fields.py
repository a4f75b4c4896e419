"""Which synapses there are, by the positions of neurons: boxes, circles, no autapses, and partitions of the rest."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.errors import InvalidValue
from fusion_pymonnto.behavior import Behavior

_LOG = logging.getLogger(__name__)
_BLOCK = 7  # cells along the side of a block, about what pays off


class Remove_Autapses(Behavior):
    """No neuron has a synapse onto itself."""

    initialize_on_init = True

    def initialize(self, synapses: Any) -> None:
        """Disable the diagonal."""
        synapses.enabled = np.logical_and(synapses.enabled, _no_autapses(synapses))


class Receptive_Fields(Behavior):
    """Disables synapses between neurons that are too far from each other; subclasses say which those are.

    Parameters
    ----------
    remove_autapses : bool

    Raises
    ------
    InvalidValue
        If neurons have no positions; a NeuronDimension gives them.
    """

    initialize_on_init = True

    def initialize(self, synapses: Any) -> None:
        """Disable what lies outside (dst.size, src.size)."""
        for group in (synapses.src, synapses.dst):
            if not all(hasattr(group, name) for name in "xyz"):
                raise InvalidValue(
                    f"{group.tag!r} has no positions; size=NeuronDimension(...) gives them.", group=group
                )
        offsets = [
            np.abs(getattr(synapses.src, name)[None, :] - getattr(synapses.dst, name)[:, None])  # one of x, y and z
            for name in "xyz"
        ]
        synapses.enabled = np.logical_and(synapses.enabled, self.reached(*offsets))
        if self.parameter("remove_autapses", False):
            synapses.enabled &= _no_autapses(synapses)

    def reached(self, dx: NDArray[Any], dy: NDArray[Any], dz: NDArray[Any]) -> NDArray[np.bool_]:
        """Whether a synapse exists over these distances."""
        raise NotImplementedError


class Box_Receptive_Fields(Receptive_Fields):
    """Synapses reach at most ``range`` along each of x, y and z."""

    def reached(self, dx: NDArray[Any], dy: NDArray[Any], dz: NDArray[Any]) -> NDArray[np.bool_]:
        """Within a box."""
        reach = float(self.parameter("range", required=True))
        return (dx <= reach) & (dy <= reach) & (dz <= reach)


class Circle_Receptive_Fields(Receptive_Fields):
    """Synapses reach at most ``radius``."""

    def reached(self, dx: NDArray[Any], dy: NDArray[Any], dz: NDArray[Any]) -> NDArray[np.bool_]:
        """Within a ball."""
        radius = float(self.parameter("radius", required=True))
        inside: NDArray[np.bool_] = np.sqrt(dx * dx + dy * dy + dz * dz) <= radius
        return inside


class Partition(Behavior):
    """Replaces a synapse group by smaller ones between blocks of the target and the part of the source they reach.

    What they compute is the same; with receptive fields their matrices are much smaller than the one. Behaviours with
    higher keys are copied to them.

    Parameters
    ----------
    split_size : "auto", or blocks along x, y and z
        "auto" makes blocks of about 7 cells along a side, and none of groups that are smaller than three of them.
    """

    initialize_on_init = True

    def initialize(self, synapses: Any) -> None:
        """Replace the group."""
        steps = self.parameter("split_size", "auto")
        if isinstance(steps, str):
            steps = [
                max(int((getattr(synapses.src, name) + getattr(synapses.dst, name)) / 2 / _BLOCK), 1)  # an extent
                for name in ("width", "height", "depth")
            ]
            if max(steps) < 3:
                return
        self.partition(synapses, synapses.dst.partition_masks(steps))

    def partition(self, synapses: Any, dst_group_masks: list[NDArray[np.bool_]]) -> list[Any]:
        """Replace a group by one for each mask of its target; returns them."""
        reach = synapses.get_max_receptive_field_size()
        parts = []
        for mask in dst_group_masks:
            if mask.any():
                around = synapses.src.get_subgroup_receptive_field_mask(synapses.dst.subGroup(mask), reach)
                parts.append(synapses.get_sub_synapse_group(around, mask).add_tag("partitioned"))
        synapses.network.remove_synapses(synapses)
        _LOG.info("%r was partitioned into %d synapse groups.", synapses.tag, len(parts))
        return parts


def _no_autapses(synapses: Any) -> NDArray[np.bool_]:
    same = synapses.src.BaseNeuronGroup is synapses.dst.BaseNeuronGroup
    return ~np.equal.outer(synapses.dst.id, synapses.src.id) if same else np.ones(synapses.shape, bool)
