"""Views: a group or synapse group of fusion, of any simulator, in PymoNNto's words."""

from __future__ import annotations

from typing import Any

from fusion.core.neurons import NeuronGroup
from fusion.core.parts import Part
from fusion.core.subgroup import NeuronSubGroup
from fusion.core.synapses import SynapseGroup
from fusion.errors import InvalidValue
from fusion_pymonnto.words import NeuronWords, PartWords, SynapseWords

_CACHE = "_pymonnto_view"


class View(PartWords):
    """Attributes are those of the part, but for PymoNNto's words; what is set is set on the part."""

    _part: Part

    def __init__(self, part: Part) -> None:
        object.__setattr__(self, "_part", part)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._part, name)  # a view has the names of what it shows

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._part, name, value)  # a view has the names of what it shows

    def __getitem__(self, key: Any) -> Any:
        return self._part[key]

    def __eq__(self, other: object) -> bool:
        return other is self or other is self._part

    def __hash__(self) -> int:
        return hash(self._part)

    def __repr__(self) -> str:
        return repr(self._part)

    @property
    def plain(self) -> Part:
        """The part itself."""
        return self._part


class NeuronView(View, NeuronWords):
    """A neuron group, or a part of one."""


class SynapseView(View, SynapseWords):
    """A synapse group."""


class NetworkView(View):
    """A network."""


def surface_of(part: Any) -> Any:
    """A part as PymoNNto's behaviours know it: itself if it has their words, else the view of it."""
    if isinstance(part, PartWords):
        return part
    view = vars(part).get(_CACHE)
    if view is None:
        view = _view(part)
        object.__setattr__(part, _CACHE, view)
    return view


def _view(part: Any) -> View:
    if isinstance(part, NeuronGroup | NeuronSubGroup):
        return NeuronView(part)  # type: ignore[arg-type]  # a sub-group has what a view needs of a part
    if isinstance(part, SynapseGroup):
        return SynapseView(part)
    if isinstance(part, Part):
        return NetworkView(part)
    raise InvalidValue(f"{part!r} is no network, neuron group or synapse group.", part=part)
