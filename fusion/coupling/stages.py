"""Stages: who computes at the same time.

In a stage nobody waits, before the next meeting, for what another one there does. So those that can compute in the
background begin together, the others take their turns meanwhile, and then each is waited for. Input was handed over
before, and what leaves them takes effect after, so that no result depends on it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol, TypeVar

from fusion.coupling.participant import ForeignParticipant

T = TypeVar("T")


class Member(Protocol):
    """What may compute beside others."""

    @property
    def label(self) -> str: ...
    @property
    def in_background(self) -> bool: ...


M = TypeVar("M", bound=Member)


def stages(order: Sequence[T], apart: Collection[tuple[T, T]]) -> list[list[T]]:
    """As few stages as possible: each one is as early as those allow before it in the order that it is `apart` from.

    apart : (earlier, later); pairs the other way round mean nothing
    """
    found: list[list[T]] = []
    for one in order:
        last = max((i for i, stage in enumerate(found) if any((other, one) in apart for other in stage)), default=-1)
        if last + 1 == len(found):
            found.append([])
        found[last + 1].append(one)
    return found


def is_parallel(stage: Sequence[Member]) -> bool:
    """Whether anybody in a stage computes while others do."""
    return len(stage) > 1 and any(one.in_background for one in stage)


def waiting_last(stage: Sequence[M]) -> list[M]:
    """Those in the background after the others, so that they are waited for when there is nothing else to do."""
    return sorted(stage, key=lambda one: one.in_background)


def labels(stages: Sequence[Sequence[Member]]) -> list[list[str]]:
    """Who computes side by side, by name, of those that do."""
    return [list(dict.fromkeys(one.label for one in stage)) for stage in stages if is_parallel(stage)]


class SideBySide:
    """Participants that take their steps of an iteration at the same time."""

    def __init__(self, participants: Sequence[ForeignParticipant]) -> None:
        self._launched = [one for one in participants if one.in_background]
        self._all = waiting_last(participants)

    def step(self, tick: int) -> None:
        """As `ForeignParticipant.step` of each."""
        for one in self._launched:
            one.launch_step(tick)
        for one in self._all:
            one.step(tick)
