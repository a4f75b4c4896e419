"""`Incoming` and `Outgoing`: the ports of a remote simulator, as they are known on this side."""

from __future__ import annotations

import numpy as np

from fusion.adapter.queues import late_sample, late_spike, repeated_tick
from fusion.core.batch import Samples, Spikes


class Incoming:
    """Remembers the ticks that were pushed, so that input which is late or given twice raises at the push."""

    def __init__(self, name: str, notice: int) -> None:
        self._name, self._notice = name, notice
        self._ticks: set[int] = set()

    def check(self, batch: Spikes | Samples, now: int) -> None:
        """Take note of a batch; `LateInput` if it cannot take effect after tick `now`."""
        if isinstance(batch, Samples):
            if batch.t0 < now:
                raise late_sample(self._name, batch.t0, now)
            return
        if not len(batch.ticks):
            return
        first, last = batch.ticks.item(0), batch.ticks.item(-1)
        if first <= now + self._notice:
            raise late_spike(self._name, first, now)
        ticks = {first} if first == last else set(batch.ticks.tolist())
        for tick in sorted(ticks & self._ticks):
            raise repeated_tick(self._name, tick)
        self._ticks = {tick for tick in self._ticks if tick > now} | ticks

    def clear(self) -> None:
        """Forget all ticks."""
        self._ticks = set()


class Outgoing:
    """Batches that came with the answers, until they are pulled."""

    def __init__(self) -> None:
        self._batches: list[Spikes | Samples] = []

    def add(self, batch: Spikes | Samples) -> None:
        """What left the port since the last batch."""
        self._batches.append(batch)

    def clear(self) -> None:
        """Forget what nobody has pulled."""
        self._batches = []

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to take."""
        return not self._batches

    def take(self) -> Spikes | Samples:
        """All that was added since the last take, at least something, as one batch."""
        batches, self._batches = self._batches, []
        last = batches[-1]
        if len(batches) == 1:
            return last
        if isinstance(last, Samples):
            return Samples(batches[0].t0, np.concatenate([batch.values for batch in batches]))  # type: ignore[union-attr]
        ticks, indices, values = (np.concatenate([batch[i] for batch in batches]) for i in range(3))
        return Spikes(ticks, indices, values, last.complete_until)
