"""`Sight`: what a behaviour sees of simulators, and what it may do to them, in the iteration that it is in."""

from __future__ import annotations

import abc
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.core.batch import same_tick
from fusion.core.behaviour import Behaviour
from fusion.core.foreign import ForeignNeuronGroup
from fusion.core.parts import Part
from fusion.core.synapses import AdoptedSynapseGroup
from fusion.coupling.access import Access, AccessLog, undeclared, unreached
from fusion.coupling.natives import Natives
from fusion.coupling.participant import ForeignParticipant
from fusion.coupling.roster import Roster
from fusion.coupling.served import Fired
from fusion.errors import Unsupported

Owner = ForeignNeuronGroup | AdoptedSynapseGroup


class Sight(abc.ABC):
    """What a behaviour, or a link or the user where it is None, sees in iteration `tick`: lockstep's, whatever runs."""

    @abc.abstractmethod
    def fetch(
        self, behaviour: Behaviour | None, owner: Owner, bearer: Any, name: str, index: Any, tick: int
    ) -> NDArray[Any]:
        """A variable of `owner`, or the part of it that `index` selects; `bearer` is the handle or edge that has it."""

    @abc.abstractmethod
    def fired(self, behaviour: Behaviour | None, group: ForeignNeuronGroup, tick: int) -> NDArray[np.int64]:
        """Who fired; `Unsupported` if nobody in this group ever does."""

    @abc.abstractmethod
    def fired_within(
        self, behaviour: Behaviour | None, group: ForeignNeuronGroup, first: int, last: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Who fired in these ticks, of which `last` is the one reached: ticks (spikes,) and indices (spikes,)."""

    @abc.abstractmethod
    def note_write(self, behaviour: Behaviour | None, owner: Owner, name: str, tick: int) -> None:
        """Told before a variable is written; raises if the write would be seen at another tick than in lockstep."""

    @abc.abstractmethod
    def check_reach(self, behaviour: Behaviour | None, found: Iterable[Any]) -> None:
        """Raise if what a behaviour has found by tag is not at the tick that the behaviour is at."""


class PlainSight(Sight):
    """In lockstep and between runs: simulators stand at the tick of who looks, and what is touched is taken down."""

    def __init__(self, roster: Roster, access: AccessLog) -> None:
        self._roster, self._access = roster, access

    def fetch(
        self, behaviour: Behaviour | None, owner: Owner, bearer: Any, name: str, index: Any, tick: int
    ) -> NDArray[Any]:
        """As the simulator has it now."""
        self._check_visible(behaviour, owner)
        self._access.note_read(behaviour, owner, name, index)
        values: NDArray[Any] = owner.adapter.read(bearer, name, index)
        return values

    def fired(self, behaviour: Behaviour | None, group: ForeignNeuronGroup, tick: int) -> NDArray[np.int64]:
        """Who fired in this iteration, or in the last one before the simulator takes its step."""
        self._check_visible(behaviour, group)
        self._access.note_read(behaviour, group, "spikes")
        check_fires(group)
        participant = self._roster.of(group)
        return participant.fired(group, min(tick, participant.reached))

    def fired_within(
        self, behaviour: Behaviour | None, group: ForeignNeuronGroup, first: int, last: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """In lockstep a window is one tick."""
        assert first == last
        indices = self.fired(behaviour, group, last)
        return same_tick(last, len(indices)), indices

    def note_write(self, behaviour: Behaviour | None, owner: Owner, name: str, tick: int) -> None:
        """Any write is seen by the simulator's next step."""
        self._check_visible(behaviour, owner)
        self._access.note_write(behaviour, owner, name)

    def check_reach(self, behaviour: Behaviour | None, found: Iterable[Any]) -> None:
        """All native parts are at the same tick."""

    def _check_visible(self, behaviour: Behaviour | None, owner: Owner) -> None:
        """`DelayTooShort` if a behaviour looks at a simulator whose step of this iteration is yet to come."""
        for participant in self._roster.participants:
            if behaviour in participant.hidden_from and participant.simulator is owner.adapter:
                raise participant.hidden_from[behaviour]


class WindowSight(Sight):
    """Within a window: what was buffered, tick by tick.

    No access ever gives a value of another tick: what was neither declared nor traced raises `UndeclaredAccess`.

    Parameters
    ----------
    lags : {Access: int}
        How many ticks old a foreign variable is when a behaviour sees it; 1 if the behaviour comes before it.
    slow : behaviours that step only at some ticks
    homes : the participant of each foreign group, and of adopted synapses
    writers : who writes into which participant, where windows end
    natives : which parts see one another
    """

    def __init__(
        self, lags: Mapping[Access, int], slow: Collection[Behaviour], homes: Mapping[Part, ForeignParticipant],
        writers: Collection[tuple[Behaviour, ForeignParticipant]], natives: Natives,
    ) -> None:  # fmt: skip
        self._lags, self._slow, self._homes, self._writers, self._natives = lags, slow, homes, writers, natives
        self._known: dict[tuple[Behaviour | None, ForeignNeuronGroup], tuple[int, Fired]] = {}
        """For each who asks for spikes: how many ticks late it comes by them, and where they are."""

    def fetch(
        self, behaviour: Behaviour | None, owner: Owner, bearer: Any, name: str, index: Any, tick: int
    ) -> NDArray[Any]:
        """What was served for `tick`, or what the simulator has if that is the tick it has reached."""
        participant = self._homes[owner]
        seen = tick - self._lag(behaviour, owner, name, tick)
        if seen == participant.reached and (participant.written_at == seen or behaviour in self._slow):
            values: NDArray[Any] = participant.simulator.read(bearer, name, index)
            return values
        served = participant.served(owner, name, index, seen)
        if served is None:
            raise undeclared(Access(behaviour, owner, name), write=False)  # type: ignore[arg-type]  # links subscribe
        return served

    def fired(self, behaviour: Behaviour | None, group: ForeignNeuronGroup, tick: int) -> NDArray[np.int64]:
        """Who fired in `tick`, or in the one before if the behaviour comes before the simulator."""
        lag, fired = self._known.get((behaviour, group)) or self._look_up(behaviour, group, tick)
        return fired.at(tick - lag)

    def fired_within(
        self, behaviour: Behaviour | None, group: ForeignNeuronGroup, first: int, last: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """As `fired` for all these ticks."""
        lag, fired = self._known.get((behaviour, group)) or self._look_up(behaviour, group, last)
        ticks, indices = fired.within(first - lag, last - lag)
        return (ticks + lag if lag else ticks), indices

    def _look_up(self, behaviour: Behaviour | None, group: ForeignNeuronGroup, tick: int) -> tuple[int, Fired]:
        check_fires(group)
        found = self._lag(behaviour, group, "spikes", tick), self._homes[group].window(group)
        # Others may look only where this window ends.
        if behaviour is None or Access(behaviour, group, "spikes") in self._lags:
            self._known[behaviour, group] = found
        return found

    def note_write(self, behaviour: Behaviour | None, owner: Owner, name: str, tick: int) -> None:
        """Allow a write to behaviours that are known to do so where windows end, and to no others."""
        access = Access(behaviour, owner, name)  # type: ignore[arg-type]  # users write between runs only
        participant = self._homes[owner]
        if (access.behaviour, participant) not in self._writers:
            raise undeclared(access, write=True)
        participant.written_at = tick

    def check_reach(self, behaviour: Behaviour | None, found: Iterable[Any]) -> None:
        """Raise if a behaviour finds what has been computed apart from it."""
        for thing in found:
            if behaviour is not None and behaviour.owner is not None and not self._natives.sees(behaviour.owner, thing):
                raise unreached(behaviour, thing)

    def _lag(self, behaviour: Behaviour | None, owner: Part, name: str, tick: int) -> int:
        if behaviour is None:
            return 0
        access = Access(behaviour, owner, name)
        lag = self._lags.get(access)
        if lag is not None:
            return lag
        home = self._homes[owner]
        is_written = any(participant is home for _, participant in self._writers)
        if behaviour in self._slow and self._is_at(home, behaviour, tick) and not is_written:
            return 0
        raise undeclared(access, write=False)

    def _is_at(self, participant: ForeignParticipant, behaviour: Behaviour, tick: int) -> bool:
        return participant.reached == tick and behaviour.key >= participant.at


def check_fires(group: ForeignNeuronGroup) -> None:
    """`Unsupported` if a group has numbers, but no spikes."""
    if not group.handle.spikes:
        raise Unsupported(f"{group.tag!r} ({group.adapter.name}) fires no spikes; read its variables instead.")
