"""`RungeKutta`: the classical method of order 4, on arrays that are made once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Slopes = Callable[[NDArray[Any], NDArray[Any]], None]
"""``slopes(state, out)`` puts the derivatives (1/ms) of `state` into `out`, both (variables, n)."""


class RungeKutta:
    """The classical Runge-Kutta method of order 4.

    Parameters
    ----------
    slopes : callable
    shape : (variables, n)
    dtype
        Of the states.
    """

    def __init__(self, slopes: Slopes, shape: tuple[int, int], dtype: Any) -> None:
        self._slopes = slopes
        self._at, self._slope, self._sum = (np.empty(shape, dtype) for _ in range(3))

    def step(self, state: NDArray[Any], h: float) -> None:
        """Move `state` (variables, n) by `h` ms, in place."""
        at, slope, total = self._at, self._slope, self._sum
        self._slopes(state, total)
        np.multiply(total, 0.5 * h, out=at)
        at += state
        for reach in (0.5, 1.0):
            self._slopes(at, slope)
            np.multiply(slope, reach * h, out=at)
            at += state
            slope *= 2.0
            total += slope
        self._slopes(at, slope)
        total += slope
        total *= h / 6.0
        state += total
