"""Rows of the certificate, from the links and participants that they are about."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from fusion.core.foreign import ForeignNeuronGroup
from fusion.core.graph import Edge, Graph, Node
from fusion.core.home import Home
from fusion.core.neurons import NeuronGroup
from fusion.core.subgroup import NeuronSubGroup
from fusion.core.synapses import AdoptedSynapseGroup, SynapseGroup
from fusion.coupling.certificate import IN_PROCESS, LinkReport, ParticipantReport, SubscriptionReport
from fusion.coupling.link import Axons, HeldLink, Link
from fusion.coupling.participant import ForeignParticipant


def link_reports(links: Sequence[Link], pending: Sequence[SynapseGroup], window: int, dt: float) -> list[LinkReport]:
    """All links, those that wait for the build last; the blocks of a partitioned group are one."""
    rows: dict[SynapseGroup | Axons, LinkReport] = {}
    for synapses, link in (*((link.synapses, link) for link in links), *((group, None) for group in pending)):
        row, key = _link_report(synapses, window, dt, link), synapses.whole or synapses
        rows[key] = rows[key].joined(row) if key in rows else row
    return list(rows.values())


def _link_report(synapses: SynapseGroup | Axons, window: int, dt: float, link: Link | None) -> LinkReport:
    return LinkReport(
        (synapses.whole or synapses).tag,
        synapses.source.tag,
        synapses.target.tag,
        _kind(synapses),
        float(synapses.min_delay * dt),
        float(synapses.max_delay * dt),
        window * dt,
        synapses.coupling,
        sent=0 if link is None else int(link.sent),
        bytes=0 if link is None else link.lane.bytes,
        guessed=link.guessed if isinstance(link, HeldLink) else 0,
    )


def _kind(synapses: SynapseGroup | Axons) -> str:
    analog = isinstance(synapses, SynapseGroup) and (synapses.filter is not None or synapses.signal is not None)
    return "samples" if analog else "spikes"


def participant_report(one: ForeignParticipant, window: int, dt: float, seconds: float) -> ParticipantReport:
    """One simulator; `seconds` is what all runs took."""
    tier, capabilities = one.simulator.tier, one.simulator.capabilities
    return ParticipantReport(
        one.label,
        [group.tag for group in one.groups],
        tier.name,
        tier.reason,
        capabilities.precision,
        max(window, one.every) * dt,
        one.calls,
        one.seconds,
        one.seconds / max(seconds, 1e-12),
        one.simulator.place,
        one.simulator.differences,
    )


def rest_report(
    network: Home, window: int, seconds: float, participants: Sequence[ParticipantReport]
) -> ParticipantReport:
    """What is no simulator: behaviours, and the exchange itself."""
    rest = seconds - sum(row.seconds for row in participants)
    tags = [group.tag for group in network.groups if not isinstance(group, ForeignNeuronGroup)]
    return ParticipantReport(
        "native and exchange",
        tags,
        "numpy",
        "",
        str(network.dtype),
        window * network.dt,
        None,
        rest,
        rest / max(seconds, 1e-12),
    )


def subscription_report(one: ForeignParticipant, key: Hashable) -> SubscriptionReport:
    """One variable that is served tick by tick."""
    subscription = one.subscriptions[key]
    return SubscriptionReport(
        f"{subscription.name}{_selection(subscription.index)}",
        subscription.group.tag,
        one.label,
        one.simulator.seconds_in(subscription.port),
    )


def _selection(index: Any) -> str:
    if index is None:
        return ""
    if isinstance(index, slice):
        ends = ":".join("" if end is None else str(end) for end in (index.start, index.stop))
        return f"[{ends}]" if index.step in (None, 1) else f"[{ends}:{index.step}]"
    return f"[{index[0]}]" if len(index) == 1 else f"[{len(index)} chosen]"


def graph(
    groups: Sequence[NeuronGroup], synapses: Sequence[SynapseGroup], participants: Sequence[ForeignParticipant],
    window: int, dt: float,
) -> Graph:  # fmt: skip
    """The network in plain values; the blocks of a partitioned group are one edge."""
    every: dict[NeuronGroup, int] = {group: one.every for one in participants for group in one.groups}
    nodes = [
        Node(
            group.tag,
            group.size,
            group.adapter.name if isinstance(group, ForeignNeuronGroup) else "native",
            group.adapter.place if isinstance(group, ForeignNeuronGroup) else IN_PROCESS,
            max(window, every.get(group, 1)) * dt,
        )
        for group in groups
    ]
    places = {group: k for k, group in enumerate(groups)}
    edges = [
        Edge(one.tag, places[_group(one.source)], places[_group(one.target)], *_carried(one, dt))
        for one in dict.fromkeys(each.whole or each for each in synapses)
    ]
    return Graph(nodes, edges)


def _group(end: NeuronGroup | NeuronSubGroup) -> NeuronGroup:
    return end.base if isinstance(end, NeuronSubGroup) else end


def _carried(synapses: SynapseGroup, dt: float) -> tuple[str, float, float]:
    """Kind, shortest and longest delay."""
    if synapses.delivers:
        return _kind(synapses), float(synapses.min_delay * dt), float(synapses.max_delay * dt)
    return "own" if isinstance(synapses, AdoptedSynapseGroup) else "behaviours", 0.0, 0.0
