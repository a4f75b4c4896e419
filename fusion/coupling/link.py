"""`Link`: what takes the spikes or samples of a source to an inbox - of a synapse group, or of a stand-in."""

from __future__ import annotations

import abc
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.core import weights as weighing
from fusion.core.home import Home
from fusion.core.location import Location
from fusion.core.neurons import NeuronGroup
from fusion.core.subgroup import NeuronSubGroup
from fusion.core.synapses import SynapseGroup
from fusion.coupling.inbox import Inbox, Lane
from fusion.coupling.outlet import Outlet
from fusion.coupling.relay import Relay
from fusion.coupling.served import Fired
from fusion.errors import InvalidValue, ShapeMismatch

FEW = 16  # spikes in a tick up to which their synapses are added one neuron after the other


@dataclass(frozen=True, eq=False)
class Axons:
    """Connections to a stand-in: each source neuron to its own copy, all with one delay (ticks)."""

    source: NeuronGroup
    target: NeuronGroup
    min_delay: int
    is_plastic: bool = False
    coupling: str = "exact"
    signal: None = None
    whole: None = None

    @property
    def max_delay(self) -> int:
        """The one delay."""
        return self.min_delay

    @property
    def location(self) -> Location:
        """Where the source was declared."""
        return self.source.location

    @property
    def tag(self) -> str:
        """What the certificate calls it."""
        return f"{self.source.tag}_in_{self.target.tag}"

    @property
    def network(self) -> Home:
        """The network of both ends."""
        return self.source.network


class Link(abc.ABC):
    """What is collected tick by tick.

    kind : "spikes" or "samples"
    inbox, lane : where it goes
    sent : spikes, or samples, that were sent
    """

    kind: str
    synapses: SynapseGroup | Axons
    outlet: Outlet
    inbox: Inbox | Relay
    lane: Lane | Relay
    sent = 0

    @abc.abstractmethod
    def collect(self, tick: int) -> None:
        """Take what the source sent at `tick` on its way."""

    def collect_window(self, first: int, last: int, fired: Fired) -> None:
        """As `collect` for each tick of a window of the source."""
        # Spikes are few; samples, and traces that decay, have a value at each tick.
        for tick in fired.busy() if self.kind == "spikes" else range(first, last + 1):
            self.synapses.network.iteration = tick
            self.collect(tick)


class FromSynapses(Link):
    """A link with a synapse group behind it; the weights are those of the moment."""

    synapses: SynapseGroup

    def __init__(self, synapses: SynapseGroup, outlet: Outlet) -> None:
        self.synapses, self.outlet = synapses, outlet
        source, target = synapses.source, synapses.target
        self._targets: Any = target.index if isinstance(target, NeuronSubGroup) else slice(None)
        self._sources: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None
        self._run: NDArray[np.int64] | None = None
        """The first neuron and the one after the last, where the source is a run of neurons."""
        self._first = 0
        if isinstance(source, NeuronSubGroup):
            # The neurons selected, ascending, and where each stands in the selection. Nothing here is as large as the
            # whole group, of which there may be thousands of parts.
            order = np.argsort(source.index)
            self._sources = source.index[order], order
            if source.size and (np.diff(source.index) == 1).all():
                self._first = int(source.index[0])
                self._run = np.array([self._first, self._first + source.size])
        self._weights: Any = None
        self._indices: Any = None
        self._each_its_own = not isinstance(synapses.delay_ticks, int)
        self._pairs: tuple[NDArray[Any], ...] | None = None
        if self._each_its_own:
            self._checked_weights()

    def _fired(self, tick: int) -> NDArray[np.int64]:
        spikes = self.outlet.spikes(tick)
        if self._sources is None or not len(spikes):
            return spikes
        if self._run is not None:
            first, end = spikes.searchsorted(self._run)
            return spikes[first:end] - self._first
        index, order = self._sources
        if not len(index):
            return index
        first, end = spikes.searchsorted((index[0], index[-1] + 1))
        spikes = spikes[first:end]
        at = index.searchsorted(spikes)
        # A selection by indices may be in any order; sums are made in ascending order.
        return np.sort(order[at[index[at] == spikes]])

    def _placed(self, targets: NDArray[np.int64]) -> NDArray[np.int64]:
        return targets if isinstance(self._targets, slice) else np.asarray(self._targets[targets])

    def _checked_weights(self) -> Any:
        weights = self.synapses.W
        # A sparse matrix that changes its structure in place has new indices.
        if weights is not self._weights or (self._indices is not None and weights.indices is not self._indices):
            weighing.check(weights, self.synapses.shape, self.synapses.tag)
            weighing.check_numbers(weights, self.synapses.tag)
            if self._each_its_own:
                self._check_structure(weights)
            self._weights, self._indices = weights, weights.indices if weighing.is_sparse(weights) else None
        return weights

    def _check_structure(self, weights: Any) -> None:
        pairs = _pairs(weights)
        if self._pairs is None:
            self._pairs = pairs
        size = weights.data.shape if pairs else weights.shape
        same = len(pairs) == len(self._pairs) and all(map(np.array_equal, pairs, self._pairs))
        if not same or size != np.shape(self.synapses.delay_ticks):
            raise InvalidValue(
                f"W of {self.synapses.tag!r} has other synapses than when its delays were given, one for each. Change "
                "W.data, or make another SynapseGroup."
            )


def _pairs(weights: Any) -> tuple[NDArray[Any], ...]:
    """Which synapses there are: nothing to say of a dense matrix, which has all of them."""
    return (weights.indptr.copy(), weights.indices.copy()) if weighing.is_sparse(weights) else ()


class SynapseLink(FromSynapses):
    """Collects, once per tick, what the source sent, and sums the weights."""

    inbox: Inbox
    lane: Lane

    def __init__(self, synapses: SynapseGroup, outlet: Outlet, inbox: Inbox) -> None:
        super().__init__(synapses, outlet)
        self.inbox, self.lane = inbox, inbox.open_lane(self._targets)
        self.kind = "spikes" if synapses.filter is None and synapses.signal is None else "samples"
        self._is_plain = "W" not in synapses.__dict__
        self._trace: NDArray[np.float64] | None = None
        if synapses.filter is not None:
            (tau,) = synapses.filter.args
            self._decay = float(np.exp(-synapses.network.dt / tau))
            self._trace = np.zeros(synapses.source.size)

    def collect(self, tick: int) -> None:
        """Take what the source sent at `tick` on its way."""
        if self.kind == "samples":
            self._collect_sample(tick)
            return
        sources = self._fired(tick)
        if not len(sources):
            return
        self.sent += len(sources)
        weights, delays = self._checked_weights(), self.synapses.delay_ticks
        if isinstance(delays, int):
            self._send(tick + delays, weights, sources)
        else:
            targets, ticks, values = weighing.scatter(weights, delays, sources)
            self.lane.scatter(tick + ticks, targets, values)

    def collect_window(self, first: int, last: int, fired: Fired) -> None:
        """As `collect` for each tick of a window of the source, all at once where that gives the same in all bits."""
        delay = self.synapses.delay_ticks
        if self.kind == "spikes" and self._sources is None and isinstance(delay, int):
            weights = self._checked_weights()
            if weighing.is_sparse(weights):
                self.sent += len(fired.indices)
                positions, counts = weighing.entries(weights, fired.indices)
                ticks = np.repeat(fired.ticks + delay, counts)
                self.lane.scatter(ticks, weights.indices[positions], weights.data[positions])
                return
        super().collect_window(first, last, fired)

    def _send(self, tick: int, weights: Any, sources: NDArray[np.int64]) -> None:
        if not self.inbox.signed:
            if len(sources) <= FEW and self._indices is not None:
                self.lane.add_columns(tick, weights, sources)
            else:
                self.lane.add(tick, weighing.drive(weights, sources))
            return
        for channel, values in enumerate(weighing.drive_signed(weights, sources)):
            if values is not None:
                self.lane.add(tick, values, channel)

    def _collect_sample(self, tick: int) -> None:
        if self._trace is not None:
            sources = self._fired(tick)
            self.sent += len(sources)
            self._trace *= self._decay
            self._trace[sources] += 1.0
        due = tick + int(self.synapses.min_delay)
        if self._is_due(due):
            self.sent += self._trace is None
            self._send_sample(due, self._sample())

    def _is_due(self, tick: int) -> bool:
        """Whether the target takes the sample of `tick`; if it advances each n ticks, it sees none in between."""
        return (tick - self.inbox.start) % self.inbox.every == 0

    def _sample(self) -> NDArray[np.float64]:
        return self._trace if self._trace is not None else self._signal()

    def _send_sample(self, due: int, sample: NDArray[np.float64]) -> None:
        self.lane.add(due, sample if self._is_plain else self._checked_weights() @ sample)

    def _signal(self) -> NDArray[np.float64]:
        synapses = self.synapses
        assert synapses.signal is not None
        values: NDArray[np.float64] = np.asarray(getattr(synapses.source, synapses.signal), dtype=float)
        size = synapses.shape[1]
        if synapses.place.scale != 1.0:
            values = values * synapses.place.scale
        if values.shape == (size,):
            return values
        if values.shape == ():
            return np.full(size, values)
        name = f"{synapses.source.tag}.{synapses.signal}"
        raise ShapeMismatch(name, values.shape, f"the link {synapses.tag!r} carries {size} values")


class HeldLink(SynapseLink):
    """A link of samples that waits for nobody: what is not yet known is held, or extrapolated from the last two.

    The error is of first order in the window where the last sample stands (``coupling="hold"``), of second order where
    it goes on along a line (``"linear"``). Where the source comes first nothing has to be guessed.
    """

    def __init__(self, synapses: SynapseGroup, outlet: Outlet, inbox: Inbox) -> None:
        super().__init__(synapses, outlet, inbox)
        self.guessed = 0
        """Samples that were not known when they were needed."""
        self.every, self.start = 1, 0
        """The source has a new value at the ticks `start` + n * `every`."""
        self._is_linear = synapses.coupling == "linear"
        self._collected = self._known = self._sure = inbox.taken
        self._last: NDArray[np.float64] | None = None
        self._before: NDArray[np.float64] | None = None

    def begin(self, reached: int) -> None:
        """A link that has not sent anything yet holds what its source has at tick `reached`."""
        if self._last is None:
            self._last = self._before = np.array(self._sample())
            self._collected = self._known = reached

    def predict(self, until: int) -> None:
        """Give the target all samples that are due up to tick `until`."""
        assert self._last is not None
        assert self._before is not None
        delay = int(self.synapses.min_delay)
        for due in range(max(self._collected + delay, self._sure) + 1, until + 1):
            if self._is_due(due):
                steps = (due - delay - self._known) // self.every if self._is_linear else 0
                self._send_sample(due, self._last + steps * (self._last - self._before))
                self.guessed += 1
        self._sure = max(self._sure, until)

    def _send_sample(self, due: int, sample: NDArray[np.float64]) -> None:
        if due > self._sure:
            super()._send_sample(due, sample)

    def _collect_sample(self, tick: int) -> None:
        super()._collect_sample(tick)
        self._collected = tick
        if self._last is None or (tick - self.start) % self.every == 0:
            now = np.array(self._sample())
            self._before, self._last, self._known = now if self._last is None else self._last, now, tick
