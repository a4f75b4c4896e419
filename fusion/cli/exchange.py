"""`Bench`: what a step of a simulator costs, and each exchange with it, by the contract of its adapter alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from time import perf_counter

import numpy as np

from fusion.adapter.base import Adapter, GroupSpec, Port
from fusion.core.batch import Samples, Spikes
from fusion.core.clock import Clock

DT = 0.1  # ms
WINDOWS = (1, 15)  # ticks; lockstep, and a usual delay
CHUNK = max(WINDOWS)  # ticks from one look at the clock to the next
SLOW = 1.0  # s; a chunk that takes longer is not repeated
EXCHANGES = ("spikes out", "spikes in", "current in", "state out")

Push = Callable[[int, int], tuple[Port, Spikes | Samples]]


@dataclass(frozen=True)
class Cost:
    """Microseconds per tick.

    exchange : one of `EXCHANGES`, or "step" for the simulator alone
    us : {ticks of a window: what it adds to those before it}; empty if the simulator has no such exchange
    """

    exchange: str
    us: dict[int, float]


class Bench:
    """One population, to which one exchange after the other is added.

    Parameters
    ----------
    adapter : open, and with no group yet
    budget : s, for each measurement
    """

    def __init__(self, adapter: Adapter, n: int, budget: float) -> None:
        self._adapter, self._budget = adapter, budget
        self._specimen = adapter.specimen(n)
        self._handle = adapter.create(self._specimen.source, GroupSpec("specimen"))
        for name, values in self._specimen.start.items():
            adapter.write(self._handle, name, values)
        self._rng = np.random.default_rng(1)
        self._tick = 0
        self._pushes: list[Push] = []
        self._pulls: list[Port] = []

    def costs(self) -> Iterator[Cost]:
        """The step, then each exchange; a difference of minima, which noise can only make larger."""
        before = self._measured()
        yield Cost("step", before)
        for exchange in EXCHANGES:
            if not self._add(exchange):
                yield Cost(exchange, {})
                continue
            now = self._measured()
            yield Cost(exchange, {window: max(0.0, now[window] - before[window]) for window in WINDOWS})
            before = now

    def _add(self, exchange: str) -> bool:
        """Open the port of an exchange, if the specimen has such a place."""
        specimen, handle = self._specimen, self._handle
        name = {"spikes in": specimen.spike_input, "current in": specimen.sample_input}.get(exchange, "")
        if exchange == "spikes out" and handle.spikes:
            self._pulls.append(self._adapter.port(handle, "", "spikes out"))
        elif exchange == "state out":
            self._pulls.append(self._adapter.port(handle, specimen.state, "samples out"))
        elif exchange == "spikes in" and name:
            self._pushes.append(partial(self._spikes, self._adapter.port(handle, name, "spikes in")))
        elif exchange == "current in" and name:
            self._pushes.append(partial(self._samples, self._adapter.port(handle, name, "samples in")))
        else:
            return False
        return True

    def _spikes(self, port: Port, first: int, last: int) -> tuple[Port, Spikes]:
        """Arrivals at a tenth of the neurons in each tick, as far ahead as the simulator needs to know."""
        notice = self._adapter.capabilities.notice
        size = self._handle.inputs[port.name].size
        hit = [np.sort(self._rng.choice(size, max(1, size // 10), replace=False)) for _ in range(first, last + 1)]
        ticks = np.repeat(np.arange(first, last + 1) + notice, len(hit[0]))
        values = self._specimen.weight * self._rng.uniform(0.5, 1.0, len(ticks))
        return port, Spikes(ticks, np.concatenate(hit), values, last + notice)

    def _samples(self, port: Port, first: int, last: int) -> tuple[Port, Samples]:
        shape = (last + 1 - first, self._handle.inputs[port.name].size)
        return port, Samples(first, self._specimen.sample * self._rng.uniform(0.999, 1.001, shape))

    def _measured(self) -> dict[int, float]:
        """Microseconds per tick, for each length of a window: the minima of chunks that alternate."""
        self._adapter.prepare()
        try:
            return {window: 1e6 * min(times) / CHUNK for window, times in self._timed().items()}
        finally:
            self._adapter.cleanup()

    def _timed(self) -> dict[int, list[float]]:
        end = perf_counter() + self._budget * len(WINDOWS)
        times = {window: [self._chunk(window)] for window in WINDOWS}
        while perf_counter() < end or (len(times[1]) < 2 and max(map(max, times.values())) < SLOW):
            for window in WINDOWS:
                times[window].append(self._chunk(window))
        return times

    def _chunk(self, window: int) -> float:
        starts = range(self._tick, self._tick + CHUNK, window)
        work = [(start + window, [push(start + 1, start + window) for push in self._pushes]) for start in starts]
        adapter, pulls = self._adapter, self._pulls
        begin = perf_counter()
        for until, batches in work:
            for port, batch in batches:
                adapter.push(port, batch)
            adapter.advance(until)
            for port in pulls:
                adapter.pull(port)
        seconds = perf_counter() - begin
        self._tick += CHUNK
        return seconds


def opened(kind: type[Adapter]) -> Adapter:
    """An adapter that has claimed its simulator."""
    adapter = kind()
    adapter.open(Clock(DT), seed=1)
    return adapter
