"""`AccessLog`: what behaviours touch beyond their own group, taken down while they are traced."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import Any, NamedTuple

import numpy as np

from fusion.core.behaviour import Behaviour
from fusion.core.code import Names, names_in_steps
from fusion.core.parts import Part
from fusion.core.subgroup import NeuronSubGroup
from fusion.core.tags import Tagged
from fusion.errors import UndeclaredAccess


class Access(NamedTuple):
    """A behaviour, and a variable of a foreign group or of adopted synapses."""

    behaviour: Behaviour
    owner: Part
    variable: str


class AccessLog:
    """Which foreign variables behaviours read and write, and which objects they find by tag.

    In lockstep every access is exact, and nothing of this is needed. Windows can serve only what is known before they
    begin: what a behaviour declares, and what it did in the iteration in which it was traced.
    """

    def __init__(self) -> None:
        self.tracing = True
        self.reads: dict[Access, dict[Hashable, Any]] = {}
        """With the selections of neurons that were read: None, a slice, or positions."""
        self.writes: set[Access] = set()
        self.reached: dict[Behaviour, set[Any]] = defaultdict(set)
        self.traced: set[Behaviour] = set()
        """Behaviours that have taken a step while they were traced."""
        self._names: dict[type[Behaviour], Names] = {}

    def note_read(self, behaviour: Behaviour | None, owner: Part, variable: str, index: Any = None) -> None:
        """Take a reading down."""
        if self.tracing and behaviour is not None:
            if not (index is None or isinstance(index, slice)):
                index = np.asarray(index) if np.ndim(index) else None  # a single neuron is found in the whole
            self.reads.setdefault(Access(behaviour, owner, variable), {})[selection_key(index)] = index

    def note_write(self, behaviour: Behaviour | None, owner: Part, variable: str) -> None:
        """Take a writing down."""
        if self.tracing and behaviour is not None:
            self.writes.add(Access(behaviour, owner, variable))

    def note_reach(self, behaviour: Behaviour | None, found: Iterable[Any]) -> None:
        """Take down what a behaviour has found by tag, now or when it was initialized."""
        if behaviour is not None:
            self.reached[behaviour].update(found)

    def names(self, behaviour: Behaviour) -> Names:
        """What the steps of a behaviour name in their code; nothing if it declares what it touches."""
        if behaviour.reads is not None and behaviour.writes is not None:
            return Names()
        kind = type(behaviour)
        if kind not in self._names:
            self._names[kind] = names_in_steps(kind)
        return self._names[kind]

    def found(self, behaviour: Behaviour) -> Iterable[Any]:
        """What a behaviour has found by tag, keeps in its attributes, or names in its code."""
        yield from self.reached[behaviour]
        for value in (*vars(behaviour).values(), *self.names(behaviour).objects()):
            yield from held_in(value)


def selection_key(index: Any) -> Hashable:
    """What tells one selection of neurons from another."""
    if index is None:
        return None
    if isinstance(index, slice):
        return index.start, index.stop, index.step
    array = np.asarray(index)
    # A mask and positions may have the same bytes.
    return array.dtype.str, array.shape, array.tobytes()


def declares(access: Access, name: str) -> bool:
    """Whether "tag.variable", or a variable of the behaviour's own group, is that of an access."""
    tag, _, variable = name.rpartition(".")
    same = access.variable in (variable, "spikes" if variable == "spike" else variable)
    return same and (access.owner.bears(tag) if tag else access.behaviour.owner is access.owner)


def undeclared(access: Access, *, write: bool) -> UndeclaredAccess:
    """The error for an access that nobody knew of when the window began."""
    field, verb = ("writes", "wrote") if write else ("reads", "read")
    name = f"{access.owner.tag}.{access.variable}"
    declared = getattr(access.behaviour, field) or ()
    way_out = f'Add {field} = ("{name}",) to {type(access.behaviour).__name__}'
    if any(declares(access, each) for each in declared):
        # It declares all it should; but it came, or was enabled, when simulators had done their part of the window.
        way_out = "Attach and enable it before the run or between two runs, not by another behaviour"
    return UndeclaredAccess(
        f"{access.behaviour!r} {verb} {name} for the first time after its first iteration, when participants run in "
        f"windows. {way_out}, or give Network(window=1).",
        behaviour=access.behaviour,
        variable=name,
    )


def unreached(behaviour: Behaviour, thing: Any) -> UndeclaredAccess:
    """The error for a native part that a behaviour finds when it has already been computed apart from it."""
    tag = thing.tag if isinstance(thing, Tagged | NeuronSubGroup) else "tag"
    name = f"{tag}.variable"
    return UndeclaredAccess(
        f"{behaviour!r} found {tag!r} for the first time after its first iteration, when what does not reach one "
        f'another runs in windows. Add reads = ("{name}",) to {type(behaviour).__name__}, or give Network(window=1).',
        behaviour=behaviour,
        variable=name,
    )


def held_in(value: Any) -> Iterable[Tagged | NeuronSubGroup]:
    """Groups, synapse groups and behaviours: the value itself, or what is in it if it is a list or the like."""
    if isinstance(value, Tagged | NeuronSubGroup):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from held_in(inner)
    elif isinstance(value, list | tuple | set):
        for inner in value:
            yield from held_in(inner)
