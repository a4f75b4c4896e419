"""`Refractory`: which neurons are held after a spike."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.core.neurons import NeuronGroup
from fusion.errors import InvalidValue


class Refractory:
    """Holds neurons for a whole number of steps after the step of their spike.

    Parameters
    ----------
    period : float or (n,), ms
        A number is a multiple of dt; an array is rounded to it.

    Raises
    ------
    OffGrid
        If a number is no multiple of dt.
    InvalidValue
        If it is negative.
    """

    def __init__(self, period: Any, owner: NeuronGroup) -> None:
        clock = owner.network.clock
        self._steps = clock.rounded(period) if np.ndim(period) else clock.ticks(period, "refractory period")
        if np.any(np.asarray(self._steps) < 0):
            raise InvalidValue(f"The refractory period is {period}; it must not be negative.", refractory=period)
        self._left = np.zeros(owner.size, np.int64)

    def pass_step(self) -> NDArray[np.bool_]:
        """The mask (n,) of the neurons that are held in this step, which counts."""
        held = self._left > 0
        self._left -= held
        return held

    def begin(self, spike: NDArray[np.bool_]) -> None:
        """Hold those that fired from the next step on."""
        self._left[spike] = self._steps[spike] if isinstance(self._steps, np.ndarray) else self._steps
