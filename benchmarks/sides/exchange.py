"""A population behind its adapter, driven by hand, or by its simulator alone; the command line says which exchange.

exchanges : any of "spikes in", "spikes out", "state out", "current in", and "state at ends", a variable that is read as
a window ends, joined by commas; "" for none of them, "bare" for the simulator alone
"""

from __future__ import annotations

import abc
import sys
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Any, ClassVar

import numpy as np

from benchmarks.sides.serving import serve, stretches

DT = 0.1  # ms
HIT = 0.01  # of the neurons get a spike in each tick
SECONDS = 0.1  # that a round takes, about
FEWEST, MOST = 3, 400  # windows of a round


class Cells:
    """Cells that fire now and then, or a recipe for them.

    names : of the port for each exchange
    """

    names: ClassVar[Mapping[str, str]]
    source: Any
    also: tuple[Any, ...] = ()


class Population(Cells, abc.ABC):
    """Cells of this process."""

    @abc.abstractmethod
    def alone(self, windows: int, window: int) -> list[float]:
        """The time at the beginning of each of so many windows and one, when the simulator runs by itself."""


class Nest(Population):
    """`iaf_psc_exp`."""

    names: ClassVar[Mapping[str, str]] = {
        "spikes in": "spikes",
        "spikes out": "",
        "state out": "V_m",
        "current in": "I_e",
    }

    def __init__(self, n: int) -> None:
        import nest

        nest.ResetKernel()
        nest.verbosity = nest.VerbosityLevel.ERROR
        nest.resolution = DT
        self.source = nest.Create("iaf_psc_exp", n)
        self.source.I_e = drives(n)
        self._kernel = nest

    def alone(self, windows: int, window: int) -> list[float]:
        stamps = []
        self._kernel.Prepare()
        for _ in range(windows + 1):
            stamps.append(perf_counter())
            self._kernel.Run(window * DT)
        self._kernel.Cleanup()
        return stamps


class Brian2(Population):
    """The same, with NumPy code."""

    names: ClassVar[Mapping[str, str]] = {"spikes in": "ie", "spikes out": "", "state out": "v", "current in": "drive"}

    def __init__(self, n: int) -> None:
        import brian2

        from benchmarks.sides import lif_in_brian2, lif_network

        numbers = lif_network.Numbers(drives(n), np.full(n, lif_network.REST), None)
        self.source, self._dt = lif_in_brian2.unconnected(numbers, slice(0, n), "numpy"), DT * brian2.ms
        self._stamps: list[float] = []
        note = brian2.NetworkOperation(lambda: self._stamps.append(perf_counter()), when="start", order=-1000)
        # Behind the adapter it is there, too, so that both do the same.
        self.also = (note,)
        self._net: Any = None

    def alone(self, windows: int, window: int) -> list[float]:
        import brian2

        self._stamps.clear()
        # Not made behind the adapter, which wants the group for itself.
        self._net = self._net or brian2.Network(self.source, *self.also)
        self._net.run((windows * window + 1) * self._dt)
        return self._stamps[::window]


class Keras(Population):
    """A `Dense` layer; alone it is called as its documentation does."""

    names: ClassVar[Mapping[str, str]] = {"state out": "output", "current in": "input"}

    def __init__(self, n: int) -> None:
        import keras

        self.source = keras.Sequential([keras.Input((n,)), keras.layers.Dense(n, activation="tanh")])
        self._x = np.zeros((1, n), np.float32)

    def alone(self, windows: int, window: int) -> list[float]:
        stamps = []
        for _ in range(windows + 1):
            stamps.append(perf_counter())
            for _ in range(window):
                np.asarray(self.source(self._x, training=False))
        return stamps


class KerasJit(Keras):
    """The same, compiled by XLA."""

    def __init__(self, n: int) -> None:
        from fusion_tensorflow import layer

        super().__init__(n)
        self.source = layer(self.source, n_in=n, jit=True)


def drives(n: int) -> Any:
    """Currents around the rheobase, pA."""
    return np.random.default_rng(1).uniform(185.0, 200.0, n)  # pA; the rheobase is 187.5


class Bare:
    """The simulator alone."""

    def __init__(self, population: Population) -> None:
        self._population = population

    def round(self, windows: int, window: int) -> list[float]:
        """Seconds per window, one after the other."""
        return stretches(self._population.alone(windows, window))


class Crossing:
    """The same behind its adapter, with a port for each exchange.

    host : where the simulator runs; in this process without one
    """

    def __init__(self, population: Cells, exchanges: Sequence[str], n: int, host: Any = None) -> None:
        from fusion.adapter import registry
        from fusion.adapter.base import GroupSpec
        from fusion.core.batch import Samples, Spikes
        from fusion.core.clock import Clock

        self._spikes, self._samples = Spikes, Samples
        self._n, self._now, self._rng = n, 0, np.random.default_rng(2)
        kind = registry.adapter_for(population.source)
        self.adapter = adapter = (kind if host is None else host.place(kind))()
        adapter.open(Clock(DT), 1)
        handle = adapter.create(population.source, GroupSpec("cells", also=population.also))
        kinds = {"state out": "samples out", "current in": "samples in"}
        crossing = [one for one in exchanges if one in population.names]
        self._ports = {one: adapter.port(handle, population.names[one] or "", kinds.get(one, one)) for one in crossing}
        self._read_at_ends = "state at ends" in exchanges
        self._handle, self._state = handle, population.names["state out"]
        self._current = np.asarray(adapter.read(handle, population.names["current in"]), float)

    def round(self, windows: int, window: int) -> list[float]:
        """Seconds per window, one after the other; what is pushed was made before."""
        adapter, ports, now = self.adapter, self._ports, self._now
        pushed = [
            (ports[one], [make(now + k * window, window) for k in range(windows + 1)])
            for one, make in (("spikes in", self._row), ("current in", self._currents))
            if one in ports
        ]
        pulled = [ports[one] for one in ("spikes out", "state out") if one in ports]
        adapter.prepare()
        stamps = []
        for k in range(windows + 1):
            stamps.append(perf_counter())
            for port, batches in pushed:
                adapter.push(port, batches[k])
            now += window
            adapter.advance(now)
            for port in pulled:
                adapter.pull(port)
            if self._read_at_ends:
                adapter.read(self._handle, self._state)
        adapter.cleanup()
        self._now = now
        return stretches(stamps)

    def _row(self, now: int, window: int) -> Any:
        n_hit = max(1, round(HIT * self._n))
        hit = [np.sort(self._rng.choice(self._n, n_hit, replace=False)) for _ in range(window)]
        ticks = np.repeat(np.arange(window) + now + 1 + self.adapter.capabilities.notice, n_hit)
        return self._spikes(ticks, np.concatenate(hit), np.full(len(ticks), 1e-13), int(ticks[-1]))

    def _currents(self, now: int, window: int) -> Any:
        # A sample of a tick stands from its end on; each differs from the one before in all entries.
        factors = 1.0 + 1e-3 * self._rng.random((window, self._n))
        return self._samples(now + 1, self._current * factors)


POPULATIONS: dict[str, Callable[[int], Population]] = {
    "NEST": Nest,
    "Brian2": Brian2,
    "Keras": Keras,
    "Keras jit": KerasJit,
}
running: list[Any] = []
counts: dict[int, int] = {}


def prepare(simulator: str, n: int) -> None:
    """Make the population."""
    if running and isinstance(running[0], Crossing):
        running[0].adapter.close()
    population = POPULATIONS[simulator](n)
    running[:] = [Bare(population) if exchanges == ["bare"] else Crossing(population, exchanges, n)]
    counts.clear()


def measure(window: int) -> list[float]:
    """A round: seconds per tick, window by window; the first one finds out how many windows there are time for."""
    if window not in counts:
        running[0].round(1, window)
        taken = running[0].round(FEWEST, window)
        counts[window] = int(np.clip(SECONDS / min(taken), FEWEST, MOST))
    times: list[float] = [taken / window for taken in running[0].round(counts[window], window)]
    return times


if __name__ == "__main__":
    exchanges = [one for one in sys.argv[1].split(",") if one]
    serve(prepare=prepare, round=measure, tier=lambda: running[0].adapter.tier.name)
