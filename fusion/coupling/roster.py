"""`Roster`: the simulators that take part in a network, and which of them computes a group."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fusion.core.clock import Clock
from fusion.core.foreign import ForeignNeuronGroup
from fusion.core.seeds import Seeds
from fusion.core.synapses import AdoptedSynapseGroup
from fusion.coupling.participant import ForeignParticipant
from fusion.errors import BelongsElsewhere, InvalidValue, Unsupported


class Roster:
    """Opens a simulator for the first group that needs it, and puts further groups of the same kind beside it."""

    def __init__(self, clock: Clock, seeds: Seeds) -> None:
        self._clock, self._seeds = clock, seeds
        self.participants: list[ForeignParticipant] = []
        self._shared: dict[Callable[[], Any], ForeignParticipant] = {}
        self._homes: dict[ForeignNeuronGroup, ForeignParticipant] = {}

    def of(self, group: ForeignNeuronGroup) -> ForeignParticipant:
        """The participant that computes `group`."""
        return self._homes[group]

    def admit(self, group: ForeignNeuronGroup, source: object, make: Callable[[], Any], spec: Any, tick: int) -> None:
        """Let an adapter take in what the user wrapped, and tell the group.

        make : gives an adapter; equal ones give adapters of one kind in one place, which may be shared
        spec : what the user said beside `source`, for the adapter
        tick : the iteration that the network has reached

        Raises what the adapter raises; `Unsupported` or `InvalidValue` if the group's ``every=`` or ``at=`` cannot be.
        """
        participant = self._shared.get(make)
        adapter: Any = self._open(make, group) if participant is None else participant.simulator
        try:
            _check_clock(adapter, participant, group)
            handle = adapter.create(source, spec)
        except BaseException:
            if participant is None:
                adapter.close()
            raise
        group.bind(source, adapter, handle)
        if participant is None:
            participant = self._enter(make, adapter, group, tick)
        participant.groups.append(group)
        self._homes[group] = participant

    def _open(self, make: Callable[[], Any], group: ForeignNeuronGroup) -> Any:
        adapter = make()
        try:
            adapter.open(self._clock, self._seeds.number("simulator", adapter.name, self._tag(adapter, group)))
        except BaseException:
            adapter.close()
            raise
        return adapter

    def _tag(self, adapter: Any, group: ForeignNeuronGroup) -> str:
        """What tells an instance of a simulator from others of its kind: "" for the first that groups share."""
        others = [one for one in self.participants if one.simulator.name == adapter.name]
        return group.tag if others or adapter.capabilities.groups_per_instance == 1 else ""

    def _enter(self, make: Callable[[], Any], adapter: Any, group: ForeignNeuronGroup, tick: int) -> ForeignParticipant:
        label = f"{adapter.name} {self._tag(adapter, group)}".rstrip()
        participant = ForeignParticipant(adapter, label, group.at, group.every, tick)
        self.participants.append(participant)
        if _is_shared(adapter):
            self._shared[make] = participant
        return participant


def _is_shared(adapter: Any) -> bool:
    """Whether all groups of a network are in one instance."""
    is_shared: bool = adapter.capabilities.groups_per_instance is None
    return is_shared


def _check_clock(adapter: Any, participant: ForeignParticipant | None, group: ForeignNeuronGroup) -> None:
    if group.every != 1 and not adapter.capabilities.slower_clock:
        raise Unsupported(f"every=: {adapter.name} advances in each iteration; it has no slower clock.")
    if participant is not None and (participant.at, participant.every) != (group.at, group.every):
        raise InvalidValue(
            f"at={group.at:g} and every= of {group.tag!r} differ from those of {participant.groups[0].tag!r}, "
            f"which {adapter.name} computes together with it; give both the same."
        )


def adopt(synapses: AdoptedSynapseGroup, source: object) -> None:
    """Have the simulator of both ends take in synapses of its own, and tell the group.

    Raises
    ------
    BelongsElsewhere
        If the two ends are not whole groups of one simulator.
    Unsupported
        If it has no synapses of its own.
    """
    ends = (synapses.source, synapses.target)
    foreign = [end for end in ends if isinstance(end, ForeignNeuronGroup)]
    if len(foreign) != 2 or foreign[0].adapter is not foreign[1].adapter:
        raise BelongsElsewhere(
            f"{source!r} can only be adopted between two whole groups of its own simulator; "
            f"{synapses.source.tag!r} and {synapses.target.tag!r} are not."
        )
    adapter = foreign[0].adapter
    if not adapter.capabilities.adopts_synapses:
        raise Unsupported(f"{adapter.name} has no synapses of its own to adopt; give weight= and fusion delivers.")
    synapses.bind(source, adapter, adapter.connect(source, foreign[0].handle, foreign[1].handle))
