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
from fusion.adapter.base import Edge, GroupSpec, Handle, Index, Port, n_selected
from fusion.adapter.recipe import Recipe, made
from fusion.adapter.specimen import Specimen
from fusion.core.batch import Samples, Spikes
from fusion.core.clock import Clock
from fusion.core.projection import Projection
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
from fusion_nest.exchange import Exchange
from fusion_nest.groups import Group
from fusion_nest.kernel import Kernel, State
from fusion_nest.port import Library, PortError
from fusion_nest.ported import PortedExchange
from fusion_nest.recipes import Nodes, nodes
from fusion_nest.synapses import AdoptedSynapses
from fusion_nest.tiers import open_exchange

log = logging.getLogger("fusion.nest")


class Adapter(Contract):
    """NEST, through the compiled port where there is one, or by what PyNEST offers to everyone.

    The kernel's min_delay is one step, but where longer slices change no result (`fusion_nest.slices`), and
    ``nest.rng_seed`` is set from the network's seed when the network opens; objects that exist keep their values, what
    is drawn afterwards follows the seed.
    Time that passes in a ``nest.Simulate`` of the user between two runs is no time of the network: its ticks go on
    where they stopped, and arrivals on their way keep their distance.
    """

    name = "nest"
    modules = frozenset({"nest"})
    recipes = (Nodes,)
    capabilities = PortedExchange.capabilities

    def __init__(self) -> None:
        self._kernel: Kernel | None = None
        self._exchange: Exchange | None = None
        self._groups: dict[int, Group] = {}
        self._edges: dict[int, AdoptedSynapses] = {}
        self._ids = count()
        self._also: list[NDArray[np.int64]] = []
        self._origin: int | None = None
        """The kernel's step at tick 0."""
        self._before: State | None = None
        """The kernel when the run began; None outside of runs."""
        self._bound_at: tuple[int, int] | None = None
        """Nodes and connections of the kernel when adopted synapses were last found; None if they have to be."""
        self._has_reported = False

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
        self._exchange = open_exchange(self._kernel)
        self.tier, self.capabilities = self._exchange.tier, self._exchange.capabilities

    # --- building --------------------------------------------------------------------------------------------------

    def create(self, source: Any, spec: GroupSpec) -> Handle:
        kernel = self._idle()
        if isinstance(source, Recipe):
            kernel.take_dt()
            source, spec = made(source, spec)
            kernel.check()
        nodes = source.build(kernel) if isinstance(source, Nodes) else source
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
        self._cross().take_in(group)
        self._groups[group.handle.id] = group
        self._also += [kernel.ids(one) for one in spec.also]
        return group.handle

    def connect(self, source: Any, pre: Handle, post: Handle) -> Edge:
        kernel = self._idle()
        # Nothing here may make NEST sort its table before it is read with the collection that the user gave.
        adopted = AdoptedSynapses(kernel, source, self._groups[pre.id], self._groups[post.id], next(self._ids))
        self._edges[adopted.edge.id] = adopted
        self._bound_at = None
        return adopted.edge

    def _rebind(self, state: State) -> None:
        """Find adopted synapses again if any nodes or connections were made since, by the user or by fusion."""
        size = state.nodes, state.connections
        if size != self._bound_at:
            for adopted in self._edges.values():
                adopted.rebind()
            self._bound_at = size

    def port(self, handle: Handle, name: str, kind: str, index: Index = None) -> Port:
        kernel, group = self._ready() if kind == "samples out" else self._idle(), self._groups[handle.id]
        port = Port(next(self._ids), handle, name, n_selected(handle.size, index))
        exchange = self._cross()
        with kernel.asking(f"a port of {group.name!r}: {kind} {name}"):
            if kind == "spikes out":
                _check_that_it_tells(group)
                exchange.spikes_out(port.id, group)
            elif kind == "samples out":
                _known("variable", name, handle.variables, group.name)
                exchange.samples_out(port.id, group, name, index, port.size)
            elif kind == "spikes in":
                _check_input(group, name, "spikes")
                exchange.spikes_in(port.id, group, name)
            else:
                _check_input(group, name, "samples")
                exchange.samples_in(port.id, group, name)
        return port

    def unsubscribe(self, port: Port) -> None:
        self._cross().unsubscribe(port.id)

    def carry(self, handle: Handle, name: str, projection: Projection) -> Port:
        self._idle()
        group = self._groups[handle.id]
        _check_input(group, name, "spikes")
        if group.needs_positive(name) and np.any(projection.weights < 0):
            raise Unsupported(f"{group.name}.{name} takes no negative weights.")
        port = Port(next(self._ids), handle, name, projection.n_sources)
        self._cross().carry(port.id, group, name, projection)
        return port

    def reweigh(self, port: Port, weights: NDArray[np.float64]) -> None:
        self._idle()
        self._cross().reweigh(port.id, weights)

    def stand_in(self, size: int, name: str) -> tuple[object, Port]:
        kernel = self._idle()
        parrots = kernel.create("parrot_neuron", size)
        group = Group(kernel, parrots, next(self._ids), name)
        port = Port(next(self._ids), group.handle, "", size)
        self._cross().stand_in(port.id, parrots, group)
        return parrots, port

    # --- running ---------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        kernel = self._idle()
        state = kernel.state()
        if state.prepared:
            raise SimulatorFailed("NEST is in the middle of a run: call nest.Cleanup() before the network runs.")
        origin, exchange = self._find_origin(state), self._cross()
        if exchange.is_rewired():
            self._bound_at = None
        state = exchange.settle(state, adopts=bool(self._edges))
        self._rebind(state)
        self._report_rest()
        self._before = state  # from here on there is something to clean up
        try:
            exchange.prepare(state, origin)
        except kernel.failures as error:
            raise SimulatorFailed(f"NEST could not prepare the run: {error}", simulator=self.name) from error

    def _find_origin(self, state: State) -> int:
        """The kernel's step at tick 0."""
        exchange = self._cross()
        if self._origin is None:
            self._origin = state.step
        moved = state.step - (self._origin + exchange.now)
        if moved:
            elapsed = moved * state.resolution
            log.info("NEST ran %g ms outside of the network; tick %d goes on from there.", elapsed, exchange.now)
            self._origin += moved
            self._bound_at = None
            exchange.shift(moved)
        return self._origin

    def _report_rest(self) -> None:
        """Say once which nodes take part in the run though no group holds them."""
        if self._has_reported:
            return
        self._has_reported = True
        kernel = self._ready()
        known = np.concatenate([*(group.ids for group in self._groups.values()), *kernel.own_nodes, *self._also])
        rest: Counter[str] = Counter()
        for model, ids in kernel.parts_of_all():
            # Generators and recorders work for the nodes that they are connected to, and ports for earlier networks.
            if model != Library.MODEL and kernel.nest.GetDefaults(model, "element_type") == "neuron":
                rest[model] += int(np.sum(~np.isin(ids, known)))
        if rest.total():
            listed = ", ".join(f"{n} {model}" for model, n in rest.items() if n)
            log.warning("NEST nodes in no group: %s. They run along, and no recorder of the network sees them.", listed)

    def advance(self, until: int) -> None:
        kernel, exchange = self._kernel, self._exchange
        if self._before is None or kernel is None or exchange is None:
            raise SimulatorFailed("NEST is not prepared: advance belongs between prepare and cleanup.")
        try:
            exchange.advance(until)
        except (kernel.failures, PortError) as error:
            kernel.check()
            reason = str(error) or "it is not prepared; was nest.Cleanup called during the run?"
            raise SimulatorFailed(
                f"NEST failed after tick {exchange.now}: {reason}", simulator=self.name, tick=exchange.now
            ) from error

    def push(self, port: Port, batch: Spikes | Samples) -> None:
        self._cross().push(port.id, batch)

    def pull(self, port: Port) -> Spikes | Samples:
        return self._cross().pull(port.id)

    def seconds_in(self, port: Port) -> float | None:
        return None if self._exchange is None else self._exchange.seconds_in(port.id)

    def read(self, handle: Handle | Edge, name: str, index: Index = None) -> NDArray[Any]:
        if isinstance(handle, Edge):
            return self._place(handle, name).read(name, index)
        exchange, group = self._cross(), self._groups[handle.id]
        _known("variable", name, handle.variables, group.name)
        return exchange.read(group, name, index)

    def write(self, handle: Handle | Edge, name: str, values: ArrayLike, index: Index = None) -> None:
        place = self._place(handle, name)
        reason = handle.variables[name].fixed_while_running
        if reason and self._before is not None:
            raise ReadOnly(f"{name!r} cannot be set now: {reason}.")
        place.write(name, values, index)
        self._cross().wrote()

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
        kernel, exchange = self._kernel, self._exchange
        if before is None or kernel is None or exchange is None or not kernel.is_here:
            return
        if not kernel.is_live:
            exchange.abandon()
            return
        state = kernel.state()
        exchange.cleanup(state)
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
        if before.grows and before.connections != state.connections:
            raise SimulatorFailed(
                f"NEST's structural plasticity changed {before.connections} connections to {state.connections} during "
                "the run. What it does depends on where the runs of NEST begin and end, which fusion chooses; call "
                "nest.DisableStructuralPlasticity().",
                simulator=self.name,
                tick=exchange.now,
            )
        if changed:
            raise SimulatorFailed(
                f"{' and '.join(changed)}. NEST takes that in silence and computes something else until the next run. "
                "Create and connect before the run, or between two runs.",
                simulator=self.name,
                tick=exchange.now,
            )

    def clear(self) -> None:
        if self._kernel is not None:
            self._kernel.clear()

    def close(self) -> None:
        kernel = self._kernel
        if kernel is None:
            return
        try:
            self.cleanup()
        except SimulatorFailed as error:
            log.warning("%s", error)
        finally:
            if self._exchange is not None:
                self._exchange.close()
            kernel.release()
            self._kernel = self._exchange = None

    def _cross(self) -> Exchange:
        """Where spikes and samples cross, as long as the network has not closed NEST."""
        if self._exchange is None:
            raise SimulatorFailed("This network has closed NEST. Build a new Network.")
        return self._exchange

    def _idle(self) -> Kernel:
        """As `_ready`, and no run is on; NEST would take anything new in silence and compute something else."""
        if self._before is not None:
            raise SimulatorFailed("NEST is running; groups, ports and synapses are made before a run or between two.")
        return self._ready()

    def _ready(self) -> Kernel:
        """The kernel, if it is still the one of this network."""
        kernel = self._cross().kernel
        kernel.check()
        return kernel


def _known(kind: str, name: str, there: Mapping[str, object], where: str) -> str:
    if name not in there:
        raise UnknownName(kind, name, there, where)
    return name


def _check_input(group: Group, name: str, kind: str) -> None:
    inputs = group.handle.inputs
    _known("input", name, inputs, group.name)
    fitting = [other for other, place in inputs.items() if (place.spikes if kind == "spikes" else place.samples)]
    if name not in fitting:
        there = ", ".join(fitting) or "none"
        raise Unsupported(f"{name!r} of {group.name!r} takes no {kind}. Inputs that do: {there}.")


def _check_that_it_tells(group: Group) -> None:
    if not group.handle.spikes:
        raise Unsupported(
            f"{group.name!r} is a {group.model}, and NEST has no spikes of it to tell: a random device draws "
            "others for each of its targets, a rate model has none. Connect it inside NEST, with nest.Connect."
        )
