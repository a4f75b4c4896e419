"""What enters a layer: spikes that are summed from one of its steps to the next, and samples that stand."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.adapter.base import Index
from fusion.adapter.queues import Arrivals, Levels
from fusion.core.batch import Samples, Spikes


class SpikesIn:
    """A port whose arrivals are summed, (size,), until the layer has taken them in."""

    def __init__(self, name: str, size: int) -> None:
        self.sums = np.zeros(size)
        self._arrivals = Arrivals(name)

    def push(self, batch: Spikes, now: int) -> None:
        """As `Arrivals.push`."""
        self._arrivals.push(batch, now)

    def collect(self, tick: int) -> None:
        """Add what takes effect up to `tick`."""
        for _, indices, values in self._arrivals.take_until(tick):
            self.sums[indices] += values


class SamplesIn:
    """A port whose last row stands, (size,), until a newer one comes."""

    def __init__(self, name: str, size: int) -> None:
        self.row = np.zeros(size)
        self._levels = Levels(name)

    def push(self, batch: Samples, now: int) -> None:
        """As `Levels.push`."""
        self._levels.push(batch, now)

    def collect(self, tick: int) -> bool:
        """Whether a newer row stands at `tick`."""
        row = self._levels.latest(tick)
        if row is None:
            return False
        self.row[:] = row
        return True


class InputVector:
    """The input of a layer, (size,): what stands, plus the spikes since its last step.

    What stands is the sum of the samples ports, or what was written, whichever is newer. Each port sums on its own, in
    the order of ticks, so that rounding does not depend on how a run is cut.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._written = np.zeros(size)
        self._spikes: list[SpikesIn] = []
        self._samples: list[SamplesIn] = []

    def open_spikes(self, name: str) -> SpikesIn:
        """A new port for spikes."""
        self._spikes.append(SpikesIn(name, self.size))
        return self._spikes[-1]

    def open_samples(self, name: str) -> SamplesIn:
        """A new port for samples."""
        self._samples.append(SamplesIn(name, self.size))
        return self._samples[-1]

    def at(self, tick: int) -> NDArray[np.float64]:
        """The input at the end of `tick`, a new array."""
        total = self._standing(tick)
        for port in self._spikes:
            port.collect(tick)
            total += port.sums
        return total

    def write(self, values: ArrayLike, index: Index, tick: int) -> None:
        """Let `values` stand from now on, until a port brings a newer row; spikes are added as before."""
        standing = self._standing(tick)
        standing[slice(None) if index is None else index] = values
        self._written = standing
        for port in self._samples:
            port.row[:] = 0.0

    def restart(self) -> None:
        """The layer has taken the spikes in: begin new sums."""
        for port in self._spikes:
            port.sums[:] = 0.0

    def _standing(self, tick: int) -> NDArray[np.float64]:
        newer = [port.collect(tick) for port in self._samples]
        if any(newer):
            self._written[:] = 0.0
        total = self._written.copy()
        for port in self._samples:
            total += port.row
        return total
