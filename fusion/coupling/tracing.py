"""What behaviours read and write, found by watching them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from fusion.core.behaviour import Behaviour
from fusion.core.flow_chart import FlowChart, Step
from fusion.core.parts import Part
from fusion.core.synapses import SynapseGroup
from fusion.core.weights import is_sparse

_NO_VARIABLES = frozenset({"pre", "post", "delay", "delay_ticks", "shape", "index"})
_READING, _WRITING = "reads", "writes"


def traced(part: Part, behaviours: Iterable[Behaviour], simulate: Callable[[], object]) -> FlowChart:
    """What behaviours do while the network simulates, or say that they do; those of a part, and those that touch it.

    An array that a behaviour changes in place counts as written. What a behaviour does only sometimes, such as when
    somebody fires, is seen if it happens meanwhile; what is neither an attribute of a group nor declared is not.

    part : a group, synapses, or the network, for all
    behaviours : in the order of their steps; those that are hidden are left out
    """
    watch, net = _Watch(), part.network
    shown = [each for each in behaviours if not each.is_hidden]
    with _watched([net, *net.groups, *net.synapses], watch), _wrapped(shown, watch) as stepping:
        simulate()
    steps: dict[object, Step] = {}
    for one in stepping:
        step, whole = watch.step(one), _whole(one)
        if part in (net, one.owner, whole) or any(
            name.startswith(f"{part.tag}.") for name in (*step.reads, *step.writes)
        ):
            # The copies of a behaviour on the blocks of a partitioned group are one.
            key = one if whole is None else (type(one), one.key, whole)
            steps[key] = _joined(steps.get(key, step), step)
    return FlowChart(list(steps.values()))


class _Watch:
    """Takes down accesses while a behaviour runs."""

    def __init__(self) -> None:
        self._active: Behaviour | None = None
        self._touched: dict[tuple[Behaviour, str], dict[str, None]] = {}
        self._before: dict[tuple[int, str], tuple[Part, Any]] = {}

    def begin(self, behaviour: Behaviour) -> None:
        self._active = behaviour
        assert behaviour.owner is not None
        for name, value in list(vars(behaviour.owner).items()):
            self._keep(behaviour.owner, name, value)

    def end(self) -> None:
        for (_, name), (part, before) in self._before.items():
            now = vars(part).get(name)
            if now is None or not _same(before, now):
                self.note(part, name, None, _WRITING)
        self._active, self._before = None, {}

    def note(self, part: Part, name: str, value: Any, how: str) -> None:
        """Take an access down; `value` is what was read."""
        if self._active is None or name.startswith("_") or name in _NO_VARIABLES:
            return
        if how == _READING:
            if not is_sparse(value) and not (isinstance(value, np.ndarray) and value.ndim):
                return
            if name in vars(part):
                self._keep(part, name, value)
        self._add(self._active, how, _name(self._active, part, name))

    def _keep(self, part: Part, name: str, value: Any) -> None:
        if not name.startswith("_") and (isinstance(value, np.ndarray) or is_sparse(value)):
            self._before.setdefault((id(part), name), (part, value.copy()))

    def _add(self, behaviour: Behaviour, how: str, name: str) -> None:
        self._touched.setdefault((behaviour, how), {})[name] = None

    def step(self, behaviour: Behaviour) -> Step:
        """What a behaviour did, and what it declares."""
        assert behaviour.owner is not None
        is_network, tag = _is_network(behaviour.owner), behaviour.owner.tag
        touched = []
        for how in (_READING, _WRITING):
            names = (*self._touched.get((behaviour, how), {}), *map(_plain, getattr(behaviour, how) or ()))
            full = (name if is_network or "." in name else f"{tag}.{name}" for name in names)
            touched.append(list(dict.fromkeys(full)))
        return Step(behaviour.key, type(behaviour).__name__, "network" if is_network else tag, *touched)


def _is_network(part: Part) -> bool:
    home: object = part.network
    return part is home


def _joined(one: Step, other: Step) -> Step:
    reads, writes = (list(dict.fromkeys((*a, *b))) for a, b in ((one.reads, other.reads), (one.writes, other.writes)))
    return replace(one, reads=reads, writes=writes)


def _whole(behaviour: Behaviour) -> SynapseGroup | None:
    """The partitioned group that a behaviour works on a block of."""
    return behaviour.owner.whole if isinstance(behaviour.owner, SynapseGroup) else None


def _plain(name: str) -> str:
    """The mask and the indices of those that fire are one variable."""
    return name.removesuffix("spikes") + "spike" if name.endswith("spikes") else name


def _name(behaviour: Behaviour, part: Part, name: str) -> str:
    return _plain(name) if part is behaviour.owner else f"{part.tag}.{_plain(name)}"


def _same(before: Any, now: Any) -> bool:
    if is_sparse(before) or is_sparse(now):
        return is_sparse(before) and is_sparse(now) and before.nnz == now.nnz and np.array_equal(before.data, now.data)
    return isinstance(now, np.ndarray) and np.array_equal(before, now, equal_nan=before.dtype.kind in "fc")


@contextmanager
def _watched(parts: list[Any], watch: _Watch) -> Iterator[None]:
    """Have the attributes of parts watched."""
    kinds = {kind: _watching(kind, watch) for kind in map(type, parts)}
    for part in parts:
        part.__class__ = kinds[type(part)]
    try:
        yield
    finally:
        for part in parts:
            part.__class__ = type(part).__base__


def _watching(kind: type[Any], watch: _Watch) -> type[Any]:
    """A class that does what `kind` does, and tells."""

    def reading(get: Callable[..., Any]) -> Callable[..., Any]:
        def read(self: Any, name: str, *index: Any) -> Any:
            value = get(self, name, *index)
            watch.note(self, name, value, _READING)
            return value

        return read

    def writing(put: Callable[..., Any]) -> Callable[..., Any]:
        def write(self: Any, name: str, *value: Any) -> None:
            watch.note(self, name, None, _WRITING)
            put(self, name, *value)

        return write

    methods = {
        name: reading(getattr(kind, name))
        for name in ("__getattribute__", "__getattr__", "read")
        if hasattr(kind, name)
    }
    methods |= {name: writing(getattr(kind, name)) for name in ("__setattr__", "set") if hasattr(kind, name)}
    return type(kind.__name__, (kind,), methods)


@contextmanager
def _wrapped(behaviours: Iterable[Behaviour], watch: _Watch) -> Iterator[list[Behaviour]]:
    """Have the beginning and the end of each step told."""

    def step(behaviour: Behaviour, iteration: Callable[[Any], None]) -> Callable[[Any], None]:
        def told(owner: Any) -> None:
            watch.begin(behaviour)
            try:
                iteration(owner)
            finally:
                watch.end()

        return told

    stepping = [behaviour for behaviour in behaviours if behaviour.enabled and behaviour.steps()]
    own = {behaviour: vars(behaviour)["iteration"] for behaviour in stepping if "iteration" in vars(behaviour)}
    for behaviour in stepping:
        vars(behaviour)["iteration"] = step(behaviour, behaviour.iteration)
    for network in {behaviour.owner.network for behaviour in stepping if behaviour.owner is not None}:
        network.behaviours_changed()
    try:
        yield stepping
    finally:
        for behaviour in stepping:
            vars(behaviour).pop("iteration", None)
            vars(behaviour).update({"iteration": own[behaviour]} if behaviour in own else {})
        for network in {behaviour.owner.network for behaviour in stepping if behaviour.owner is not None}:
            network.behaviours_changed()
