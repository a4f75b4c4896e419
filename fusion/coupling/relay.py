"""`Relay`: who fired, on the way to a receiver that knows what follows from it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fusion.core.batch import Spikes, same_tick
from fusion.core.neurons import NeuronGroup
from fusion.errors import LateInput


class Relay:
    """The spikes of one link, by tick of effect; an inbox that sums nothing, so it needs no rows.

    Parameters
    ----------
    group : NeuronGroup
        The target.
    name : str
        The link, for messages.
    """

    def __init__(self, group: NeuronGroup, name: str) -> None:
        self.group, self.name = group, name
        self.every = 1
        self.start = 0
        self.taken = 0
        """Spikes up to this tick have been handed over."""
        self.bytes = 0
        """What was brought."""
        self._ticks: list[NDArray[np.int64]] = []
        self._sources: list[NDArray[np.int64]] = []

    def reserve(self, ticks: int) -> None:
        """There is room for any number of ticks."""

    def add(self, tick: int, sources: NDArray[np.int64]) -> None:
        """Take in who fired at a tick; who fired several times is named as often, one after the other."""
        self.add_window(same_tick(tick, len(sources)), sources)

    def add_window(self, ticks: NDArray[np.int64], sources: NDArray[np.int64]) -> None:
        """Take in who fired in several ticks, ascending by tick, then by source; none before what came earlier."""
        if not len(ticks):
            return
        if ticks[0] <= self.taken:
            raise LateInput(
                f"{self.group.tag}.{self.name}: a spike for tick {ticks[0]} came after tick {self.taken} was handed "
                "over.",
                tick=int(ticks[0]),
            )
        self._ticks.append(ticks)
        self._sources.append(sources)
        self.bytes += ticks.nbytes + sources.nbytes

    def take_spikes(self, until: int) -> Spikes | None:
        """Who fired up to and including tick `until`, and how often in a tick; None if nobody did."""
        self.taken = max(self.taken, until)
        if not self._ticks or self._ticks[0][0] > until:
            return None
        several = len(self._ticks) > 1
        ticks = np.concatenate(self._ticks) if several else self._ticks[0]
        sources = np.concatenate(self._sources) if several else self._sources[0]
        self._ticks, self._sources = [], []
        if ticks[-1] > until:
            due = int(ticks.searchsorted(until, "right"))
            self._ticks, self._sources = [ticks[due:]], [sources[due:]]
            ticks, sources = ticks[:due], sources[:due]
        again = (sources[1:] == sources[:-1]) & (ticks[1:] == ticks[:-1])
        if not again.any():
            return Spikes(ticks, sources, np.ones(len(ticks)), until)
        first = np.flatnonzero(np.concatenate([[True], ~again]))
        return Spikes(ticks[first], sources[first], np.diff(first, append=len(ticks)).astype(float), until)
