"""`Signal`: the rate of a group, or the mean of one of its variables, over time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fusion.core.neurons import NeuronGroup
from fusion.gui.activity import fires, vectors
from fusion.plot.axes import labelled

if TYPE_CHECKING:
    from fusion.gui.tab import Tab

RATE = "rate"


class Signal:
    """One number of a group over time, recorded as long as its tab is seen.

    tab : who records it
    quantity : `RATE`, or the name of a variable with a number for each neuron
    last : iterations that are kept
    """

    def __init__(self, tab: Tab, group: NeuronGroup, quantity: str, last: int) -> None:
        self.quantity = quantity
        self.label = "rate (Hz)" if quantity == RATE else f"mean {labelled(group, quantity)}"
        self._tab, self._clock = tab, group.network.clock
        self._expression = f"np.mean({quantity})"
        if quantity == RATE:
            self._events = tab.record_events(group, "spike", last=last)
        else:
            self._recorder = tab.record(group, self._expression, last=last)

    def values(self, step: int = 1) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Times (n,), ms, and means (n,) over `step` iterations each; the times are the ends of these."""
        if self.quantity == RATE:
            trains, width = self._tab.trains(self._events), float(self._clock.ms(step))
            if trains.stop - trains.start < width:
                return np.empty(0), np.empty(0)
            return trains.edges(width)[1:], trains.rate(width)
        t, rows = self._recorder.t, self._recorder[self._expression, 0]
        n = len(t) // step
        means = np.asarray(rows[: n * step], float).reshape(n, step).mean(axis=1)
        return t[step - 1 : n * step : step], means


def quantities(group: NeuronGroup) -> list[str]:
    """What a `Signal` of the group can be."""
    return [*([RATE] if fires(group) else []), *vectors(group)]


def about(ms: float, dt: float) -> int:
    """Iterations of about so many ms, at least one."""
    return max(1, math.ceil(ms / dt - 1e-9))
