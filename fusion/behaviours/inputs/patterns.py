"""`Patterns`: pictures, letters or whatever, shown one after the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from fusion.behaviours.inputs.drive import Drive
from fusion.core.neurons import NeuronGroup
from fusion.errors import InvalidValue, ShapeMismatch, UnknownName

ORDERS = ("in turn", "shuffled", "random")


class Patterns(Drive):
    """Adds one pattern after the other to a variable, for `duration` each, with a `pause` behind each.

    ``shown`` is the number of the pattern that is shown in this iteration, -1 in a pause: ``net["Patterns", 0].shown``.

    Reads and writes the variable `into` (n,), which is zero when an iteration begins.

    Parameters
    ----------
    patterns : (patterns, n), or with more axes that together have n entries, such as images
    duration, pause : float, ms
        Multiples of dt.
    amplitude : float
        What a pattern is multiplied by, in the unit of the variable.
    order : "in turn", "shuffled" (each once before any comes again) or "random"
    into : str

    Raises
    ------
    ShapeMismatch
        If a pattern has not one entry for each neuron.
    OffGrid, InvalidValue
        If a time is no multiple of dt, `duration` is not positive, or there is no pattern.
    UnknownName
        If `order` is something else.
    Unsupported
        If it is not attached to native neurons.
    """

    patterns: object
    duration: float = 100.0
    pause: float = 0.0
    amplitude: float = 1.0
    order: str = "in turn"
    into: str = "input"

    shown = -1

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        if self.order not in ORDERS:
            raise UnknownName("order", str(self.order), ORDERS, "Patterns")

    def initialize(self, owner: NeuronGroup) -> None:
        """Open the variable, and flatten the patterns."""
        super().initialize(owner)
        given = np.asarray(self.patterns, owner.network.dtype)
        if given.ndim < 2 or not len(given):
            raise InvalidValue(f"Patterns are (patterns, n); these are {given.shape}.", parameter="patterns")
        self._rows = given.reshape(len(given), -1)
        if self._rows.shape[1] != owner.size:
            raise ShapeMismatch("A pattern", given.shape[1:], f"{owner.tag!r} has {owner.size} neurons")
        clock = owner.network.clock
        self._length, self._gap = clock.ticks(self.duration, "duration"), clock.ticks(self.pause, "pause")
        if self._length < 1 or self._gap < 0:
            raise InvalidValue(f"Patterns last {self.duration} ms with pauses of {self.pause} ms; that cannot be.")
        self._queue: list[int] = []
        self._begun = -1
        self._current = 0

    def iteration(self, owner: NeuronGroup) -> None:
        """Show what it is time for."""
        number, within = divmod(owner.iteration - 1, self._length + self._gap)
        if number != self._begun:
            self._begun, self._current = number, self._next(owner)
        self.shown = self._current if within < self._length else -1
        if self.shown >= 0:
            variable = owner.read(self.into)
            variable += self.amplitude * self._rows[self.shown]

    def _next(self, owner: NeuronGroup) -> int:
        if self.order == "random":
            return int(owner.generator.integers(len(self._rows)))
        if not self._queue:
            n = len(self._rows)
            numbers = np.arange(n) if self.order == "in turn" else owner.generator.permutation(n)
            self._queue = numbers[::-1].tolist()
        return self._queue.pop()
