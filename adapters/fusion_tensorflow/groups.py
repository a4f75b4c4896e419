"""What is known of a wrapped group: its input, its output, its variables by name."""

from __future__ import annotations

from collections import deque
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.adapter.base import Index, Input, Variable
from fusion.errors import UnknownName
from fusion_tensorflow.ports import InputVector
from fusion_tensorflow.stepper import Stepper

Memory = deque[tuple[NDArray[np.float64], list[Any]]]

INPUT, OUTPUT = "input", "output"


class Group:
    """A layer at work.

    Variables, all without a unit: ``input`` (n_in,), ``output`` (n_out,), ``state`` (all states, flat), ``weights``
    (what training changes, flat), and each state and weight that has a name, flat: the Keras path without the name of
    the wrapped object, as ``dense_kernel`` for ``dense/kernel``.
    """

    def __init__(self, stepper: Stepper) -> None:
        self.stepper = stepper
        self.input = InputVector(stepper.n_in)
        self.output: NDArray[Any] = np.zeros(stepper.n_out, stepper.output_dtype)
        model = stepper.model
        parts = {"state": model.state, "weights": model.trainable}
        parts |= {name: [variable] for name, variable in (model.named_state | model.weights).items()}
        self._parts: dict[str, list[Any]] = {name: variables for name, variables in parts.items() if variables}
        self._memories: list[Memory] = []

    def variables(self) -> dict[str, Variable]:
        """The table of the group's variables."""
        table = {
            INPUT: Variable(self.stepper.n_in, ""),
            OUTPUT: Variable(self.stepper.n_out, "", read_only="it is what the layer computes from its input"),
        }
        sizes = {name: sum(prod(v.shape) for v in variables) for name, variables in self._parts.items()}
        return table | {name: Variable(size, "") for name, size in sizes.items()}

    def inputs(self) -> dict[str, Input]:
        """The table of the places where arrivals go."""
        return {INPUT: Input(self.stepper.n_in, "", spikes=True, samples=True)}

    def compute(self, tick: int) -> None:
        """Compute the output of `tick` from the input of `tick`."""
        x = self.input.at(tick)
        for memory in self._memories:
            memory.append((x.copy(), self.stepper.state()))
        self.output = self.stepper.step(x)

    def remember(self, n_steps: int) -> Memory:
        """The last `n_steps` steps from now on, oldest first, each as (input, state before it)."""
        self._memories.append(deque(maxlen=n_steps))
        return self._memories[-1]

    def read(self, name: str, tick: int) -> NDArray[Any]:
        """A new array with the values of a variable at `tick`."""
        if name == INPUT:
            return self.input.at(tick).copy()
        if name == OUTPUT:
            return self.output.copy()
        self._check(name)
        return np.concatenate([_values(variable).ravel() for variable in self._parts[name]])

    def write(self, name: str, values: ArrayLike, index: Index, tick: int) -> None:
        """Set a variable, or a part of it."""
        if name == INPUT:
            self.input.write(values, index, tick)
            return
        self._check(name)
        flat = self.read(name, tick)
        flat[slice(None) if index is None else index] = values
        variables = self._parts[name]
        ends = np.cumsum([prod(variable.shape) for variable in variables])
        for variable, part in zip(variables, np.split(flat, ends[:-1]), strict=True):
            variable.assign(part.reshape(variable.shape).astype(_values(variable).dtype))

    def _check(self, name: str) -> None:
        if name not in self._parts:
            raise UnknownName("variable", name, [INPUT, OUTPUT, *self._parts], "the layer")


def _values(variable: Any) -> NDArray[Any]:
    """A copy of a variable of Keras, or of TensorFlow, whose `value` is a method."""
    values: NDArray[Any] = (variable.value() if callable(variable.value) else variable.value).numpy()
    return values
