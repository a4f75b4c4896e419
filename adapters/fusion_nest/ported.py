"""`PortedExchange`: spikes and samples cross as arrays, through the compiled port."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.adapter.base import Index, n_selected
from fusion.adapter.capabilities import Capabilities
from fusion.adapter.queues import late_sample, late_spike, repeated_tick
from fusion.adapter.tiers import Tier
from fusion.core.batch import Samples, Spikes
from fusion.core.projection import Projection
from fusion.errors import SimulatorFailed, Unsupported
from fusion_nest.exchange import Exchange, check_sign
from fusion_nest.groups import Group
from fusion_nest.kernel import Kernel, State
from fusion_nest.port import Library, PortError
from fusion_nest.slices import longest

_OF_RATES = "rate_connection_delayed"
_NO_TICKS = np.empty(0, np.int64)
_NO_VALUES = np.empty(0, np.float64)


@dataclass
class _Subscription:
    """A variable that the port samples; the next row to pull is that of tick `t0`."""

    trace: int
    size: int
    t0: int


@dataclass(frozen=True)
class _Sender:
    """A port for spikes; `shortest` is the shortest delay of a link's synapses."""

    id: int
    group: Group
    input: str
    positive_only: bool = False
    shortest: int = 1

    @property
    def name(self) -> str:
        """For errors."""
        return f"{self.group.name}.{self.input}"


class PortedExchange(Exchange):
    """The last node of the kernel is the port's: in its turn in each step it takes spikes, samples and arrivals along.

    Rows wait on the other side until the step or the slice that they are for, so that NEST's buffers hold nothing of
    fusion's between two runs, and nothing is too far ahead for them.
    """

    capabilities = Capabilities(
        spikes_out=True,
        spikes_in=True,
        samples_out=True,
        samples_in=True,
        carries_links=True,
        adopts_synapses=True,
        stand_ins=True,
        instances_per_process=1,
    )

    def __init__(self, kernel: Kernel, tier: Tier, library: Library) -> None:
        super().__init__(kernel, tier)
        self._library = library
        library.register()
        self._node: Any = None
        self._node_id = 0
        self._groups: dict[int, int] = {}
        self._direct: dict[int, frozenset[str]] = {}
        """Variables of each group that the port reads."""
        self._spikes_in: dict[int, _Sender] = {}
        self._samples_in: dict[int, tuple[int, str]] = {}
        self._spikes_out: dict[int, int] = {}
        self._heard: set[int] = set()
        """Groups that are connected to the port, or will be when a run begins."""
        self._unheard: list[Group] = []
        """Those that will be."""
        self._indifferent: tuple[tuple[int, int], int] = (0, 0), 1
        """The longest slice that changes no result, for so many nodes and connections."""
        self._by_tick = False
        """Whether NEST has long slices, and must go step by step nevertheless."""
        self._has_run = False
        self._samples_out: dict[int, _Subscription] = {}

    # --- building --------------------------------------------------------------------------------------------------

    def take_in(self, group: Group) -> None:
        if self._node is None:
            self._move()
        number = self._groups[group.handle.id] = self._library.group(group.ids)
        direct, value = set(), np.empty(1)
        for name in group.status.get("recordables", ()):
            if self._library.records(number, name):
                self._library.read(number, name, value, np.zeros(1, np.int64))
                shown = group.status.get(name)
                # Some names mean another thing in a status than to a multimeter; those are read from the status.
                if shown is None or np.array_equal(value[0], shown, equal_nan=True):
                    direct.add(name)
        group.show(direct)
        self._direct[group.handle.id] = frozenset(direct)

    def _move(self) -> None:
        """Go to the end of the kernel's nodes."""
        threads = self.kernel.nest.local_num_threads
        if threads > 1:
            raise SimulatorFailed(
                f"nest.local_num_threads became {threads} after the network had opened NEST, and its port works with "
                "one thread. Set it before the first NeuronGroup of NEST."
            )
        self._node = self.kernel.create(Library.MODEL, 1)
        self._node_id = int(self.kernel.ids(self._node)[0])
        self._library.occupy(self._node_id)

    def spikes_out(self, id: int, group: Group) -> None:
        if group.handle.id not in self._heard:
            # When a run begins: only then it is known which delay leaves NEST its slices.
            self._unheard.append(group)
            self._heard.add(group.handle.id)
        self._spikes_out[id] = self._library.sink(group.ids)

    def spikes_in(self, id: int, group: Group, name: str) -> None:
        receptor = group.receptors.get(name, 0)
        number = self._library.input(self._groups[group.handle.id], receptor)
        self._spikes_in[id] = _Sender(number, group, name, positive_only=group.needs_positive(name))

    def samples_in(self, id: int, group: Group, name: str) -> None:
        self._samples_in[id] = self._library.levels(self._groups[group.handle.id]), f"{group.name}.{name}"

    def samples_out(self, id: int, group: Group, name: str, index: Index, size: int) -> None:
        positions = np.ascontiguousarray(_positions(group, index))
        trace = self._library.trace(self._groups[group.handle.id], name, positions)
        self._samples_out[id] = _Subscription(trace, size, self.now + 1)

    def unsubscribe(self, id: int) -> None:
        self._library.untrace(self._samples_out.pop(id).trace)

    def carry(self, id: int, group: Group, name: str, projection: Projection) -> None:
        receptor = group.receptors.get(name, 0)
        try:
            link = self._library.link(self._groups[group.handle.id], receptor, projection)
        except PortError as error:
            raise Unsupported(f"NEST refused a link into {group.name!r}: {error}") from error
        self._spikes_in[id] = _Sender(link, group, name, shortest=projection.shortest)

    def reweigh(self, id: int, weights: NDArray[np.float64]) -> None:
        sender = self._spikes_in[id]
        self._library.reweigh(sender.id, np.ascontiguousarray(weights, float), self.now + sender.shortest)

    def stand_in(self, id: int, parrots: Any, group: Group) -> None:
        self._groups[group.handle.id] = self._library.group(group.ids)
        super().stand_in(id, parrots, group)

    # --- running ---------------------------------------------------------------------------------------------------

    def is_rewired(self) -> bool:
        return self._library.rewired()

    def shift(self, steps: int) -> None:
        self._indifferent = (0, 0), 1  # NEST has forgotten whether it was rewired

    def settle(self, state: State, adopts: bool) -> State:
        if self._library.breaks():
            raise SimulatorFailed(
                f"Models with precise spike times were made in the middle of {_slices(state)}, and NEST does not "
                "survive that. Make them before, or between two runs that end at a multiple of it."
            )
        delay, unheard = self._settle_slices(state, adopts), self._unheard
        for group in unheard:
            self.kernel.connect(group.nodes, self._node, one_to_one=False, delay=delay)
        if unheard or not self._has_run:
            self._unheard = []
            state = self.kernel.state()
        if state.nodes == self._node_id:
            return state
        self._move()
        return self.kernel.state()

    def _settle_slices(self, state: State, adopts: bool) -> int:
        """Leave NEST the slices that its delays allow where that changes no result and nobody looks at each step.

        Returns the steps of a slice, which NEST changes no more after its first run. Where they turn out to be too
        long then, it goes step by step within them.
        """
        steps = 1 if adopts else self._longest_slice(state)
        self._by_tick = steps == 1
        if not self._has_run:
            is_watched = bool(self._samples_in or self._samples_out)
            if (steps == 1 or is_watched) and self.kernel.settle_delays():
                return 1
            if not state.connections and self.kernel.settle_delays(steps):
                return steps
        if state.min_delay > 1 and self._library.uses(_OF_RATES):
            raise SimulatorFailed(
                f"NEST computes {_OF_RATES} wrongly where a run ends within {_slices(state)}. Connect rate models "
                "before that."
            )
        return state.min_delay

    def _longest_slice(self, state: State) -> int:
        size = state.nodes, state.connections
        if size != self._indifferent[0] or self._library.rewired():
            self._indifferent = size, longest(self.kernel, state)
        steps = self._indifferent[1]
        return 1 if steps > 1 and self._library.draws() else steps

    def prepare(self, state: State, origin: int) -> None:
        self._has_run = True
        self.kernel.prepare()
        self._library.arm(self.now, self._by_tick)

    def advance(self, until: int) -> None:
        try:
            self.now = self._library.advance(self.now, until)
        except BaseException:
            self.now = self._library.now
            raise

    def push(self, id: int, batch: Spikes | Samples) -> None:
        if isinstance(batch, Samples):
            self._push_samples(*self._samples_in[id], batch)
            return
        sender, (ticks, indices, values, _) = self._spikes_in[id], batch
        if sender.positive_only:
            check_sign(sender.group, sender.input, values)
        try:
            repeated = self._library.push(sender.id, ticks, indices, values)
        except PortError:
            # Late, or not as the port wants its arrays; it took nothing.
            if len(ticks) and ticks[0] <= self.now:
                raise late_spike(sender.name, int(ticks[0]), self.now) from None
            ticks, indices = np.ascontiguousarray(ticks, np.int64), np.ascontiguousarray(indices, np.int64)
            repeated = self._library.push(sender.id, ticks, indices, np.ascontiguousarray(values, float))
        if repeated:
            raise repeated_tick(sender.name, repeated)

    def _push_samples(self, levels: int, name: str, batch: Samples) -> None:
        if batch.t0 < self.now:
            raise late_sample(name, batch.t0, self.now)
        self._library.push_levels(levels, batch.t0, np.ascontiguousarray(batch.values, float))

    def pull(self, id: int) -> Spikes | Samples:
        if id in self._samples_out:
            return self._take(self._samples_out[id])
        sink = self._spikes_out[id]
        n = self._library.waiting(sink)
        if not n:
            return Spikes(_NO_TICKS, _NO_TICKS, _NO_VALUES, self.now)
        ticks, indices, values = np.empty(n, np.int64), np.empty(n, np.int64), np.ones(n)
        complete = self._library.pull(sink, ticks, indices)
        return Spikes(ticks[:complete], indices[:complete], values[:complete], self.now)

    def _take(self, one: _Subscription) -> Samples:
        t0, one.t0 = one.t0, self.now + 1
        rows = np.empty((one.t0 - t0, one.size))
        self._library.take(one.trace, rows)
        return Samples(t0, rows)

    def read(self, group: Group, name: str, index: Index) -> NDArray[Any]:
        number = group.handle.id
        if name not in self._direct[number]:
            return super().read(group, name, index)
        out = np.empty(n_selected(len(group.ids), index))
        positions = None if index is None else np.ascontiguousarray(_positions(group, index))
        try:
            self._library.read(self._groups[number], name, out, positions)
        except PortError:
            self.kernel.check()
            raise
        return out

    def cleanup(self, state: State) -> None:
        self._library.disarm()
        self.kernel.cleanup(prepared=state.prepared)

    def close(self) -> None:
        self._library.close()


def _slices(state: State) -> str:
    return f"one of its slices, which have been {state.min_delay * state.resolution:g} ms long since its first run"


def _positions(group: Group, index: Index) -> NDArray[np.int64]:
    positions = np.arange(len(group.ids))
    return positions if index is None else positions[index]
