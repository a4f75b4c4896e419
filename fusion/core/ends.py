"""The two ends of synapses: groups, or parts of groups."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.core.home import Home
from fusion.core.neurons import NeuronGroup
from fusion.core.parts import unit_of
from fusion.core.ports import InputPlace
from fusion.core.subgroup import NeuronSubGroup
from fusion.core.units import factor, per
from fusion.errors import BelongsElsewhere, InvalidValue, UnitMismatch

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


def place_of_link(
    source: End, target: End, into: str | None, signal: str | None, *, weighted: bool
) -> tuple[str, InputPlace]:
    """As `NeuronGroup.place`, for a link that may carry a variable: its unit is that of the weights.

    Raises
    ------
    UnitMismatch
        If the variable has another dimension than its place, and no weight makes up for it.
    """
    name, place = target.place(into)
    bearer = source.base if isinstance(source, NeuronSubGroup) else source
    carried = None if signal is None else unit_of(bearer, signal)
    if carried is None or place.unit is None or not place.samples:
        return name, place
    if weighted:
        return name, place._replace(unit=per(place.unit, carried))
    try:
        return name, place._replace(scale=factor(carried, place.unit))
    except UnitMismatch as error:
        what = f"{source.tag}.{signal} is in {carried or '1 (no unit)'}, {target.tag}.{name} in {place.unit or '1'}"
        raise UnitMismatch(f"{what}; give weight= in {per(place.unit, carried)}.", signal=signal, into=name) from error
