"""`Equations`: neurons by their equations."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from fusion.behaviours.compilers import chosen
from fusion.behaviours.equations import stability
from fusion.behaviours.equations.compilers import kernel_of
from fusion.behaviours.equations.initial import checked_initial, initial_values
from fusion.behaviours.equations.kernel import Kernel
from fusion.behaviours.equations.model import Model, Stored
from fusion.behaviours.equations.parsing import Source, parse
from fusion.behaviours.neurons.model import NeuronModel
from fusion.behaviours.parameters import check_each_iteration, check_native
from fusion.core.behaviour import Behaviour
from fusion.core.location import caller
from fusion.core.neurons import NeuronGroup
from fusion.core.synapses import SynapseGroup
from fusion.errors import InvalidValue, NotFinite, UnknownVariable, Unsupported


class Equations(Behaviour):
    """Native neurons by their equations, in the language of Brian2, which reads them; results are those of Brian2.

    Each line is ``dx/dt = ... : unit``, ``x = ... : unit`` (a sub-expression) or ``x : unit`` (a parameter), with the
    flags ``(unless refractory)``, ``(constant over dt)``, ``(constant)`` and ``(shared)``. What has a differential
    equation, each parameter, and sub-expressions that are constant over dt become variables (n,) of the group, in the
    unit that their line declares: ``: mV`` gives millivolts, ``: volt`` volts.

    In an iteration neurons move by one step, then those fire that meet the threshold, then arrivals are added, then
    those that fired are reset. Arrivals (``into="g_e"``) add to a variable with a differential equation, but not while
    it is held by ``(unless refractory)``; into a parameter they stand for one iteration.

    Parameters
    ----------
    equations : str
    threshold : str
        The condition under which a neuron fires, such as ``"v > -50*mV"``.
    reset : str
        Statements for neurons that fire, one per line: ``"v = -65*mV"``.
    refractory : float (ms), quantity or str
        How long a neuron that fired is held, or a condition under which it is.
    method : str
        "exact" (linear equations), "exponential_euler", "euler", "rk2", "rk4", and with noise "euler" (additive),
        "heun" or "milstein". The first of "exact", "euler" and "heun" that can solve them unless given.
    compile : "numba", "numpy" or "auto"
        What computes; "auto" takes numba where it is installed.
    **values
        First values of variables that the lines declare: a number (in the unit declared), a quantity, an array (n,),
        or a distribution, "normal(-60, 5)"; 0 unless given. And constants, all other names in the equations: a number
        or a Brian2 quantity; what is not given is looked up where `Equations` is called.

    Raises
    ------
    SimulatorMissing
        Without Brian2 (``pip install 'fusion-sim[equations]'``).
    UnitMismatch
        If the two sides of a line, the threshold or the reset differ in their dimensions.
    UnknownName
        If a name means nothing, or a value is given for a name that is not there.
    InvalidValue
        If a line cannot be read, or the method cannot solve the equations, or is unstable with the network's dt.
    Unsupported
        If a variable is linked, a function is one of Brian2's own groups (`TimedArray`), or the owner is no native
        neuron group, or fires by another behaviour too.
    """

    equations: str
    threshold: str | None = None
    reset: str | None = None
    refractory: object = False
    method: str | None = None
    compile: str = "auto"

    _own: ClassVar[tuple[str, ...]] = ("threshold", "reset", "refractory", "method", "compile", "every")

    def __init__(self, equations: str, *, tag: str | None = None, enabled: bool = True, **values: Any) -> None:
        own = {name: values.pop(name) for name in self._own if name in values}
        super().__init__(tag=tag, enabled=enabled, equations=equations, **own)
        check_each_iteration(self)
        if not isinstance(equations, str):
            raise InvalidValue(f"{equations!r} is no string of equations.", equations=equations)
        self.parameters = {**self.parameters, **values}
        self.compiler = chosen(self.compile)
        frame = caller()
        self.model = self._parsed(values, {**frame.f_globals, **frame.f_locals})
        self._initial = {
            name: checked_initial(self._stored[name], value) for name, value in values.items() if name in self._stored
        }
        names = tuple(one.name for one in self.model.stored)
        self.reads = names  # type: ignore[misc]  # names are the user's, here and below
        self.writes = (*names, "spike") if self.model.fires else names  # type: ignore[misc]
        self.units = {one.name: one.unit for one in self.model.stored}  # type: ignore[misc]
        self.accumulates = frozenset(one.name for one in self.model.states)  # type: ignore[misc]

    def _parsed(self, values: Mapping[str, Any], namespace: Mapping[str, Any]) -> Model:
        from fusion.behaviours.equations.declarations import read

        declared, _ = read(self.equations)
        constants = {name: value for name, value in values.items() if name not in declared}
        source = Source(self.equations, self.threshold, self.reset, self.refractory, self.method, constants, namespace)
        model = parse(source)
        self._stored: dict[str, Stored] = {one.name: one for one in model.stored}
        for name in values:
            if name in declared and name not in self._stored:
                raise InvalidValue(f"{name!r} is computed, {declared[name]}; it takes no first value.", parameter=name)
        return model

    def check_fit(self, owner: Any) -> None:
        """`Unsupported` if the owner is no native neuron group, `InvalidValue` if it cannot have these variables."""
        super().check_fit(owner)
        check_native(self, owner)
        for name in self._stored:
            if hasattr(type(owner), name) or name in ("size", "shape", "network", "spike"):
                raise InvalidValue(f"A neuron group has its own {name!r}; the equations need another name.", name=name)
        for other in owner.behaviours.values():
            if other is not self:
                self._check_beside(other, owner)

    def _check_beside(self, other: Behaviour, owner: NeuronGroup) -> None:
        also_fires = isinstance(other, NeuronModel) or (isinstance(other, Equations) and other.model.fires)
        if also_fires and self.model.fires:
            raise Unsupported(f"{other!r} of {owner.tag!r} makes its neurons fire already.")
        if isinstance(other, Equations) and other._stored.keys() & self._stored.keys():
            both = ", ".join(sorted(other._stored.keys() & self._stored.keys()))
            raise Unsupported(f"{other!r} of {owner.tag!r} has {both} already.")

    def initialize(self, owner: NeuronGroup) -> None:
        """Make the variables, compile."""
        network = owner.network
        arrivals = {one.name: owner.arrivals(one.name) for one in self.model.states}
        for name, value in initial_values(self.model, self._initial, owner).items():
            owner.set(name, value)
        stability.check(self.model, vars(owner), owner.size, network.dt)
        self._kernel: Kernel = kernel_of(self.compiler)(
            self.model, owner.size, network.dt * 0.001, arrivals, network.generator_for(owner)
        )
        self._names = tuple(self._stored)

    def verify(self, owner: NeuronGroup) -> None:
        """`UnknownVariable` if a link ends in what is no variable of the equations, nor of another behaviour."""
        others = [one.reads for one in owner.behaviours.values() if one is not self]
        if None in others:
            return
        known = {*self._stored, *(name for names in others for name in names or ())}
        for synapses in owner.afferent:
            if isinstance(synapses, SynapseGroup) and synapses.delivers and synapses.into not in known:
                raise UnknownVariable("variable", synapses.into, known, f"{owner.tag} (into= of {synapses.tag!r})")

    def iteration(self, owner: NeuronGroup) -> None:
        """One step."""
        kernel, held = self._kernel, vars(owner)
        arrays = [held[name] for name in self._names]
        if not (kernel.arrays and all(map(operator.is_, arrays, kernel.arrays))):
            kernel.arrays = self._taken_in(owner)
        fires = kernel.step(owner.iteration - 1)
        if fires is not None:
            owner.spike = fires
        if kernel.not_finite():
            raise self._diverged(owner)

    def _taken_in(self, owner: NeuronGroup) -> list[Any]:
        """The variables, made arrays of the right type and shape where somebody has replaced them."""
        values = initial_values(self.model, {}, owner)
        for name, value in values.items():
            owner.set(name, value)
        return list(values.values())

    def _diverged(self, owner: NeuronGroup) -> NotFinite:
        name = self._kernel.not_finite()
        which = int(np.flatnonzero(~np.isfinite(owner.read(name)))[0])
        return NotFinite(
            f"{name} of neuron {which} of {owner.tag!r} is {owner.read(name)[which]}. Is a parameter 0 that divides, "
            f"or dt ({owner.network.dt:g} ms) too long for method={self.model.method!r}?",
            variable=name, neuron=which,
        )  # fmt: skip

    def _arguments(self) -> Iterable[str]:
        given = {**self.parameters, "compile": self.compiler}
        yield repr(given.pop("equations"))
        yield from (f"{name}={value!r}" for name, value in given.items())
