"""`Natives`: which native parts reach one another within an iteration, and so advance together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from fusion.core.attached import Attached
from fusion.core.behaviour import Behaviour
from fusion.core.code import Names
from fusion.core.foreign import ForeignNeuronGroup
from fusion.core.neurons import NeuronGroup
from fusion.core.parts import Part
from fusion.core.subgroup import NeuronSubGroup
from fusion.core.synapses import SynapseGroup
from fusion.core.tags import Series
from fusion.coupling.access import AccessLog

_NO_VARIABLES = frozenset({"size", "at", "every"})


class Natives:
    """Sets of parts whose behaviours see one another within an iteration.

    A behaviour reaches what it finds by tag, what it keeps in its attributes or names in its code, what it declares,
    and from synapses both their ends. A foreign group stands for the behaviours and native variables on it; its
    simulator is a participant of its own.
    """

    def __init__(self, network: Any, behaviours: Sequence[Behaviour], access: AccessLog) -> None:
        self._network, self._access = network, access
        self._above: dict[Part, Part] = {}
        self._touched: set[SynapseGroup] = set()
        for group in network.groups:
            if not isinstance(group, ForeignNeuronGroup):
                self._above[group] = group
        for behaviour in behaviours:
            self._reach(behaviour, [*access.found(behaviour), *self._declared(behaviour), *self._led_to(behaviour)])

    def _reach(self, behaviour: Behaviour, found: Iterable[Any]) -> None:
        owner = behaviour.owner
        assert owner is not None
        self._above.setdefault(owner, owner)
        names = self._access.names(behaviour)
        for thing in (owner, *found):
            for part in self._parts(thing, names):
                self.join(owner, part)
            if isinstance(thing, SynapseGroup):
                # It may change the weights.
                self._touched.update((thing, *thing.blocks))

    def _declared(self, behaviour: Behaviour) -> Iterator[Part]:
        """What bears the tag of a name that is declared."""
        tags = {name.rpartition(".")[0] for name in (*(behaviour.reads or ()), *(behaviour.writes or ()))} - {""}
        return (part for part in self._everything() if any(part.bears(tag) for tag in tags))

    def _led_to(self, behaviour: Behaviour) -> Iterator[Any]:
        """What the step comes to by attributes of its owner or of the network."""
        read = self._access.names(behaviour).read
        for name, value in vars(behaviour.owner).items():
            if name in read and name not in ("network", "source", "target"):
                yield value
        if "groups" in read:
            yield from self._network.groups
        if "synapses" in read:
            yield from self._network.synapses

    def _parts(self, thing: Any, names: Names) -> Iterable[Part]:
        """The parts that have to advance together with who finds `thing`."""
        if isinstance(thing, Series) or thing is self._network:
            # A recording may be that of any part; a network leads to all that it holds.
            return self._everything()
        if isinstance(thing, SynapseGroup):
            ends = (group_of(thing.source), group_of(thing.target))
            return [thing, *thing.blocks, *(end for end in ends if self._has_native_side(end, names))]
        if isinstance(thing, NeuronSubGroup):
            return [thing.base]
        if isinstance(thing, Behaviour):
            return [] if thing.owner is None else [thing.owner]
        if isinstance(thing, Attached):
            # An analysis looks at what was recorded of any part.
            return self._everything()
        return [thing] if isinstance(thing, Part) else []

    def _has_native_side(self, end: NeuronGroup, names: Names) -> bool:
        """Whether steps that come to an end of synapses may look at what is not its simulator's."""
        if not isinstance(end, ForeignNeuronGroup):
            return True
        own = {*Part.variable_names(end), "read", "set"} - _NO_VARIABLES
        own = own.union(*(self._access.names(behaviour).assigned for behaviour in end.behaviours.values()))
        return bool((names.read | names.assigned) & own)

    def _everything(self) -> list[Part]:
        return [*self._network.groups, *self._network.synapses]

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

    def sees(self, owner: Part, thing: Any) -> bool:
        """Whether what `thing` stands for is computed together with the behaviours of `owner`."""
        if isinstance(thing, SynapseGroup) and thing.delivers and thing not in self._touched:
            is_sent = isinstance(group_of(thing.source), ForeignNeuronGroup)
            if is_sent:  # the simulator's spikes, with the weights that there were
                return False
        known = (part for part in self._parts(thing, Names()) if part in self._above)
        return all(self.of(part) is self.of(owner) for part in known)

    def all(self) -> list[Part]:
        """What stands for each set that there is, in the order in which groups were made."""
        known = [*self._network.groups, *self._network.synapses, *self._above]
        return list(dict.fromkeys(self.of(part) for part in known if part in self._above))


def groups_at(thing: Any) -> list[NeuronGroup]:
    """The whole groups that are at hand with a group, a part of one, or synapses."""
    ends = (thing.source, thing.target) if isinstance(thing, SynapseGroup) else (thing,)
    return [group_of(end) for end in ends if isinstance(end, NeuronGroup | NeuronSubGroup)]


def group_of(end: NeuronGroup | NeuronSubGroup) -> NeuronGroup:
    """The whole group that an end of a link is, or is a part of."""
    return end.base if isinstance(end, NeuronSubGroup) else end
