"""`NeuronSubGroup`: some neurons of a group, read and written through to it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.core.arrays import Mode, filled
from fusion.core.neurons import NeuronGroup, checked_index
from fusion.core.ports import InputPlace
from fusion.core.reading import reading
from fusion.errors import UnknownVariable

_OWN = frozenset({"base", "index", "size", "shape", "_selection"})


class NeuronSubGroup:
    """A view of a group: variables have one entry per selected neuron, whatever the simulator of the group.

    Parameters
    ----------
    base : NeuronGroup
    selection : slice, mask (base.size,) bool, or indices

    Raises
    ------
    ShapeMismatch, InvalidValue
        If the selection does not fit the group.
    UnknownVariable
        If a variable is read or written that the group does not have; a view creates none.
    """

    base: NeuronGroup
    index: NDArray[np.int64]
    size: int

    def __init__(self, base: NeuronGroup, selection: Any) -> None:
        index = checked_index(selection, base.size)
        for name, value in (
            ("base", base),
            ("index", index),
            ("size", len(index)),
            ("shape", (len(index),)),
            # A slice of a native variable is a view, which is cheaper than a selection by indices.
            ("_selection", selection if isinstance(selection, slice) else index),
        ):
            object.__setattr__(self, name, value)

    @property
    def network(self) -> Any:
        """The network of the whole group."""
        return self.base.network

    @property
    def tag(self) -> str:
        """The first tag of the whole group."""
        return self.base.tag

    @property
    def spikes(self) -> NDArray[np.int64]:
        """Indices, within this selection, of the neurons that fire in this iteration."""
        return np.flatnonzero(self.base.spike[self._selection])

    def vector(
        self, mode: Mode = "zeros", density: float | None = None, scale: float = 1.0, dtype: Any = None
    ) -> NDArray[Any]:
        """As `NeuronGroup.vector`, with one value per selected neuron."""
        wanted = self.network.dtype if dtype is None else np.dtype(dtype)
        return filled(mode, (self.size,), self.network.generator_for(self.base), wanted, density, scale)

    def place(self, into: str | None) -> tuple[str, InputPlace]:
        """As `NeuronGroup.place`, with the size of the selection."""
        name, place = self.base.place(into)
        return name, place._replace(size=self.size)

    def unit(self, name: str) -> str | None:
        """As `NeuronGroup.unit`."""
        return self.base.unit(name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if not self.base.variable(name):
            raise UnknownVariable("variable", name, self.base.variable_names(), self.base.tag)
        value = getattr(self.base, name)  # a variable, as was just checked
        if getattr(value, "shape", ())[:1] != (self.base.size,):
            return value
        part = value[self._selection]
        # A slice is a view, or a reading already; a selection by indices is a copy.
        return part if isinstance(self._selection, slice) else reading(part)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _OWN or not self.base.variable(name):
            raise UnknownVariable("variable", name, self.base.variable_names(), self.base.tag)
        self.base.set(name, value, self._selection)

    def __len__(self) -> int:
        return self.size

    def __repr__(self) -> str:
        return f"{self.base.tag}.subgroup({self.size} of {self.base.size})"
