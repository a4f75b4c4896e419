"""`Clock`, `Variable` and `Equation`: equations in the style of the PymoNNto paper, one behaviour for each."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from fusion.behaviours.equations.behaviour import Equations
from fusion.behaviours.equations.declarations import normal
from fusion.behaviours.parameters import check_native
from fusion.core.behaviour import Behaviour
from fusion.core.neurons import NeuronGroup
from fusion.core.units import factor
from fusion.errors import ClockMismatch, InvalidValue, UnknownName

_QUANTITY = re.compile(r"\s*(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*\*?\s*(?P<unit>[A-Za-zµμ].*?)?\s*$")
_ASSIGNED = re.compile(r"\s*(\w+)\s*=(.*)$", re.DOTALL)
_MOVED = re.compile(r"\s*d(\w+)\s*/\s*dt\s*=")


def quantity(text: str) -> tuple[float, str]:
    """A number and its unit, "" without one: "0.1*ms", "20 mV", "3".

    Raises
    ------
    InvalidValue
        If it is neither.
    """
    found = _QUANTITY.match(text)
    if found is None:
        raise InvalidValue(f"{text!r} is no quantity; write a number and a unit, such as '20*ms'.", text=text)
    return float(found["number"]), normal(found["unit"] or "")


class Clock(Behaviour):
    """Keeps the time of its neurons in ``t`` (ms), and says which step their equations are made for.

    Parameters
    ----------
    step : str
        The network's dt: ``Clock("0.1*ms")`` in ``Network(dt=0.1)``.

    Raises
    ------
    ClockMismatch
        If the network's dt is another.
    """

    step: str

    reads = ()
    writes = ("t",)
    units: ClassVar = {"t": "ms"}

    def __init__(self, step: str, **options: Any) -> None:
        super().__init__(step=step, **options)
        number, unit = quantity(step)
        self._ms = number * factor(unit, "ms")

    def initialize(self, owner: NeuronGroup) -> None:
        check_native(self, owner)
        dt = owner.network.dt
        if abs(self._ms - dt) > 1e-9 * dt:
            raise ClockMismatch(f"{self!r} is not the network's dt, {dt:g} ms. Write Network(dt={self._ms:g}).")
        owner.set("t", 0.0)

    def iteration(self, owner: NeuronGroup) -> None:
        """Tell the time at the end of this iteration."""
        owner.set("t", owner.iteration * owner.network.dt)


class Variable(Behaviour):
    """A variable of the neurons and its first value: ``Variable("v = 1*mV")``; the unit is that of the value."""

    equation: str

    reads = writes = ()

    def __init__(self, equation: str, **options: Any) -> None:
        super().__init__(equation=equation, **options)
        found = _ASSIGNED.match(equation)
        if found is None:
            raise InvalidValue(f"{equation!r} is no variable; write a name and a value, such as 'v = 1*mV'.")
        self.name = found[1]
        self.value, self.unit = quantity(found[2])
        self.units = {self.name: self.unit}  # type: ignore[misc]  # the name is the user's

    def initialize(self, owner: NeuronGroup) -> None:
        check_native(self, owner)


class Equation(Behaviour):
    """A differential equation of a `Variable`: ``Equation("dv/dt = (0*mV - v)/tau")``.

    All equations of a group make one system, which the first of them moves; each sees the others' values at the
    beginning of the step. For thresholds, resets and more, `Equations` takes them all in one text.

    Parameters
    ----------
    equation : str
    method : str
        As `Equations`; that of the first equation counts. The paper's is "euler".

    Raises
    ------
    UnknownName
        If no `Variable` of the group has the name.
    SimulatorMissing, InvalidValue, UnitMismatch
        As `Equations`, when the network is built.
    """

    equation: str
    method: str = "euler"

    def __init__(self, equation: str, **options: Any) -> None:
        super().__init__(equation=equation, **options)
        found = _MOVED.match(equation)
        if found is None:
            raise InvalidValue(f"{equation!r} is no differential equation; write 'dv/dt = ...'.", equation=equation)
        self.name = found[1]
        self._system: Equations | None = None
        self.accumulates = frozenset({self.name})  # type: ignore[misc]  # the name is the user's

    def initialize(self, owner: NeuronGroup) -> None:
        check_native(self, owner)
        equations = [one for one in owner.behaviours.values() if isinstance(one, Equation)]
        variables = {one.name: one for one in owner.behaviours.values() if isinstance(one, Variable)}
        for one in equations:
            if one.name not in variables:
                raise UnknownName("Variable", one.name, variables, owner.tag)
        first = min(equations, key=lambda one: one.key)
        if self is first:
            moved = {one.name: one.equation for one in equations}
            lines = [f"{moved.get(name, name)} : {one.unit or 1}" for name, one in variables.items()]
            values: dict[str, Any] = {name: one.value for name, one in variables.items()}
            self._system = Equations("\n".join(lines), method=self.method, **values)
            self._system.initialize(owner)
            self.reads = self.writes = tuple(variables)  # type: ignore[misc]

    def iteration(self, owner: NeuronGroup) -> None:
        """Move all variables of the group, if this is its first equation."""
        if self._system is not None:
            self._system.iteration(owner)
