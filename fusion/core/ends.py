"""The two ends of synapses: groups, or parts of groups."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.core.home import Home
from fusion.core.neurons import NeuronGroup
from fusion.core.subgroup import NeuronSubGroup
from fusion.errors import BelongsElsewhere, InvalidValue

End = NeuronGroup | NeuronSubGroup


def checked_end(network: Home, end: Any, role: str) -> End:
    """`end`, or the group with this tag; `InvalidValue` or `BelongsElsewhere` if it is no end of synapses here."""
    if isinstance(end, str):
        end = network[end, 0]
    if not isinstance(end, NeuronGroup | NeuronSubGroup):
        raise InvalidValue(f"The {role} is {end!r}; give a NeuronGroup, a part of one, or its tag.")
    if end.network is not network:
        raise BelongsElsewhere(f"The {role} {end.tag!r} belongs to another network.", end=end)
    return end


def checked_group(network: Home, group: Any) -> NeuronGroup:
    """`group`, or the one with this tag; `BelongsElsewhere` if it is no neuron group of this network."""
    if isinstance(group, str):
        group = network[group, 0]
    if not isinstance(group, NeuronGroup) or group.network is not network:
        raise BelongsElsewhere(f"{group!r} is no neuron group of this network.")
    return group


def is_same(source: End, target: End) -> bool:
    """Whether both ends are the same neurons in the same order."""
    if isinstance(source, NeuronSubGroup) and isinstance(target, NeuronSubGroup):
        return source.base is target.base and np.array_equal(source.index, target.index)
    return source is target


def part_of(end: End, index: NDArray[np.int64]) -> NeuronSubGroup:
    """The neurons of an end at ascending positions; where they stand side by side their variables are views."""
    base, chosen = (end.base, end.index[index]) if isinstance(end, NeuronSubGroup) else (end, index)
    is_row = len(chosen) and np.array_equal(chosen, np.arange(chosen[0], chosen[0] + len(chosen)))
    return NeuronSubGroup(base, slice(int(chosen[0]), int(chosen[-1]) + 1) if is_row else chosen)
