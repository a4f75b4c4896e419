"""`Patterns`: pictures, letters or whatever, shown one after the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.inputs.presentation import Order, Presentation
from fusion.core.neurons import NeuronGroup
from fusion.errors import InvalidValue, ShapeMismatch


class Patterns(Presentation):
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

    def rows(self, owner: NeuronGroup) -> NDArray[np.floating]:
        """The patterns, flat."""
        given = np.asarray(self.patterns, owner.network.dtype)
        if given.ndim < 2 or not len(given):
            raise InvalidValue(f"Patterns are (patterns, n); these are {given.shape}.", parameter="patterns")
        rows = given.reshape(len(given), -1)
        if rows.shape[1] != owner.size:
            raise ShapeMismatch("A pattern", given.shape[1:], f"{owner.tag!r} has {owner.size} neurons")
        self._order = Order(self.order, len(rows))
        return rows

    def next(self, owner: NeuronGroup) -> int:
        """The pattern whose turn it is."""
        return self._order.next(owner.generator)
