"""`FlowChart`: who reads and writes what, in the order of an iteration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from fusion.core import svg
from fusion.core.words import Table

READ, WRITTEN = "#2b6ca3", "#c8553d"
"""Colours of the pictures."""
_ROW, _COLUMN, _SLOPE = 40.0, 58.0, 35.0  # px, px, degrees


@dataclass(frozen=True)
class Step:
    """A behaviour, and what it touches, as "tag.variable"; variables of the network have no tag.

    owner : tag of what it is attached to; "network"
    """

    key: float
    behaviour: str
    owner: str
    reads: Sequence[str]
    writes: Sequence[str]

    @property
    def label(self) -> str:
        """In two lines: the key and the class, and whose it is."""
        return f"{self.key:g}  {self.behaviour}\n{self.owner}"


@dataclass(frozen=True)
class FlowChart:
    """Steps in the order in which they are taken; shown as a picture by notebooks, and as a table by ``print``.

    `fusion.plot.flow_chart` draws it with Matplotlib.
    """

    steps: Sequence[Step]

    @property
    def variables(self) -> list[str]:
        """All that is touched, in the order in which it is."""
        return list(dict.fromkeys(name for step in self.steps for name in (*step.reads, *step.writes)))

    def svg(self) -> str:
        """A picture: steps as rows, variables as columns; a ring is read, a disc is written."""
        return svg.picture(*self._size(), self._shapes())

    def save(self, path: str | PathLike[str]) -> None:
        """Write the picture into a file, as SVG."""
        Path(path).write_text(self.svg(), encoding="utf-8")

    def _size(self) -> tuple[float, float]:
        names = self.variables or [""]
        width = self._left() + _COLUMN * len(names) + 0.8 * svg.width_of(names[-1])
        return max(width, self._left() + 160.0), self._top() + _ROW * len(self.steps) + 30.0

    def _left(self) -> float:
        return 30.0 + max(svg.width_of(step.label) for step in self.steps)

    def _top(self) -> float:
        return 40.0 + 0.6 * max(map(svg.width_of, self.variables), default=0.0)

    def _shapes(self) -> Iterator[str]:
        left, top = self._left(), self._top()
        bottom = top + _ROW * (len(self.steps) - 0.5)
        columns = {name: left + _COLUMN * (k + 0.5) for k, name in enumerate(self.variables)}
        for name, x in columns.items():
            yield svg.line(x, top - 0.5 * _ROW, x, bottom, "#ddd")
            yield svg.words(x, top - 0.6 * _ROW, name, turn=-_SLOPE)
        for k, step in enumerate(self.steps):
            y = top + _ROW * k
            yield svg.words(left - 8, y - 2, step.label, anchor="end")
            touched = [columns[name] for name in (*step.reads, *step.writes)]
            if touched:
                yield svg.line(left, y, max(touched), y)
            yield from (svg.disc(columns[name], y, 4, WRITTEN) for name in step.writes)
            yield from (svg.ring(columns[name], y, 7, READ) for name in step.reads)
        yield svg.ring(left, bottom + 20, 7, READ)
        yield svg.words(left + 12, bottom + 24, "reads")
        yield svg.disc(left + 75, bottom + 20, 4, WRITTEN)
        yield svg.words(left + 87, bottom + 24, "writes")

    def _repr_svg_(self) -> str:
        return self.svg()

    def __str__(self) -> str:
        rows = [
            (f"{step.key:g}", step.behaviour, step.owner, ", ".join(step.reads), ", ".join(step.writes))
            for step in self.steps
        ]
        return "\n".join(Table(("key", "behaviour", "of", "reads", "writes"), rows, numbers=("key",)).lines())
