"""`WrappedGroup`: a Brian2 group, its variables under Brian2's names in SI units, and where arrivals may go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.adapter.base import Handle, Index, Input, Variable
from fusion.errors import InvalidValue, UnknownObject, Unsupported
from fusion_brian2.dimensions import unit_of
from fusion_brian2.expressions import Evaluator

# Float variables that Brian2 keeps for itself; a link into them makes no sense.
_BOOKKEEPING = frozenset({"lastspike"})


def check_kind(source: Any) -> None:
    """Let pass what can be a group; say for everything else how it is given."""
    import brian2

    if isinstance(source, brian2.Subgroup):
        whole = source.source.name
        raise Unsupported(
            f"{source.name!r} is a part of the Brian2 group {whole!r}. Give the whole group, and take the part "
            f"[{source.start}:{source.stop}] of the NeuronGroup that wraps it.",
            source=source,
        )
    if isinstance(source, brian2.Synapses):
        raise UnknownObject(
            f"{source.name!r} are Brian2 synapses, not neurons. Give them to "
            f"SynapseGroup(net, source, target, {source.name}).",
            source=source,
        )
    if not isinstance(source, (brian2.NeuronGroup, brian2.PoissonGroup, brian2.SpikeGeneratorGroup)):
        raise UnknownObject(
            f"A Brian2 {type(source).__name__} cannot be a group. Give a brian2.NeuronGroup, PoissonGroup or "
            "SpikeGeneratorGroup; other objects go with the group that they serve: also=[...].",
            source=source,
        )


class WrappedGroup:
    """A group inside our Brian2 network.

    Parameters
    ----------
    source : brian2.NeuronGroup, brian2.PoissonGroup, brian2.SpikeGeneratorGroup
    namespace : names of the line where the group was declared, for its equations
    """

    def __init__(self, id: int, source: Any, namespace: Mapping[str, Any]) -> None:
        self.source, self.namespace = source, namespace
        self._views: dict[str, NDArray[Any]] = {}
        self._evaluators: dict[str, Evaluator] = {}
        variables = dict(self._describe())
        self.handle = Handle(
            id=id,
            size=len(source),
            spikes="spike" in source.events,
            variables=variables,
            inputs={
                name: Input(size=variable.size, unit=variable.unit, spikes=True, samples=True)
                for name, variable in variables.items()
                if self._takes_arrivals(name, variable)
            },
        )

    def _describe(self) -> Iterator[tuple[str, Variable]]:
        from brian2.core.variables import ArrayVariable, Constant, DynamicArrayVariable, Subexpression

        for name, variable in self.source.variables.items():
            # Dynamic arrays of a neuron group are lists of events, not a value per neuron.
            if name.startswith("_") or isinstance(variable, DynamicArrayVariable):
                continue
            if not isinstance(variable, (ArrayVariable, Constant, Subexpression)):
                continue
            if isinstance(variable, Subexpression) or self.source.variables.indices[name] not in ("_idx", "0"):
                self._evaluators[name] = Evaluator(self.source, name, self.namespace)
            else:
                # An array that Brian2 never moves, the very one that its code works on.
                self._views[name] = np.atleast_1d(variable.get_value())
            yield (
                name,
                Variable(
                    size=1 if variable.scalar else len(self.source),
                    unit=unit_of(variable.dim),
                    read_only=self._why_read_only(name, variable),
                    fixed_while_running=(
                        "Brian2 compiles a shared constant into its code before a run"
                        if variable.scalar and variable.constant
                        else ""
                    ),
                ),
            )

    def _why_read_only(self, name: str, variable: Any) -> str:
        from brian2.core.variables import Constant, Subexpression

        owner = variable.owner
        if isinstance(variable, Constant):
            return "Brian2 keeps it constant"
        if owner.name == self.source.clock.name:
            return "it belongs to Brian2's clock"
        if (owner.name, variable.name) != (self.source.name, name):
            return f"it is linked to {variable.name!r} of {owner.name!r}; write that"
        if isinstance(variable, Subexpression):
            return f"it is computed: {name} = {variable.expr}"
        return "Brian2 lets nobody write it" if variable.read_only else ""

    def _takes_arrivals(self, name: str, variable: Variable) -> bool:
        return (
            not (variable.read_only or variable.fixed_while_running)
            and not self.source.variables[name].scalar
            and np.issubdtype(self._views[name].dtype, np.floating)
            and name not in _BOOKKEEPING
        )

    def view(self, name: str) -> NDArray[Any]:
        """The live array of an input."""
        return self._views[name]

    def writable(self, name: str) -> NDArray[np.bool_] | None:
        """(n,) bool, live: the neurons that take arrivals; None if all do at all times."""
        condition = self.source.variables[name].conditional_write
        return None if condition is None else condition.get_value()

    def spike_space(self) -> NDArray[np.int32]:
        """Brian2's array of the neurons that fired in this step; the last element says how many they are."""
        space: NDArray[np.int32] = self.source.variables["_spikespace"].get_value()
        return space

    def live(self, name: str, index: Index = None) -> NDArray[Any] | None:
        """The values of a variable where Brian2 keeps them; None if they are computed, or are not one after another."""
        view = self._views.get(name)
        if view is None or isinstance(index, np.ndarray):
            return None
        return view if index is None else view[index]

    def shows_time(self, name: str) -> bool:
        """Whether a variable may depend on the time that Brian2's clock shows."""
        return name in self._evaluators or name in ("t", "t_in_timesteps")

    def read(self, name: str, index: Index = None) -> NDArray[Any]:
        view = self._views.get(name)
        if view is None:
            values = self._evaluators[name]()
            return values if index is None else values[index]
        return view.copy() if index is None else np.array(view[index])

    def write(self, name: str, values: ArrayLike, index: Index = None) -> None:
        view = self._views[name]
        view[slice(None) if index is None else index] = fitting(values, view.dtype, name)

    def forget_code(self) -> None:
        """Compile what is computed anew at the next reading: names, sizes or preferences may have changed."""
        for evaluator in self._evaluators.values():
            evaluator.forget()


def fitting(values: ArrayLike, dtype: Any, name: str) -> ArrayLike:
    """Values for a variable of Brian2; `InvalidValue` where an integer or a truth value would cut off a fraction."""
    if np.issubdtype(dtype, np.floating):
        return values
    given = np.asarray(values)
    cast = given.astype(dtype)
    if not np.array_equal(cast, given):
        raise InvalidValue(f"{name!r} holds values of type {np.dtype(dtype)}; {values!r} are others.", name=name)
    return cast
