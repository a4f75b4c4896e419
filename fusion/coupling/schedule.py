"""`Schedule`: the order of one iteration, and the loop over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from fusion.core.behaviour import Behaviour
from fusion.core.foreign import ForeignNeuronGroup
from fusion.core.ports import Arrivals
from fusion.coupling.inbox import Inbox
from fusion.coupling.link import Link
from fusion.coupling.natives import group_of
from fusion.coupling.participant import ForeignParticipant
from fusion.coupling.stages import SideBySide, is_parallel, labels, stages
from fusion.errors import DelayTooShort


class Step(NamedTuple):
    """One call of an iteration: a behaviour's, with its owner, or that of participants, with the tick."""

    call: Callable[[Any], None]
    owner: Any
    behaviour: Behaviour | None


class Slower:
    """A behaviour that steps only every so many iterations."""

    def __init__(self, behaviour: Behaviour, ticks: int) -> None:
        self._behaviour, self.ticks = behaviour, ticks

    def __call__(self, owner: Any) -> None:
        if owner.network.iteration % self.ticks == 0:
            self._behaviour.iteration(owner)


class Input(Protocol):
    """Where arrivals in a native group are handed over."""

    inbox: Inbox

    def fill(self, tick: int) -> None:
        """Hand over what arrives at `tick`; an iteration that failed is done once more with the same arrivals."""


class NativeInput:
    """The array of a native group that arrivals stand in when an iteration begins."""

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self.array: NDArray[Any] = np.zeros(inbox.size, inbox.group.network.dtype)

    def fill(self, tick: int) -> None:
        """Zero, or what arrives at `tick`."""
        if tick > self.inbox.taken:
            self.inbox.take_into(tick, self.array)
        self.inbox.group.__dict__[self.inbox.name] = self.array


class KeptInput:
    """Arrivals beside a variable that keeps what it holds, for the behaviour that adds them to it."""

    def __init__(self, inbox: Inbox, arrivals: Arrivals) -> None:
        self.inbox, self._arrivals = inbox, arrivals

    def fill(self, tick: int) -> None:
        """Hand over what arrives at `tick`, if anything does."""
        if tick > self.inbox.taken:
            self._arrivals.values = self.inbox.lend(tick)


class Schedule:
    """Everything that happens in one iteration, in order.

    Native inputs are filled; behaviours and participants take their steps by key; then the spikes of this tick are
    collected, with the weights as they are at its end. A link whose receiver needs as much notice as the delay gives
    is collected early, right before the receiver advances. Participants that follow one another, and none of which is
    such a receiver of another, take their steps at the same time where their simulators can.
    """

    def __init__(
        self, behaviours: Sequence[Behaviour], participants: Sequence[ForeignParticipant], links: Sequence[Link],
        inputs: Sequence[Input],
    ) -> None:  # fmt: skip
        self.inputs = tuple(inputs)
        turns = order(behaviours, participants, links)
        self.steps = tuple(tuple(step) for turn in turns for step in _steps(turn))
        self.side_by_side = labels([turn for turn in turns if isinstance(turn, list)])
        """Names of those that compute at the same time."""
        self.early = tuple((link, participant) for participant in participants for link in participant.early)
        early = {id(link) for link, _ in self.early}
        self.links = tuple(link for link in links if id(link) not in early)

    def iterate(self, network: Any, tick: int) -> None:
        """One iteration. ``network.active`` is the behaviour that runs, for random numbers, tracing and errors."""
        for entry in self.inputs:
            entry.fill(tick)
        for call, owner, behaviour in self._traced(network, tick) if network.access.tracing else self.steps:
            network.active = behaviour
            call(tick if owner is None else owner)
        network.active = None
        for link, participant in self.early:
            if link.outlet.has_changed():
                why = f"the spikes of {link.synapses.source.tag!r} were written after they had to be handed over"
                raise _too_short(link, participant, participant.simulator.capabilities.notice + 1, why)
        for link in self.links:
            link.collect(tick)

    def _traced(self, network: Any, tick: int) -> Iterator[tuple[Any, ...]]:
        """The steps; what each behaviour finds by tag is seen, because nothing is remembered from the one before."""
        for step in self.steps:
            behaviour = step[2]
            network.structure_changed()
            yield step
            if behaviour is not None and (not isinstance(step[0], Slower) or tick % step[0].ticks == 0):
                network.access.traced.add(behaviour)


def order(
    behaviours: Sequence[Behaviour], participants: Sequence[ForeignParticipant], links: Sequence[Link]
) -> list[Step | list[ForeignParticipant]]:
    """Behaviours and stages of participants by key.

    A participant stands before the behaviours of its key, unless an early link moves it.

    Raises
    ------
    DelayTooShort
        If a link leaves its receiver less notice than it needs, whatever the order.
    """
    place = {participant: (participant.at, -1) for participant in participants}
    _find_early(participants, links)
    for participant in _sources_first(participants):
        for link in participant.early:
            place[participant] = max(place[participant], _after_source(participant, link, behaviours, place))
    _check_visible(participants, behaviours, place)
    ranked: list[tuple[tuple[float, int], int, Step | ForeignParticipant]] = [
        (place[participant], rank, participant)
        for rank, participant in enumerate(_sources_first(participants), start=1)
    ]
    ranked += [
        ((behaviour.key, rank), 0, Step(_call(behaviour), behaviour.owner, behaviour))
        for rank, behaviour in enumerate(behaviours)
        if behaviour.enabled and behaviour.steps()
    ]
    turns: list[Step | list[ForeignParticipant]] = []
    in_order = (one for *_, one in sorted(ranked, key=lambda entry: entry[:2]))
    for _, neighbours in groupby(in_order, lambda one: isinstance(one, Step)):
        found = list(neighbours)
        turns += [one for one in found if isinstance(one, Step)]
        turns += stages([one for one in found if isinstance(one, ForeignParticipant)], _apart(participants))
    return turns


def _apart(participants: Sequence[ForeignParticipant]) -> set[tuple[ForeignParticipant, ForeignParticipant]]:
    """Pairs of which the second waits, within the iteration, for the spikes of the first."""
    homes = {group: participant for participant in participants for group in participant.groups}
    sources = ((group_of(link.synapses.source), one) for one in participants for link in one.early)
    return {(homes[source], one) for source, one in sources if isinstance(source, ForeignNeuronGroup)}


def _steps(turn: Step | list[ForeignParticipant]) -> list[Step]:
    if isinstance(turn, Step):
        return [turn]
    if is_parallel(turn):
        return [Step(SideBySide(turn).step, None, None)]
    return [Step(participant.step, None, None) for participant in turn]


def _call(behaviour: Behaviour) -> Callable[[Any], None]:
    if behaviour.every is None or behaviour.owner is None:
        return behaviour.iteration
    ticks = behaviour.owner.network.clock.ticks(behaviour.every, "every")
    return behaviour.iteration if ticks == 1 else Slower(behaviour, ticks)


def _find_early(participants: Sequence[ForeignParticipant], links: Sequence[Link]) -> None:
    for participant in participants:
        inboxes = {id(feed.inbox): feed for feed in participant.feeds}
        participant.early = []
        for link in links:
            feed = inboxes.get(id(link.inbox))
            if feed is None or feed.kind == "samples":
                continue
            notice, delay = participant.simulator.capabilities.notice, link.synapses.min_delay
            own = group_of(link.synapses.source) in participant.groups
            needed = notice + 1 if own or link.synapses.is_plastic else max(notice, 1)
            if delay < needed and notice:
                raise _too_short(link, participant, needed, "its own spikes cannot arrive sooner" if own else "")
            if delay == notice:
                participant.early.append(link)


def _sources_first(participants: Sequence[ForeignParticipant]) -> list[ForeignParticipant]:
    ordered: list[ForeignParticipant] = []

    def visit(participant: ForeignParticipant, path: tuple[ForeignParticipant, ...]) -> None:
        if participant in ordered:
            return
        for link in participant.early:
            for source in participants:
                if group_of(link.synapses.source) in source.groups:
                    if source in (*path, participant):
                        notice = participant.simulator.capabilities.notice
                        raise _too_short(link, participant, notice + 1, f"{source.label} waits for it in turn")
                    visit(source, (*path, participant))
        ordered.append(participant)

    for participant in participants:
        visit(participant, ())
    return ordered


def _after_source(
    participant: ForeignParticipant, link: Link, behaviours: Sequence[Behaviour],
    place: dict[ForeignParticipant, tuple[float, int]],
) -> tuple[float, int]:  # fmt: skip
    source = group_of(link.synapses.source)
    if isinstance(source, ForeignNeuronGroup):
        return next(at for other, at in place.items() if source in other.groups)
    last = [(behaviour.key, rank) for rank, behaviour in enumerate(behaviours) if behaviour.owner is source]
    return max(last, default=place[participant])


def _check_visible(
    participants: Sequence[ForeignParticipant], behaviours: Sequence[Behaviour],
    place: dict[ForeignParticipant, tuple[float, int]],
) -> None:  # fmt: skip
    for participant in participants:
        participant.hidden_from = {}
        for rank, behaviour in enumerate(behaviours):
            if participant.at <= behaviour.key and (behaviour.key, rank) <= place[participant]:
                link = participant.early[0]
                notice = participant.simulator.capabilities.notice
                error = _too_short(
                    link, participant, notice + 1, f"{behaviour!r} looks at it before the source has fired"
                )
                if behaviour.owner in participant.groups:
                    raise error
                # Behaviours of others are known to look only when they do.
                participant.hidden_from[behaviour] = error


def _too_short(link: Link, participant: ForeignParticipant, needed: int, why: str) -> DelayTooShort:
    dt = link.synapses.network.dt
    because = f" and {why}" if why else ""
    return DelayTooShort(
        f"The link {link.synapses.tag!r} has a delay of {link.synapses.min_delay * dt:g} ms; {participant.label} needs "
        f"{participant.simulator.capabilities.notice * dt:g} ms of notice{because}. "
        f"Give it a delay of at least {needed * dt:g} ms.",
        link=link.synapses,
    )
