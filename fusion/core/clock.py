"""`Clock`: integer time. Milliseconds appear only at the edges."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.core.units import plain
from fusion.errors import InvalidValue, OffGrid

MS_PER_S = 1000.0


class Clock:
    """The grid of a network: tick k is the time k * dt.

    Parameters
    ----------
    dt : float, ms, or a quantity of time
        Length of one iteration.

    Raises
    ------
    InvalidValue
        If `dt` is not a positive, finite number.
    """

    def __init__(self, dt: object) -> None:
        self.dt = float(plain(dt, "ms", "dt"))
        if not (np.isfinite(self.dt) and self.dt > 0):
            raise InvalidValue(f"dt is {self.dt}; it must be a positive number of milliseconds.", dt=self.dt)

    def ticks(self, t: object, what: str = "time") -> int:
        """The whole number of ticks in `t` ms; `OffGrid` if there is none."""
        ms = float(plain(t, "ms", what))
        n = round(ms / self.dt) if np.isfinite(ms) else 0
        if not np.isfinite(ms) or abs(n * self.dt - ms) > 1e-6 * self.dt:
            near = f"{n * self.dt:g} ms" if n else f"{self.dt:g} ms"
            raise OffGrid(
                f"The {what} of {ms:g} ms is no multiple of dt = {self.dt:g} ms; the nearest is {near}.",
                time=ms,
                dt=self.dt,
            )
        return n

    def rounded(self, t: ArrayLike) -> NDArray[np.int64]:
        """Times in ms rounded to ticks."""
        return np.rint(np.asarray(t, dtype=float) / self.dt).astype(np.int64)

    def ms(self, tick: ArrayLike) -> NDArray[np.float64]:
        """Ticks as milliseconds."""
        return np.asarray(tick) * self.dt

    def __repr__(self) -> str:
        return f"Clock({self.dt:g})"
