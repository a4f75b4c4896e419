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
        self._standing = np.zeros(size)
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
        """The input at the end of `tick`, to be read before the next call only."""
        self._collect(tick)
        total = self._standing
        for port in self._spikes:
            port.collect(tick)
            total = total + port.sums
        return total

    def write(self, values: ArrayLike, index: Index, tick: int) -> None:
        """Let `values` stand from now on, until a port brings a newer row; spikes are added as before."""
        self._collect(tick)
        self._standing[slice(None) if index is None else index] = values
        for port in self._samples:
            port.row.fill(0.0)

    def restart(self) -> None:
        """The layer has taken the spikes in: begin new sums."""
        for port in self._spikes:
            port.sums.fill(0.0)

    def _collect(self, tick: int) -> None:
        is_newer = False
        for port in self._samples:
            is_newer |= port.collect(tick)
        if is_newer:
            # The first is copied: a first addition costs as much as five copies, and there is but one as a rule.
            self._standing[:] = self._samples[0].row
            for port in self._samples[1:]:
                self._standing += port.row
