"""How reports tell numbers: counts, sizes, and `Table`, as text and as HTML."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence


def counted(n: int, noun: str) -> str:
    """``1 link``, ``2 links``."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def as_size(n_bytes: int) -> str:
    """``512 B``, ``3.4 kB``."""
    if n_bytes < 1000:
        return f"{n_bytes} B"
    power = min(int(math.log10(n_bytes) // 3), 4)
    return f"{n_bytes / 1000**power:.3g} {(None, 'kB', 'MB', 'GB', 'TB')[power]}"


class Table:
    """Rows of cells under a header; columns in which nothing stands are left out.

    Parameters
    ----------
    header : names of the columns
    rows : as many cells each, ready to be shown
    numbers : columns that are set to the right
    """

    def __init__(self, header: Sequence[str], rows: Iterable[Sequence[str]], numbers: Collection[str] = ()) -> None:
        columns = [(name, cells) for name, *cells in zip(header, *rows, strict=True) if any(cells)]
        self._columns = [(name, cells, name in numbers) for name, cells in columns]

    def lines(self) -> list[str]:
        """As text, aligned, without blanks at the ends of lines."""
        columns = []
        for name, cells, is_number in self._columns:
            width = max(map(len, (name, *cells)))
            columns.append([cell.rjust(width) if is_number else cell.ljust(width) for cell in (name, *cells)])
        return ["  ".join(row).rstrip() for row in zip(*columns, strict=True)]

    def html(self) -> str:
        """As a table of HTML."""
        from html import escape  # not needed to import fusion, which shall be quick

        columns = []
        for name, cells, is_number in self._columns:
            side = "right" if is_number else "left"
            head = f'<th style="text-align:{side}">{escape(name)}</th>'
            columns.append([head, *(f'<td style="text-align:{side}">{escape(cell)}</td>' for cell in cells)])
        rows = "".join(f"<tr>{''.join(row)}</tr>" for row in zip(*columns, strict=True))
        return f'<table cellpadding="4">{rows}</table>'

    def __bool__(self) -> bool:
        return bool(self._columns)
