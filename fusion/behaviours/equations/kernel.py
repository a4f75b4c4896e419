"""`Kernel`: a model as compiled code, for so many neurons and one length of a step."""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.equations.model import Block, Line, Model
from fusion.core.ports import Arrivals


def _timestep(t: Any, dt: float) -> Any:
    steps = np.asarray((t + 1e-3 * dt) / dt).astype(np.int64)
    return steps if steps.ndim else steps.item()


FUNCTIONS: Mapping[str, Any] = {
    **{name: np.__dict__[name] for name in (
        "sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log", "log10", "expm1", "log1p", "sqrt", "arcsin",
        "arccos", "arctan", "abs", "sign", "clip", "logical_not", "where",
    )},
    "int": np.int32,
    "ceil": lambda x: np.int32(np.ceil(x)),
    "floor": lambda x: np.int32(np.floor(x)),
    "timestep": _timestep,
}  # fmt: skip
"""Functions of equations in NumPy, as Brian2 has them."""

CONSTANTS: Mapping[str, Any] = {"pi": np.pi, "e": np.e, "inf": np.inf}


class Kernel(abc.ABC):
    """A step of all neurons: update, threshold, arrivals, reset, in this order, as in Brian2.

    Parameters
    ----------
    model : Model
    n : int
        Neurons.
    dt : float, s
    arrivals : {name: Arrivals}
        What is added to variables after the threshold was tested, and before the reset.
    generator : numpy.random.Generator

    Attributes
    ----------
    arrays : list of arrays
        Values of the variables in the order of ``model.stored``, (n,) in the unit declared, or a number where they
        are shared. May be replaced by others of the same shape and type between two steps.
    """

    name: str
    """What compiled it."""

    def __init__(
        self, model: Model, n: int, dt: float, arrivals: Mapping[str, Arrivals], generator: np.random.Generator
    ) -> None:
        self.model, self.n, self.dt = model, n, dt
        self.arrays: list[Any] = []
        self._generator = generator
        self.arrivals = [arrivals[one.name] for one in model.states]

    @abc.abstractmethod
    def step(self, tick: int) -> NDArray[np.bool_] | None:
        """Step `tick`, from 0: the mask (n,) of the neurons that fire, None without a threshold."""

    @abc.abstractmethod
    def not_finite(self) -> str:
        """The name of a variable that was not finite somewhere in the last step; "" if all were."""

    def draw(self, block: Block, n: int) -> list[NDArray[np.float64]]:
        """The random numbers of a block, (n,) each."""
        drawers: dict[str, Any] = {"random": self._generator.random, "standard_normal": self._generator.standard_normal}
        return [drawers[method](n) for _, method in block.draws]


def constants(model: Model, n: int, dt: float) -> dict[str, float | int | bool]:
    """Everything that never changes, by name, in SI units."""
    values: dict[str, Any] = {**CONSTANTS, **model.constants, "dt": dt, "N": n}
    if model.period is not None:
        values["_free_after"] = free_after(model.period, dt)
    space = {**FUNCTIONS, **values}
    for line in (*model.update.once, *model.reset.once):
        value = evaluate(line.text, space)
        # A number of Python leaves arrays of float32 what they are.
        values[line.target] = space[line.target] = value.item() if isinstance(value, np.generic) else value
    return values


def free_after(period: float, dt: float) -> float:
    """The shortest time (s) since a spike of which Brian2 says that a refractory period is over.

    Brian2 compares whole time steps. These never fall when time grows, so that there is one such time, and comparing
    with it is the same, without a division for each neuron.
    """
    steps = _timestep(period, dt)
    held, free = period - 2.0 * dt, period + 2.0 * dt
    while held < (middle := 0.5 * (held + free)) < free:
        if _timestep(middle, dt) >= steps:
            free = middle
        else:
            held = middle
    return free


def evaluate(text: str, space: dict[str, Any]) -> Any:
    """The value of an expression that the parser has checked."""
    return eval(compile(text, "<equations>", "eval"), {"__builtins__": {}}, space)


def defined(source: str, space: Mapping[str, Any]) -> dict[str, Any]:
    """The functions that a source defines whose expressions the parser has checked."""
    made = {"__builtins__": {}, **space}
    exec(compile(source, "<equations>", "exec"), made)
    return made


def right_side(line: Line, choose: str) -> str:
    """The value that a line gives its target; `choose` is how one of two is taken by a condition."""
    text = line.text
    if line.branches is not None:
        condition, true, false = line.branches
        text = choose.format(condition=condition, true=true, false=false)
    if line.op in (":=", "="):
        return text
    return f"{line.target} {line.op[:-1]} ({text})"


def stores(model: Model, block: Block) -> Sequence[tuple[str, float, bool]]:
    """(name, units in one SI unit, held) of the variables that a block changes."""
    by_name = {one.name: one for one in model.stored}
    return [(name, 10.0 ** -by_name[name].exponent, by_name[name].held) for name in block.writes]
