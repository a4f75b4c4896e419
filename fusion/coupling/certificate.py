"""`Certificate`: what the coupling did - links, exactness, and where the time went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class LinkReport:
    """One link that fusion delivers; delays in ms."""

    link: str
    kind: str
    delay_ms: float
    max_delay_ms: float
    window_ms: float
    coupling: str
    sent: int
    late: int


@dataclass(frozen=True)
class ParticipantReport:
    """One participant; `share` is its part of the wall time of all runs."""

    participant: str
    tier: str
    window_ms: float
    seconds: float
    share: float


@dataclass(frozen=True)
class Certificate:
    """The report of all runs so far: ``print`` it, or read its fields."""

    iterations: int
    seconds: float
    links: Sequence[LinkReport] = field(default_factory=tuple)
    participants: Sequence[ParticipantReport] = field(default_factory=tuple)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data."""
        return asdict(self)

    def __str__(self) -> str:
        lines = [f"{self.iterations} iterations in {self.seconds:.2f} s"]
        for rows in (self.links, self.participants):
            if rows:
                lines += ["", *_columns([_header(rows[0]), *map(_cells, rows)])]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from html import escape  # not needed to import fusion, which shall be quick

        parts = [f"<p>{self.iterations} iterations in {self.seconds:.2f} s</p>"]
        for rows in (self.links, self.participants):
            if rows:
                table = [_header(rows[0]), *map(_cells, rows)]
                body = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>" for row in table)
                parts.append(f"<table>{body}</table>")
        return "".join(parts)


def _header(row: LinkReport | ParticipantReport) -> list[str]:
    return [name.replace("_ms", " (ms)").replace("_", " ") for name in asdict(row)]


def _cells(row: LinkReport | ParticipantReport) -> list[str]:
    values = asdict(row)
    if "share" in values:
        values["share"] = f"{100 * values['share']:.0f} %"
    return [f"{v:.4g}" if isinstance(v, float) else str(v) for v in values.values()]


def _columns(rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
