"""Behaviours with which the suite looks into a network: they fire to a plan or in answer, take notes, write, fail."""

from __future__ import annotations

from typing import Any

import numpy as np

from fusion.core.behaviour import Behaviour


class Fires(Behaviour):
    """Makes neurons fire.

    plan : {iteration: indices}
    """

    plan: object

    reads = ()

    def iteration(self, neurons: Any) -> None:
        neurons.spike = np.zeros(neurons.size, dtype=bool)
        neurons.spike[self.plan.get(neurons.iteration, [])] = True  # type: ignore[attr-defined]


class Holds(Behaviour):
    """Gives a native group a variable ``value`` that changes at given iterations.

    plan : {iteration: value}
    """

    plan: object

    reads = ()

    def initialize(self, neurons: Any) -> None:
        neurons.value = neurons.vector()

    def iteration(self, neurons: Any) -> None:
        if neurons.iteration in self.plan:  # type: ignore[operator]
            neurons.value = np.full(neurons.size, self.plan[neurons.iteration])  # type: ignore[index]


class Notes(Behaviour):
    """Notes down a variable in each iteration: ``notes[k - 1]`` is a copy of it in iteration k."""

    variable: str

    def initialize(self, neurons: Any) -> None:
        self.notes: list[Any] = []

    def iteration(self, neurons: Any) -> None:
        self.notes.append(np.array(neurons.read(self.variable)))


class Writes(Behaviour):
    """Writes values into a variable in one iteration."""

    variable: str
    values: object
    when: object

    def iteration(self, neurons: Any) -> None:
        if neurons.iteration == self.when:
            neurons.set(self.variable, self.values)


class Fails(Behaviour):
    """Raises in one iteration."""

    when: object

    def iteration(self, neurons: Any) -> None:
        if neurons.iteration == self.when:
            raise ZeroDivisionError("as planned")


class Answers(Behaviour):
    """Makes the neurons fire at which a spike has arrived."""

    reads = ()

    def iteration(self, neurons: Any) -> None:
        neurons.spike = neurons.input > 0


class Pushes(Behaviour):
    """Adds to a variable of a group."""

    of: object
    variable: str
    by: float

    def iteration(self, owner: Any) -> None:
        cells: Any = self.of
        cells.set(self.variable, cells.read(self.variable) + self.by)
