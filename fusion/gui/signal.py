"""`Signal`: the rate of a group, or the mean of one of its variables, over time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fusion.core.neurons import NeuronGroup
from fusion.core.parts import unit_of

if TYPE_CHECKING:
    from fusion.gui.tab import Tab

RATE = "rate"


class Signal:
    """One number of a group over time, recorded as long as its tab is seen.

    tab : who records it
    quantity : `RATE`, or the name of a variable with a number for each neuron
    last : numbers that are kept
    step : iterations from one to the next; a rate is the mean over them, a mean of a variable that at their end
    """

    def __init__(self, tab: Tab, group: NeuronGroup, quantity: str, last: int, step: int = 1) -> None:
        self.quantity = quantity
        self._width = float(group.network.clock.ms(step))
        self.name = RATE if quantity == RATE else f"mean {quantity}"
        self.unit = "Hz" if quantity == RATE else unit_of(group, quantity) or ""
        self._tab = tab
        self._expression = f"np.mean({quantity})"
        if quantity == RATE:
            self._events = tab.record_events(group, "spike", last=last * step)
        else:
            self._recorder = tab.record(group, self._expression, last=last, every=self._width)

    @property
    def label(self) -> str:
        """What it is, with its unit."""
        return f"{self.name} ({self.unit})" if self.unit else self.name

    def values(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Times (n,), ms, at the ends of the steps, and numbers (n,)."""
        if self.quantity != RATE:
            return self._recorder.t, np.asarray(self._recorder[self._expression, 0], float)
        trains = self._tab.trains(self._events)
        if trains.stop - trains.start < self._width:
            return np.empty(0), np.empty(0)
        return trains.edges(self._width)[1:], trains.rate(self._width)


def about(ms: float, dt: float) -> int:
    """Iterations of about so many ms, at least one."""
    return max(1, math.ceil(ms / dt - 1e-9))
