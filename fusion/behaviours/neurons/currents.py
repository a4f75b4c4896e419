"""Synaptic currents and conductances: what spikes bring, spread over time."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.neurons.model import NeuronModel, prepare, typed
from fusion.core.behaviour import Behaviour
from fusion.core.neurons import NeuronGroup
from fusion.errors import InvalidValue


class Synaptic(Behaviour):
    """What synaptic currents share: arrivals in the variable `input`, ``current`` for the model under a larger key."""

    quantity: ClassVar[str] = "current"
    """What jumps and decays; the variable is ``<input>_<quantity>``."""

    tau: float = 2.0  #: ms
    input: str = "input"  #: variable of the arrivals

    _state = ""

    def initialize(self, owner: NeuronGroup) -> None:
        """Open both variables.

        Raises
        ------
        Unsupported
            If the owner is no native neuron group.
        InvalidValue
            If `tau` is not positive, or another behaviour makes the same variable of the same input.
        """
        prepare(self, owner, ("tau",))
        owner.open_input(self.input)
        owner.open_input("current")
        self._state = f"{self.input}_{self.quantity}"
        for other in owner.behaviours.values():
            if isinstance(other, Synaptic) and other is not self and other._state == self._state:
                raise InvalidValue(
                    f"{other!r} and {self!r} of {owner.tag!r} both make {self._state}; give one an input=."
                )
        owner.set(self._state, owner.vector())
        self.reads = (self.input, self._state, "current", "voltage")  # type: ignore[misc]  # names are the user's
        self.writes = ("current", self._state)  # type: ignore[misc]
        self._decay = typed(np.exp(-owner.network.dt / self.tau), owner)

    def verify(self, owner: NeuronGroup) -> None:
        """`InvalidValue` if the model steps before this behaviour, and so would never see what it adds."""
        check_before_model(self, owner)


class ExponentialCurrent(Synaptic):
    r"""A current that jumps with each spike and decays.

    .. math:: \tau \dot I = -I + \tau \sum_k w_k \, \delta(t - t_k)

    It adds to ``current`` the constant current that moves the voltage as far within the step as :math:`I` does: with
    `LIF` exactly, with other models it is the mean over the step. Two kinds of synapses are two such behaviours with
    different `input`; links go to them by ``into=``.

    Reads the variable `input` (n,) pA. Writes ``current`` (n,) pA and ``<input>_current`` (n,) pA, the value of I at
    the end of the step.

    Raises
    ------
    InvalidValue
        If `tau` is not positive, or the model has a smaller key.

    References
    ----------
    Rotter, Diesmann (1999), *Biol. Cybern.* 81, 381-402.
    """

    def verify(self, owner: NeuronGroup) -> None:
        super().verify(owner)
        dt, leak = owner.network.dt, leak_rate(owner)
        moved = exponential_response(dt, 1.0 / self.tau, leak)
        self._gain = typed(moved / exponential_response(dt, 0.0, leak), owner)

    def iteration(self, owner: NeuronGroup) -> None:
        """Act over the step, then decay, then take what arrives."""
        state, current = owner.read(self._state), owner.current
        current += state * self._gain
        np.multiply(state, self._decay, out=state)
        state += owner.read(self.input)


class AlphaCurrent(Synaptic):
    r"""A current that rises and falls after each spike; the weight is its peak, reached `tau` after the spike.

    .. math:: I(t) = \sum_k w_k \frac{t - t_k}{\tau} \, e^{1 - (t - t_k)/\tau}, \qquad t > t_k

    In all else as `ExponentialCurrent`; ``<input>_current`` (n,) pA is I.

    References
    ----------
    Rotter, Diesmann (1999), *Biol. Cybern.* 81, 381-402.
    """

    def initialize(self, owner: NeuronGroup) -> None:
        super().initialize(owner)
        self._slope = owner.vector()  # pA/ms: dI/dt + I/tau
        self._rise = typed(owner.network.dt * np.exp(-owner.network.dt / self.tau), owner)  # ms
        self._jump = typed(np.e / self.tau, owner)

    def verify(self, owner: NeuronGroup) -> None:
        super().verify(owner)
        dt, leak, rate = owner.network.dt, leak_rate(owner), 1.0 / self.tau
        whole = exponential_response(dt, 0.0, leak)
        self._gain = typed(exponential_response(dt, rate, leak) / whole, owner)
        self._gain_of_slope = typed(alpha_response(dt, rate, leak) / whole, owner)

    def iteration(self, owner: NeuronGroup) -> None:
        """Act over the step, then move on, then take what arrives."""
        state, slope, current = owner.read(self._state), self._slope, owner.current
        current += state * self._gain
        current += slope * self._gain_of_slope
        np.multiply(state, self._decay, out=state)
        state += slope * self._rise
        slope *= self._decay
        slope += owner.read(self.input) * self._jump


class ExponentialConductance(Synaptic):
    r"""A conductance that jumps with each spike and decays, and the current that it lets pass.

    .. math:: \tau \dot g = -g + \tau \sum_k w_k \, \delta(t - t_k), \qquad I = g \, (E - v)

    The current is that of the voltage at the beginning of the step and of the mean conductance within it: first order
    in dt.

    Reads the variable `input` (n,) nS, ``voltage`` mV. Writes ``current`` (n,) pA and ``<input>_conductance`` (n,) nS,
    the value of g at the end of the step.

    Raises
    ------
    InvalidValue
        If `tau` is not positive, or the model has a smaller key.
    """

    quantity = "conductance"

    reversal: float = 0.0  #: mV

    def initialize(self, owner: NeuronGroup) -> None:
        super().initialize(owner)
        dt = owner.network.dt
        self._mean = typed(exponential_response(dt, 1.0 / self.tau, 0.0) / dt, owner)

    def iteration(self, owner: NeuronGroup) -> None:
        """Act over the step, then decay, then take what arrives."""
        state, current = owner.read(self._state), owner.current
        passing = self.reversal - owner.voltage
        passing *= state * self._mean
        current += passing
        np.multiply(state, self._decay, out=state)
        state += owner.read(self.input)


def check_before_model(behaviour: Behaviour, owner: NeuronGroup) -> None:
    """`InvalidValue` if the model steps before a behaviour, and so would never see what it adds to the current."""
    for model in owner.behaviours.values():
        if isinstance(model, NeuronModel) and model.key < behaviour.key:
            raise InvalidValue(
                f"{type(behaviour).__name__} (key {behaviour.key}) adds to the current after {type(model).__name__} "
                f"(key {model.key}) has used it; give it a smaller key.",
                key=behaviour.key,
            )


def leak_rate(owner: NeuronGroup) -> Any:
    """That of the model of a group, 1/ms; 0 without one."""
    models = (one for one in owner.behaviours.values() if isinstance(one, NeuronModel))
    return next((model.leak_rate for model in models), 0.0)


def exponential_response(h: float, rate: Any, leak: Any) -> NDArray[np.float64]:
    r""":math:`\int_0^h e^{-leak (h - s)} e^{-rate \, s} ds` in ms, also where the two rates (1/ms) are equal."""
    x = np.asarray((leak - rate) * h, float)
    small = np.abs(x) < 1e-8
    safe = np.where(small, 1.0, x)
    return np.asarray(h * np.exp(-leak * h) * np.where(small, 1.0 + x / 2, np.expm1(safe) / safe))


def alpha_response(h: float, rate: Any, leak: Any) -> NDArray[np.float64]:
    r""":math:`\int_0^h e^{-leak (h - s)} s \, e^{-rate \, s} ds` in ms², also where the two rates (1/ms) are equal."""
    x = np.asarray((leak - rate) * h, float)
    small = np.abs(x) < 1.0
    # The closed form cancels near 0, where twenty terms of the series are exact.
    series, term = np.zeros_like(x), np.ones_like(x)
    for k in range(20):
        series += term / (k + 2)
        term = term * x / (k + 1)
    safe = np.where(small, 1.0, x)
    closed = (np.exp(safe) * (safe - 1.0) + 1.0) / safe**2
    return np.asarray(h * h * np.exp(-leak * h) * np.where(small, series, closed))
