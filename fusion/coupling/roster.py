"""`Roster`: the simulators that take part in a network, and which of them computes a group."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fusion.core.clock import Clock
from fusion.core.foreign import ForeignNeuronGroup
from fusion.core.seeds import Seeds
from fusion.coupling.participant import ForeignParticipant
from fusion.errors import InvalidValue, Unsupported


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

    def admit(self, group: ForeignNeuronGroup, source: object, kind: Callable[[], Any], spec: Any, tick: int) -> None:
        """Let an adapter take in what the user wrapped, and tell the group.

        kind : class of the adapter
        spec : what the user said beside `source`, for the adapter
        tick : the iteration that the network has reached

        Raises what the adapter raises; `Unsupported` or `InvalidValue` if the group's ``every=`` or ``at=`` cannot be.
        """
        participant = self._shared.get(kind)
        adapter: Any = self._open(kind, group) if participant is None else participant.simulator
        try:
            _check_clock(adapter, participant, group)
            handle = adapter.create(source, spec)
        except BaseException:
            if participant is None:
                adapter.close()
            raise
        group.bind(source, adapter, handle)
        if participant is None:
            participant = self._enter(kind, adapter, group, tick)
        participant.groups.append(group)
        self._homes[group] = participant

    def _open(self, kind: Callable[[], Any], group: ForeignNeuronGroup) -> Any:
        adapter = kind()
        tag = "" if _is_shared(adapter) else group.tag
        adapter.open(self._clock, self._seeds.number("simulator", adapter.name, tag))
        return adapter

    def _enter(self, kind: Callable[[], Any], adapter: Any, group: ForeignNeuronGroup, tick: int) -> ForeignParticipant:
        label = adapter.name if _is_shared(adapter) else f"{adapter.name} {group.tag}"
        participant = ForeignParticipant(adapter, label, group.at, group.every, tick)
        self.participants.append(participant)
        if _is_shared(adapter):
            self._shared[kind] = participant
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
