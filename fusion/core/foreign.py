"""`ForeignNeuronGroup`: a population that lives in a simulator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.core.behaviour import Behaviour
from fusion.core.home import Home
from fusion.core.neurons import NeuronGroup
from fusion.core.parts import Part
from fusion.core.ports import InputPlace
from fusion.core.reading import reading
from fusion.core.units import plain
from fusion.errors import InvalidValue, ReadOnly, ShapeMismatch, UnknownName, Unsupported

_FIRED = ("spike", "spikes")
_OPTIONS = frozenset({"at", "every"})  # attributes that are no variables


class ForeignNeuronGroup(NeuronGroup):
    """A group whose neurons a simulator computes; made by ``NeuronGroup(net, obj)``.

    Its variables have the simulator's own names and units. Reading one gives a copy of the values at this tick,
    setting one writes it into the simulator, to be seen by the next step. Any other attribute that a behaviour sets
    is a native variable beside them.

    Attributes
    ----------
    foreign : the wrapped object
    adapter, handle : the simulator as the network sees it; for behaviours that belong to one adapter
    """

    foreign: Any
    adapter: Any
    handle: Any

    def __init__(
        self,
        network: Home,
        neurons: object,
        *,
        tag: str | None = None,
        behaviour: Mapping[float, Behaviour] | None = None,
        also: tuple[object, ...] | list[object] = (),
        every: float | None = None,
        at: float = 0.0,
        host: object = None,
        size: int | None = None,
    ) -> None:
        if size is not None:
            raise InvalidValue(f"size={size!r}: the size of {neurons!r} is its own.", size=size)
        Part.__init__(self, tag)
        self.network = network
        self.at = float(at)
        self.every = 1 if every is None else network.clock.ticks(every, "every")
        if self.every < 1:
            raise InvalidValue(f"every={every!r}: a group advances at most once per dt.", every=every)
        self._check_all(behaviour)
        network.welcome_foreign(self, neurons, tuple(also), self._namespace(), host)
        self._attach(behaviour)

    def bind(self, source: object, adapter: Any, handle: Any) -> None:
        """Told by the network what serves the group."""
        attributes = self.__dict__
        attributes["foreign"], attributes["adapter"], attributes["handle"] = source, adapter, handle
        self._join(handle.size)

    @property
    def spikes(self) -> NDArray[np.int64]:
        """Indices of the neurons that fired in this iteration, ascending."""
        net = self.network
        return net.wiring.sight.fired(net.active, self, net.iteration)

    @property
    def spike(self) -> NDArray[np.bool_]:  # type: ignore[override]  # a native group's is assigned by behaviours
        """Mask of the neurons that fired in this iteration."""
        mask = np.zeros(self.size, dtype=bool)
        mask[self.spikes] = True
        return mask

    def unit(self, name: str) -> str | None:
        """Unit of a variable or an input, as in "mV"; None if it is not known."""
        if name in self.handle.variables:
            unit: str | None = self.handle.variables[name].unit
            return unit
        if name in self.handle.inputs:
            unit = self.handle.inputs[name].unit
            return unit
        if name in self.__dict__:
            return None
        raise UnknownName("variable", name, self.variable_names(), self.tag)

    def read(self, name: str, index: Any = None) -> Any:
        """A copy of a variable, or of the part that `index` selects; only that part is fetched."""
        if name in self.handle.variables:
            net, chosen = self.network, _selection(index)
            return net.wiring.sight.fetch(net.active, self, self.handle, name, chosen, net.iteration)
        return super().read(name, index)

    def set(self, name: str, values: ArrayLike, index: Any = None) -> None:
        """Write a variable, or a part of it.

        Raises
        ------
        ReadOnly
            If the simulator cannot change it, or not while it is running.
        ShapeMismatch
            If the values do not fit.
        UnitMismatch
            If they are a quantity with another dimension.
        """
        if name in self.handle.variables:
            write_variable(self, self.handle, name, values, index)
        else:
            super().set(name, values, index)

    def read_only(self, name: str) -> str:
        """As of every group, of a simulator's variables in its own words."""
        if name in _FIRED:
            return "it is what the simulator fired; give it input instead"
        return _refusal(self, self.handle, name) if name in self.handle.variables else ""

    def variable(self, name: str) -> bool:
        """Whether the simulator or a behaviour has given the group such a variable."""
        if name in self.handle.variables or name in _FIRED:
            return True
        return name not in _OPTIONS and super().variable(name)

    def variable_names(self) -> list[str]:
        """The simulator's variables, and those that behaviours added."""
        own = set(super().variable_names()) - _OPTIONS
        return sorted({*self.handle.variables, *own, *_FIRED})

    def place(self, into: str | None) -> tuple[str, InputPlace]:
        """Where arrivals go: (name, what it takes)."""
        inputs = self.handle.inputs
        name = self.handle.default_input if into is None else into
        if name is None:
            raise InvalidValue(
                f"A link to {self.tag!r} needs into=, one of: {', '.join(sorted(inputs)) or 'nothing can receive'}.",
                inputs=sorted(inputs),
            )
        if name not in inputs:
            raise UnknownName("input", name, inputs, self.tag)
        entry = inputs[name]
        capabilities = self.adapter.capabilities
        if not (capabilities.spikes_in or capabilities.samples_in):
            raise Unsupported(f"{self.adapter.name} takes no input from outside.")
        notice = capabilities.notice
        return name, InputPlace(entry.size, entry.unit, entry.spikes, entry.samples, entry.signed, notice)

    def __getattr__(self, name: str) -> Any:
        handle = self.__dict__.get("handle")
        if handle is not None and name in handle.variables:
            return reading(np.asarray(self.read(name)))
        return super().__getattr__(name)

    def __setattr__(self, name: str, value: Any) -> None:
        handle = self.__dict__.get("handle")
        if handle is not None and name in handle.variables:
            self.set(name, value)
        elif name in _FIRED:
            raise ReadOnly(f"{self.tag}.{name} cannot be set: {self.read_only(name)}.", variable=name)
        else:
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        tag = f", tag={', '.join(self.tags)!r}" if self.tags else ""
        behaviour = f", behaviour={self._behaviour_text()}" if self.behaviours else ""
        return f"NeuronGroup({self.adapter.name}: {self.size} neurons{tag}{behaviour})"


def write_variable(owner: Any, bearer: Any, name: str, values: ArrayLike, index: Any) -> None:
    """Write a variable of a `Handle` or an `Edge` after checking that it may be written and that the values fit."""
    variable = bearer.variables[name]
    reason = _refusal(owner, bearer, name)
    if reason:
        raise ReadOnly(f"{owner.tag}.{name} cannot be set: {reason}.", variable=name)
    numbers = plain(values, variable.unit, f"value of {owner.tag}.{name}")
    index = _selection(index)
    wanted = variable.size if index is None else len(np.arange(variable.size)[index])
    if numbers.ndim > 1 or (numbers.ndim == 1 and len(numbers) != wanted):
        raise ShapeMismatch(f"The value of {owner.tag}.{name}", numbers.shape, f"{wanted} numbers, or one, fit")
    note_write(owner, name)
    owner.adapter.write(bearer, name, numbers, index)


def note_write(owner: Any, name: str) -> None:
    """Told before a variable of a simulator is written; raises if nobody could know when the write is seen."""
    net = owner.network
    net.wiring.sight.note_write(net.active, owner, name, net.iteration)


def _selection(index: Any) -> Any:
    """As adapters take it: a slice, an array, or None for all."""
    return np.array(index, None if index else np.int64) if isinstance(index, list) else index


def _refusal(owner: Any, bearer: Any, name: str) -> str:
    """Why a variable cannot be written now, or ""."""
    variable = bearer.variables[name]
    reason: str = variable.read_only or (variable.fixed_while_running if owner.network.is_running() else "")
    return reason
