"""`Graph`: a network as groups and what links them, in plain values and as a picture."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from fusion.core import svg
from fusion.core.svg import Point
from fusion.core.words import Table

COLOURS = {"native": "#d9d9d9", "nest": "#f3b7a0", "brian2": "#a9c9ea", "tensorflow": "#f5dc9a", "toy": "#c9e3b4"}
OTHER = "#d3c1e5"
_RADIUS = 190.0  # px


@dataclass(frozen=True)
class Node:
    """A group of neurons.

    simulator, place : what computes it, "native" for behaviours, and where
    window_ms : how long that runs alone between two meetings, at most
    """

    tag: str
    size: int
    simulator: str
    place: str
    window_ms: float

    @property
    def label(self) -> str:
        """In a few lines."""
        where = "" if self.place == "in process" else f"\n{self.place}"
        window = f"\nwindow {self.window_ms:g} ms" if self.simulator != "native" else ""
        return f"{self.tag}\n{self.size}, {self.simulator}{where}{window}"

    @property
    def colour(self) -> str:
        """That of the simulator."""
        return COLOURS.get(self.simulator, OTHER)


@dataclass(frozen=True)
class Edge:
    """A synapse group.

    source, target : places of the groups among the nodes
    kind : "spikes" or "samples", which fusion delivers; "own" (the simulator does); "behaviours" (they do)
    delay_ms, max_delay_ms : the shortest and the longest delay; 0 where fusion delivers nothing
    """

    tag: str
    source: int
    target: int
    kind: str
    delay_ms: float
    max_delay_ms: float

    @property
    def delay(self) -> str:
        """In words; "" where fusion delivers nothing."""
        if self.kind not in ("spikes", "samples"):
            return ""
        longer = "" if self.delay_ms == self.max_delay_ms else f"to {self.max_delay_ms:g} "
        return f"{self.delay_ms:g} {longer}ms"

    @property
    def label(self) -> str:
        """The tag, and the delay below."""
        return f"{self.tag}\n{self.delay}".rstrip()


@dataclass(frozen=True)
class Arrow:
    """All synapse groups from one node to another, as they are drawn: one line each for what they are.

    is_dashed : whether all of them carry samples
    """

    source: int
    target: int
    label: str
    is_dashed: bool


@dataclass(frozen=True)
class Graph:
    """Groups and what links them; shown as a picture by notebooks, and as tables by ``print``.

    `fusion.plot.network` draws it with Matplotlib.
    """

    nodes: Sequence[Node]
    edges: Sequence[Edge]

    def to_dict(self) -> dict[str, Any]:
        """In plain values, for JSON."""
        return asdict(self)

    def places(self) -> list[Point]:
        """Where to draw each node: on a circle of radius 1 around 0, the first on top; y goes up."""
        if len(self.nodes) == 1:
            return [(0.0, 0.0)]
        angles = [math.pi / 2 - 2 * math.pi * k / len(self.nodes) for k in range(len(self.nodes))]
        return [(math.cos(angle), math.sin(angle)) for angle in angles]

    def arrows(self) -> list[Arrow]:
        """What is drawn of the edges; those that are parallel share an arrow, where they would hide each other."""
        parallel: dict[tuple[int, int], list[Edge]] = {}
        for edge in self.edges:
            parallel.setdefault((edge.source, edge.target), []).append(edge)
        return [
            Arrow(
                *ends,
                edges[0].label if len(edges) == 1 else "\n".join(f"{edge.tag} {edge.delay}".rstrip() for edge in edges),
                all(edge.kind == "samples" for edge in edges),
            )
            for ends, edges in parallel.items()
        ]

    def svg(self) -> str:
        """A picture: groups coloured by their simulator, an arrow for the links between two; dashed for samples."""
        shapes, edge = _Extent(), 10.0
        drawn = "".join(self._shapes(shapes))
        (x0, y0), (x1, y1) = shapes.corners()
        moved = f'<g transform="translate({edge - x0:.1f} {edge - y0:.1f})">{drawn}</g>'
        return svg.picture(x1 - x0 + 2 * edge, y1 - y0 + 2 * edge, [moved])

    def save(self, path: str | PathLike[str]) -> None:
        """Write the picture into a file, as SVG."""
        Path(path).write_text(self.svg(), encoding="utf-8")

    def _shapes(self, extent: _Extent) -> Iterator[str]:
        boxes = [_Box(node, (_RADIUS * x, -_RADIUS * y)) for node, (x, y) in self._placed()]
        labels = []
        for arrow in self.arrows():
            path, tip, before, label = _way(boxes[arrow.source], boxes[arrow.target])
            yield svg.arrow(path, tip, before, "#555", arrow.is_dashed)
            labels.append((label, arrow.label))
        for (x, y), text in labels:
            width, height = svg.width_of(text, 10) + 4, svg.LINE * 10 * (text.count("\n") + 1)
            extent.add((x, y), width, height)
            yield (
                f'<rect x="{x - width / 2:.1f}" y="{y - height / 2:.1f}" width="{width:.1f}" height="{height:.1f}" '
                'fill="white"/>'
            )
            yield svg.words(x, y - height / 2 + 10, text, size=10, anchor="middle")
        for box in boxes:
            extent.add(box.place, box.width, box.height)
            yield from box.shapes()

    def _placed(self) -> Iterator[tuple[Node, Point]]:
        return zip(self.nodes, self.places(), strict=True)

    def _repr_svg_(self) -> str:
        return self.svg()

    def __str__(self) -> str:
        tags = [node.tag for node in self.nodes]
        groups = [(node.tag, f"{node.size}", node.simulator, node.place, f"{node.window_ms:g}") for node in self.nodes]
        links = [(edge.tag, tags[edge.source], tags[edge.target], edge.kind, edge.delay) for edge in self.edges]
        tables = (
            Table(("group", "size", "simulator", "place", "window (ms)"), groups, numbers=("size", "window (ms)")),
            Table(("synapses", "source", "target", "carry", "delay"), links),
        )
        return "\n\n".join("\n".join(table.lines()) for table in tables if table)


class _Extent:
    """How far the picture reaches. Labels stand where arrows are farthest out, so that these need not be added."""

    def __init__(self) -> None:
        self._points: list[Point] = []

    def add(self, middle: Point, width: float, height: float) -> None:
        """Take in a rectangle."""
        (x, y), w, h = middle, width / 2, height / 2
        self._points += [(x - w, y - h), (x + w, y + h)]

    def corners(self) -> tuple[Point, Point]:
        """The least and the largest."""
        x, y = zip(*self._points or [(0.0, 0.0)], strict=True)
        return (min(x), min(y)), (max(x), max(y))


class _Box:
    """A node in the picture."""

    def __init__(self, node: Node, place: Point) -> None:
        self.node, self.place = node, place
        self.width = svg.width_of(node.label) + 20
        self.height = svg.LINE * 12 * (node.label.count("\n") + 1) + 12

    def shapes(self) -> Iterator[str]:
        x, top = self.place[0], self.place[1] - self.height / 2
        yield (
            f'<rect x="{x - self.width / 2:.1f}" y="{top:.1f}" width="{self.width:.1f}" height="{self.height:.1f}" '
            f'rx="8" fill="{self.node.colour}" stroke="#777"/>'
        )
        yield svg.words(x, top + 18, self.node.label, anchor="middle")

    def edge(self, towards: Point) -> Point:
        """Where the straight way to a point leaves the box."""
        (x, y), (a, b) = self.place, towards
        far = max(abs(a - x) / (self.width / 2), abs(b - y) / (self.height / 2))
        share = min(1.0, 1.08 / far) if far else 0.0
        return x + share * (a - x), y + share * (b - y)


def _way(source: _Box, target: _Box) -> tuple[str, Point, Point, Point]:
    """The path from one box to another: as SVG, its end, the point that it comes from there, the place of its label.

    It bends to one side, so that the way back is another.
    """
    if source is target:
        return _loop(source)
    (x0, y0), (x1, y1) = source.place, target.place
    middle = (x0 + x1) / 2 - 0.16 * (y1 - y0), (y0 + y1) / 2 + 0.16 * (x1 - x0)
    (a, b), (c, d) = source.edge(middle), target.edge(middle)
    path = f"M{a:.1f},{b:.1f} Q{middle[0]:.1f},{middle[1]:.1f} {c:.1f},{d:.1f}"
    return path, (c, d), middle, ((a + c) / 4 + middle[0] / 2, (b + d) / 4 + middle[1] / 2)


def _loop(box: _Box) -> tuple[str, Point, Point, Point]:
    """As `_way`, from a box back to it, on the side that looks away from the others."""
    (x, y), out = box.place, box.place
    length = math.hypot(*out)
    along = (out[0] / length, out[1] / length) if length > 1 else (0.0, -1.0)

    def beside(distance: float, side: float) -> Point:
        return x + distance * along[0] - side * along[1], y + distance * along[1] + side * along[0]

    far, back = beside(150, -70), beside(150, 70)
    (a, b), (c, d) = box.edge(far), box.edge(back)
    path = f"M{a:.1f},{b:.1f} C{far[0]:.1f},{far[1]:.1f} {back[0]:.1f},{back[1]:.1f} {c:.1f},{d:.1f}"
    return path, (c, d), back, beside(118, 0)
