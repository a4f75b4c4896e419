"""Ports of a NEST participant: arrivals and samples that go in, samples that come out."""

from __future__ import annotations

from time import perf_counter
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from fusion.adapter.base import Index
from fusion.adapter.queues import Arrivals, Levels, Trace
from fusion.core.batch import Samples, Spikes
from fusion.core.projection import Projection
from fusion.errors import LateInput
from fusion_nest.exchange import check_sign
from fusion_nest.groups import Group
from fusion_nest.kernel import Kernel

_FEW = 4  # synapses for which a call of their own pays


class Sender(Protocol):
    """What makes a row of arrivals happen inside NEST."""

    def send(self, indices: NDArray[np.int64], values: NDArray[np.float64], step: int) -> None:
        """Let spikes leave at the end of `step`, to arrive one step later."""


class Channel:
    """One generator, connected to every target; what a spike of it brings is the weight of each connection.

    The cheapest public way of bringing each target a sum of its own: only weights that differ from those of the last
    spike are written, about 1 us each, where a generator per target takes 3 us for each target that is hit. The other
    targets get spikes of weight zero, which add nothing in the models of the tables.
    """

    def __init__(self, kernel: Kernel, targets: Any, ids: NDArray[np.int64], receptor: int) -> None:
        self._kernel = kernel
        self._generator = kernel.create("spike_generator", 1)
        kernel.connect(self._generator, targets, one_to_one=False, weight=0.0, receptor=receptor)
        synapses = kernel.synapses(self._generator, targets)
        # With several threads NEST lists them by thread.
        order = np.argsort([status["target"] for status in kernel.synapse_status(synapses)])
        self._synapses = [synapses[i] for i in order]
        self._weights = np.zeros(len(ids))

    def send(self, indices: NDArray[np.int64], values: NDArray[np.float64], step: int) -> None:
        weights = np.zeros(len(self._weights))
        weights[indices] = values
        changed = (weights != self._weights).nonzero()[0]
        self._set(changed.tolist(), weights[changed].tolist())
        self._weights = weights
        self._kernel.set(self._generator, [{"spike_times": [step * self._kernel.dt]}])

    def _set(self, targets: list[int], weights: list[float]) -> None:
        """Write weights; NEST takes one for many synapses in a fifth of the time that one for each needs."""
        distinct = set(weights)
        if len(distinct) > len(weights) // _FEW:
            # The silent ones share their weight; the others, as good as all different, get one each.
            self._set_one([t for t, w in zip(targets, weights, strict=True) if not w], 0.0)
            loud = [(self._synapses[t], {"weight": w}) for t, w in zip(targets, weights, strict=True) if w]
            if loud:
                synapses, params = zip(*loud, strict=True)
                self._kernel.set_synapses(list(synapses), list(params))
            return
        for weight in distinct:
            self._set_one([t for t, w in zip(targets, weights, strict=True) if w == weight], weight)

    def _set_one(self, targets: list[int], weight: float) -> None:
        if targets:
            self._kernel.set_synapses([self._synapses[target] for target in targets], {"weight": weight})


class SignedChannels:
    """Two channels, one for each sign of the weights, for models that keep excitation and inhibition apart."""

    def __init__(self, positive: Channel, negative: Channel) -> None:
        self._positive, self._negative = positive, negative

    def send(self, indices: NDArray[np.int64], values: NDArray[np.float64], step: int) -> None:
        for channel, chosen in ((self._positive, values > 0), (self._negative, values < 0)):
            if chosen.any():
                channel.send(indices[chosen], values[chosen], step)


class Trains:
    """A generator for each target, for models to which a spike of weight zero is a spike, as it is to parrots."""

    def __init__(self, kernel: Kernel, targets: Any, receptor: int = 0) -> None:
        self._kernel = kernel
        self._generators = kernel.create("spike_generator", len(targets))
        self._first = int(kernel.ids(self._generators)[0])
        kernel.connect(self._generators, targets, one_to_one=True, receptor=receptor)

    def send(self, indices: NDArray[np.int64], values: NDArray[np.float64], step: int) -> None:
        weights: dict[int, list[float]] = {}
        for index, value in zip(indices.tolist(), values.tolist(), strict=True):
            if value:
                weights.setdefault(index, []).append(value)
        if not weights:
            return
        fired = sorted(weights)
        time = step * self._kernel.dt
        params = [{"spike_times": [time] * len(weights[i]), "spike_weights": weights[i]} for i in fired]
        equal = all(each == params[0] for each in params)
        self._kernel.set(self._kernel.collection([self._first + i for i in fired]), params[:1] if equal else params)


class Sources:
    """A generator for each source of a projection, with its weights and delays in NEST's own connections.

    What is sent is how often each source has fired.
    """

    def __init__(self, kernel: Kernel, projection: Projection, ids: NDArray[np.int64], receptor: int) -> None:
        self.kernel = kernel
        self._generators = kernel.create("spike_generator", projection.n_sources)
        self._first = int(kernel.ids(self._generators)[0])
        targets = ids[projection.post]
        self._targets = np.unique(targets)
        self._new: list[tuple[int, NDArray[np.float64]]] = []
        """Weights that wait, and the step after which each counts."""
        self.shortest = projection.shortest
        if len(projection):
            # The shortest delay is one step inside NEST; the rest of it has passed before the generator fires.
            delays = projection.delays - self.shortest + 1
            kernel.project(projection.pre + self._first, targets, projection.weights, delays, receptor)

    def send(self, indices: NDArray[np.int64], values: NDArray[np.float64], step: int) -> None:
        due = [weights for last, weights in self._new if step > last]
        if due:
            self._write(due[-1])
            del self._new[: len(due)]
        time = step * self.kernel.dt
        for count in np.unique(values).astype(int).tolist():
            fired = self.kernel.collection((indices[values == count] + self._first).tolist())
            self.kernel.set(fired, [{"spike_times": [time] * count}])

    def reweigh(self, weights: NDArray[np.float64], last: int) -> None:
        """Use other weights for spikes that leave after step `last`."""
        self._new.append((last, np.array(weights)))

    def shift(self, steps: int) -> None:
        """NEST ran by itself for some steps: what waits leaves so much later."""
        self._new = [(last + steps, weights) for last, weights in self._new]

    def _write(self, weights: NDArray[np.float64]) -> None:
        found = self.kernel.synapses(self._generators, self.kernel.collection(self._targets.tolist()))
        status = self.kernel.synapse_status(found)
        order = np.lexsort(([s["target"] for s in status], [s["source"] for s in status]))
        self.kernel.set_synapses([found[i] for i in order], [{"weight": w} for w in weights.tolist()])


class SpikesIn:
    """Arrivals of one input, and what sends them.

    A NEST generator drops a spike stamped "now" in silence and forgets what it had pending when it is given new times.
    So the queue is ours: a row for tick t is handed to NEST when the kernel stands at t - 2, is fired in the step that
    ends at t - 1, and arrives after a delay of one step.

    Parameters
    ----------
    name : str
        Of the input.
    """

    def __init__(self, group: Group, name: str, sender: Sender) -> None:
        self._group, self._name, self._sender = group, name, sender
        self._queue = Arrivals(f"{group.name}.{name}")

    def push(self, batch: Spikes, now: int) -> None:
        """Take rows in.

        Raises
        ------
        LateInput
            If a row is for a tick up to `now` + 1, or comes twice.
        InvalidValue
            If a value is negative and the input is a conductance with a receptor of its own.
        """
        if len(batch.ticks) and batch.ticks[0] == now + 1:
            raise LateInput(
                f"{self._queue.name}: a spike for tick {now + 1} came when tick {now} was computed. NEST needs "
                "one tick of notice: push it before advance goes to the tick before.",
                tick=now + 1,
            )
        check_sign(self._group, self._name, batch.values)
        self._queue.push(batch, now)

    def deliver(self, now: int, origin: int) -> None:
        """Hand to NEST what must leave in the step after `now`."""
        row = self._queue.take(now + 2)
        if row is not None and len(row[0]):
            self._sender.send(*row, origin + now + 1)

    def __len__(self) -> int:
        return len(self._queue)


class SamplesIn:
    """Samples of one input, written when the kernel stands at their tick."""

    def __init__(self, group: Group, name: str) -> None:
        self._group, self._name = group, name
        self._queue = Levels(f"{group.name}.{name}")
        self._last: NDArray[np.float64] | None = None

    def push(self, batch: Samples, now: int) -> None:
        """Take rows in; `LateInput` if one is for a tick before `now`."""
        self._queue.push(batch, now)

    def deliver(self, now: int) -> None:
        """Write the sample of tick `now`, as far as it differs from the one before."""
        values = self._queue.take(now)
        if values is None:
            return
        if self._last is None:
            self._group.write(self._name, values)
        else:
            changed = np.flatnonzero(values != self._last)
            self._group.write(self._name, values[changed], changed)
        self._last = np.array(values)

    def forget(self) -> None:
        """Write the next sample whole: somebody else has set values."""
        self._last = None


class SamplesOut:
    """A subscribed variable, read after each tick."""

    def __init__(self, group: Group, name: str, index: Index, size: int, now: int) -> None:
        self._group, self._name, self._index = group, name, index
        self._trace = Trace(size, now)
        self.seconds = 0.0

    def sample(self) -> None:
        """Note the value at the tick that was just computed."""
        start = perf_counter()
        self._trace.add(self._group.read(self._name, self._index))
        self.seconds += perf_counter() - start

    def take(self) -> Samples:
        """All rows since the last take."""
        return self._trace.take()
