"""`AdoptedSynapses`: ``brian2.Synapses`` whose variables the network shows, while Brian2 delivers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.adapter.base import Edge, Index, Variable
from fusion.errors import InvalidValue
from fusion_brian2.dimensions import unit_of
from fusion_brian2.groups import fitting

_CONNECTED = "synapses are made with connect()"
_QUEUED = "Brian2 sorts its queue of spikes by delay before a run"
_MS = 1e3  # s -> ms


class AdoptedSynapses:
    """Synapses between two wrapped groups, flat arrays over all synapses.

    The arrays of Brian2 grow with ``connect``, so none is kept here.
    """

    def __init__(self, id: int, synapses: Any) -> None:
        self.synapses = synapses
        self._arrays: dict[str, Any] = {
            "pre": synapses.variables["_synaptic_pre"],
            "post": synapses.variables["_synaptic_post"],
        }
        weight = _weight(synapses)
        if weight is not None:
            self._arrays["weights"] = synapses.variables[weight]
        self._delays = dict(_delays(synapses))
        self._arrays |= self._delays
        # A variable of the model's own that is called "weights" or the like means itself.
        self._arrays |= dict(_own_variables(synapses))
        self.edge = Edge(id=id, size=len(synapses), variables=dict(self._describe()))

    def _describe(self) -> Iterator[tuple[str, Variable]]:
        size = len(self.synapses)
        for name, variable in self._arrays.items():
            if name in self._delays:
                yield name, Variable(size=size, unit="ms", fixed_while_running=_QUEUED)
            else:
                fixed = _CONNECTED if name in ("pre", "post") else ""
                yield name, Variable(size=1 if variable.scalar else size, unit=unit_of(variable.dim), read_only=fixed)

    def read(self, name: str, index: Index = None) -> NDArray[Any]:
        values = self._arrays[name].get_value()
        if name in self._delays:
            values = np.broadcast_to(values * _MS, len(self.synapses))
        return np.array(values if index is None else values[index], ndmin=1)

    def write(self, name: str, values: ArrayLike, index: Index = None) -> None:
        where = slice(None) if index is None else index
        variable = self._arrays[name]
        if name not in self._delays:
            variable.get_value()[where] = fitting(values, variable.dtype, name)
        elif variable.scalar:
            self._write_common_delay(name, variable, values, index)
        else:
            variable.get_value()[where] = np.asarray(values, dtype=float) / _MS

    def _write_common_delay(self, name: str, variable: Any, values: ArrayLike, index: Index) -> None:
        delays = self.read(name)
        delays[slice(None) if index is None else index] = values
        if np.ptp(delays):
            raise InvalidValue(
                f"{self.synapses.name!r} has one delay for all its synapses. Give one value, or make the Synapses "
                f"without delay= and set {self.synapses.name}.delay after connect().",
                name=name,
            )
        variable.get_value()[:] = delays[:1] / _MS


def _own_variables(synapses: Any) -> Iterator[tuple[str, Any]]:
    """What the model of the synapses declares, one value per synapse or shared by all."""
    from brian2.core.variables import ArrayVariable

    for name, variable in synapses.variables.items():
        if not isinstance(variable, ArrayVariable) or variable.read_only or name.startswith("_"):
            continue
        if (variable.owner.name, variable.name) == (synapses.name, name):
            yield name, variable


def _weight(synapses: Any) -> str | None:
    """`w` if there is one, else the only parameter, else nobody can know."""
    from brian2.equations.equations import PARAMETER

    parameters = [equation.varname for equation in synapses.equations.values() if equation.type == PARAMETER]
    found = "w" if "w" in parameters or len(parameters) != 1 else parameters[0]
    variable = synapses.variables.get(found)
    return found if variable is not None and np.issubdtype(variable.dtype, np.floating) else None


def _delays(synapses: Any) -> Iterator[tuple[str, Any]]:
    """The delay of each pathway; "delays" is that of the first from source to target."""
    from brian2.synapses.synapses import SynapticPathway

    pathways = [part for part in synapses.contained_objects if isinstance(part, SynapticPathway)]
    forward = [pathway for pathway in pathways if pathway.prepost == "pre"]
    if forward:
        yield "delays", forward[0].variables["delay"]
    for pathway in pathways:
        yield f"{pathway.objname}_delay", pathway.variables["delay"]
