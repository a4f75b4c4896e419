"""`plan`: the windows that a network allows, found from its links and from what its behaviours touch."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from fusion.core.behaviour import Behaviour
from fusion.core.foreign import ForeignNeuronGroup
from fusion.core.home import Home
from fusion.core.parts import Part
from fusion.core.synapses import AdoptedSynapseGroup
from fusion.core.words import counted
from fusion.coupling.access import Access, AccessLog, declares, selection_key
from fusion.coupling.link import HeldLink, Link
from fusion.coupling.lookahead import Lookahead, Need, look_ahead
from fusion.coupling.natives import Natives, group_of, groups_at
from fusion.coupling.participant import ForeignParticipant
from fusion.coupling.reason import Reason, named, of_need, of_stop
from fusion.coupling.schedule import Input
from fusion.coupling.served import Wanted
from fusion.coupling.sight import WindowSight
from fusion.coupling.stages import stages
from fusion.coupling.windows import Block, ForeignBlock, NativeBlock, Windows
from fusion.errors import WindowTooLarge

MOST = 60  # ticks; a longer window saves nothing more, but costs memory. Many slices of NEST fit into it without rest
HELD_MS = 1.0  # how long samples stand that are held or extrapolated, unless the user says otherwise

Giver = Part | ForeignParticipant


class Lockstep(Exception):
    """Participants have to meet in each iteration."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.why)


class Plan:
    """Collects who needs what of whom.

    Parameters
    ----------
    behaviours : those that step, in the order of their keys
    forced : int or None, ticks
        The window that the user asked for.
    """

    def __init__(
        self, network: Home, behaviours: Sequence[Behaviour], access: AccessLog,
        participants: Sequence[ForeignParticipant], links: Sequence[Link], inputs: Sequence[Input],
        forced: int | None,
    ) -> None:  # fmt: skip
        self._network, self._access, self._forced = network, access, forced
        self._participants, self._links, self._inputs = participants, links, inputs
        self._behaviours = [behaviour for behaviour in behaviours if behaviour.enabled and behaviour.steps()]
        self._homes = {group: one for one in participants for group in one.groups}
        self._slow = {
            behaviour: ticks
            for behaviour in self._behaviours
            if behaviour.every is not None and (ticks := network.clock.ticks(behaviour.every, "every")) > 1
        }
        self._natives = Natives(network, self._behaviours, access)
        self._needs: list[Need] = []
        self._lags: dict[Access, int] = {}
        self._stops: dict[int, Behaviour] = {}
        self._untraced: set[int] = set()
        self._writers: dict[ForeignParticipant, Part] = {}
        self._writing: set[tuple[Behaviour, ForeignParticipant]] = set()
        self._wanted: dict[Hashable, Wanted] = {}
        self._givers: dict[Link, Giver] = {}
        self._held: dict[HeldLink, Giver] = {}
        self._collect()

    def _collect(self) -> None:
        self._find_untraced()
        for access in self._known(self._access.writes, "writes"):
            self._write(access)
        for access in self._known(self._access.reads, "reads"):
            self._read(access)
        for link in self._links:
            giver, taker = self._ends(link)
            self._givers[link] = giver
            if isinstance(link, HeldLink):
                self._held[link] = taker
            else:
                self._needs.append(Need(giver, taker, link.synapses.min_delay, self._notice(link), link))

    def look_ahead(self) -> Lookahead:
        """The order and the length of windows.

        Raises
        ------
        Lockstep
            If participants have to meet in each iteration.
        WindowTooLarge
            If the windows are shorter than what the user asked for.
        """
        most = self._most()
        participants = [*self._participants, *self._natives.all()]
        found = look_ahead(participants, self._ties(), most)
        reason = of_need(found.limit if found else None, self._network.dt)
        if self._forced is not None and (found is None or found.window < self._forced):
            raise too_large(reason, self._forced)
        if found is None or found.window == 1:
            raise Lockstep(reason)
        return found

    def _ties(self) -> list[Need]:
        """The needs, between those that advance together."""
        return [replace(need, source=self._of(need.source), target=self._of(need.target)) for need in self._needs]

    def _stages(self, found: Lookahead) -> list[list[Block]]:
        """The blocks, those together that can compute at the same time."""
        blocks = {one: block for one in found.order if (block := self._block(one)) is not None}
        return [[blocks[one] for one in stage] for stage in stages(list(blocks), self._apart(found.window))]

    def _apart(self, window: int) -> set[tuple[Hashable, Hashable]]:
        """Pairs of which the second, if it comes later in the order, comes after what the first does in the window."""
        apart = {(need.source, need.target) for need in self._ties() if need.slack < window}
        for link, taker in self._held.items():
            # Who computes at the same time shall not decide what is guessed.
            giver, taker = self._of(self._givers[link]), self._of(taker)
            apart |= {(giver, taker), (taker, giver)}
        for behaviour in self._slow:
            if behaviour.reads is None:
                # Where it steps it may look at any simulator that stands at its tick.
                apart |= {(participant, self._of(self._owner(behaviour))) for participant in self._participants}
        return apart

    def reason(self, found: Lookahead) -> Reason:
        """Why windows are no longer than what was found."""
        stop = min(self._stops, default=found.window)
        if stop < found.window:
            return of_stop(self._stops[stop], stop)
        if found.limit is not None:
            return of_need(found.limit, self._network.dt)
        if self._forced is not None:
            return Reason(f"Network(window={self._forced}) asks for no more")
        if self._held and found.window < MOST:
            tags = ", ".join(repr(link.synapses.tag) for link in self._held)
            return Reason(
                f"samples of {tags} are held or extrapolated over {HELD_MS:g} ms unless you say otherwise",
                "Network(window=) allows longer windows; the error grows with them.",
            )
        return Reason(f"windows of more than {counted(MOST, 'iteration')} would save nothing")

    def subscribe(self) -> None:
        """Have each participant serve what is read of it within windows, and nothing else."""
        for participant in self._participants:
            participant.subscribe(one for one in self._wanted.values() if self._homes[one.group] is participant)

    def windows(self) -> Windows:
        """As `look_ahead`, with everything in place that the windows need."""
        found = self.look_ahead()
        self.subscribe()
        for link in self._links:
            link.inbox.reserve(link.synapses.max_delay + found.window + link.inbox.every + self._notice(link) + 1)
        adopted = (group for group in self._network.synapses if isinstance(group, AdoptedSynapseGroup))
        homes: dict[Part, ForeignParticipant] = {owner: self._home(owner) for owner in (*self._homes, *adopted)}
        sight = WindowSight(self._lags, self._slow, homes, self._writing, self._natives)
        stages, stops = self._stages(found), [*self._stops]
        if not self._held:
            # Windows end at multiples of their length, though the first is shorter then. NEST's slices end there, too,
            # if they are as long, and to cut one in two costs nearly as much as another one. What is held depends on
            # where windows begin; they stay where they are.
            stops.append(found.window)
        return Windows(found.window, stages, stops, self._untraced, sight, self.reason(found))

    def _block(self, one: Giver) -> Block | None:
        links = [link for link, giver in self._givers.items() if self._of(giver) is one]
        held = [link for link, taker in self._held.items() if self._of(taker) is one]
        if isinstance(one, ForeignParticipant):
            return ForeignBlock(one, links, held)
        # Within one block samples are known in time, tick by tick.
        held = [link for link in held if link not in links]
        behaviours = [behaviour for behaviour in self._behaviours if self._of(behaviour.owner) is one]
        inputs = [entry for entry in self._inputs if self._of(entry.inbox.group) is one]
        if not (behaviours or links or inputs):
            return None
        return NativeBlock(behaviours, links, inputs, held, lambda part: self._natives.of(part) is one)

    def _of(self, one: Any) -> Giver:
        return one if isinstance(one, ForeignParticipant) else self._natives.of(one)

    # --- what behaviours touch -------------------------------------------------------------------------------------

    def _find_untraced(self) -> None:
        """Slow behaviours that have not stepped yet, and do not declare what they touch."""
        for behaviour in self._behaviours:
            declared = behaviour.reads is not None and behaviour.writes is not None
            if behaviour in self._slow and behaviour not in self._access.traced and not declared:
                self._untraced.add(self._slow[behaviour])

    def _known(self, traced: Collection[Access], field: str) -> Iterator[Access]:
        """What was traced, what is declared, and where nothing is declared what the code of the steps names."""
        active = set(self._behaviours)
        yield from (access for access in traced if access.behaviour in active)
        for behaviour in self._behaviours:
            declared = behaviour.reads if field == "reads" else behaviour.writes
            found = self._named(behaviour, field) if declared is None else self._declared(behaviour, declared)
            yield from (access for access in dict.fromkeys(found) if access not in traced)

    def _declared(self, behaviour: Behaviour, declared: tuple[str, ...]) -> Iterator[Access]:
        for name in declared:
            variable = name.rpartition(".")[2]
            for group in self._homes:
                access = Access(behaviour, group, "spikes" if variable == "spike" else variable)
                if declares(access, name) and access.variable in {"spikes", *group.handle.variables}:
                    yield access

    def _named(self, behaviour: Behaviour, field: str) -> Iterator[Access]:
        """Foreign variables of groups within reach that the code names, perhaps in a branch that was not yet taken."""
        names, things = self._access.names(behaviour), [behaviour.owner, *self._access.found(behaviour)]
        reach = {group for thing in things for group in groups_at(thing)}
        for group in self._homes:
            if group in reach:
                known = {*group.handle.variables, "spike", "spikes"}
                for name in (names.read if field == "reads" else names.assigned) & known:
                    yield Access(behaviour, group, "spikes" if name == "spike" else name)
                if field == "writes" and "set" in names.read:
                    yield Access(behaviour, group, "variables")

    def _write(self, access: Access) -> None:
        """Writes are seen by the next step, so that windows end where they happen."""
        behaviour, owner, name = access
        participant = self._home(owner)
        if behaviour not in self._slow or behaviour.key < participant.at or isinstance(owner, AdoptedSynapseGroup):
            raise Lockstep(
                Reason(
                    f"{named(behaviour)} writes {owner.tag}.{name}",
                    "Give it every=, and participants meet only where it steps."
                    if behaviour.key >= participant.at and not isinstance(owner, AdoptedSynapseGroup)
                    else "",
                )
            )
        self._meet(behaviour, participant)
        self._writing.add((behaviour, participant))
        # What one writes another one sees, and links that carry it leave after both.
        first = self._writers.setdefault(participant, self._owner(behaviour))
        self._natives.join(first, self._owner(behaviour))

    def _read(self, access: Access) -> None:
        behaviour, owner, name = access
        participant = self._home(owner)
        lag = int(behaviour.key < participant.at)
        self._lags[access] = lag
        if participant in self._writers and name != "spikes":
            # Whether it sees what was written in the same iteration is a matter of keys.
            self._natives.join(self._writers[participant], self._owner(behaviour))
        if isinstance(owner, AdoptedSynapseGroup):
            if lag or behaviour not in self._slow:
                raise Lockstep(
                    Reason(
                        f"{named(behaviour)} reads {owner.tag}.{name}, which no simulator can buffer",
                        "Give it every=, and participants meet only where it steps.",
                    )
                )
            self._meet(behaviour, participant)
        elif name != "spikes" and behaviour in self._slow and not lag:
            self._meet(behaviour, participant)
        else:
            self._needs.append(Need(participant, self._owner(behaviour), lag, 0, behaviour))
            if name != "spikes":
                assert isinstance(owner, ForeignNeuronGroup)
                # Who declares a variable in its class may read another part of it each time.
                is_whole = any(declares(access, declared) for declared in type(behaviour).reads or ())
                traced = {} if is_whole else self._access.reads.get(access, {})
                for index in list(traced.values()) or [None]:
                    self._want(owner, name, index, bool(lag))

    def _want(self, group: ForeignNeuronGroup, name: str, index: Any, lags: bool) -> None:
        participant = self._homes[group]
        if not participant.simulator.capabilities.samples_out:
            raise Lockstep(Reason(f"{participant.label} tells {name!r} only of the iteration that it has reached"))
        key = (group, name, selection_key(index))
        before = self._wanted.get(key)
        self._wanted[key] = Wanted(group, name, index, lags or (before is not None and before.lags))

    def _meet(self, behaviour: Behaviour, participant: ForeignParticipant) -> None:
        """Let windows end where a behaviour steps, with the participant at that very tick."""
        self._stops.setdefault(self._slow[behaviour], behaviour)
        self._needs.append(Need(participant, self._owner(behaviour), 0, 0, behaviour))

    def _home(self, owner: Part) -> ForeignParticipant:
        group = owner.source if isinstance(owner, AdoptedSynapseGroup) else owner
        return self._homes[group_of(group)]  # type: ignore[arg-type,index]  # only foreign groups have such variables

    def _owner(self, behaviour: Behaviour) -> Part:
        assert behaviour.owner is not None
        return behaviour.owner

    # --- links -----------------------------------------------------------------------------------------------------

    def _ends(self, link: Link) -> tuple[Giver, Giver]:
        """Who takes what is sent on its way, and who it is for."""
        synapses = link.synapses
        source, target = group_of(synapses.source), group_of(synapses.target)
        taker: Giver = self._homes[target] if isinstance(target, ForeignNeuronGroup) else target
        if not isinstance(source, ForeignNeuronGroup):
            return source, taker
        participant = self._homes[source]
        givers: list[Part] = []
        if self._natives.touches(synapses):
            # Whoever changes the weights sends the spikes, with those of the end of the iteration.
            givers.append(synapses)  # type: ignore[arg-type]  # stand-ins have no weights
        signal = synapses.signal
        if signal is not None and signal in source.handle.variables:
            self._want(source, signal, None, lags=False)
            givers += [self._writers[participant]] if participant in self._writers else []
        elif signal is not None and signal != "spike":
            givers.append(source)  # a native variable beside those of the simulator
        for one in givers[1:]:
            self._natives.join(givers[0], one)
        giver: Giver = givers[0] if givers else participant
        if giver is not participant:
            self._needs.append(Need(participant, giver, 0, 0, link))
        return giver, taker

    def _notice(self, link: Link) -> int:
        target = group_of(link.synapses.target)
        if link.kind == "samples" or not isinstance(target, ForeignNeuronGroup):
            return 0
        notice: int = self._homes[target].simulator.capabilities.notice
        return notice

    def _most(self) -> int:
        if self._forced is not None:
            return self._forced
        if self._held:
            return max(1, min(MOST, int(HELD_MS / self._network.dt + 0.5)))
        return MOST


def too_large(reason: Reason, asked: int) -> WindowTooLarge:
    """The error for a window that is longer than what is exact."""
    asked_for = f"you asked for a window of {counted(asked, 'iteration')}"
    sentence = f"{reason.why[0].upper()}{reason.why[1:]}; {asked_for}."
    return WindowTooLarge(f"{sentence} {reason.way_out}".rstrip())
