"""`ToyAdapter`: the whole contract of an adapter around a toy simulator, to be read and copied."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.adapter.base import Adapter, Edge, GroupSpec, Handle, Index, Input, Port, Variable, n_selected
from fusion.adapter.capabilities import Capabilities
from fusion.adapter.queues import Arrivals, Emissions, Levels, Trace, check_once
from fusion.adapter.recipe import made
from fusion.adapter.specimen import Specimen
from fusion.core.batch import Samples, Spikes
from fusion.core.clock import Clock
from fusion.errors import BelongsElsewhere, ClockMismatch, SimulatorFailed, UnknownName
from fusion.testing.toy_recipes import Cells, cells
from fusion.testing.toy_simulator import NOBODY, ToyNeurons, ToySource, ToySynapses, step

__all__ = ["ToyAdapter", "ToyNeurons", "ToySource", "ToySynapses", "cells"]

FIXED = "the propagators were computed from it when the run began"
MADE = "the synapses are what they are; make others"
CHANGING = ("v", "current", "drive", "held", "threshold")
NOTHING = NOBODY, np.empty(0)


def variables_of(neurons: ToyNeurons) -> dict[str, Variable]:
    """What can be read and written, by the simulator's own names."""
    n = neurons.n
    return {
        "v": Variable(n, "mV"),
        "current": Variable(n, "pA"),
        "drive": Variable(n, "pA"),
        "held": Variable(n, "", read_only="the simulator counts the steps of refractoriness itself"),
        "threshold": Variable(n, "mV"),
        "tau_m": Variable(n, "ms", fixed_while_running=FIXED),
        "tau_syn": Variable(n, "ms", fixed_while_running=FIXED),
    }


def variables_of_synapses(synapses: ToySynapses) -> dict[str, Variable]:
    """What can be read and written of adopted synapses, one entry for each."""
    n = len(synapses.pre)
    return {
        "pre": Variable(n, "", read_only=MADE),
        "post": Variable(n, "", read_only=MADE),
        "weights": Variable(n, "pA"),
        "delays": Variable(n, "ms", read_only=MADE),
    }


def inputs_of(neurons: ToyNeurons) -> dict[str, Input]:
    """Where arrivals and samples go."""
    n = neurons.n
    return {"current": Input(n, "pA"), "drive": Input(n, "pA", spikes=False, samples=True)}


def check_name(kind: str, name: str, known: Iterable[str]) -> None:
    """`UnknownName` with what there is, if `name` is not among it."""
    if name not in known:
        raise UnknownName(kind, name, known)


class ToyAdapter(Adapter):
    """Serves `ToyNeurons` and `cells`. No entry point announces it; ``fusion.adapter.registry.register`` does."""

    name = "toy"
    modules = frozenset({"fusion"})
    recipes = (Cells,)
    capabilities = Capabilities(
        spikes_out=True,
        spikes_in=True,
        samples_out=True,
        samples_in=True,
        adopts_synapses=True,
        stand_ins=True,
        snapshot=True,
    )

    def __init__(self) -> None:
        self._groups: list[ToyNeurons] = []
        self._synapses: list[ToySynapses] = []
        self._sources: list[ToySource] = []
        # Each port's queue, and what it belongs to, by the id of the port.
        self._arrivals: dict[int, tuple[ToyNeurons | ToySource, Arrivals]] = {}
        self._levels: dict[int, tuple[ToyNeurons, Levels]] = {}
        self._emissions: dict[int, tuple[ToyNeurons, Emissions]] = {}
        self._traces: dict[int, tuple[ToyNeurons, str, Index, Trace]] = {}
        self._n_ports = 0
        self._tick = 0
        self._furthest = 0
        self._running = False

    @classmethod
    def serves(cls, source: object) -> bool:
        """As `Adapter.serves`, by class: `modules` is home to much that is no toy."""
        return isinstance(source, (ToyNeurons, *cls.recipes))

    @classmethod
    def specimen(cls, n: int) -> Specimen:
        return Specimen(cells(n), "v", "current", 0.01, "drive", 400.0, {"drive": np.full(n, 400.0)})

    def facts(self) -> dict[str, str]:
        return {"threads": "1"}

    def open(self, clock: Clock, seed: int) -> None:
        self._clock, self._seed = clock, seed

    def create(self, source: Any, spec: GroupSpec) -> Handle:
        source, spec = made(source, spec)
        if isinstance(source, Cells):
            source = source.build(self._clock)
        if source.dt != self._clock.dt:
            raise ClockMismatch(
                f"The toy neurons of {spec.name!r} have dt = {source.dt:g} ms, the network {self._clock.dt:g} ms. "
                f"Write ToyNeurons({source.n}, dt={self._clock.dt:g})."
            )
        if source.owner is not None:
            raise BelongsElsewhere(f"{source!r} is in another group already. Make another one, or close that network.")
        handle = Handle(len(self._groups), source.n, True, variables_of(source), inputs_of(source), "current")
        source.owner = self
        # A stream for each group, whatever else is created.
        source.rng = np.random.default_rng([self._seed, handle.id])
        self._groups.append(source)
        return handle

    def connect(self, source: ToySynapses, pre: Handle, post: Handle) -> Edge:
        if source.source is not self._groups[pre.id] or source.target is not self._groups[post.id]:
            raise BelongsElsewhere(f"{source!r} starts or ends at another group than the ones it was given with.")
        self._synapses.append(source)
        return Edge(len(self._synapses) - 1, len(source.pre), variables_of_synapses(source))

    def port(self, handle: Handle, name: str, kind: str, index: Index = None) -> Port:
        group, port = self._groups[handle.id], self._new_port(handle, name, index)
        if kind == "spikes out":
            self._emissions[port.id] = group, Emissions()
        elif kind == "samples out":
            check_name("variable", name, handle.variables)
            self._traces[port.id] = group, name, index, Trace(port.size, self._tick)
        elif kind == "spikes in":
            check_name("input for spikes", name, [key for key, place in handle.inputs.items() if place.spikes])
            self._arrivals[port.id] = group, Arrivals(name)
        else:
            check_name("input for samples", name, [key for key, place in handle.inputs.items() if place.samples])
            self._levels[port.id] = group, Levels(name)
        return port

    def unsubscribe(self, port: Port) -> None:
        del self._traces[port.id]

    def _new_port(self, handle: Handle, name: str, index: Index = None) -> Port:
        self._n_ports += 1
        return Port(self._n_ports, handle, name, n_selected(handle.size, index))

    def stand_in(self, size: int, name: str) -> tuple[ToySource, Port]:
        source = ToySource(size)
        self._sources.append(source)
        port = self._new_port(Handle(-len(self._sources), size, True, {}, {}), name)
        self._arrivals[port.id] = source, Arrivals(name)
        return source, port

    def prepare(self) -> None:
        for source in self._populations():
            for synapses in source.synapses:
                if synapses.target.owner is not self:
                    raise BelongsElsewhere(
                        f"{synapses!r} ends at neurons in no group. Wrap them: NeuronGroup(net, ...)."
                    )
        for group in self._groups:
            group.prepare()
        self._running = True

    def advance(self, until: int) -> None:
        if not self._running:
            raise SimulatorFailed("The toy was not prepared: call prepare() before advance().")
        for tick in range(self._tick + 1, until + 1):
            self._deliver(tick)
            step(self._populations())
            self._tick = tick
            self._set_levels()
            self._collect()

    def _populations(self) -> list[ToySource]:
        return [*self._groups, *self._sources]

    def _deliver(self, tick: int) -> None:
        for target, arrivals in self._arrivals.values():
            indices, values = arrivals.take(tick) or NOTHING
            if isinstance(target, ToyNeurons):
                np.add.at(target.arriving, indices, values)
            else:
                target.fired = indices

    def _set_levels(self) -> None:
        for group, levels in self._levels.values():
            row = levels.latest(self._tick)
            if row is not None:
                group.drive[:] = row

    def _collect(self) -> None:
        for group, emissions in self._emissions.values():
            emissions.add(self._tick, group.fired)
        for group, name, index, trace in self._traces.values():
            trace.add(group.variable(name)[slice(None) if index is None else index].astype(float))

    def push(self, port: Port, batch: Spikes | Samples) -> None:
        if isinstance(batch, Spikes):
            target, arrivals = self._arrivals[port.id]
            if not isinstance(target, ToyNeurons):
                check_once(arrivals.name, batch)
            arrivals.push(batch, self._tick)
        else:
            self._levels[port.id][1].push(batch, self._tick)
            # A sample for the tick reached stands in the input before the next step.
            self._set_levels()
        self._furthest = max(self._furthest, batch.complete_until)

    def pull(self, port: Port) -> Spikes | Samples:
        if port.id in self._emissions:
            return self._emissions[port.id][1].take(self._tick)
        return self._traces[port.id][3].take()

    def read(self, handle: Handle | Edge, name: str, index: Index = None) -> NDArray[Any]:
        return np.array(self._array(handle, name)[slice(None) if index is None else index])

    def write(self, handle: Handle | Edge, name: str, values: ArrayLike, index: Index = None) -> None:
        self._array(handle, name)[slice(None) if index is None else index] = values

    def _array(self, handle: Handle | Edge, name: str) -> NDArray[Any]:
        check_name("variable", name, handle.variables)
        return (self._groups if isinstance(handle, Handle) else self._synapses)[handle.id].variable(name)

    def snapshot(self) -> bytes:
        """The state, and what was pushed and waits for its tick; what was not pulled is not in it."""
        facts = {"tick": self._tick, "rng": [group.rng.bit_generator.state for group in self._groups]}
        file = io.BytesIO()
        arrays: dict[str, Any] = {**self._state(), **self._waiting(), "facts": np.array(json.dumps(facts))}
        np.savez(file, **arrays)
        return file.getvalue()

    def restore(self, state: bytes) -> None:
        with np.load(io.BytesIO(state)) as saved:
            facts = json.loads(saved["facts"].item())
            self._tick = facts["tick"]
            for group, stream in zip(self._groups, facts["rng"], strict=True):
                group.rng.bit_generator.state = stream
            for name, array in self._state().items():
                array[...] = saved[name]
            self._empty_queues()
            for name in saved.files:
                if name.startswith("waiting "):
                    _, key, tick = name.split()
                    self._queue_again(int(key), int(tick), saved[name])

    def _state(self) -> dict[str, NDArray[Any]]:
        state: dict[str, NDArray[Any]] = {}
        for i, group in enumerate(self._groups):
            state |= {f"{name} {i}": group.variable(name) for name in CHANGING}
        for i, synapses in enumerate(each for source in self._populations() for each in source.synapses):
            state |= {f"weights {i}": synapses.weights, f"ring {i}": synapses.ring}
        return state

    def _waiting(self) -> dict[str, NDArray[Any]]:
        queues: dict[int, Arrivals | Levels] = {key: queue for key, (_, queue) in self._arrivals.items()}
        queues |= {key: queue for key, (_, queue) in self._levels.items()}
        rows: dict[str, NDArray[Any]] = {}
        for key, queue in queues.items():
            for tick in range(self._tick, self._furthest + 1):
                row = queue.take(tick)
                if row is not None:
                    rows[f"waiting {key} {tick}"] = np.array(row)
                    self._queue_again(key, tick, np.array(row))
        return rows

    def _queue_again(self, key: int, tick: int, row: NDArray[np.float64]) -> None:
        if key in self._levels:
            self._levels[key][1].push(Samples(tick, row[None]), self._tick)
        else:
            indices = row[0].astype(np.int64)
            self._arrivals[key][1].push(Spikes(np.full(len(indices), tick), indices, row[1], tick), self._tick)
        self._furthest = max(self._furthest, tick)

    def _empty_queues(self) -> None:
        self._arrivals = {key: (target, Arrivals(queue.name)) for key, (target, queue) in self._arrivals.items()}
        self._levels = {key: (group, Levels(queue.name)) for key, (group, queue) in self._levels.items()}
        self._emissions = {key: (group, Emissions()) for key, (group, _) in self._emissions.items()}
        self._traces = {
            key: (group, name, index, Trace(n_selected(group.n, index), self._tick))
            for key, (group, name, index, _) in self._traces.items()
        }

    def cleanup(self) -> None:
        self._running = False

    def close(self) -> None:
        self._running = False
        for group in self._groups:
            group.owner = None
