"""`Natives`: which native parts reach one another within an iteration, and so advance together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from fusion.core.behaviour import Behaviour
from fusion.core.foreign import ForeignNeuronGroup
from fusion.core.neurons import NeuronGroup
from fusion.core.parts import Part
from fusion.core.subgroup import NeuronSubGroup
from fusion.core.synapses import SynapseGroup
from fusion.core.tags import Series
from fusion.coupling.access import AccessLog, held_by


class Natives:
    """Sets of parts whose behaviours see one another within an iteration.

    A behaviour reaches what it finds by tag, what it keeps in its attributes, and from synapses both their ends. A
    foreign group stands for the behaviours and native variables on it; its simulator is a participant of its own.
    """

    def __init__(self, network: Any, behaviours: Sequence[Behaviour], access: AccessLog) -> None:
        self._network = network
        self._above: dict[Part, Part] = {}
        self._touched: set[SynapseGroup] = set()
        for group in network.groups:
            if not isinstance(group, ForeignNeuronGroup):
                self._above[group] = group
        for behaviour in behaviours:
            self._reach(behaviour, [*held_by(behaviour), *access.reached[behaviour]])

    def _reach(self, behaviour: Behaviour, found: Iterable[Any]) -> None:
        owner = behaviour.owner
        assert owner is not None
        self._above.setdefault(owner, owner)
        if isinstance(owner, SynapseGroup):
            self._touch(owner, owner)
        if owner is self._network:
            self._join_all(owner)
        for thing in found:
            if isinstance(thing, SynapseGroup):
                self._touch(owner, thing)
            elif isinstance(thing, NeuronSubGroup):
                self.join(owner, thing.base)
            elif isinstance(thing, Behaviour) and thing.owner is not None:
                self.join(owner, thing.owner)
            elif isinstance(thing, Series) or thing is self._network:
                # A recording may be that of any group; a network leads to all that it holds.
                self._join_all(owner)
            elif isinstance(thing, Part):
                self.join(owner, thing)

    def _touch(self, owner: Part, synapses: SynapseGroup) -> None:
        """A behaviour of `owner` may change the weights, and look at what both ends do."""
        self._touched.add(synapses)
        self.join(owner, synapses)
        for end in (synapses.source, synapses.target):
            whole = end.base if isinstance(end, NeuronSubGroup) else end
            if not isinstance(whole, ForeignNeuronGroup):
                self.join(owner, whole)

    def _join_all(self, owner: Part) -> None:
        for group in self._network.groups:
            self.join(owner, group)

    def join(self, one: Part, other: Part) -> None:
        """Let two parts advance together."""
        self._above[self.of(other)] = self.of(one)

    def of(self, part: Part) -> Part:
        """What stands for the set that `part` is in."""
        above = self._above.setdefault(part, part)
        while above is not part:
            part, above = above, self._above.setdefault(above, above)
        return part

    def touches(self, synapses: Any) -> bool:
        """Whether some behaviour may change the weights of a link."""
        return synapses in self._touched

    def all(self) -> list[Part]:
        """What stands for each set that there is, in the order in which groups were made."""
        known = [*self._network.groups, *self._network.synapses, *self._above]
        return list(dict.fromkeys(self.of(part) for part in known if part in self._above))


def group_of(end: NeuronGroup | NeuronSubGroup) -> NeuronGroup:
    """The whole group that an end of a link is, or is a part of."""
    return end.base if isinstance(end, NeuronSubGroup) else end
