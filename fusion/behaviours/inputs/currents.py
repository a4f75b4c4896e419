"""Currents from outside, which add to ``current``."""

from __future__ import annotations

from typing import Any

import numpy as np

from fusion.behaviours.inputs.drive import Drive
from fusion.behaviours.parameters import check_not_negative, check_positive
from fusion.core.neurons import NeuronGroup
from fusion.errors import InvalidValue


class StepCurrent(Drive):
    """Adds a constant from `begin` to `end`; several of them make a staircase.

    Reads and writes the variable `into` (n,), which is zero when an iteration begins.

    Raises
    ------
    InvalidValue
        If it ends before it begins.
    Unsupported
        If it is not attached to native neurons.
    """

    amplitude: float  # pA, or the unit of the variable
    begin: float = 0.0  # ms
    end: float = np.inf  # ms

    _times = frozenset({"begin", "end"})

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        if np.ndim(self.begin) or np.ndim(self.end) or not self.begin <= self.end:
            raise InvalidValue(f"StepCurrent lasts from {self.begin} to {self.end} ms; give two times in order.")

    def iteration(self, owner: NeuronGroup) -> None:
        """Add, while it lasts."""
        dt = owner.network.dt
        # Times are compared half a step away from the grid, where rounding does not matter.
        if self.begin < (owner.iteration - 0.5) * dt < self.end:
            current = owner.read(self.into)
            current += self.amplitude


class WhiteNoise(Drive):
    r"""Adds white noise, of each neuron its own, whose effect does not depend on dt.

    .. math:: I_k = \mu + \frac{\sigma}{\sqrt{dt}} \, \xi_k, \qquad \xi_k \sim \mathcal N(0, 1)

    What integrates it over a time T gets the mean :math:`\mu T` and the variance :math:`\sigma^2 T`. The potential of
    `LIF` without threshold has the variance :math:`\sigma^2 \tau / (2 C^2)`, but for :math:`(dt/\tau)^2 / 12` of it.

    Reads and writes the variable `into` (n,), which is zero when an iteration begins.

    Raises
    ------
    InvalidValue
        If `sigma` is negative.
    Unsupported
        If it is not attached to native neurons.

    References
    ----------
    Tuckwell (1988), *Introduction to Theoretical Neurobiology*, vol. 2, ch. 9.
    """

    mean: float = 0.0  # pA, or the unit of the variable
    sigma: float = 10.0  # the same unit, times the square root of ms

    def initialize(self, owner: NeuronGroup) -> None:
        """Open the variable."""
        super().initialize(owner)
        check_not_negative(self, sigma="the unit of the variable, times the square root of ms")
        self._per_step = 1.0 / np.sqrt(owner.network.dt)

    def iteration(self, owner: NeuronGroup) -> None:
        """A step of the noise."""
        current = owner.read(self.into)
        current += self.mean + self.sigma * self._per_step * owner.generator.standard_normal(owner.size)


class OrnsteinUhlenbeckCurrent(Drive):
    r"""Adds coloured noise, of each neuron its own.

    .. math:: \tau \dot I = \mu - I + \sigma \sqrt{2 \tau} \, \xi(t)

    The steps are exact: whatever dt is, I has the mean :math:`\mu`, the standard deviation :math:`\sigma` and the
    autocorrelation :math:`e^{-|t| / \tau}` from the first step on.

    Reads and writes the variable `into` (n,), which is zero when an iteration begins.

    Raises
    ------
    InvalidValue
        If `tau` is not positive, or `sigma` is negative.
    Unsupported
        If it is not attached to native neurons.

    References
    ----------
    Uhlenbeck, Ornstein (1930), *Phys. Rev.* 36, 823-841. Gillespie (1996), *Phys. Rev. E* 54, 2084-2091, for the steps.
    """

    mean: float = 0.0  # pA, or the unit of the variable, as sigma
    sigma: float = 10.0
    tau: float = 5.0  # ms

    def initialize(self, owner: NeuronGroup) -> None:
        """Open the variable, and begin somewhere."""
        super().initialize(owner)
        check_positive(self, tau="ms")
        check_not_negative(self, sigma="the unit of the variable")
        self._decay = np.exp(-owner.network.dt / np.asarray(self.tau))
        self._kick = np.sqrt(1.0 - self._decay**2)
        self._noise = owner.generator.standard_normal(owner.size)

    def iteration(self, owner: NeuronGroup) -> None:
        """A step of the noise."""
        current = owner.read(self.into)
        current += self.mean + self.sigma * self._noise
        self._noise = self._noise * self._decay + self._kick * owner.generator.standard_normal(owner.size)
