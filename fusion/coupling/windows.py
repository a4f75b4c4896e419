"""`Windows`: participants advance by windows, and behaviours replay the ticks over what was buffered."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from fusion.core.behaviour import Behaviour
from fusion.core.foreign import ForeignNeuronGroup
from fusion.core.parts import Part
from fusion.coupling.access import Access, AccessLog, undeclared, unreached
from fusion.coupling.link import HeldLink, Link
from fusion.coupling.lookahead import Lookahead
from fusion.coupling.natives import Natives
from fusion.coupling.participant import ForeignParticipant
from fusion.coupling.reason import Reason
from fusion.coupling.schedule import NativeInput, Schedule
from fusion.coupling.served import Fired


class Ticking(Protocol):
    """What a window moves on in a network."""

    iteration: int
    active: Behaviour | None
    access: AccessLog

    def ordered_behaviours(self) -> Sequence[Behaviour]: ...
    def structure_changed(self) -> None: ...


class Block(Protocol):
    """What advances on its own within a window."""

    @property
    def reached(self) -> int: ...

    def begin(self, reached: int) -> None: ...
    def run(self, network: Ticking, last: int) -> None: ...


class ForeignBlock:
    """A simulator, and the links that carry what it fired; nobody but it may change their weights."""

    def __init__(self, participant: ForeignParticipant, links: Sequence[Link], held: Sequence[HeldLink]) -> None:
        self.participant, self._links, self._held = participant, links, held
        self.reached = participant.reached
        """The tick up to which it has computed, and its links have been collected."""

    def begin(self, reached: int) -> None:
        """Look at variables anew: between runs anybody may have written them."""
        self.reached = reached
        self.participant.refresh()
        for held in self._held:
            held.begin(reached)

    def run(self, network: Ticking, last: int) -> None:
        """Compute all ticks up to `last`."""
        participant = self.participant
        first = participant.reached + 1
        network.iteration = first
        if participant.written_at == participant.reached:
            participant.refresh()
        for held in self._held:
            held.predict(last)
        participant.advance(last)
        for link in self._links:
            link.collect_window(first, last, participant.window(link.outlet.group))
        self.reached = last


class NativeBlock:
    """Behaviours that see one another, tick by tick in the order of their keys.

    Parameters
    ----------
    belongs : whether a part is one of those whose behaviours these are
    """

    def __init__(
        self, behaviours: Sequence[Behaviour], links: Sequence[Link], inputs: Sequence[NativeInput],
        held: Sequence[HeldLink], belongs: Callable[[Part], bool],
    ) -> None:  # fmt: skip
        self._schedule = Schedule(behaviours, (), links, inputs)
        self._links, self._inputs, self._held, self._belongs = links, inputs, held, belongs
        self.reached = 0

    def begin(self, reached: int) -> None:
        """Go on after tick `reached`."""
        self.reached = reached
        for held in self._held:
            held.begin(reached)

    def run(self, network: Ticking, last: int) -> None:
        """Replay all ticks up to `last`."""
        for link in self._held:
            link.predict(last)
        for tick in range(self.reached + 1, last + 1):
            network.iteration = tick
            self._schedule.iterate(network, tick)
            self.reached = tick
            if network.access.tracing:
                # A behaviour was attached, detached, enabled or disabled: that counts from the next tick on.
                mine = [one for one in network.ordered_behaviours() if one.owner and self._belongs(one.owner)]
                self._schedule = Schedule(mine, (), self._links, self._inputs)


class Windows:
    """The order of the blocks, the length of the windows, and what behaviours may see in them.

    No access ever gives a value of another tick: what was neither declared nor traced raises `UndeclaredAccess`.

    Parameters
    ----------
    lookahead : its order holds the blocks
    stops : ticks
        A window ends at each multiple of these, so that behaviours with ``every=`` find simulators at their tick.
    untraced : ticks
        At the multiples of these behaviours step of which nobody knows yet what they touch.
    lags : {Access: int}
        How many ticks old a foreign variable is when a behaviour sees it; 1 if the behaviour comes before it.
    slow : behaviours that step only at some ticks
    homes : the participant of each foreign group, and of adopted synapses
    writers : who writes into which participant, where windows end
    natives : which parts see one another
    reason : why they are no longer
    """

    def __init__(
        self, lookahead: Lookahead, stops: Collection[int], untraced: Collection[int], lags: Mapping[Access, int],
        slow: Collection[Behaviour], homes: Mapping[Part, ForeignParticipant],
        writers: Collection[tuple[Behaviour, ForeignParticipant]], natives: Natives, reason: Reason,
    ) -> None:  # fmt: skip
        self._writers, self._natives = writers, natives
        self.lookahead, self.window = lookahead, lookahead.window
        self._blocks: tuple[Block, ...] = lookahead.order
        self._stops, self._untraced, self._lags = stops, untraced, lags
        self._slow, self._homes = slow, homes
        self._is_split = sum(isinstance(block, NativeBlock) for block in self._blocks) > 1
        self.longest, self.reason = min([self.window, *stops]), reason
        self._sights: dict[tuple[Behaviour | None, ForeignNeuronGroup], tuple[int, Fired]] = {}
        self.is_open = False
        """Whether a window is being computed."""

    def begin(self, reached: int) -> None:
        """A run begins, or goes on after iterations in lockstep."""
        for block in self._blocks:
            block.begin(reached)

    def may_run(self, tick: int) -> bool:
        """Whether tick `tick` can be part of a window."""
        return not any(tick % ticks == 0 for ticks in self._untraced)

    def end(self, tick: int, last: int) -> int:
        """Where the window that begins with `tick` ends, `last` at the latest."""
        ends = [last, tick + self.window - 1]
        ends += [-(-tick // ticks) * ticks for ticks in self._stops]
        ends += [-(-tick // ticks) * ticks - 1 for ticks in self._untraced]
        return min(ends)

    def advance(self, network: Ticking, last: int) -> None:
        """One window, up to and including `last`."""
        self.is_open = True
        for position, block in enumerate(self._blocks):
            try:
                self._run(block, network, last)
            except BaseException as error:
                self._complete(network, block.reached, self._blocks[position + 1 :], isinstance(error, Exception))
                self.is_open = False
                raise
        network.iteration = last
        self.is_open = False

    def _run(self, block: Block, network: Ticking, last: int) -> None:
        if self._is_split:
            # What one block has found by tag shall be looked for, and so be noticed, in the next one.
            network.structure_changed()
        block.run(network, last)

    def _complete(self, network: Ticking, reached: int, others: Sequence[Block], is_sane: bool) -> None:
        """After a failure: let the others reach the same tick, so that as much as possible is complete everywhere."""
        active = network.active
        if is_sane:
            with suppress(Exception):  # the first failure is the one to tell of
                for block in others:
                    if block.reached < reached:
                        self._run(block, network, reached)
        network.iteration = min(block.reached for block in self._blocks) + 1
        network.active = active

    # --- what is seen within a window ------------------------------------------------------------------------------

    def fetch(
        self, behaviour: Behaviour | None, owner: Part, bearer: Any, name: str, index: Any, tick: int
    ) -> NDArray[Any]:
        """A variable as `behaviour`, or a link if it is None, sees it in iteration `tick`.

        bearer : the handle or edge that has it
        """
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
        """Who fired, as `behaviour` sees it in iteration `tick`."""
        sight = self._sights.get((behaviour, group))
        if sight is None:
            lag, fired = self._lag(behaviour, group, "spikes", tick), self._homes[group].window(group)
            if behaviour is not None and Access(behaviour, group, "spikes") not in self._lags:
                return fired.at(tick - lag)  # only where this window ends
            sight = self._sights[behaviour, group] = lag, fired
        lag, fired = sight
        return fired.at(tick - lag)

    def note_write(self, behaviour: Behaviour | None, group: Part, name: str, tick: int) -> None:
        """Allow a write to behaviours that are known to do so where windows end, and to no others."""
        access = Access(behaviour, group, name)  # type: ignore[arg-type]  # users write between runs only
        participant = self._homes[group]
        if (access.behaviour, participant) not in self._writers:
            raise undeclared(access, write=True)
        participant.written_at = tick

    def note_reach(self, behaviour: Behaviour | None, found: Iterable[Any]) -> None:
        """Raise if a behaviour finds what has been computed apart from it."""
        for thing in found:
            if behaviour is not None and behaviour.owner is not None and not self._natives.sees(behaviour.owner, thing):
                raise unreached(behaviour, thing)

    def _lag(self, behaviour: Behaviour | None, group: Part, name: str, tick: int) -> int:
        if behaviour is None:
            return 0
        access = Access(behaviour, group, name)
        lag = self._lags.get(access)
        if lag is not None:
            return lag
        home = self._homes[group]
        is_written = any(participant is home for _, participant in self._writers)
        if behaviour in self._slow and self._is_at(home, behaviour, tick) and not is_written:
            return 0
        raise undeclared(access, write=False)

    def _is_at(self, participant: ForeignParticipant, behaviour: Behaviour, tick: int) -> bool:
        return participant.reached == tick and behaviour.key >= participant.at
