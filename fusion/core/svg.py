"""Pictures as text: the few shapes that flow charts and graphs are made of, in SVG."""

from __future__ import annotations

import math
from collections.abc import Iterable

LINE = 1.2
"""The distance of lines, in heights."""
_WIDTHS = {"mwMW@%": 0.98, "iljftrI.,:;'|!()[] ": 0.4}
_CAPITAL, _LETTER = 0.74, 0.62

Point = tuple[float, float]


def escaped(text: str) -> str:
    """As the words of an element."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def picture(width: float, height: float, shapes: Iterable[str]) -> str:
    """The whole, on white."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="sans-serif">'
        f'<rect width="100%" height="100%" fill="white"/>{"".join(shapes)}</svg>'
    )


def line(x0: float, y0: float, x1: float, y1: float, colour: str = "#999") -> str:
    """From one point to another."""
    return f'<line x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}" stroke="{colour}"/>'


def disc(x: float, y: float, r: float, colour: str) -> str:
    """A full circle."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:g}" fill="{colour}"/>'


def ring(x: float, y: float, r: float, colour: str) -> str:
    """An empty circle."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:g}" fill="none" stroke="{colour}" stroke-width="2"/>'


def arrow(path: str, tip: Point, before: Point, colour: str, dashed: bool) -> str:
    """A path that ends in a tip; `before` is where it comes from."""
    angle = math.degrees(math.atan2(tip[1] - before[1], tip[0] - before[0]))
    dashes = ' stroke-dasharray="5 3"' if dashed else ""
    return (
        f'<path d="{path}" fill="none" stroke="{colour}"{dashes}/>'
        f'<path d="M-9,-4 L0,0 L-9,4 z" fill="{colour}" '
        f'transform="translate({tip[0]:.1f} {tip[1]:.1f}) rotate({angle:.0f})"/>'
    )


def words(x: float, y: float, text: str, size: float = 12, anchor: str = "start", turn: float = 0.0) -> str:
    """Lines of text, the first on the height of `y`; turned by `turn` degrees around its beginning."""
    turned = f' transform="rotate({turn:g} {x:.1f} {y:.1f})"' if turn else ""
    # Each line by itself: not all that show SVG know of lines.
    return "".join(
        f'<text x="{x:.1f}" y="{y + LINE * size * k:.1f}" font-size="{size:g}" text-anchor="{anchor}" '
        f'fill="#222"{turned}>{escaped(row)}</text>'
        for k, row in enumerate(text.split("\n"))
    )


def width_of(text: str, size: float = 12) -> float:
    """About how wide the longest line is in a wide sans-serif, so that it is not cut in another."""
    return size * max(sum(map(_width, line)) for line in text.split("\n"))


def _width(letter: str) -> float:
    """In heights."""
    known = (width for letters, width in _WIDTHS.items() if letter in letters)
    return next(known, _CAPITAL if letter.isupper() else _LETTER)
