"""`Certificate`: what the coupling did - links, exactness, windows, and where the time went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any

from fusion.core.words import Table, as_size, counted

WIDTH = 100  # of prose, characters
IN_PROCESS = "in process"
COUPLINGS = {"exact": "exact", "hold": "held, first order", "linear": "linear, second order"}


@dataclass(frozen=True)
class LinkReport:
    """One link that fusion delivers.

    kind : "spikes" or "samples"
    delay_ms, max_delay_ms : the shortest and the longest delay
    window_ms : how long its ends run alone between two meetings, at most
    coupling : "exact", "hold" (first order in the window) or "linear" (second order)
    sent : spikes or samples that left the source
    late : always 0, for input that comes too late is an error
    bytes : what was brought to the target: sums, samples or single arrivals, and where they go
    guessed : samples that were held or extrapolated
    """

    link: str
    source: str
    target: str
    kind: str
    delay_ms: float
    max_delay_ms: float
    window_ms: float
    coupling: str
    sent: int = 0
    late: int = 0
    bytes: int = 0
    guessed: int = 0

    def joined(self, other: LinkReport) -> LinkReport:
        """The two as one link; a spike that both sent counts twice."""
        return replace(
            self,
            delay_ms=min(self.delay_ms, other.delay_ms),
            max_delay_ms=max(self.max_delay_ms, other.max_delay_ms),
            sent=self.sent + other.sent,
            bytes=self.bytes + other.bytes,
            guessed=self.guessed + other.guessed,
        )


@dataclass(frozen=True)
class ParticipantReport:
    """One participant; `share` is its part of the wall time of all runs.

    groups : tags of the groups that it computes
    tier, tier_reason : how the simulator is reached, and why not better
    precision : the numbers that it computes with
    calls : how often it was told to advance; None for what is no simulator
    place : where it runs
    differences : what is other there than in the process of the script, so that the last bits of results may be
    """

    participant: str
    groups: Sequence[str]
    tier: str
    tier_reason: str
    precision: str
    window_ms: float
    calls: int | None
    seconds: float
    share: float
    place: str = IN_PROCESS
    differences: Sequence[str] = ()


@dataclass(frozen=True)
class SubscriptionReport:
    """A foreign variable that behaviours or links see in each iteration, so that its simulator shows it at each tick.

    seconds : what that cost the simulator so far; None if it does not tell
    """

    variable: str
    group: str
    participant: str
    seconds: float | None


@dataclass(frozen=True)
class Certificate:
    """The report of all runs so far: ``print`` it, read its fields, or `save` it.

    Attributes
    ----------
    window : int, iterations
        How long participants run alone, at most; 1 is lockstep.
    reason, way_out : str
        Why it is no longer, and what would help.
    side_by_side : list of lists of names
        Which participants compute at the same time; "native" are behaviours.
    windows : list of [window, iterations]
        How many iterations were computed with which `window`, without those in which fusion looked what behaviours
        touch; empty in reports of before this was counted.
    """

    iterations: int
    dt_ms: float
    seconds: float
    window: int
    reason: str
    way_out: str = ""
    links: Sequence[LinkReport] = field(default_factory=tuple)
    participants: Sequence[ParticipantReport] = field(default_factory=tuple)
    subscriptions: Sequence[SubscriptionReport] = field(default_factory=tuple)
    side_by_side: Sequence[Sequence[str]] = field(default_factory=tuple)
    windows: Sequence[Sequence[int]] = field(default_factory=tuple)

    @property
    def is_exact(self) -> bool:
        """Whether no sample was guessed."""
        return not any(link.guessed for link in self.links)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, report: Mapping[str, Any]) -> Certificate:
        """The report that `to_dict` gave, also by way of JSON."""
        kinds = {"links": LinkReport, "participants": ParticipantReport, "subscriptions": SubscriptionReport}
        rows: dict[str, Any] = {name: [kind(**row) for row in report[name]] for name, kind in kinds.items()}
        return cls(**{**report, **rows})

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the report to a file, as JSON."""
        import json  # not needed to import fusion, which shall be quick

        file = Path(path)
        file.write_text(json.dumps(self.to_dict(), indent=2) + "\n", encoding="utf-8")
        return file

    def __str__(self) -> str:
        import textwrap  # as the others, not needed to import fusion

        told, tables = (self._summary(), self._notes()), [table.lines() for table in self._tables()]
        summary, notes = ([textwrap.fill(line, WIDTH, subsequent_indent="  ") for line in lines] for lines in told)
        return "\n\n".join("\n".join(lines) for lines in (summary, *tables, notes) if lines)

    def _repr_html_(self) -> str:
        from html import escape

        told = (self._summary(), self._notes())
        summary, notes = (f"<p>{'<br>'.join(map(escape, lines))}</p>" if lines else "" for lines in told)
        return summary + "".join(table.html() for table in self._tables()) + notes

    def _summary(self) -> list[str]:
        if not self.iterations:
            links, simulators = len(self.links), sum(row.calls is not None for row in self.participants)
            return [f"Nothing has run yet: {counted(links, 'link')}, {counted(simulators, 'simulator')}."]
        lines = [f"{counted(self.iterations, 'iteration')} of {self.dt_ms:g} ms in {self.seconds:.3g} s."]
        if len(self.participants) > 1:
            meeting = "in each iteration" if self.window == 1 else self._meeting(self.window)
            lines += [f"Participants meet {meeting}{self._before()}.", f"Why no longer: {self.reason}."]
        if self.way_out:
            lines.append(f"What would help: {self.way_out}")
        return [*lines, *(f"At the same time: {', '.join(names)}." for names in self.side_by_side)]

    def _meeting(self, window: int) -> str:
        return f"every {counted(window, 'iteration')} ({window * self.dt_ms:g} ms)"

    def _before(self) -> str:
        """How often they met while `window` was another."""
        others = [(window, counted(n, "iteration")) for window, n in self.windows if window != self.window]
        met = [f"in each of {n}" if window == 1 else f"{self._meeting(window)} for {n}" for window, n in others]
        return f"; they met {', '.join(met)} before" if met else ""

    def _tables(self) -> list[Table]:
        has_run = self.iterations > 0
        tables = (
            _links(self.links, has_run),
            _participants(self.participants, has_run),
            _subscriptions(self.subscriptions, self.iterations),
        )
        return [table for table in tables if table]

    def _notes(self) -> list[str]:
        notes = [f"{row.participant}: {row.tier_reason}." for row in self.participants if row.tier_reason]
        coarse = [row.participant for row in self.participants if row.precision != "float64"]
        if coarse:
            notes.append(f"{', '.join(coarse)}: not float64, so that other simulators agree in statistics only.")
        if not self.is_exact:
            held = [repr(row.link) for row in self.links if row.guessed]
            notes.append(f"{', '.join(held)}: samples were guessed; all other links are exact.")
        return notes + _bits(self.participants)


def _bits(rows: Sequence[ParticipantReport]) -> list[str]:
    """Whether participants elsewhere give what they would give in process, in all bits."""
    elsewhere = [row for row in rows if row.place != IN_PROCESS]
    same = [row.participant for row in elsewhere if not row.differences]
    notes = [
        f"{row.participant}: results may differ from those in process in their last bits: {'; '.join(row.differences)}."
        for row in elsewhere
        if row.differences
    ]
    if same:
        why = "versions and processor family are the same there"
        notes.append(f"{', '.join(same)}: the same bits as in process, for {why}.")
    return notes


def _links(rows: Sequence[LinkReport], has_run: bool) -> Table:
    what = ("link", "from", "to", "kind", "delay (ms)", "coupling")
    counts = ("window (ms)", "sent", "late", "guessed", "size")
    any_guessed = any(row.guessed for row in rows)
    cells = []
    for row in rows:
        delay = _range(row.delay_ms, row.max_delay_ms)
        guessed = f"{row.guessed:,}" if any_guessed else ""
        did = (f"{row.window_ms:g}", f"{row.sent:,}", f"{row.late}", guessed, as_size(row.bytes))
        named = (row.link, row.source, row.target, row.kind, delay, COUPLINGS[row.coupling])
        cells.append((*named, *(did if has_run else [""] * len(did))))
    return Table((*what, *counts), cells, numbers=("delay (ms)", *counts))


def _participants(rows: Sequence[ParticipantReport], has_run: bool) -> Table:
    what, did = ("participant", "groups", "where", "tier", "numbers"), ("window (ms)", "calls", "time (s)", "share")
    cells = []
    any_elsewhere = any(row.place != IN_PROCESS for row in rows)
    for row in rows:
        where = row.place if any_elsewhere else ""
        calls = "" if row.calls is None else f"{row.calls:,}"
        spent = (f"{row.window_ms:g}", calls, f"{row.seconds:.3f}", f"{100 * row.share:.0f} %")
        named = (row.participant, _some(row.groups), where, row.tier, row.precision)
        cells.append((*named, *(spent if has_run else [""] * len(spent))))
    return Table((*what, *did), cells, numbers=did)


def _subscriptions(rows: Sequence[SubscriptionReport], iterations: int) -> Table:
    header = ("seen in each iteration", "of", "computed by", "us per iteration")
    costs = ["" if row.seconds is None else f"{row.seconds / max(iterations, 1) * 1e6:.2g}" for row in rows]
    cells = [(row.variable, row.group, row.participant, cost) for row, cost in zip(rows, costs, strict=True)]
    return Table(header, cells, numbers=("us per iteration",))


def _range(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _some(tags: Sequence[str], most: int = 3) -> str:
    """Tags, the first ones if there are many."""
    rest = f" and {len(tags) - most} more" if len(tags) > most else ""
    return ", ".join(tags[:most]) + rest
