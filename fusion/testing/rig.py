"""`Rig`: a population behind its adapter, driven by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.adapter.base import GroupSpec, Handle, Port
from fusion.core.batch import Samples, Spikes
from fusion.core.clock import Clock
from fusion.testing.case import Case

# Sizes of populations; two only, because simulators that generate code do it for each size.
FEW, MANY = 3, 10


class Row(NamedTuple):
    """Arrivals for one tick; `indices` ascending."""

    tick: int
    indices: NDArray[np.int64]
    values: NDArray[np.float64]

    def batch(self) -> Spikes:
        """As it is pushed."""
        return Spikes(np.full(len(self.indices), self.tick), self.indices, self.values, self.tick)


class Outcome(NamedTuple):
    """What a population did: its spikes, and all its variables at the end."""

    ticks: NDArray[np.int64]
    indices: NDArray[np.int64]
    variables: dict[str, NDArray[Any]]


class Rig:
    """A population behind an open adapter.

    Attributes
    ----------
    source, handle, adapter : the population, and what serves it
    ports : {kind: Port}, those that `start` opened
    tick : int, the tick reached
    """

    def __init__(self, case: Case, source: Any, seed: int = 1, every: int = 1) -> None:
        self.case, self.source = case, source
        self.adapter = case.make()
        self.ports: dict[str, Port] = {}
        self.tick = 0
        self._seed, self._every = seed, every

    def open(self) -> Handle:
        """Claim the simulator and take the population in."""
        self.adapter.open(Clock(self.case.dt), self._seed)
        self.case.tiers.add(self.adapter.tier.name)
        self.handle = self.adapter.create(self.source, GroupSpec("cells", every=self._every))
        return self.handle

    def start(self, *kinds: str) -> None:
        """Open ports of these kinds, and prepare."""
        names = {
            "spikes in": self.case.spike_input,
            "samples in": self.case.sample_input,
            "samples out": self.case.state,
            "spikes out": "",
        }
        for kind in kinds:
            self.ports[kind] = self.adapter.port(self.handle, names[kind], kind)
        self.adapter.prepare()

    @property
    def last_late(self) -> int:
        """The last tick for which a row of spikes comes too late now."""
        return self.tick + self.adapter.capabilities.notice

    def push(self, tick: int, indices: Sequence[int], values: ArrayLike) -> None:
        """Push spikes for `tick`; one value, or one for each index."""
        at = np.array(indices, np.int64)
        row = Row(tick, at, np.broadcast_to(np.asarray(values, float), at.shape).copy())
        self.adapter.push(self.ports["spikes in"], row.batch())

    def push_samples(self, tick: int, *values: float) -> None:
        """Push samples for `tick` and those after it, each value for all neurons."""
        rows = np.repeat(np.array(values, float)[:, None], self.handle.size, axis=1)
        self.adapter.push(self.ports["samples in"], Samples(tick, rows))

    def advance(self, until: int) -> None:
        """To tick `until`, in one chunk."""
        self.adapter.advance(until)
        self.tick = until

    def read(self, name: str, index: Any = None) -> NDArray[Any]:
        """A variable, now."""
        return self.adapter.read(self.handle, name, index)

    def readable(self) -> dict[str, NDArray[Any]]:
        """All variables, now."""
        return {name: self.read(name) for name in self.handle.variables}

    def spikes(self) -> Spikes:
        """Spikes since the last call."""
        batch = self.adapter.pull(self.ports["spikes out"])
        assert isinstance(batch, Spikes), f"pull gave {batch!r} on a port for spikes"
        return batch

    def samples(self) -> Samples:
        """Samples since the last call."""
        batch = self.adapter.pull(self.ports["samples out"])
        assert isinstance(batch, Samples), f"pull gave {batch!r} on a port for samples"
        return batch

    def play(
        self,
        rows: Sequence[Row],
        until: int,
        window: int,
        *,
        early: int = 0,
        pause: int | None = None,
        before: Callable[[int], object] | None = None,
        after: Callable[[Rig], object] | None = None,
    ) -> Outcome:
        """Advance by windows, and push each row at the last moment that is allowed, or `early` ticks before.

        pause : int
            Clean up and prepare again after so many windows.
        before : called with the tick to advance to, when everything for it has been pushed
        after : called after each window
        """
        waiting, batches = list(rows), []
        for count, start in enumerate(range(self.tick, until, window), 1):
            stop = min(start + window, until)
            while waiting and waiting[0].tick <= stop + self.adapter.capabilities.notice + early:
                self.adapter.push(self.ports["spikes in"], waiting.pop(0).batch())
            if before is not None:
                before(stop)
            self.advance(stop)
            batches.append(self.spikes())
            if after is not None:
                after(self)
            if pause is not None and count % pause == 0:
                self.adapter.cleanup()
                self.adapter.prepare()
        ticks, indices = (np.concatenate([getattr(b, name) for b in batches]) for name in ("ticks", "indices"))
        return Outcome(ticks, indices, self.readable())


@contextmanager
def rig(case: Case, make: Callable[[int], Any], n: int = FEW, seed: int = 1, every: int = 1) -> Iterator[Rig]:
    """A population that `make` gives for `n`, in a fresh simulator; closed at the end."""
    case.reset()
    one = Rig(case, make(n), seed, every)
    try:
        one.open()
        yield one
    finally:
        one.adapter.close()


def random_rows(case: Case, n: int, until: int, seed: int = 3) -> list[Row]:
    """Irregular input that makes some of `n` neurons fire: a tenth of them in each tick, 0.1 to 1 kicks.

    It begins later than any simulator's notice.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for tick in range(10, until + 1):
        hit = np.flatnonzero(rng.random(n) < 0.1)
        if len(hit):
            rows.append(Row(tick, hit, case.kick * rng.uniform(0.1, 1.0, len(hit))))
    return rows


def assert_same(a: Outcome, b: Outcome, what: str) -> None:
    """Fail unless two outcomes are equal in all spikes and in all bits of the variables."""
    np.testing.assert_array_equal(a.ticks, b.ticks, f"{what}: the ticks of the spikes differ")
    np.testing.assert_array_equal(a.indices, b.indices, f"{what}: the neurons that fired differ")
    assert a.variables.keys() == b.variables.keys(), f"{what}: the variables have other names"
    for name, values in a.variables.items():
        np.testing.assert_array_equal(values, b.variables[name], f"{what}: {name} differs")
