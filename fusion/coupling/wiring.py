"""`Wiring`: which participants, links and inputs a network has, and the schedule made of them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.core.behaviour import Behaviour
from fusion.core.foreign import ForeignNeuronGroup
from fusion.core.home import Home
from fusion.core.neurons import NeuronGroup
from fusion.core.synapses import SynapseGroup
from fusion.coupling import reason
from fusion.coupling.access import AccessLog
from fusion.coupling.certificate import Certificate
from fusion.coupling.inbox import Inbox
from fusion.coupling.link import AxonLink, Axons, CarriedLink, HeldLink, Link, SynapseLink
from fusion.coupling.natives import group_of
from fusion.coupling.outlet import Outlet
from fusion.coupling.participant import Feed, ForeignParticipant
from fusion.coupling.plan import Lockstep, Plan, too_large
from fusion.coupling.reports import link_report, participant_report, rest_report, subscription_report
from fusion.coupling.schedule import NativeInput, Schedule
from fusion.coupling.windows import Windows
from fusion.errors import DelayTooShort, FusionError, Unsupported

MOST_CARRIED = 1_000_000  # synapses; a simulator needs more memory for each than a matrix does

Key = tuple[NeuronGroup, str, str]


class Wiring:
    """The connections of one network; `is_stale` says that the schedule must be made anew."""

    def __init__(self, network: Home, window: int | None) -> None:
        self.window = window
        """What the user asked for, ticks; None is as long as possible."""
        self.windows: Windows | None = None
        self.is_planned = False
        """Whether `windows` and `reason` are about what is there now."""
        self.reason = reason.UNKNOWN
        """Why windows are no longer; without `windows`, why participants meet in each iteration."""
        self.participants: list[ForeignParticipant] = []
        self.links: list[Link] = []
        self.is_stale = True
        self._network = network
        self._pending: list[SynapseGroup] = []
        self._inboxes: dict[Key, Inbox] = {}
        self._inputs: list[NativeInput] = []
        self._outlets: dict[NeuronGroup, Outlet] = {}
        self._carried: dict[CarriedLink, Any] = {}
        self._homes: dict[NeuronGroup, ForeignParticipant] = {}
        self._schedule: Schedule | None = None

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
            pre, post, values, _ = link.flat()
            adapter = group_of(link.synapses.target).adapter
            same = np.array_equal(pre, link.pre) and np.array_equal(post, link.post)
            if same and not link.synapses.behaviours:
                if not np.array_equal(values, link.values):
                    adapter.reweigh(port, values)
                    link.values = values
                continue
            adapter.reweigh(port, np.zeros(len(link.values)))
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
            if isinstance(synapses, SynapseGroup) and synapses.signal is not None:
                try:
                    group_of(synapses.source).read(synapses.signal)
                except FusionError as error:
                    problems.append((f"{synapses.location}: {synapses!r}", error))

    def _connect(self, synapses: SynapseGroup) -> None:
        source, target = group_of(synapses.source), group_of(synapses.target)
        if synapses.signal is None and isinstance(source, ForeignNeuronGroup) and not source.handle.spikes:
            raise Unsupported(f"{source.tag!r} ({source.adapter.name}) fires no spikes; give signal= a variable of it.")
        analog = synapses.signal is not None or synapses.filter is not None
        if not analog and not synapses.behaviours and self._carry(synapses, source, target):
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
            home = self.participant(source)
            link.every, link.start = home.every, home.start
        self._reserve(inbox, link)
        self.links.append(link)

    def _carry(self, synapses: SynapseGroup, source: NeuronGroup, target: NeuronGroup) -> bool:
        """Let the receiver hold the weights of a link, if it can."""
        if not isinstance(target, ForeignNeuronGroup) or not target.adapter.capabilities.carries_links:
            return False
        if np.size(synapses.weights) > MOST_CARRIED:
            return False
        inbox = Inbox(source, synapses.tag, synapses.source.size, signed=False)
        inbox.taken = self._network.iteration
        link = CarriedLink(synapses, self._outlet(source), inbox)
        try:
            port = target.adapter.carry(
                target.handle, synapses.into, link.pre, link.post, link.values, link.delays, synapses.source.size
            )
        except Unsupported:
            return False
        self.participant(target).feeds.append(Feed(inbox, port, "spikes"))
        self._carried[link] = port
        self._reserve(inbox, link)
        self.links.append(link)
        return True

    def _inbox(self, target: NeuronGroup, synapses: SynapseGroup, kind: str) -> Inbox:
        native = not isinstance(target, ForeignNeuronGroup)
        key = (target, synapses.into, "native" if native else kind)
        inbox = self._inboxes.get(key)
        if inbox is not None:
            return inbox
        size = target.place(synapses.into)[1].size
        inbox = Inbox(target, synapses.into, size, synapses.place.signed and kind == "spikes")
        inbox.taken = self._network.iteration
        if isinstance(target, ForeignNeuronGroup):
            port = target.adapter.port(target.handle, synapses.into, f"{kind} in")
            self.participant(target).feeds.append(Feed(inbox, port, kind))
        else:
            entry = NativeInput(inbox)
            target.__dict__[inbox.name] = entry.array
            self._inputs.append(entry)
        self._inboxes[key] = inbox
        return inbox

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
        inbox = Inbox(source, axons.tag, source.size, signed=False)
        inbox.taken = self._network.iteration
        self.participant(home).feeds.append(Feed(inbox, port, "spikes"))
        link = AxonLink(axons, self._outlet(source), inbox)
        self._reserve(inbox, link)
        self.links.append(link)
        self.is_stale = True
        return stand_in

    def participant(self, group: ForeignNeuronGroup) -> ForeignParticipant:
        """The participant that computes `group`."""
        participant = self._homes.get(group)
        if participant is None:
            participant = next(one for one in self.participants if group in one.groups)
            self._homes[group] = participant
        return participant

    def check_visible(self, behaviour: Behaviour | None, simulator: object) -> None:
        """`DelayTooShort` if a behaviour looks at a simulator whose step of this iteration is yet to come."""
        for participant in self.participants:
            if behaviour in participant.hidden_from and participant.simulator is simulator:
                raise participant.hidden_from[behaviour]

    def current_spikes(self, group: ForeignNeuronGroup) -> NDArray[np.int64]:
        """Who fired in this iteration."""
        if not group.handle.spikes:
            raise Unsupported(f"{group.tag!r} ({group.adapter.name}) fires no spikes; read its variables instead.")
        participant = self.participant(group)
        return participant.fired(group, min(self._network.iteration, participant.reached))

    def schedule(self, behaviours: Sequence[Behaviour]) -> Schedule:
        """The schedule for what is there now; `DelayTooShort` if no order gives every link its time."""
        if self._schedule is None or self.is_stale:
            self._schedule = Schedule(behaviours, self.participants, self.links, self._inputs)
            self.is_stale = self.is_planned = False
        return self._schedule

    def plan_windows(self, behaviours: Sequence[Behaviour], access: AccessLog) -> None:
        """Find windows for what is there now; `windows` is None if there are none, and `reason` tells why."""
        self.windows, self.is_planned = None, True
        if not self.participants:
            self.reason = reason.NO_SIMULATOR
            return
        if self.window == 1:
            self.reason = reason.ASKED
            return
        try:
            plan = Plan(self._network, behaviours, access, self.participants, self.links, self._inputs, self.window)
            self.windows = plan.windows()
            self.reason = self.windows.reason
        except Lockstep as lockstep:
            if self.window is not None:
                raise too_large(lockstep.reason, self.window) from None
            self.reason = lockstep.reason
            for participant in self.participants:
                participant.subscribe(())

    def check_window(self, behaviours: Sequence[Behaviour], access: AccessLog) -> None:
        """`WindowTooLarge` if it is plain already that the window asked for is not exact."""
        if self.participants and self.window is not None and self.window > 1:
            with suppress(Lockstep):
                Plan(
                    self._network, behaviours, access, self.participants, self.links, self._inputs, self.window
                ).look_ahead()

    def certificate(self, iterations: int, seconds: float) -> Certificate:
        """The report of all runs so far."""
        windows, dt = self.windows, self._network.dt
        window = windows.longest if windows is not None else 1
        links = [link_report(link.synapses, window, dt, link) for link in self.links]
        links += [link_report(synapses, window, dt) for synapses in self._pending]
        participants = [participant_report(one, window, dt, seconds) for one in self.participants]
        participants.append(rest_report(self._network, window, seconds, participants))
        subscriptions = [subscription_report(one, each) for one in self.participants for each in one.subscriptions]
        return Certificate(
            iterations, dt, seconds, window, self.reason.why, self.reason.way_out, links, participants, subscriptions
        )

    def _outlet(self, group: NeuronGroup) -> Outlet:
        if group not in self._outlets:
            self._outlets[group] = Outlet(
                group, self.participant(group) if isinstance(group, ForeignNeuronGroup) else None
            )
        return self._outlets[group]

    def _reserve(self, inbox: Inbox, link: Link) -> None:
        target = group_of(link.synapses.target)
        notice = 0
        if isinstance(target, ForeignNeuronGroup):
            participant = self.participant(target)
            inbox.every, inbox.start = participant.every, participant.start
            notice = participant.simulator.capabilities.notice
        inbox.reserve(link.synapses.max_delay + inbox.every + notice + 1)
