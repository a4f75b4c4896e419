"""PymoNNto's words for populations and synapses, 1.x and 3.x, over what fusion's have."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.core.behaviour import Behaviour
from fusion_pymonnto.fills import filled

_LOG = logging.getLogger(__name__)

afferent = pre = preSynaptic = dendrite = 0
efferent = post = postSynaptic = axon = 1


class PartWords:
    """What networks, groups and synapse groups have in common."""

    network: Any
    shape: tuple[int, ...]

    @property
    def plain(self) -> Any:
        """The part as fusion has it."""
        return self

    @property
    def def_dtype(self) -> np.dtype[Any]:
        """Floating-point type of new arrays."""
        dtype: np.dtype[Any] = self.network.dtype
        return dtype

    @property
    def behavior(self) -> dict[float, Behaviour]:
        """Behaviours by key."""
        behaviours: dict[float, Behaviour] = self.plain.behaviours
        return behaviours

    behaviour = behavior

    @property
    def randomness(self) -> Any:
        """Where random numbers come from."""
        return self.network.generator_for(self.plain)

    def filled(
        self,
        mode: Any = "zeros()",
        scale: float | None = None,
        density: Any = None,
        plot: bool = False,
        dtype: Any = None,
    ) -> NDArray[Any]:
        """A new array with one value per neuron or synapse; see `fusion_pymonnto.fills.filled`."""
        wanted = np.dtype(self.def_dtype if dtype is None else dtype)
        return filled(mode, self._extent(), self.randomness, wanted, scale, density, plot)

    def _extent(self) -> tuple[int, ...]:
        return self.shape

    def _shown(self, part: Any) -> Any:
        """Another part in the same words."""
        if isinstance(part, PartWords):
            return part
        from fusion_pymonnto.views import surface_of  # a view is made of these words

        return surface_of(part)

    def get_nparray(self, dim: Any) -> NDArray[Any]:
        """Zeros of any shape."""
        return np.zeros(dim, self.def_dtype)

    def get_buffer_mat(self, dim: Any, size: int) -> NDArray[Any]:
        """Zeros (size, dim)."""
        return np.zeros((size, *np.atleast_1d(dim)), self.def_dtype)

    def buffer_roll(self, mat: NDArray[Any], new: Any = None, counter: bool = False) -> NDArray[Any]:
        """Move the rows of a buffer on by one, the newest first (last with `counter`); `new` takes the free place."""
        if counter:
            mat[:-1] = mat[1:].copy()
        else:
            mat[1:] = mat[:-1].copy()
        if new is not None:
            mat[-1 if counter else 0] = new
        return mat


class ByTag(Mapping[str, list[Any]]):
    """``afferent_synapses["GLUTAMATE"]``: the synapse groups with a tag, "All" for all of them."""

    def __init__(self, group: Any, side: int) -> None:
        self._group, self._side = group, side

    def __getitem__(self, tag: str) -> list[Any]:
        found: list[Any] = self._group.synapses(self._side, tag)
        return found

    def __iter__(self) -> Iterator[str]:
        tags = {tag for synapses in self["All"] for tag in synapses.tags}
        return iter(["All", *sorted(tags)])

    def __len__(self) -> int:
        return sum(1 for _ in self)


class NeuronWords(PartWords):
    """A population."""

    size: int

    vector = vec = array = PartWords.filled

    def get_neuron_vec(
        self,
        mode: Any = "zeros()",
        scale: float | None = None,
        density: Any = None,
        plot: bool = False,
        kwargs: Mapping[str, float] | None = None,
        args: Any = (),
    ) -> NDArray[Any]:
        """As `vector`; 1.x gave arguments of the distribution apart."""
        return self.filled(_called(mode, args, kwargs), scale, density, plot)

    def get_random_neuron_vec(self, density: Any = None) -> NDArray[Any]:
        """Uniform numbers."""
        return self.filled("uniform", density=density)

    def vector_buffer(self, buffer_size: int) -> NDArray[Any]:
        """Zeros (buffer_size, size)."""
        return self.get_buffer_mat(self.size, buffer_size)

    get_neuron_vec_buffer = vector_buffer

    def _extent(self) -> tuple[int, ...]:
        return (self.size,)

    @property
    def id(self) -> NDArray[np.int64]:
        """Indices of the neurons (size,)."""
        return np.arange(self.size)

    @property
    def mask(self) -> Any:
        """True: all neurons; a sub-group has a mask."""
        return True

    @property
    def BaseNeuronGroup(self) -> Any:
        """The whole group."""
        return self

    def group_without_subGroup(self) -> Any:
        """The whole group."""
        return self.BaseNeuronGroup

    # --- synapses --------------------------------------------------------------------------------------------------

    def synapses(self, mode: int, tag: str = "All") -> list[Any]:
        """Synapse groups that arrive (`afferent`) or leave (`efferent`), by tag.

        Raises
        ------
        UnknownName
            If no synapse group of the network bears the tag; see `require_synapses`.
        """
        sides = self.plain
        connections = sides.afferent if mode == afferent else sides.efferent
        if tag == "All":
            found = connections[:]
        elif tag in vars(sides).get("_not_required", ()) and tag not in connections:
            return []
        else:
            found = connections[tag]
        return [self._shown(one) for one in found]

    @property
    def afferent_synapses(self) -> ByTag:
        """Synapse groups that arrive, by tag."""
        return ByTag(self, afferent)

    @property
    def efferent_synapses(self) -> ByTag:
        """Synapse groups that leave, by tag."""
        return ByTag(self, efferent)

    def require_synapses(self, name: str, afferent: bool = True, efferent: bool = True, warning: bool = True) -> None:
        """Take a tag that no synapse group bears as one that has none, and log it."""
        sides = self.plain
        if warning and name not in sides.network:
            _LOG.warning("%r has no synapses with the tag %r.", sides.tag, name)
        object.__setattr__(sides, "_not_required", {*vars(sides).get("_not_required", ()), name})

    def get_combined_synapse_shape(self, Synapse_ID: str) -> tuple[int, int]:
        """(size, sum of the sizes of the sources)."""
        return self.size, sum(synapses.src.size for synapses in self.synapses(afferent, Synapse_ID))

    def connected_NG_param_list(
        self,
        param_name: str,
        syn_tag: str = "All",
        afferent_NGs: bool = False,
        efferent_NGs: bool = False,
        same_NG: bool = False,
        search_behaviors: bool = False,
    ) -> list[Any]:
        """An attribute of this group and of those that it is connected with; what can be called is, with the group."""
        groups = [self] if same_NG else []
        groups += [synapses.dst for synapses in self.synapses(efferent, syn_tag)] if efferent_NGs else []
        groups += [synapses.src for synapses in self.synapses(afferent, syn_tag)] if afferent_NGs else []
        result = []
        for group in groups:
            bearers = [group, *(group.behavior.values() if search_behaviors else ())]
            values = [getattr(one, param_name) for one in bearers if hasattr(one, param_name)]  # as the user named it
            result += [value(group) if callable(value) else value for value in values]
        return result


class SynapseWords(PartWords):
    """Synapses from ``src`` to ``dst``; matrices are (dst.size, src.size) unless the network was told otherwise."""

    @property
    def src(self) -> Any:
        """The source."""
        return self._shown(self.plain.source)

    @property
    def dst(self) -> Any:
        """The target."""
        return self._shown(self.plain.target)

    matrix = mat = PartWords.filled

    def get_synapse_mat(
        self,
        mode: Any = "zeros()",
        scale: float | None = None,
        density: Any = None,
        only_enabled: bool = True,
        clone_along_first_axis: bool = False,
        plot: bool = False,
        kwargs: Mapping[str, float] | None = None,
        args: Any = (),
    ) -> NDArray[Any]:
        """As `matrix`, and zero where synapses are not enabled; with `clone_along_first_axis` all rows are the same."""
        values = self.filled(_called(mode, args, kwargs), scale, density, plot)
        if clone_along_first_axis:
            values[:] = values[0]
        enabled = vars(self.plain).get("enabled", True)
        return values * enabled if only_enabled and enabled is not True else values

    def get_random_synapse_mat(self, density: Any = None, clone_along_first_axis: bool = False) -> NDArray[Any]:
        """Uniform numbers."""
        return self.get_synapse_mat("uniform", density=density, clone_along_first_axis=clone_along_first_axis)

    def matrix_dim(self) -> tuple[int, ...]:
        """Shape of a matrix."""
        return self._extent()

    get_synapse_mat_dim = matrix_dim

    def get_random_synapse_mat_fixed(self, min_number_of_synapses: int = 0) -> NDArray[Any]:
        """Uniform numbers for so many synapses in each row, zero elsewhere."""
        values = np.zeros(self.matrix_dim())
        for row in values:
            chosen = self.randomness.choice(len(row), size=int(min_number_of_synapses), replace=False)
            row[chosen] = self.randomness.random(len(chosen))
        return values

    def ignore_transpose_mode(self, W: Any) -> Any:
        """A matrix of this group as (dst.size, src.size)."""
        return W

    def set_var(self, key: str, value: Any) -> Any:
        """Set an attribute; returns the group."""
        setattr(self, key, value)  # as the user named it
        return self


def _called(mode: Any, args: Any, kwargs: Mapping[str, float] | None) -> Any:
    """A distribution and its arguments as one string."""
    given = [*map(repr, args), *(f"{key}={value!r}" for key, value in (kwargs or {}).items())]
    return f"{mode}({', '.join(given)})" if given else mode
