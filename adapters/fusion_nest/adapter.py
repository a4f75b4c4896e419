"""`Adapter`: the nodes of NEST's kernel as one participant of a network."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.adapter.base import Adapter as Contract
from fusion.adapter.base import Edge, GroupSpec, Handle, Index, Input, Port, n_selected
from fusion.adapter.capabilities import Capabilities
from fusion.adapter.queues import Emissions
from fusion.adapter.specimen import Specimen
from fusion.core.batch import Samples, Spikes
from fusion.core.clock import Clock
from fusion.errors import (
    BelongsElsewhere,
    ClockMismatch,
    InvalidValue,
    ReadOnly,
    SimulatorFailed,
    UnknownName,
    Unsupported,
)
from fusion_nest import kernel as nest_kernel
from fusion_nest.groups import Group
from fusion_nest.kernel import Kernel, State
from fusion_nest.models import is_known
from fusion_nest.ports import Channel, Projection, SamplesIn, SamplesOut, Sender, SignedChannels, SpikesIn, Trains
from fusion_nest.recipes import Recipe, nodes
from fusion_nest.recorder import SpikeRecorder
from fusion_nest.synapses import AdoptedSynapses

log = logging.getLogger("fusion.nest")

_LONGEST_UNREAD = 1000  # ticks that the recorder's file may lie unread if nobody pulls


class Adapter(Contract):
    """NEST, by what PyNEST offers to everyone.

    The kernel's min_delay is pinned to one step (`Kernel.pin_delays`), and ``nest.rng_seed`` is set from the network's
    seed when the network opens; objects that exist keep their values, what is drawn afterwards follows the seed.
    Time that passes in a ``nest.Simulate`` of the user between two runs is no time of the network: its ticks go on
    where they stopped, and arrivals on their way keep their distance.
    """

    name = "nest"
    modules = frozenset({"nest"})
    capabilities = Capabilities(
        spikes_out=True,
        spikes_in=True,
        samples_out=True,
        samples_in=True,
        notice=1,
        carries_links=True,
        adopts_synapses=True,
        stand_ins=True,
        instances_per_process=1,
    )

    def __init__(self) -> None:
        self._kernel: Kernel | None = None
        self._recorder: SpikeRecorder | None = None
        self._groups: dict[int, Group] = {}
        self._edges: dict[int, AdoptedSynapses] = {}
        self._spikes_in: dict[int, SpikesIn] = {}
        self._projections: dict[int, Projection] = {}
        self._samples_in: dict[int, SamplesIn] = {}
        self._spikes_out: dict[int, Emissions] = {}
        self._samples_out: dict[int, SamplesOut] = {}
        self._ids = count()
        self._also: list[NDArray[np.int64]] = []
        self._now = 0
        self._read_at = 0
        """Tick up to which the recorder has been read."""
        self._origin: int | None = None
        """The kernel's step at tick 0."""
        self._before: State | None = None
        """The kernel when the run began; None outside of runs."""
        self._bound_at = -1
        """Connections of the kernel when adopted synapses were last found; -1 if they have to be."""
        self._has_reported = False

    @classmethod
    def serves(cls, source: object) -> bool:
        return isinstance(source, Recipe) or super().serves(source)

    @classmethod
    def seed(cls, seed: int) -> None:
        nest_kernel.seed(seed)

    @classmethod
    def specimen(cls, n: int) -> Specimen:
        phases = 1.0 - np.exp(-np.linspace(0.0, 2.7, n))
        start = {"V_m": -70.0 + 16.0 * phases}
        return Specimen(nodes("iaf_psc_exp", n, I_e=400.0), "V_m", "spikes", 0.01, "I_e", 400.0, start)

    def facts(self) -> Mapping[str, str]:
        return {"threads": f"{self._ready().nest.local_num_threads} (nest.local_num_threads)"}

    def open(self, clock: Clock, seed: int) -> None:
        self._kernel = Kernel(clock.dt)
        nest_kernel.seed(seed)

    # --- building --------------------------------------------------------------------------------------------------

    def create(self, source: Any, spec: GroupSpec) -> Handle:
        kernel = self._idle()
        nodes = source.build(kernel) if isinstance(source, Recipe) else source
        if not isinstance(nodes, kernel.nest.NodeCollection):
            raise InvalidValue(f"{source!r} is no nest.NodeCollection; give what nest.Create returns, or a recipe.")
        state = kernel.state()
        if abs(state.resolution - kernel.dt) > 1e-9:
            raise ClockMismatch(
                f"NEST's resolution is {state.resolution:g} ms, the network's dt {kernel.dt:g} ms. Write "
                f"nest.resolution = {kernel.dt:g} before nest.Create."
            )
        with kernel.asking(f"the nodes of {spec.name!r}"):
            group = Group(kernel, nodes, next(self._ids), spec.name)
        for other in self._groups.values():
            shared = np.intersect1d(group.ids, other.ids)
            if len(shared):
                raise BelongsElsewhere(
                    f"{len(shared)} of the nodes of {spec.name!r} belong to {other.name!r} already (the first is node "
                    f"{shared[0]}). A node is in one group; use a slice of {other.name!r} for a part of it."
                )
        for one in spec.also:
            if not isinstance(one, kernel.nest.NodeCollection):
                raise InvalidValue(f"also={one!r}: give node collections, the devices that belong to {spec.name!r}.")
        kernel.pin_delays()
        self._groups[group.handle.id] = group
        self._also += [kernel.ids(one) for one in spec.also]
        return group.handle

    def connect(self, source: Any, pre: Handle, post: Handle) -> Edge:
        kernel = self._idle()
        # Nothing here may make NEST sort its table before it is read with the collection that the user gave.
        adopted = AdoptedSynapses(kernel, source, self._groups[pre.id], self._groups[post.id], next(self._ids))
        self._edges[adopted.edge.id] = adopted
        self._bound_at = -1
        return adopted.edge

    def _rebind(self, state: State) -> None:
        """Find adopted synapses again if any connections were made since, by the user or by a port."""
        if state.connections != self._bound_at:
            for adopted in self._edges.values():
                adopted.rebind()
            self._bound_at = state.connections

    def port(self, handle: Handle, name: str, kind: str, index: Index = None) -> Port:
        kernel, group = self._ready() if kind == "samples out" else self._idle(), self._groups[handle.id]
        port = Port(next(self._ids), handle, name, n_selected(handle.size, index))
        with kernel.asking(f"a port of {group.name!r}: {kind} {name}"):
            if kind == "spikes out":
                self._spikes_out[port.id] = self._record(group)
            elif kind == "samples out":
                _known("variable", name, handle.variables, group.name)
                self._samples_out[port.id] = SamplesOut(group, name, index, port.size, self._now)
            elif kind == "spikes in":
                sender = _sender(kernel, group, name, _input(group, name, "spikes").signed)
                self._spikes_in[port.id] = SpikesIn(f"{group.name}.{name}", sender, group.needs_positive(name))
            else:
                _input(group, name, "samples")
                self._samples_in[port.id] = SamplesIn(group, name)
        return port

    def carry(
        self,
        handle: Handle,
        name: str,
        pre: NDArray[np.int64],
        post: NDArray[np.int64],
        weights: NDArray[np.float64],
        delays: NDArray[np.int64],
        n_sources: int,
    ) -> Port:
        kernel, group = self._idle(), self._groups[handle.id]
        _input(group, name, "spikes")
        if group.needs_positive(name) and np.any(weights < 0):
            raise Unsupported(f"{group.name}.{name} takes no negative weights.")
        port = Port(next(self._ids), handle, name, n_sources)
        receptor = group.receptors.get(name, 0)
        try:
            sender = Projection(kernel, pre, group.ids[post], weights, delays, n_sources, receptor)
        except kernel.failures as error:
            # Such as a delay beyond those that NEST has settled on.
            raise Unsupported(f"NEST refused a link into {group.name!r}: {error}") from error
        self._projections[port.id] = sender
        self._spikes_in[port.id] = SpikesIn(f"{group.name}.{name}", sender, positive_only=False)
        return port

    def reweigh(self, port: Port, weights: NDArray[np.float64]) -> None:
        self._idle()
        projection = self._projections[port.id]
        origin = 0 if self._origin is None else self._origin
        projection.reweigh(weights, origin + self._now + projection.shortest - 1)

    def _record(self, group: Group) -> Emissions:
        if not group.handle.spikes:
            raise Unsupported(
                f"{group.name!r} is a {group.model}, and NEST has no spikes of it to tell: a random device draws "
                "others for each of its targets, a rate model has none. Connect it inside NEST, with nest.Connect."
            )
        if self._recorder is None:
            self._recorder = SpikeRecorder(self._ready())
        return self._recorder.add(group.nodes, group.ids)

    def stand_in(self, size: int, name: str) -> tuple[object, Port]:
        kernel = self._idle()
        parrots = kernel.create("parrot_neuron", size)
        group = Group(kernel, parrots, next(self._ids), name)
        port = Port(next(self._ids), group.handle, "", size)
        self._spikes_in[port.id] = SpikesIn(name, Trains(kernel, parrots), positive_only=False)
        return parrots, port

    # --- running ---------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        kernel = self._idle()
        state = kernel.state()
        if state.prepared:
            raise SimulatorFailed("NEST is in the middle of a run: call nest.Cleanup() before the network runs.")
        self._find_origin(state)
        self._rebind(state)
        self._report_rest()
        for samples in self._samples_in.values():
            samples.forget()
        self._before = state  # from here on there is something to clean up
        try:
            if self._recorder is not None:
                self._recorder.prepare(state)
            else:
                kernel.prepare()
        except kernel.failures as error:
            raise SimulatorFailed(f"NEST could not prepare the run: {error}", simulator=self.name) from error

    def _find_origin(self, state: State) -> None:
        if self._origin is None:
            self._origin = state.step
        moved = state.step - (self._origin + self._now)
        if moved:
            elapsed = moved * state.resolution
            log.info("NEST ran %g ms outside of the network; tick %d goes on from there.", elapsed, self._now)
            self._origin += moved
            for projection in self._projections.values():
                projection.shift(moved)

    def _report_rest(self) -> None:
        """Say once which nodes take part in the run though no group holds them."""
        if self._has_reported:
            return
        self._has_reported = True
        kernel = self._ready()
        known = np.concatenate([*(group.ids for group in self._groups.values()), *kernel.own_nodes, *self._also])
        rest: Counter[str] = Counter()
        for model, ids in kernel.parts(kernel.all_nodes()):
            # Generators and recorders work for the nodes that they are connected to.
            if kernel.nest.GetDefaults(model, "element_type") == "neuron":
                rest[model] += int(np.sum(~np.isin(ids, known)))
        if rest.total():
            listed = ", ".join(f"{n} {model}" for model, n in rest.items() if n)
            log.warning("NEST nodes in no group: %s. They run along, and no recorder of the network sees them.", listed)

    def advance(self, until: int) -> None:
        kernel, origin = self._kernel, self._origin
        if self._before is None or kernel is None or origin is None:
            raise SimulatorFailed("NEST is not prepared: advance belongs between prepare and cleanup.")
        try:
            while self._now < until:
                step = 1 if self._works_by_tick else min(until - self._now, _LONGEST_UNREAD)
                for arrivals in self._spikes_in.values():
                    arrivals.deliver(self._now, origin)
                kernel.run(step)
                self._now += step
                for samples in self._samples_in.values():
                    samples.deliver(self._now)
                for trace in self._samples_out.values():
                    trace.sample()
                if self._now - self._read_at >= _LONGEST_UNREAD:
                    self._read_recorder()
        except kernel.failures as error:
            kernel.check()
            reason = str(error) or "it is not prepared; was nest.Cleanup called during the run?"
            raise SimulatorFailed(
                f"NEST failed after tick {self._now}: {reason}", simulator=self.name, tick=self._now
            ) from error

    @property
    def _works_by_tick(self) -> bool:
        """Whether something happens at ticks that are known only one by one."""
        return bool(self._samples_in or self._samples_out) or any(map(len, self._spikes_in.values()))

    def _read_recorder(self) -> None:
        if self._recorder is not None and self._origin is not None:
            self._recorder.read(self._origin, self._now)
        self._read_at = self._now

    def push(self, port: Port, batch: Spikes | Samples) -> None:
        if isinstance(batch, Spikes):
            self._spikes_in[port.id].push(batch, self._now)
            return
        samples = self._samples_in[port.id]
        samples.push(batch, self._now)
        samples.deliver(self._now)

    def pull(self, port: Port) -> Spikes | Samples:
        if port.id in self._samples_out:
            return self._samples_out[port.id].take()
        if self._read_at < self._now:
            self._read_recorder()
        return self._spikes_out[port.id].take(self._now)

    def seconds_in(self, port: Port) -> float | None:
        samples = self._samples_out.get(port.id)
        return None if samples is None else samples.seconds

    def read(self, handle: Handle | Edge, name: str, index: Index = None) -> NDArray[Any]:
        return self._place(handle, name).read(name, index)

    def write(self, handle: Handle | Edge, name: str, values: ArrayLike, index: Index = None) -> None:
        place = self._place(handle, name)
        reason = handle.variables[name].fixed_while_running
        if reason and self._before is not None:
            raise ReadOnly(f"{name!r} cannot be set now: {reason}.")
        place.write(name, values, index)
        for samples in self._samples_in.values():
            samples.forget()

    def _place(self, handle: Handle | Edge, name: str) -> Group | AdoptedSynapses:
        kernel = self._ready()
        place: Group | AdoptedSynapses
        if isinstance(handle, Edge):
            place = self._edges[handle.id]
            if self._before is None:
                self._rebind(kernel.state())
        else:
            place = self._groups[handle.id]
        _known("variable", name, handle.variables, place.name)
        return place

    # --- ending ----------------------------------------------------------------------------------------------------

    def cleanup(self) -> None:
        before, self._before = self._before, None
        kernel = self._kernel
        if before is None or kernel is None or not kernel.is_here:
            return
        if not kernel.is_live:
            kernel.cleanup(prepared=False)
            if self._recorder is not None:
                self._recorder.close()
            return
        if self._read_at < self._now:
            self._read_recorder()
        state = kernel.state()
        kernel.cleanup(prepared=state.prepared)
        if self._recorder is not None:
            self._recorder.cleanup(state)
        for adopted in self._edges.values():
            adopted.remember()
        changed = [
            f"nest.{call} was called during the run ({count_before} {what} became {count_after})"
            for call, what, count_before, count_after in (
                ("Create", "nodes", before.nodes, state.nodes),
                ("Connect", "connections", before.connections, state.connections),
            )
            if count_before != count_after
        ]
        if changed:
            raise SimulatorFailed(
                f"{' and '.join(changed)}. NEST takes that in silence and computes something else until the next run. "
                "Create and connect before the run, or between two runs.",
                simulator=self.name,
                tick=self._now,
            )

    def close(self) -> None:
        kernel = self._kernel
        if kernel is None:
            return
        try:
            self.cleanup()
        except SimulatorFailed as error:
            log.warning("%s", error)
        finally:
            kernel.release()
            self._kernel = None

    def _idle(self) -> Kernel:
        """As `_ready`, and no run is on; NEST would take anything new in silence and compute something else."""
        if self._before is not None:
            raise SimulatorFailed("NEST is running; groups, ports and synapses are made before a run or between two.")
        return self._ready()

    def _ready(self) -> Kernel:
        """The kernel, if it is still the one of this network."""
        if self._kernel is None:
            raise SimulatorFailed("This network has closed NEST. Build a new Network.")
        self._kernel.check()
        return self._kernel


def _known(kind: str, name: str, there: Mapping[str, object], where: str) -> str:
    if name not in there:
        raise UnknownName(kind, name, there, where)
    return name


def _input(group: Group, name: str, kind: str) -> Input:
    inputs = group.handle.inputs
    _known("input", name, inputs, group.name)
    fitting = [other for other, place in inputs.items() if (place.spikes if kind == "spikes" else place.samples)]
    if name not in fitting:
        there = ", ".join(fitting) or "none"
        raise Unsupported(f"{name!r} of {group.name!r} takes no {kind}. Inputs that do: {there}.")
    return inputs[name]


def _sender(kernel: Kernel, group: Group, name: str, signed: bool) -> Sender:
    receptor = group.receptors.get(name, 0)
    if not is_known(group.model):
        return Trains(kernel, group.nodes, receptor)
    first = Channel(kernel, group.nodes, group.ids, receptor)
    return SignedChannels(first, Channel(kernel, group.nodes, group.ids, receptor)) if signed else first
