"""`Group`: what is known of wrapped nodes - variables, units, inputs - and how they are read and written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.adapter.base import Handle, Index, Input, Variable
from fusion.errors import InvalidValue, Unsupported
from fusion_nest import models
from fusion_nest.kernel import Kernel

SPIKES = "spikes"
"""The input of a model that takes spikes in one place; the sign of the weight chooses the channel if there are two."""

_COMPUTED = "NEST computes it and lets nobody set it"
_RECORDED = "NEST lets it be recorded and not be set"
_SETTLED = "NEST takes it into account when a run begins, so it can only be changed between runs"


class Group:
    """Nodes of one model, and the handle by which the network knows them.

    Parameters
    ----------
    nodes : NodeCollection
    id : int
    name : str
        What the network calls them.

    Raises
    ------
    InvalidValue
        If they are of several models, or none at all.
    Unsupported
        If they are recorders.
    """

    def __init__(self, kernel: Kernel, nodes: Any, id: int, name: str) -> None:
        self.nodes, self.name = nodes, name
        self.ids = kernel.ids(nodes)
        self._kernel = kernel
        self.model = _model(kernel, nodes, name)
        self.status = status = kernel.status(nodes)
        """What NEST told of the first node when the group was made."""
        self.kind = str(status["element_type"])
        if self.kind == "recorder":
            raise Unsupported(
                f"{name!r} is a {self.model}, and a recorder is no population. Give the group of neurons an "
                "EventRecorder or a Recorder instead; NEST's own recorders go on working beside them."
            )
        self.receptors = models.receptors_of(self.model, status)
        self._whole = frozenset(key for key, value in status.items() if type(value) is int)
        self._selected: tuple[object, Any] = (None, None)
        inputs = self._inputs(status)
        self.handle = Handle(
            id,
            len(self.ids),
            models.sends_spikes(self.model, self.kind),
            self._variables(status),
            inputs,
            SPIKES if SPIKES in inputs else None,
        )

    def _variables(self, status: dict[str, Any]) -> dict[str, Variable]:
        recordables = status.get("recordables", ())
        found = {}
        for name, value in status.items():
            if isinstance(value, bool) or not isinstance(value, int | float) or name in models.HIDDEN:
                continue
            computed = models.is_computed(self.model, name)
            # Recordables are state, which the next step starts from; I_e is added afresh in each step.
            free = self.kind == "neuron" and (name in recordables or name == "I_e")
            found[name] = Variable(
                len(self.ids),
                models.variable_unit(self.model, name),
                read_only=_COMPUTED if computed else "",
                fixed_while_running="" if computed or free else _SETTLED,
            )
        return found

    def _inputs(self, status: dict[str, Any]) -> dict[str, Input]:
        size, unit = len(self.ids), models.input_unit(self.model)
        found = {}
        if models.takes_spikes(self.model, self.kind):
            if self.receptors:
                found = {name: Input(size, unit) for name in self.receptors}
            else:
                found = {SPIKES: Input(size, unit, signed=models.has_two_channels(self.model))}
        if "I_e" in status:
            found["I_e"] = Input(size, models.variable_unit(self.model, "I_e"), spikes=False, samples=True)
        return found

    def show(self, recordables: Iterable[str]) -> None:
        """Let recordables be variables that can be read, though NEST's status does not hold them."""
        shown = dict(self.handle.variables)
        for name in sorted(set(recordables) - set(shown)):
            unit = models.variable_unit(self.model, name)
            shown[name] = Variable(len(self.ids), unit, read_only=_RECORDED)
        self.handle = replace(self.handle, variables=shown)

    def needs_positive(self, name: str) -> bool:
        """Whether an input takes no negative weights: a conductance that has a receptor of its own."""
        return name in self.receptors and self.model in models.CONDUCTANCE

    def read(self, name: str, index: Index = None) -> NDArray[Any]:
        """Values of the neurons in `index`, of no others."""
        nodes, inverse = self._select(index)
        if nodes is None:
            return np.empty(0)
        values = self._kernel.get(nodes, name)
        return values if inverse is None else values[inverse]

    def write(self, name: str, values: ArrayLike, index: Index = None) -> None:
        """Set the neurons in `index`; `InvalidValue` if NEST refuses a value."""
        nodes, inverse = self._select(index)
        if nodes is None:
            return
        given = np.asarray(values, float)
        if given.ndim and inverse is not None:
            placed = np.empty(len(nodes))
            placed[inverse] = given
            given = placed
        convert = int if name in self._whole else float
        params = [{name: convert(value)} for value in np.atleast_1d(given).tolist()]
        with self._kernel.asking(f"{name} of {self.name!r}"):
            self._kernel.set(nodes, params[:1] if np.all(given == given.flat[0]) else params)

    def _select(self, index: Index) -> tuple[Any, NDArray[np.int64] | None]:
        """The nodes of an index, and where each entry of the index is among them (None: in order)."""
        if index is None:
            return self.nodes, None
        key = (index.start, index.stop, index.step) if isinstance(index, slice) else index.tobytes()
        if self._selected[0] != key:
            positions = np.arange(len(self.ids))[index]
            ascending, inverse = np.unique(positions, return_inverse=True)
            nodes = self._kernel.select(self.nodes, ascending) if len(ascending) else None
            in_order = np.array_equal(ascending, positions)
            self._selected = (key, (nodes, None if in_order else inverse))
        chosen: tuple[Any, NDArray[np.int64] | None] = self._selected[1]
        return chosen


def _model(kernel: Kernel, nodes: Any, name: str) -> str:
    found = sorted({model for model, _ in kernel.parts(nodes)})
    if len(found) == 1:
        return kernel.base_model(found[0])
    if not found:
        raise InvalidValue(f"{name!r} holds no nodes.")
    raise InvalidValue(
        f"{name!r} holds nodes of several models: {', '.join(found)}. Make a NeuronGroup of each of them."
    )
