"""Finding by tag among a hundred groups."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.environments import pymonnto
from benchmarks.process import Side
from benchmarks.rounds import Effort
from benchmarks.rows import Row

GROUPS = 100
LIMIT = 0.5  # us, for one of the list


def measure(effort: Effort) -> Iterator[Row]:
    """The list, and one of it."""
    with Side("native") as ours, Side("pymonnto", python=pymonnto(effort.tell)) as theirs:
        version = theirs.ask("version")
        sides = {"here": lambda: ours.ask("tags", groups=GROUPS), "there": lambda: theirs.ask("tags", groups=GROUPS)}
        here, there = effort.compare("tags", sides, seconds=10.0)
    for n, what in enumerate(('net["tag"]', 'net["tag", 0]')):
        # Both answer with the two look-ups, one after the other.
        fastest = [min(found[n] for found in times.rounds) * 1e6 for times in (here, there)]
        yield Row(what, GROUPS, fastest[0], version, fastest[1])
    yield Row(what, GROUPS, fastest[0], limit=LIMIT)
