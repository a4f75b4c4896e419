"""`Wiring`: which participants, links and inputs a network has, and the schedule made of them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from fusion.core.behaviour import Behaviour
from fusion.core.foreign import ForeignNeuronGroup
from fusion.core.home import Home
from fusion.core.neurons import NeuronGroup
from fusion.core.ports import Arrivals
from fusion.core.synapses import SynapseGroup
from fusion.coupling import reason
from fusion.coupling.access import AccessLog
from fusion.coupling.inbox import Inbox
from fusion.coupling.link import Axons, HeldLink, Link, SynapseLink
from fusion.coupling.natives import group_of
from fusion.coupling.outlet import Outlet
from fusion.coupling.participant import Feed, ForeignParticipant
from fusion.coupling.plan import Lockstep, Plan, too_large
from fusion.coupling.relay import Relay
from fusion.coupling.relayed import AxonLink, CarriedLink
from fusion.coupling.roster import Roster
from fusion.coupling.schedule import Input, KeptInput, NativeInput, Schedule
from fusion.coupling.sight import PlainSight, Sight
from fusion.coupling.windows import Windows
from fusion.errors import DelayTooShort, FusionError, InvalidValue, Unsupported

if TYPE_CHECKING:
    from fusion.core.graph import Graph
    from fusion.coupling.certificate import Certificate

MOST_CARRIED = 1_000_000  # synapses; a simulator needs more memory for each than a matrix does

Key = tuple[NeuronGroup, str, str]


class Wiring:
    """The connections of one network; `is_stale` says that the schedule must be made anew."""

    def __init__(self, network: Home, roster: Roster, access: AccessLog, window: int | None) -> None:
        self.window = window
        """What the user asked for, ticks; None is as long as possible."""
        self.windows: Windows | None = None
        self.is_planned = False
        """Whether `windows` and `reason` are about what is there now."""
        self.reason = reason.UNKNOWN
        """Why windows are no longer; without `windows`, why participants meet in each iteration."""
        self.participants: Sequence[ForeignParticipant] = roster.participants
        self.links: list[Link] = []
        self.is_stale = True
        self._network, self._roster, self._access = network, roster, access
        self._plain = PlainSight(roster, access)
        self._pending: list[SynapseGroup] = []
        self._inboxes: dict[Key, Inbox] = {}
        self._inputs: list[Input] = []
        self._arrivals: dict[tuple[NeuronGroup, str], Arrivals] = {}
        self._outlets: dict[NeuronGroup, Outlet] = {}
        self._carried: dict[CarriedLink, Any] = {}
        self._schedule: Schedule | None = None
        self._met: dict[int, int] = {}  # iterations by the length of the windows in which they were computed

    @property
    def longest(self) -> int:
        """How long participants run alone now, at most, ticks; 1 in lockstep."""
        return 1 if self.windows is None else self.windows.longest

    def count(self, iterations: int) -> None:
        """Take down that so many were computed in windows as they are now."""
        if iterations and self.participants:
            self._met[self.longest] = self._met.get(self.longest, 0) + iterations

    @property
    def sight(self) -> Sight:
        """What behaviours see now."""
        windows = self.windows
        return self._plain if windows is None or not windows.is_open else windows.sight

    def add(self, synapses: SynapseGroup) -> None:
        """Note a link; it is connected when the network is built."""
        self._pending.append(synapses)
        self.is_stale = True

    def connect(self, problems: list[tuple[str, Exception]]) -> None:
        """Make inboxes and ports for the links that are new; what goes wrong is put into `problems`."""
        pending, self._pending = self._pending, []
        for synapses in pending:
            try:
                self._connect(synapses)
            except FusionError as error:
                problems.append((f"{synapses.location}: {synapses!r}", error))
                self._pending.append(synapses)
        self._renew_carried()
        for participant in self.participants:
            for group in participant.groups:
                # Any behaviour may ask who fired; the port is there before the simulator starts.
                if group.handle.spikes and group not in participant.outlets:
                    participant.outlets[group] = group.adapter.port(group.handle, "", "spikes out")

    def _renew_carried(self) -> None:
        """Tell receivers of weights that were changed since the last run; what became plastic is carried no more."""
        for link, port in list(self._carried.items()):
            now, held = link.flat(), link.projection
            adapter = group_of(link.synapses.target).adapter
            if now.joins_as(held) and not link.synapses.is_plastic:
                if not np.array_equal(now.weights, held.weights):
                    adapter.reweigh(port, now.weights)
                    link.projection = now
                continue
            adapter.reweigh(port, np.zeros(len(held)))
            del self._carried[link]
            self.links.remove(link)
            self._connect_summed(link.synapses)
            self.is_stale = True

    def hold(self) -> None:
        """Weights that receivers hold stand still from now on."""
        for link in self._carried:
            link.hold()

    def release(self) -> None:
        """Weights may be changed again."""
        for link in self._carried:
            link.release()

    def verify(self, problems: list[tuple[str, Exception]]) -> None:
        """Look whether the variables that links carry are there, now that behaviours are initialized."""
        for link in self.links:
            synapses = link.synapses
            if synapses.signal is not None:
                try:
                    group_of(synapses.source).read(synapses.signal)
                except FusionError as error:
                    problems.append((f"{synapses.location}: {synapses!r}", error))

    def _connect(self, synapses: SynapseGroup) -> None:
        source, target = group_of(synapses.source), group_of(synapses.target)
        if synapses.signal is None and isinstance(source, ForeignNeuronGroup) and not source.handle.spikes:
            raise Unsupported(f"{source.tag!r} ({source.adapter.name}) fires no spikes; give signal= a variable of it.")
        analog = synapses.signal is not None or synapses.filter is not None
        if not analog and not synapses.is_plastic and self._carry(synapses, source, target):
            return
        self._connect_summed(synapses)

    def _connect_summed(self, synapses: SynapseGroup) -> None:
        """Make a link that sums the weights itself."""
        source, target = group_of(synapses.source), group_of(synapses.target)
        analog = synapses.signal is not None or synapses.filter is not None
        inbox = self._inbox(target, synapses, "samples" if analog else "spikes")
        kind = SynapseLink if synapses.coupling == "exact" else HeldLink
        link = kind(synapses, self._outlet(source), inbox)
        if isinstance(link, HeldLink) and isinstance(source, ForeignNeuronGroup):
            home = self._roster.of(source)
            link.every, link.start = home.every, home.start
        self._join(link)

    def _carry(self, synapses: SynapseGroup, source: NeuronGroup, target: NeuronGroup) -> bool:
        """Let the receiver hold the weights of a link, if it can."""
        if not isinstance(target, ForeignNeuronGroup) or not target.adapter.capabilities.carries_links:
            return False
        if np.size(synapses.weights) > MOST_CARRIED:
            return False
        link = CarriedLink(synapses, self._outlet(source), self._relay(target, synapses.tag))
        try:
            port = target.adapter.carry(target.handle, synapses.into, link.projection)
        except Unsupported:
            return False
        self._carried[link] = port
        self._feed(link, target, port)
        return True

    def _relay(self, target: NeuronGroup, name: str) -> Relay:
        relay = Relay(target, name)
        relay.taken = self._network.iteration
        return relay

    def _feed(self, link: Link, target: ForeignNeuronGroup, port: Any) -> None:
        """Let a link into a relay give a port what it carries."""
        self._roster.of(target).feeds.append(Feed(link.inbox, port, "spikes"))
        self._join(link)

    def _inbox(self, target: NeuronGroup, synapses: SynapseGroup, kind: str) -> Inbox:
        if not isinstance(target, ForeignNeuronGroup):
            return self._native_inbox(target, synapses.into)
        key = (target, synapses.into, kind)
        inbox = self._inboxes.get(key)
        if inbox is None:
            size = target.place(synapses.into)[1].size
            inbox = Inbox(target, synapses.into, size, synapses.place.signed and kind == "spikes")
            inbox.taken = self._network.iteration
            port = target.adapter.port(target.handle, synapses.into, f"{kind} in")
            self._roster.of(target).feeds.append(Feed(inbox, port, kind))
            self._inboxes[key] = inbox
        return inbox

    def _native_inbox(self, target: NeuronGroup, name: str) -> Inbox:
        key = (target, name, "native")
        if key not in self._inboxes:
            inbox = self._inboxes[key] = Inbox(target, name, target.place(name)[1].size, signed=False)
            inbox.taken = self._network.iteration
            if target.accumulates(name):
                self._inputs.append(KeptInput(inbox, self.arrivals(target, name)))
            else:
                entry = NativeInput(inbox)
                target.__dict__[name] = entry.array
                self._inputs.append(entry)
            self.is_stale = True
        return self._inboxes[key]

    def open_input(self, target: NeuronGroup, name: str) -> None:
        """As `NeuronGroup.open_input`: an inbox, whether or not a link ends there."""
        if isinstance(target, ForeignNeuronGroup):
            raise Unsupported(f"{target.tag!r} is a group of {target.adapter.name}, which has inputs of its own.")
        # What accumulates is written to as it is, and needs no place of its own until a link ends there.
        if not target.accumulates(name):
            self._native_inbox(target, name)

    def arrivals(self, target: NeuronGroup, name: str) -> Arrivals:
        """As `NeuronGroup.arrivals`."""
        key = (target, name)
        if key not in self._arrivals:
            if (target, name, "native") in self._inboxes and not target.accumulates(name):
                raise InvalidValue(f"{name!r} of {target.tag!r} is an input already, zero when an iteration begins.")
            self._arrivals[key] = Arrivals()
        return self._arrivals[key]

    def stand_in(self, source: NeuronGroup, home: NeuronGroup, delay: object) -> Any:
        """The simulator's own source that fires `delay` after `source`."""
        if not (isinstance(home, ForeignNeuronGroup) and home.adapter.capabilities.stand_ins):
            raise Unsupported(f"{home.tag!r} has no place for a stand-in; use SynapseGroup(..., weight=...).")
        clock = self._network.clock
        ticks = 1 if delay is None else clock.ticks(delay, "delay")
        if ticks < 1:
            raise DelayTooShort(f"The delay of a stand-in is {delay} ms; the shortest is one dt ({clock.dt:g} ms).")
        axons = Axons(source, home, ticks)
        stand_in, port = home.adapter.stand_in(source.size, axons.tag)
        self._feed(AxonLink(axons, self._outlet(source), self._relay(home, axons.tag)), home, port)
        self.is_stale = True
        return stand_in

    def schedule(self, behaviours: Sequence[Behaviour]) -> Schedule:
        """The schedule for what is there now; `DelayTooShort` if no order gives every link its time."""
        if self._schedule is None or self.is_stale:
            self._schedule = Schedule(behaviours, self.participants, self.links, self._inputs)
            self.is_stale = self.is_planned = False
        return self._schedule

    def plan_windows(self, behaviours: Sequence[Behaviour]) -> None:
        """Find windows for what is there now; `windows` is None if there are none, and `reason` tells why."""
        self.windows, self.is_planned = None, True
        if not self.participants:
            self.reason = reason.NO_SIMULATOR
            return
        if self.window == 1:
            self.reason = reason.ASKED
            return
        try:
            self.windows = self._plan(behaviours).windows()
            self.reason = self.windows.reason
        except Lockstep as lockstep:
            if self.window is not None:
                raise too_large(lockstep.reason, self.window) from None
            self.reason = lockstep.reason
            for participant in self.participants:
                participant.subscribe(())

    def foresee(self, behaviours: Sequence[Behaviour]) -> None:
        """Subscribe to what is read in windows, as far as that is plain before anybody has stepped; nothing later.

        NEST settles the length of its slices for good when it first steps, and there nobody can look into longer ones.

        Raises
        ------
        WindowTooLarge
            If it is plain as well that the window asked for is not exact.
        """
        if self.participants and self.window != 1 and not self.is_planned:
            with suppress(Lockstep):
                plan = self._plan(behaviours)
                plan.look_ahead()
                plan.subscribe()

    def _plan(self, behaviours: Sequence[Behaviour]) -> Plan:
        return Plan(self._network, behaviours, self._access, self.participants, self.links, self._inputs, self.window)

    def certificate(self, iterations: int, seconds: float) -> Certificate:
        """The report of all runs so far."""
        # Not needed to import fusion, which shall be quick.
        from fusion.coupling.certificate import Certificate
        from fusion.coupling.reports import link_reports, participant_report, rest_report, subscription_report

        window, dt = self.longest, self._network.dt
        links = link_reports(self.links, self._pending, window, dt)
        participants = [participant_report(one, window, dt, seconds) for one in self.participants]
        participants.append(rest_report(self._network, window, seconds, participants))
        subscriptions = [subscription_report(one, each) for one in self.participants for each in one.subscriptions]
        beside = [] if self._schedule is None else (self.windows or self._schedule).side_by_side
        return Certificate(
            iterations, dt, seconds, window, self.reason.why, self.reason.way_out, links, participants, subscriptions,
            beside, [list(each) for each in self._met.items()],
        )  # fmt: skip

    def graph(self) -> Graph:
        """Groups, synapses and windows as they are."""
        from fusion.coupling import reports

        network = self._network
        return reports.graph(network.groups, network.synapses, self.participants, self.longest, network.dt)

    def _outlet(self, group: NeuronGroup) -> Outlet:
        if group not in self._outlets:
            self._outlets[group] = Outlet(
                group, self._roster.of(group) if isinstance(group, ForeignNeuronGroup) else None
            )
        return self._outlets[group]

    def _join(self, link: Link) -> None:
        """Take a link in, with room in its inbox for what it has on its way."""
        inbox, target = link.inbox, group_of(link.synapses.target)
        notice = 0
        if isinstance(target, ForeignNeuronGroup):
            participant = self._roster.of(target)
            inbox.every, inbox.start = participant.every, participant.start
            notice = participant.simulator.capabilities.notice
        inbox.reserve(link.synapses.max_delay + inbox.every + notice + 1)
        self.links.append(link)
