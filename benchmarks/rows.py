"""`Row`: one line of the result - what was measured, beside what, and whether that is good enough."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self

NOISE = 0.05  # "not slower" is true up to this share, which even quiet machines do not reproduce
HEAD = ("what", "N", "fusion", "beside", "", "ratio", "limit", "")


@dataclass(frozen=True)
class Row:
    """One comparison; times are the best of their rounds in microseconds, per step unless `what` says otherwise.

    Where `unit` is "B" they are bytes of memory instead.

    size : neurons, behaviours or groups
    ours, theirs : time of fusion, and of what stands beside it
    limit : for the ratio, or for the difference (us) if `adds`, or for `ours` (us) if nothing stands beside it
    typical : medians of the same, disturbances by others on the machine included
    """

    what: str
    size: int | None
    ours: float
    beside: str = ""
    theirs: float | None = None
    limit: float | None = None
    adds: bool = False
    typical: tuple[float, float] | None = None
    unit: str = "us"

    @property
    def ratio(self) -> float | None:
        """Ours in units of theirs."""
        return None if self.theirs is None else self.ours / self.theirs

    @property
    def verdict(self) -> str:
        """Either "ok" or "missed", or nothing where there is no limit."""
        if self.limit is None:
            return ""
        value = self.ours if self.ratio is None else self.ours - (self.theirs or 0.0) if self.adds else self.ratio
        slack = 1.0 + NOISE if self.limit == 1.0 and not self.adds else 1.0
        return "ok" if value <= self.limit * slack else "missed"

    def cells(self) -> tuple[str, ...]:
        """The columns of the table, as in `HEAD`."""
        limit = "" if self.limit is None else f"{self.limit:g}"
        if self.limit is not None and (self.adds or self.ratio is None):
            limit = f"{'+' if self.adds else ''}{self._amount(self.limit)}"
        theirs = "" if self.theirs is None else self._amount(self.theirs)
        ratio = "" if self.ratio is None else f"{self.ratio:.2g}" if self.ratio < 100 else f"{self.ratio:.0f}"
        size = "" if self.size is None else f"{self.size}"
        return (self.what, size, self._amount(self.ours), self.beside, theirs, ratio, limit, self.verdict)

    def _amount(self, value: float) -> str:
        return duration(value) if self.unit == "us" else memory(value)

    def as_json(self) -> dict[str, Any]:
        """Everything, by name."""
        return {**asdict(self), "ratio": self.ratio, "verdict": self.verdict}

    @classmethod
    def from_json(cls, numbers: dict[str, Any]) -> Self:
        """The row that `as_json` wrote."""
        return cls(**{name: value for name, value in numbers.items() if name not in ("ratio", "verdict")})


def duration(microseconds: float) -> str:
    """A time to three digits, in the unit that suits it."""
    for unit, size in (("s", 1e6), ("ms", 1e3), ("us", 1.0)):
        if abs(microseconds) >= size:
            return f"{microseconds / size:.3g} {unit}"
    return f"{microseconds * 1e3:.3g} ns"


def memory(n_bytes: float) -> str:
    """Bytes to three digits, in the unit that suits them."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if abs(n_bytes) >= size:
            return f"{n_bytes / size:.3g} {unit}"
    return f"{n_bytes:.3g} B"


def table(rows: list[Row], markdown: bool = False) -> str:
    """The rows as text, or as a Markdown table."""
    lines = [HEAD, *(row.cells() for row in rows)]
    if markdown:
        rule = ("---", "---:", "---:", "---", "---:", "---:", "---:", "---")
        return "\n".join(f"| {' | '.join(line)} |" for line in (HEAD, rule, *lines[1:]))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    left = {0, 3, 7}
    aligned = [
        "  ".join(cell.ljust(width) if n in left else cell.rjust(width) for n, (cell, width) in enumerate(pairs))
        for pairs in ([*zip(line, widths, strict=True)] for line in lines)
    ]
    return "\n".join([aligned[0], "-" * len(aligned[0]), *aligned[1:]])
