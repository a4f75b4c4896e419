"""Equations as strings (``NetworkBehavior.EulerEquationModules``): a clock, variables, and dv/dt by Euler's method."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from fusion.errors import InvalidValue
from fusion.recording.expression import Expression
from fusion_pymonnto.behavior import Behavior
from fusion_pymonnto.recorder import plain

# Times are in s; other units are only left out, as in PymoNNto: its variables are numbers.
_SECONDS: Mapping[str, float] = {
    "s": 1.0, "second": 1.0, "seconds": 1.0, "ms": 1e-3, "millisecond": 1e-3, "milliseconds": 1e-3, "us": 1e-6,
    "microsecond": 1e-6, "microseconds": 1e-6, "minute": 60.0, "minutes": 60.0, "hour": 3600.0, "hours": 3600.0,
}  # fmt: skip
_LEFT_OUT = frozenset(
    """
    A F Hz Mohm S V amp ampere farad hertz mA mV mS nA nF nS ohm pA pF siemens uA uF uS uV volt volts
    """.split()  # noqa: SIM905 - thirty quoted names would be harder to read
)
_TIME = re.compile(r"\s*([-+]?[\d.]+(?:e[-+]?\d+)?)\s*\*?\s*([a-z]+)\s*", re.IGNORECASE)
_DERIVATIVE = re.compile(r"\s*d\s*(\w+)\s*/\s*dt\s*=(?!=)(.+)", re.DOTALL)
_ASSIGNMENT = re.compile(r"\s*(\w+)\s*=(?!=)(.+)", re.DOTALL)


def seconds(text: str) -> float:
    """A time such as "0.1*ms" in s.

    Raises
    ------
    InvalidValue
        If it is no number with a unit of time.
    """
    found = _TIME.fullmatch(text)
    if found is None or found[2] not in _SECONDS:
        raise InvalidValue(f"{text!r} is no time; write a number and a unit, such as '0.1*ms'.", time=text)
    # Rounded to the digits that were meant: 0.9 * 1e-3 is not 9e-4.
    return float(f"{float(found[1]) * _SECONDS[found[2]]:.15g}")


class Clock(Behavior):
    """Says how long an iteration is, and counts the time ``t`` (s) on what it is attached to.

    Parameters
    ----------
    step : str
        A time such as "0.1*ms".
    """

    def initialize(self, neuron_or_network: Any) -> None:
        """Begin at 0."""
        self.clock_step_size = neuron_or_network.clock_step_size = seconds(self.parameter("step", "1*ms"))
        neuron_or_network.t = 0.0

    def iteration(self, neuron_or_network: Any) -> None:
        """One step on."""
        neuron_or_network.t += self.clock_step_size

    def time_to_iterations(self, time_str: str) -> int:
        """The number of iterations in a time such as "1000*ms"."""
        return round(seconds(time_str) / self.clock_step_size)


class Variable(Behavior):
    """A variable and where it begins, ``eq="v=1*mV"``; its own key is when new values take effect.

    Raises
    ------
    InvalidValue
        If it is no assignment.
    ExpressionError
        If the right side uses a grammar or a function that is not allowed.
    """

    def initialize(self, owner: Any) -> None:
        """Make the variable."""
        self.var_name, text = _parts(_ASSIGNMENT, self.parameter("eq", required=True), "v=1*mV")
        self.add_tag(f"Variable {self.var_name}")
        self._new = f"{self.var_name}_new"
        setattr(owner, self.var_name, owner.filled())  # as the user named it
        begin = _bound(f"{self.var_name} + ({text})", owner)()
        setattr(owner, self.var_name, begin)  # as the user named it
        setattr(owner, self._new, np.array(begin))

    def iteration(self, owner: Any) -> None:
        """Let the new value take effect."""
        setattr(owner, self.var_name, getattr(owner, self._new))  # as the user named it


class Syn_Variable(Variable):
    """A variable of synapses."""


class Equation(Behavior):
    """``eq="dv/dt=(0*mV-v)/tau"``: the next value by Euler's method, from the values of this iteration.

    It takes effect when the Variable steps, so that the order of equations does not matter. A Clock comes before it.

    Raises
    ------
    InvalidValue
        If it is no differential equation.
    ExpressionError
        If the right side uses a grammar or a function that is not allowed.
    """

    def initialize(self, neurons: Any) -> None:
        """Compile the equation."""
        self.add_tag("EquationModule")
        self.variable, text = _parts(_DERIVATIVE, self.parameter("eq", required=True), "dv/dt=-v/(10*ms)")
        clock = getattr(neurons, "clock_step_size", None) or getattr(neurons.network, "clock_step_size", None)
        self.step_size = seconds(self.parameter("step_size", "1*ms")) if clock is None else clock
        self.parameter("step_size")
        self.evaluation = f"{self.variable}+({text})*{self.step_size!r}"
        self._next = _bound(self.evaluation, neurons)
        self._new = f"{self.variable}_new"

    def iteration(self, neurons: Any) -> None:
        """Compute the new value."""
        setattr(neurons, self._new, self._next())  # as the user named it


def _parts(form: re.Pattern[str], text: str, example: str) -> tuple[str, str]:
    found = form.fullmatch(text)
    if found is None:
        raise InvalidValue(f"eq={text!r} cannot be read; write it as in eq={example!r}.", eq=text)
    return found[1], found[2]


def _bound(text: str, owner: Any) -> Callable[[], Any]:
    try:
        tree = ast.parse(text.strip().replace("\n", " "), mode="eval")
    except SyntaxError as error:
        raise InvalidValue(f"{text!r} cannot be read: {error.msg} at column {error.offset}.", eq=text) from error
    without = ast.fix_missing_locations(_Units(owner).visit(tree))
    return Expression(plain(ast.unparse(without))).bind(owner.plain)


class _Units(ast.NodeTransformer):
    """Units become numbers, unless the owner has a variable of that name."""

    def __init__(self, owner: Any) -> None:
        self._variables = set(owner.plain.variable_names())

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self._variables or node.id not in {*_SECONDS, *_LEFT_OUT}:
            return node
        return ast.Constant(_SECONDS.get(node.id, 1.0))
