"""`Adapter`: one Brian2 network, stepped object by object."""

from __future__ import annotations

import itertools
from collections import ChainMap
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.adapter.base import Adapter as Contract
from fusion.adapter.base import Edge, GroupSpec, Handle, Index, Port, n_selected
from fusion.adapter.capabilities import Capabilities
from fusion.adapter.recipe import Recipe, made
from fusion.adapter.specimen import Specimen
from fusion.core.batch import Samples, Spikes
from fusion.core.clock import Clock
from fusion.errors import (
    BelongsElsewhere,
    FusionError,
    SimulatorFailed,
    SimulatorMissing,
    UnknownName,
    UnknownObject,
    Unsupported,
)
from fusion_brian2 import bound, membership
from fusion_brian2.failures import explained
from fusion_brian2.groups import WrappedGroup, check_kind
from fusion_brian2.ports import Now, SamplesIn, SamplesOut, SpikesIn, SpikesOut
from fusion_brian2.randomness import RandomStream
from fusion_brian2.recipes import Neurons, default_clock, neurons
from fusion_brian2.stepping import Stepper, check_dt, multiple
from fusion_brian2.synapses import AdoptedSynapses

# What `fusion doctor` measures: leaky cells with a decaying input and a constant one.
CELLS = """
dv/dt = (drive + g - v) / (10*ms) : 1
dg/dt = -g / (2*ms) : 1
drive : 1
"""


class Adapter(Contract):
    """Brian2, with all groups of a network in one ``brian2.Network``, `network`.

    Between two runs `network` is the user's: what is added to it, connected, changed or run in it is there in the
    next run. Time that the user lets pass there counts no ticks, and spikes of that time leave no port.

    Brian2 objects that build on a stand-in, and else only on what `network` holds, are taken in without being asked;
    all others that refer to a wrapped group are given with ``also=``.
    """

    name = "brian2"
    modules = frozenset({"brian2"})
    recipes = (Neurons,)
    capabilities = Capabilities(
        spikes_out=True,
        spikes_in=True,
        samples_out=True,
        samples_in=True,
        adopts_synapses=True,
        stand_ins=True,
    )

    def __init__(self) -> None:
        self.network: Any = None
        self._tick, self._now = 0, Now()
        self._ids = itertools.count()
        self._groups: dict[int, WrappedGroup] = {}
        self._synapses: dict[int, AdoptedSynapses] = {}
        self._stand_ins: dict[int, Any] = {}
        self._namespaces: dict[Any, Mapping[str, Any]] = {}
        self._ports: dict[int, Any] = {}
        self._firing: list[SpikesOut] = []
        self._traces: list[SamplesOut] = []
        self._levels: list[SamplesIn] = []
        self._deliveries: Any = None
        self._stepper: Stepper | None = None

    @classmethod
    def seed(cls, seed: int) -> None:
        import brian2

        brian2.seed(seed)

    @classmethod
    def specimen(cls, n: int) -> Specimen:
        cells = neurons(n, CELLS, threshold="v > 1", reset="v = 0", method="exact")
        start = {"drive": np.full(n, 1.07), "v": 1.07 * (1.0 - np.exp(-np.linspace(0.0, 2.7, n)))}
        return Specimen(cells, "v", "g", 1e-5, "drive", 1.07, start)

    def facts(self) -> Mapping[str, str]:
        return code_generation()

    def open(self, clock: Clock, seed: int) -> None:
        try:
            import brian2
        except ImportError as error:
            raise SimulatorMissing("brian2", str(error)) from error
        _check_device()
        self.tier = bound.tier()
        self._calls_of = bound.calls(self.tier)
        self._clock, self._stream = clock, RandomStream(seed)
        self.network = brian2.Network(name="fusion_network*")

    def create(self, source: Any, spec: GroupSpec) -> Handle:
        _check_device()
        if isinstance(source, Recipe):
            with self._stream, default_clock(self._clock):
                source, spec = made(source, spec)
                source = source.build(self._clock) if isinstance(source, Neurons) else source
        check_kind(source)
        check_dt(source, self._clock)
        if any(group.source is source for group in self._groups.values()):
            raise BelongsElsewhere(
                f"The Brian2 group {source.name!r} is a group of this network already. Use that one.", object=source
            )
        group = WrappedGroup(next(self._ids), source, spec.namespace)
        self._take(spec.namespace, source, *spec.also)
        self._groups[group.handle.id] = group
        return group.handle

    def connect(self, source: Any, pre: Handle, post: Handle) -> Edge:
        """As the contract has it; given again after ``connect()`` made more synapses, it returns the edge anew."""
        import brian2

        if not isinstance(source, brian2.Synapses):
            raise UnknownObject(
                f"A Brian2 {type(source).__name__} cannot be adopted. Give brian2.Synapses, or weight= for a link that "
                "the network delivers.",
                source=source,
            )
        self._check_ends(source, pre, post)
        self._take(None, source)
        known = [key for key, adopted in self._synapses.items() if adopted.synapses is source]
        adopted = AdoptedSynapses(known[0] if known else next(self._ids), source)
        self._synapses[adopted.edge.id] = adopted
        return adopted.edge

    def port(self, handle: Handle, name: str, kind: str, index: Index = None) -> Port:
        group = self._groups[handle.id]
        where = f"{group.source.name}.{name}"
        if kind.endswith("in"):
            self._check_name("input", name, handle.inputs, handle)
        elif kind == "samples out":
            self._check_name("variable", name, handle.variables, handle)
        size = n_selected(handle.variables[name].size if name else handle.size, index)
        opened: SpikesIn | SamplesIn | SpikesOut | SamplesOut
        if kind == "spikes in":
            opened = SpikesIn(where, group.view(name), group.writable(name), self._now)
            self._deliver(opened, group)
        elif kind == "samples in":
            opened = SamplesIn(where, group.view(name))
            self._levels.append(opened)
        elif kind == "samples out":
            opened = SamplesOut(size, self._tick, group.live(name, index), partial(group.read, name, index))
            self._traces.append(opened)
        elif handle.spikes:
            opened = SpikesOut(group.spike_space())
            self._firing.append(opened)
        else:
            raise Unsupported(f"The Brian2 group {group.source.name!r} never fires. Make it with threshold='...'.")
        port = Port(next(self._ids), handle, name, size)
        self._ports[port.id] = opened
        return port

    def unsubscribe(self, port: Port) -> None:
        self._traces.remove(self._ports.pop(port.id))

    def stand_in(self, size: int, name: str) -> tuple[object, Port]:
        """As the contract has it: the source of Synapses, SpikeMonitor and slices that build on it."""
        import brian2

        from fusion_brian2.objects import StandIn

        clocks = [group.source.clock for group in self._groups.values()]
        stand_in = StandIn(size, name, self._now, clocks[0] if clocks else brian2.defaultclock)
        check_dt(stand_in, self._clock)
        self.network.add(stand_in)
        handle = Handle(next(self._ids), size, spikes=True, variables={}, inputs={})
        port = Port(next(self._ids), handle, "", size)
        self._stand_ins[handle.id] = self._ports[port.id] = stand_in
        return stand_in, port

    def prepare(self) -> None:
        _check_device()
        network = self.network
        for group in self._groups.values():
            check_dt(group.source, self._clock)
            group.forget_code()
        for obj in membership.built_on(network, self._stand_ins.values()):
            self._take(None, obj)
        membership.check_complete(network, (group.source for group in self._groups.values()))
        membership.check_nothing_left(network, (group.source for group in self._groups.values()))
        namespaces = self._names()
        try:
            self._stepper = Stepper(network, self._clock, namespaces, self._calls)
        except FusionError:
            raise
        except Exception as error:
            raise explained(error, ChainMap(*self._all_names())) from error
        self._stream.adopt(network)

    def advance(self, until: int) -> None:
        stepper = self._stepper
        if stepper is None:
            raise SimulatorFailed("Brian2 was told to advance outside of prepare() and cleanup().")
        # What is lockstep to the network comes here once per tick: no calls of methods but those that do the work.
        now, step, first = self._now, stepper.step, self._tick + 1
        recorded = []
        for trace in self._traces:
            block = np.empty((until + 1 - first, trace.size))
            trace.blocks.append(block)
            recorded.append((block, trace))
        self._stream.begin()
        try:
            for tick in range(first, until + 1):
                now.tick = tick
                step()
                for level in self._levels:
                    values = level.rows.pop(tick, None)
                    if values is not None:
                        level.view[:] = values
                for output in self._firing:
                    if output.last():
                        output.record(tick)
                for block, trace in recorded:
                    block[tick - first] = trace.read() if trace.live is None else trace.live
                self._tick = tick
        except FusionError:
            raise
        except Exception as error:
            tick = self._now.tick
            raise SimulatorFailed(f"Brian2 stopped in tick {tick}: {error}", tick=tick) from error
        finally:
            self._stream.end()
            if self._tick < until:
                for trace in self._traces:
                    trace.cut(self._tick)

    def push(self, port: Port, batch: Spikes | Samples) -> None:
        self._ports[port.id].push(batch, self._tick)

    def pull(self, port: Port) -> Spikes | Samples:
        batch: Spikes | Samples = self._ports[port.id].pull(self._tick)
        return batch

    def read(self, handle: Handle | Edge, name: str, index: Index = None) -> NDArray[Any]:
        """As the contract has it; a subexpression is compiled at its first reading in a run, and outside each time."""
        self._check_name("variable", name, handle.variables, handle)
        if isinstance(handle, Edge):
            return self._synapses[handle.id].read(name, index)
        group = self._groups[handle.id]
        if self._stepper is None:
            group.forget_code()
        elif group.shows_time(name):
            self._stepper.claim()
        return group.read(name, index)

    def write(self, handle: Handle | Edge, name: str, values: ArrayLike, index: Index = None) -> None:
        """As the contract has it; `InvalidValue` if an integer variable would lose a fraction."""
        self._check_name("variable", name, handle.variables, handle)
        owner = self._synapses[handle.id] if isinstance(handle, Edge) else self._groups[handle.id]
        owner.write(name, values, index)

    def cleanup(self) -> None:
        stepper, self._stepper = self._stepper, None
        self._now.tick = 0
        if stepper is not None:
            stepper.finish()

    def close(self) -> None:
        """As the contract has it: afterwards another Brian2 network can take the user's objects."""
        if self.network is None:
            return
        try:
            self.cleanup()
        finally:
            membership.release(self.network)
            self._stream.close()

    def _take(self, namespace: Mapping[str, Any] | None, *objects: Any) -> None:
        """Add objects to our network, all or none; `namespace` None is that of the groups that they connect."""
        for obj in objects:
            membership.check_kind(obj)
            for part in membership.with_parts(obj):
                multiple(part, self._clock)
            membership.check_free(obj, self.network)
        for obj in objects:
            self.network.objects.add(obj)
            if namespace is not None:
                self._namespaces[obj] = namespace

    def _check_name(self, kind: str, name: str, known: Mapping[str, Any], handle: Handle | Edge) -> None:
        if name not in known:
            adopted, group = self._synapses.get(handle.id), self._groups.get(handle.id)
            where = adopted.synapses.name if adopted else group.source.name if group else "a stand-in"
            raise UnknownName(kind, name, known, where)

    def _check_ends(self, synapses: Any, pre: Handle, post: Handle) -> None:
        sources = {key: group.source for key, group in self._groups.items()} | self._stand_ins
        ends = [membership.whole(end) for end in (synapses.source, synapses.target)]
        given = [sources[pre.id], sources[post.id]]
        if [end.id for end in ends] != [group.id for group in given]:
            raise BelongsElsewhere(
                f"The Brian2 synapses {synapses.name!r} lead from {ends[0].name!r} to {ends[1].name!r}, but were given "
                f"for {given[0].name!r} to {given[1].name!r}. Give the groups that wrap their own ends.",
                synapses=synapses,
            )

    def _deliver(self, arrivals: SpikesIn, group: WrappedGroup) -> None:
        from fusion_brian2.objects import Deliveries

        if self._deliveries is None:
            self._deliveries = Deliveries(group.source.clock)
            self.network.add(self._deliveries)
        self._deliveries.ports.append(arrivals)

    def _calls(self, obj: Any) -> list[bound.Call]:
        """What is called in each step of a Brian2 object; of our own, which has no code, the ports themselves."""
        if obj is self._deliveries:
            return [port.deliver for port in obj.ports]
        return self._calls_of(obj)

    def _names(self) -> dict[Any, Mapping[str, Any]]:
        """For each object the names of the line where it was declared.

        What was not declared at a line of its own (adopted synapses, what the user added to `network`) sees the names
        of the groups it refers to, the first group first.
        """
        names: dict[Any, Mapping[str, Any]] = {}
        for obj in self.network.objects:
            near = [group.namespace for group in self._groups.values() if group.source.id in membership.needs(obj)]
            own = self._namespaces.get(obj)
            namespace = own if own is not None else ChainMap(*map(dict, near or self._all_names()))
            names |= dict.fromkeys(membership.with_parts(obj), namespace)
        return names

    def _all_names(self) -> list[dict[str, Any]]:
        return [dict(group.namespace) for group in self._groups.values()]


def _check_device() -> None:
    from brian2.devices.device import RuntimeDevice, get_device

    device = get_device()
    if not isinstance(device, RuntimeDevice):
        raise Unsupported(
            f"The Brian2 part of a network must use the runtime device; this is {type(device).__name__}, which "
            "computes a whole run in a program of its own. Write brian2.set_device('runtime') first.",
            device=device,
        )


def code_generation() -> dict[str, str]:
    """How Brian2 makes its code, and where it keeps what was compiled."""
    import brian2
    from brian2.devices.device import auto_target

    wanted = brian2.prefs.codegen.target
    target = auto_target().class_name if wanted == "auto" else str(wanted)
    facts = {"code": f"{target} (brian2.prefs.codegen.target = {wanted!r})"}
    if target == "cython":
        from brian2.codegen.runtime.cython_rt.extension_manager import get_cython_cache_dir

        facts["cache"] = str(get_cython_cache_dir())
    return facts
