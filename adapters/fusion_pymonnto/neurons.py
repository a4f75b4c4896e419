"""`NeuronGroup` and `NeuronSubGroup` of a PymoNNto script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

import fusion.core.neurons as core
from fusion.core.parts import listed
from fusion.core.subgroup import NeuronSubGroup as SubGroup
from fusion.errors import InvalidValue
from fusion_pymonnto.parts import Behaviors, ScriptPart, by_key
from fusion_pymonnto.shadowing import shadowing
from fusion_pymonnto.space import NeuronDimension
from fusion_pymonnto.words import NeuronWords

_BLOCK = 7  # cells; the default side of a block


@shadowing
class NeuronGroup(ScriptPart, NeuronWords, core.NeuronGroup):  # type: ignore[misc]  # `vector` takes more
    """A population of a PymoNNto script.

    Parameters
    ----------
    net : Network
    size : int, or a NeuronDimension, which becomes the behaviour with the key 0
    behavior : {key: Behavior}, or a list, whose places are the keys
    tag : str
    color : of the group, in the window
    behaviour : 1.x's word for `behavior`
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        return object.__new__(cls)  # fusion's looks whether a simulator's object was given

    def __init__(
        self,
        net: Any,
        size: Any,
        behavior: Behaviors = None,
        tag: str | None = None,
        color: Any = None,
        behaviour: Behaviors = None,
    ) -> None:
        given = by_key(behavior, behaviour, net)
        if isinstance(size, NeuronDimension):
            if isinstance(behavior or behaviour, list):
                given = {key + 1: one for key, one in given.items()}
            if 0 in given:
                raise InvalidValue(f"The key 0 of {tag!r} is that of its {type(size).__name__}; take another.", key=0)
            given[0], size = size, size.cells
        self._begin()
        if color is not None:
            self.color = color
        core.NeuronGroup.__init__(
            self, net, size=size, tag=tag or f"NeuronGroup_{len(net.groups) + 1}", behaviour=given
        )
        self.add_tag("ng")
        self._initialize_on_init()

    def subGroup(self, mask: Any = None) -> NeuronSubGroup:
        """The neurons of a mask (size,), all of them unless given."""
        return NeuronSubGroup(self, np.ones(self.size, bool) if mask is None else np.asarray(mask, bool))

    def mask_var(self, var: Any) -> Any:
        """The part of an array that belongs to this group: all of it."""
        return var

    def get_masked_dict(self, dict_name: str, key: str) -> Any:
        """An entry of a dictionary that is an attribute."""
        return getattr(self, dict_name)[key]  # as the user named it

    # --- blocks of a grid ------------------------------------------------------------------------------------------

    def partition_masks(self, steps: Sequence[int] = (1, 1, 1)) -> list[NDArray[np.bool_]]:
        """Masks of blocks of equal extent, ``steps`` of them along x, y and z; each neuron is in one."""
        place = np.zeros(self.size, np.int64)
        for positions, n in zip((self.x, self.y, self.z), steps, strict=True):
            low, high = float(np.min(positions)), float(np.max(positions))
            step = (positions - low) * n / (high - low) if high > low else np.zeros(self.size)
            # A neuron on the border of two blocks belongs to the lower one.
            place = place * n + np.clip(np.ceil(step) - 1, 0, n - 1).astype(np.int64)
        return [place == block for block in range(int(np.prod(steps)))]

    def split_grid_into_sub_group_blocks(self, steps: Sequence[int] = (1, 1, 1)) -> list[NeuronSubGroup]:
        """The sub-groups of `partition_masks`, without those that are empty."""
        return [self.subGroup(mask) for mask in self.partition_masks(steps) if mask.any()]

    def partition_size(self, block_size: int = _BLOCK) -> list[Any]:
        """So many blocks along each direction; the group itself for fewer than two."""
        return [self] if block_size < 2 else self.split_grid_into_sub_group_blocks([block_size] * 3)

    def get_subgroup_receptive_field_mask(self, subgroup: Any, xyz_rf: Sequence[float] = (1, 1, 1)) -> Any:
        """Who lies in the box around a sub-group, with a margin along x, y and z."""
        mask = np.ones(self.size, bool)
        for name, margin in zip("xyz", xyz_rf, strict=True):
            own, other = getattr(self, name), getattr(subgroup, name)  # one of x, y and z
            mask &= (own >= np.min(other) - margin) & (own <= np.max(other) + margin)
        return mask

    def visualize_module(
        self, show_dimension: bool = True, show_recorder: bool = True, only_feed_forward_connections: bool = False
    ) -> None:
        """Show what the behaviours of this group read and write."""
        from fusion_pymonnto.charts import show_chart

        left_out = [*(() if show_dimension else ("NeuronDimension",)), *(() if show_recorder else ("Recorder",))]
        shown = sorted(listed(self), key=lambda one: one.key)
        show_chart([one for one in shown if not any(one.bears(name) for name in left_out)])

    def __str__(self) -> str:
        inside = "".join(f"{key}:{self.behaviours[key]}" for key in sorted(self.behaviours))
        return f"NeuronGroup{list(self.tags)}({self.size}){{{inside}}}"


@shadowing
class NeuronSubGroup(NeuronWords, SubGroup):  # type: ignore[misc]  # `vector` takes more
    """Some neurons of a group; variables (size,) and buffers (n, size) show the part that belongs to them.

    Reading gives a copy, setting writes into the whole group; a sub-group makes no variables.
    """

    mask: NDArray[np.bool_]

    def __init__(self, base: NeuronGroup, mask: NDArray[np.bool_]) -> None:
        super().__init__(base, mask)
        object.__setattr__(self, "mask", mask)

    @property
    def BaseNeuronGroup(self) -> Any:
        """The whole group."""
        return self.base

    @property
    def id_mask(self) -> NDArray[np.int64]:
        """Indices, in the whole group, of the neurons."""
        return self.index

    @property
    def id(self) -> NDArray[np.int64]:
        """Indices, in the whole group, of the neurons."""
        return self.index

    @property
    def plain(self) -> Any:
        """The whole group, which behaviours and synapses belong to."""
        return self.base

    @property
    def randomness(self) -> Any:
        """As that of the whole group."""
        return self._shown(self.base).randomness

    def mask_var(self, var: NDArray[Any]) -> NDArray[Any]:
        """The part of an array (base.size,) or (n, base.size) that belongs to these neurons, a copy."""
        part: NDArray[Any] = var[self._place(var)]
        return part

    def _place(self, var: NDArray[Any]) -> Any:
        return self.mask if len(var) == len(self.mask) else (slice(None), self.mask)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        value = getattr(self.base, name)  # a sub-group has the names of its group
        return self.mask_var(value) if isinstance(value, np.ndarray) and value.ndim else value

    def __setattr__(self, name: str, value: Any) -> None:
        old = getattr(self.base, name)  # a sub-group has the names of its group
        if isinstance(old, np.ndarray) and old.ndim:
            old[self._place(old)] = value
        else:
            setattr(self.base, name, value)
