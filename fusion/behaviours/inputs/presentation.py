"""`Presentation`: what inputs share that show one thing after the other; `Order`: which comes next."""

from __future__ import annotations

import abc

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.inputs.drive import Drive
from fusion.core.neurons import NeuronGroup
from fusion.errors import InvalidValue, UnknownName

ORDERS = ("in turn", "shuffled", "random")


class Order:
    """Numbers below n, "in turn", "shuffled" (each once before any comes again) or "random"."""

    def __init__(self, name: str, n: int) -> None:
        self._name, self._n = name, n
        self._queue: list[int] = []

    def next(self, generator: np.random.Generator) -> int:
        """The number whose turn it is."""
        if self._name == "random":
            return int(generator.integers(self._n))
        if not self._queue:
            numbers = np.arange(self._n) if self._name == "in turn" else generator.permutation(self._n)
            self._queue = numbers[::-1].tolist()
        return self._queue.pop()


class Presentation(Drive, abc.ABC):
    """Adds one row after the other to a variable, for `duration` each, with a `pause` behind each.

    Parameters
    ----------
    duration, pause : float, ms
        Multiples of dt.
    amplitude : float
        What a row is multiplied by, in the unit of the variable.
    order : "in turn", "shuffled" (each once before any comes again) or "random"
    into : str
    """

    duration: float = 100.0
    pause: float = 0.0
    amplitude: float = 1.0
    order: str = "in turn"
    into: str = "input"

    shown = -1

    _times = frozenset({"duration", "pause"})

    def __init__(self, **parameters: object) -> None:
        super().__init__(**parameters)
        if self.order not in ORDERS:
            raise UnknownName("order", str(self.order), ORDERS, type(self).__name__)

    def initialize(self, owner: NeuronGroup) -> None:
        """Open the variable, and make the rows."""
        super().initialize(owner)
        self._rows = self.rows(owner)
        clock = owner.network.clock
        self._length, self._gap = clock.ticks(self.duration, "duration"), clock.ticks(self.pause, "pause")
        if self._length < 1 or self._gap < 0:
            what = f"{type(self).__name__} lasts {self.duration} ms with pauses of {self.pause} ms"
            raise InvalidValue(f"{what}; that cannot be.")
        self._begun = -1
        self._current = 0

    def iteration(self, owner: NeuronGroup) -> None:
        """Show what it is time for."""
        number, within = divmod(owner.iteration - 1, self._length + self._gap)
        if number != self._begun:
            self._begun, self._current = number, self.next(owner)
        self.shown = self._current if within < self._length else -1
        if self.shown >= 0:
            variable = owner.read(self.into)
            variable += self.amplitude * self._rows[self.shown]

    @abc.abstractmethod
    def rows(self, owner: NeuronGroup) -> NDArray[np.floating]:
        """What can be shown, (number, n)."""

    @abc.abstractmethod
    def next(self, owner: NeuronGroup) -> int:
        """The row that comes now."""
