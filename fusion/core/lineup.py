"""`Lineup`: the behaviours of a network in the order of their keys, and which of them are ready to step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from fusion.core.behaviour import Behaviour
from fusion.errors import FusionError


class Initializing(Protocol):
    """What a lineup tells its network while behaviours are initialized."""

    active: Behaviour | None

    def structure_changed(self) -> None: ...


class Lineup:
    """Initializes each behaviour once, and verifies it until nothing is missing."""

    def __init__(self, network: Initializing) -> None:
        self._network = network
        self._behaviours: list[Behaviour] = []
        self._started: set[Behaviour] = set()
        self._verified: set[Behaviour] = set()

    def __iter__(self) -> Iterator[Behaviour]:
        """In the order in which they were attached."""
        return iter(self._behaviours)

    def ordered(self) -> list[Behaviour]:
        """In the order of their keys; equal keys in the order of construction."""
        return sorted(self._behaviours, key=lambda behaviour: behaviour.key)

    def add(self, behaviour: Behaviour) -> None:
        """Take in a behaviour that was attached."""
        self._behaviours.append(behaviour)

    def remove(self, behaviour: Behaviour) -> None:
        """Let a behaviour go that was detached."""
        self._behaviours.remove(behaviour)
        self._started.discard(behaviour)
        self._verified.discard(behaviour)

    def start(self) -> None:
        """Initialize those that are new, in the order of their keys."""
        for behaviour in self.ordered():
            if behaviour not in self._started:
                self._start(behaviour)

    def verify(self, problems: list[tuple[str, Exception]]) -> None:
        """Look whether each has what it needs; what is missing is put into `problems`, with the line."""
        for behaviour in self._behaviours:
            if behaviour not in self._verified:
                try:
                    behaviour.verify(behaviour.owner)
                except FusionError as error:
                    problems.append((f"{behaviour.location}: {behaviour!r}", error))
                else:
                    self._verified.add(behaviour)

    def start_late(self, behaviour: Behaviour) -> None:
        """Initialize and verify one that comes to a network which is built; one that fails is detached again."""
        try:
            self._start(behaviour)
            behaviour.verify(behaviour.owner)
        except BaseException:
            assert behaviour.owner is not None
            behaviour.owner.remove_behaviour(behaviour)
            raise
        self._verified.add(behaviour)

    def _start(self, behaviour: Behaviour) -> None:
        network = self._network
        before, network.active = network.active, behaviour
        network.structure_changed()  # so that what it finds by tag is looked for, and seen
        assert behaviour.owner is not None
        try:
            behaviour.start(behaviour.owner)
        except Exception as error:
            error.add_note(f"{behaviour!r} of {behaviour.owner.tag!r} was being initialized ({behaviour.location}).")
            raise
        finally:
            network.active = before
        self._started.add(behaviour)
