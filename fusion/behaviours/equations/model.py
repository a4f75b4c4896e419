"""What equations become before they are code: declared variables, and statements in blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Jacobian = Callable[[Mapping[str, Any]], NDArray[np.float64]]
"""From values in SI units by name to a matrix per neuron, (neurons or 1, m, m), 1/s."""


class Declaration(NamedTuple):
    """One equation as the user wrote it.

    name : what it defines
    unit : as fusion reads it, "mV"; "" for numbers, Booleans and integers
    exponent : one unit is 10 ** exponent in SI units
    line : number of its first line, from 1
    text : without comments, on one line
    """

    name: str
    unit: str
    exponent: int
    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.text!r}"


class Stored(NamedTuple):
    """A variable that neurons keep from one iteration to the next.

    kind : "state" (moved by a differential equation), "parameter" or "expression" (constant over dt)
    dtype : "float", "integer" or "boolean"
    exponent : as in `Declaration`
    shared : one number for all neurons
    held : does not change while a neuron is refractory
    """

    name: str
    kind: str
    dtype: str = "float"
    unit: str = ""
    exponent: int = 0
    shared: bool = False
    held: bool = False


class Line(NamedTuple):
    """``target op text``; `guard` is the variable that has to be true for it to count.

    branches : None, or (variable, text if it is true, text if it is false) that give the same as `text`
    """

    target: str
    op: str
    text: str
    guard: str = ""
    branches: tuple[str, str, str] | None = None


@dataclass(frozen=True)
class Block:
    """Statements that are computed one after the other.

    once : lines whose values never change
    scalars : lines with one value for all neurons, computed in each iteration
    lines : one value per neuron
    draws : names of random numbers, each with the method of a generator that draws them
    reads, writes : stored variables
    """

    once: tuple[Line, ...] = ()
    scalars: tuple[Line, ...] = ()
    lines: tuple[Line, ...] = ()
    draws: tuple[tuple[str, str], ...] = ()
    reads: frozenset[str] = frozenset()
    writes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Model:
    """Equations in SI units, checked, and discretized in time.

    declared : by name, in the order of the text
    constants : names that are no variables, in SI units
    update : from one step to the next; ends with the condition ``_cond`` if there is a threshold
    reset : for the neurons that fire
    period : s for which neurons are refractory, if that is one number
    jacobian : of the differential equations, if they are linear in the variables and random nowhere else
    """

    declared: Mapping[str, Declaration]
    stored: tuple[Stored, ...]
    constants: Mapping[str, float | int | bool]
    update: Block
    reset: Block
    method: str
    fires: bool
    refractory: bool
    period: float | None
    jacobian: Jacobian | None

    @property
    def states(self) -> tuple[Stored, ...]:
        """The variables that differential equations move."""
        return tuple(one for one in self.stored if one.kind == "state")
