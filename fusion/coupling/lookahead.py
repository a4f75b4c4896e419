"""`Lookahead`: the order of participants that allows the longest exact window, and what keeps it from being longer.

A window of W ticks is exact if nobody needs, within it, what another has yet to compute. What leaves X at tick k and is
needed by Y for tick k + delay, `notice` ticks ahead, asks delay >= notice if X comes before Y in the order, and
W <= delay - notice if it comes after it, or is Y itself. Proof: X has reached a when Y advances to a + W, so Y can have
what it needs up to a + W + notice only if that left X by a.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Need:
    """What `target` needs of `source`: the values of tick k for its tick k + delay, `notice` ticks ahead.

    cause : what to name in an error or a report - a link, or a behaviour that reads
    """

    source: Hashable
    target: Hashable
    delay: int
    notice: int = 0
    cause: Any = field(default=None, compare=False)

    @property
    def slack(self) -> int:
        """The longest window if the source comes after the target."""
        return self.delay - self.notice


@dataclass(frozen=True)
class Lookahead:
    """What was found.

    order : participants, first to last
    window : int, ticks; the longest that is exact, or the most that was asked for
    limit : Need or None
        What forbids a longer one; None if nothing does.
    """

    order: tuple[Any, ...]
    window: int
    limit: Need | None


def look_ahead(participants: Sequence[Hashable], needs: Iterable[Need], most: int) -> Lookahead | None:
    """The order that allows the longest window up to `most`; None if none allows even one tick.

    Participants that nothing ties keep the order in which they are given.
    """
    needs = list(needs)
    limit = None
    for window in sorted({most, *(need.slack for need in needs if 0 < need.slack < most)}, reverse=True):
        order, blocking = _order(participants, needs, window)
        if order is not None:
            return Lookahead(order, window, limit)
        # The one that had to run forward because of its delay; with a shorter window it may run back.
        limit = max(blocking, key=lambda need: need.slack)
    return None


def _order(
    participants: Sequence[Hashable], needs: Sequence[Need], window: int
) -> tuple[tuple[Hashable, ...] | None, Sequence[Need]]:
    """An order for `window`, or None and the needs that contradict one another."""
    forward = [need for need in needs if need.slack < window]
    broken = [need for need in forward if need.slack < 0 or need.source == need.target]
    if broken:
        return None, broken
    order: list[Hashable] = []
    waiting = list(participants)
    while waiting:
        held = {need.target for need in forward if need.source not in order}
        free = next((participant for participant in waiting if participant not in held), None)
        if free is None:
            return None, _cycle(forward, set(waiting))
        order.append(free)
        waiting.remove(free)
    return tuple(order), ()


def _cycle(needs: Sequence[Need], among: set[Hashable]) -> list[Need]:
    """The needs along one cycle of participants, each of which waits for another."""
    into = {need.target: need for need in needs if need.source in among and need.target in among}
    path: list[Need] = []
    at = next(iter(into))
    seen: dict[Hashable, int] = {}
    while at not in seen:
        seen[at] = len(path)
        path.append(into[at])
        at = into[at].source
    return path[seen[at] :]
