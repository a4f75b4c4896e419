"""`LIF`: leaky integrate-and-fire neurons."""

from __future__ import annotations

from typing import Any

import numpy as np

from fusion.behaviours.neurons.model import NeuronModel, require, typed
from fusion.behaviours.neurons.refractory import Refractory
from fusion.core.neurons import NeuronGroup


class LIF(NeuronModel):
    r"""Leaky integrate-and-fire neurons, exact for a current that is constant within the step.

    .. math:: \tau \dot v = v_{rest} - v + \frac{\tau}{C} (I + I_{bias})

    At :math:`v \ge v_{threshold}` the neuron fires, and :math:`v = v_{reset}` in the step of the spike and for the
    refractory period after it. The parameters are those of NEST's ``iaf_psc_exp``. With `ExponentialCurrent` or
    `AlphaCurrent` the step is exact too.

    Reads ``current`` (n,) pA, ``voltage``. Writes ``voltage`` (n,) mV, ``spike`` (n,).

    Raises
    ------
    InvalidValue
        If `tau` or `capacitance` is not positive, `refractory` is negative, or `reset` is not below `threshold`.
    OffGrid
        If `refractory` is one number and no multiple of dt.

    References
    ----------
    Lapicque (1907), *J. Physiol. Pathol. Gen.* 9, 620-635. Rotter, Diesmann (1999), *Biol. Cybern.* 81, 381-402.
    """

    tau: float = 10.0  #: ms
    capacitance: float = 250.0  #: pF
    rest: float = -70.0  #: mV
    threshold: float = -55.0  #: mV
    reset: float = -70.0  #: mV
    refractory: float = 2.0  #: ms
    bias: float = 0.0  #: pA
    initial: float | None = None  #: mV; rest unless given

    positive = ("tau", "capacitance")

    def initialize(self, owner: NeuronGroup) -> None:
        if self.initial is None:
            self.initial = self.rest
        super().initialize(owner)
        require(self.reset < self.threshold, f"LIF.reset is {self.reset}; it must lie below threshold.")
        decayed = -np.expm1(-owner.network.dt / self.tau)
        self._decayed = typed(decayed, owner)
        self._gain = typed(decayed * self.tau / self.capacitance, owner)  # mV/pA
        self._refractory = Refractory(self.refractory, owner)

    def iteration(self, owner: NeuronGroup) -> None:
        """Move, then fire."""
        voltage = owner.voltage
        change = self.rest - voltage
        change *= self._decayed
        driven = owner.current + self.bias
        driven *= self._gain
        change += driven
        change[self._refractory.pass_step()] = 0.0
        np.add(voltage, change, out=voltage)
        spike = voltage >= self.threshold
        np.copyto(voltage, self.reset, where=spike)
        self._refractory.begin(spike)
        owner.spike = spike

    @property
    def leak_rate(self) -> Any:
        return 1.0 / self.tau
