"""`ContinuousModel`: what models share that are integrated by steps of Runge and Kutta."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.neurons.model import NeuronModel, require, vector
from fusion.behaviours.neurons.runge_kutta import RungeKutta
from fusion.core.neurons import NeuronGroup


class ContinuousModel(NeuronModel):
    """A model whose variables follow differential equations between spikes.

    The classical Runge-Kutta method of order 4 divides dt into equal steps of at most `step` ms; ``current`` is
    constant within dt. Neurons fire at the end of dt.
    """

    variables: ClassVar[tuple[str, ...]] = ("voltage",)
    """In the order of the rows of a state."""
    longest: ClassVar[float] = math.inf
    """ms: a longer step is not stable."""

    step: float  # ms
    threshold: float

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.reads, cls.writes = ("current", *cls.variables), (*cls.variables, "spike")

    def initialize(self, owner: NeuronGroup) -> None:
        """As `NeuronModel.initialize`; the other variables are as `beginning` says.

        Raises
        ------
        InvalidValue
            If `step` is not a positive number, or longer than is stable.
        """
        super().initialize(owner)
        name, step = type(self).__name__, self.step
        require(np.ndim(step) == 0 and 0 < step < math.inf, f"{name}.step is {step}; it must be positive.")
        limit = f"{name}.step is {step:g} ms; above {self.longest:g} ms it is not stable."
        require(step <= self.longest, limit, step=step)
        for variable, value in zip(self.variables[1:], self.beginning(owner), strict=True):
            owner.set(variable, vector(value, owner))
        dt = owner.network.dt
        self._n_steps = max(1, math.ceil(dt / self.step - 1e-9))
        self._h = dt / self._n_steps
        self._state = np.empty((len(self.variables), owner.size), owner.network.dtype)
        self._method = RungeKutta(self.slopes, self._state.shape, self._state.dtype)

    def beginning(self, owner: NeuronGroup) -> Iterator[Any]:
        """Values of the variables after the first; ``voltage`` is there."""
        raise NotImplementedError

    def slopes(self, state: NDArray[Any], out: NDArray[Any]) -> None:
        """Put the derivatives (1/ms) of `state` into `out`, both (variables, n); the input is ``self._current``."""
        raise NotImplementedError

    def iteration(self, owner: NeuronGroup) -> None:
        """Move; a neuron whose voltage has come up to the threshold fires."""
        was_below = owner.voltage < self.threshold
        self.move(owner)
        owner.spike = was_below & (owner.voltage >= self.threshold)

    def move(self, owner: NeuronGroup) -> None:
        """Integrate the variables of the group over dt."""
        for row, variable in zip(self._state, self.variables, strict=True):
            row[:] = owner.read(variable)
        self._current = owner.current
        for _ in range(self._n_steps):
            self._method.step(self._state, self._h)
        for row, variable in zip(self._state, self.variables, strict=True):
            owner.read(variable)[:] = row
