"""`RemoteAdapter`: a simulator in another process, behind the same contract as one in this."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.adapter.base import Adapter, Edge, GroupSpec, Handle, Index, Port
from fusion.adapter.capabilities import Capabilities
from fusion.adapter.makeup import differences, makeup
from fusion.adapter.recipe import Built, Recipe
from fusion.adapter.specimen import Specimen
from fusion.core.batch import Samples, Spikes
from fusion.core.clock import Clock
from fusion.core.projection import Projection
from fusion.errors import FusionError, InvalidValue, SimulatorFailed, Unsupported, WireError
from fusion.host.batches import Batch
from fusion.host.caller import Caller
from fusion.host.ports import Incoming, Outgoing
from fusion.host.server import name_for
from fusion.host.worker import Worker

PATIENCE = 4.0
"""Seconds that a worker may go on computing when nobody wants the result any more."""


class RemoteAdapter(Adapter):
    """One adapter in a worker.

    What is pushed waits here and travels with the next request; the answer to an ``advance`` brings all that left open
    ports, so that a window costs one round trip.

    kind : the adapter that the worker runs
    launch : starts a worker for it, by its name
    place : where that is, for the user to read
    """

    name: str  # type: ignore[misc]  # of the adapter that it stands for
    modules: frozenset[str]  # type: ignore[misc]  # of that adapter

    def __init__(self, kind: type[Adapter], launch: Callable[[str], Worker], place: str) -> None:
        self.name, self.modules, self.place = kind.name, kind.modules, place
        self._kind, self._launch = kind, launch
        self.capabilities = _elsewhere(kind.capabilities)
        self._caller: Caller | None = None
        self._pushes: list[Batch] = []
        self._incoming: dict[int, Incoming] = {}
        self._outgoing: dict[int, Outgoing] = {}
        self._reached = 0
        self._started: int | None = None
        """The tick up to which the worker computes in the background."""
        self._failure: FusionError | None = None
        """How that ended, if somebody asked for something else before ``advance`` did."""

    def open(self, clock: Clock, seed: int) -> None:
        self._caller = Caller(self.name, self.place, self._launch(name_for(self._kind)))
        self.tier, can, there = self._ask("open", clock.dt, seed)
        self.capabilities = _elsewhere(can)
        self.differences = differences(makeup(self._kind), there)

    # --- building --------------------------------------------------------------------------------------------------

    def create(self, source: Any, spec: GroupSpec) -> Handle:
        recipes: tuple[type[Recipe], ...] = (*self._kind.recipes, Built)
        if not isinstance(source, recipes):
            raise InvalidValue(
                f"{source!r} is an object of this process, and {spec.name!r} shall live on {self.place}. Give a "
                f"recipe, from which it is made there: {' or '.join(recipe.usage for recipe in recipes)}.",
                source=source,
            )
        if spec.also:
            raise InvalidValue(
                f"also= of {spec.name!r}: objects of this process cannot go to {self.place}. Make them in a function, "
                f"and give {Built.usage}."
            )
        handle: Handle = self._ask("create", source.with_names(spec.namespace), spec.name, spec.every)
        return handle

    def connect(self, source: Any, pre: Handle, post: Handle) -> Edge:
        raise Unsupported(
            f"{self.name} on {self.place} cannot adopt synapses that were made in this process; give weight=, or leave "
            "the groups in process."
        )

    def stand_in(self, size: int, name: str) -> tuple[object, Port]:
        raise Unsupported(
            f"{self.name} on {self.place} has no stand-ins: they are objects for the user, in process only. Link the "
            "groups with a SynapseGroup that has weight=."
        )

    def port(self, handle: Handle, name: str, kind: str, index: Index = None) -> Port:
        number, name, size = self._ask("port", handle.id, name, kind, index)
        if kind in ("spikes out", "samples out"):
            self._outgoing[number] = Outgoing()
        else:
            self._incoming[number] = Incoming(name, self.capabilities.notice)
        return Port(number, handle, name, size)

    def carry(self, handle: Handle, name: str, projection: Projection) -> Port:
        number, name, size = self._ask("carry", handle.id, name, projection)
        self._incoming[number] = Incoming(name, self.capabilities.notice)
        return Port(number, handle, name, size)

    def unsubscribe(self, port: Port) -> None:
        self._ask("unsubscribe", port.id)
        del self._outgoing[port.id]

    def reweigh(self, port: Port, weights: NDArray[np.float64]) -> None:
        self._ask("reweigh", port.id, weights)

    # --- running ---------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        self._ask("prepare")

    def start(self, until: int) -> None:
        self._settle()
        if self._failure is None:
            self._ready().send("advance", [until], self._take_pushes())
            self._started = until

    def advance(self, until: int) -> None:
        if self._started != until:
            self.start(until)
        self._settle()
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure

    def _settle(self, patience: float | None = None) -> None:
        """Wait for what was started; how it failed is kept for ``advance`` to raise."""
        until = self._started
        if until is None:
            return
        caller = self._ready()
        try:
            _, outputs = caller.answer(patience)
            # Not before: after Ctrl-C in the middle of the wait, it still computes.
            self._started = None
            self._add(outputs)
        except FusionError as error:
            self._started, self._failure = None, error
            return
        self._reached = caller.tick = until

    def _add(self, outputs: list[Batch]) -> None:
        for port, batch in outputs:
            if port not in self._outgoing:
                raise self._ready().lose(WireError(f"It answered for port {port}, from which nothing was asked."))
            self._outgoing[port].add(batch)

    def push(self, port: Port, batch: Spikes | Samples) -> None:
        self._ready()
        now = self._reached if self._started is None else self._started
        self._incoming[port.id].check(batch, now)
        self._pushes.append((port.id, batch))

    def pull(self, port: Port) -> Spikes | Samples:
        self._settle()
        outgoing = self._outgoing[port.id]
        if outgoing.is_empty:
            self._ask("pull", port.id)
        return outgoing.take()

    def seconds_in(self, port: Port) -> float | None:
        if self._caller is None or self._caller.lost is not None:
            return None
        seconds: float | None = self._ask("seconds_in", port.id)
        return seconds

    def read(self, handle: Handle | Edge, name: str, index: Index = None) -> NDArray[Any]:
        values: NDArray[Any] = self._ask("read", handle.id, name, index)
        return values

    def write(self, handle: Handle | Edge, name: str, values: ArrayLike, index: Index = None) -> None:
        self._ask("write", handle.id, name, np.asarray(values), index)

    def snapshot(self) -> bytes:
        state: NDArray[np.uint8] = self._ask("snapshot")
        return state.tobytes()

    def restore(self, state: bytes) -> None:
        self._pushes = []
        self._ask("restore", np.frombuffer(state, np.uint8))
        self._reached = 0  # what is late now, the worker knows
        for incoming in self._incoming.values():
            incoming.clear()
        for outgoing in self._outgoing.values():
            outgoing.clear()

    def facts(self) -> Mapping[str, str]:
        facts: Mapping[str, str] = self._ask("facts")
        return facts

    def specimen(self, n: int) -> Specimen:  # type: ignore[override]  # the simulator is another one for each instance
        specimen: Specimen = self._ask("specimen", n)
        return specimen

    # --- ending ----------------------------------------------------------------------------------------------------

    def cleanup(self) -> None:
        caller = self._caller
        if caller is None or caller.lost is not None:
            return
        self._settle(PATIENCE)
        self._failure = None
        if caller.lost is None:
            self._ask("cleanup")

    def close(self) -> None:
        caller, self._caller = self._caller, None
        if caller is None:
            return
        self._pushes, self._started = [], None
        caller.close(PATIENCE)

    def _ask(self, verb: str, *arguments: Any) -> Any:
        """The answer of the worker to a request."""
        self._settle()
        caller = self._ready()
        result, outputs = caller.ask(verb, arguments, self._take_pushes())
        self._add(outputs)
        return result

    def _take_pushes(self) -> list[Batch]:
        pushes, self._pushes = self._pushes, []
        return pushes

    def _ready(self) -> Caller:
        if self._caller is None:
            raise SimulatorFailed(f"This network has closed {self.name} on {self.place}. Build a new Network.")
        return self._caller


def _elsewhere(can: Capabilities) -> Capabilities:
    """The capabilities of an adapter in a worker: a process of its own, where the user's objects are not."""
    return replace(can, instances_per_process=None, stand_ins=False, adopts_synapses=False, background=True)
