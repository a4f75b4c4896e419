"""`Izhikevich`: the simple model of spiking neurons."""

from __future__ import annotations

import numpy as np

from fusion.behaviours.neurons.model import NeuronModel, require, vector
from fusion.core.neurons import NeuronGroup


class Izhikevich(NeuronModel):
    r"""The simple model of spiking neurons, computed as in the program of its paper.

    .. math::
        \dot v = 0.04 v^2 + 5 v + 140 - u + I, \qquad \dot u = a (b v - u)

    At :math:`v \ge 30` mV the neuron fires, :math:`v = c` and :math:`u = u + d`. Within a step the voltage takes two
    steps of Euler's method of half the length, then the recovery one. The parameters are those of regular spiking; the
    numbers of the equations suppose ms and mV, so the unit of ``current`` is mV/ms.

    Reads ``current`` (n,) mV/ms, ``voltage``, ``recovery``. Writes ``voltage`` (n,) mV, ``recovery`` (n,) mV/ms,
    ``spike`` (n,).

    Raises
    ------
    InvalidValue
        If dt is above 1 ms, for which the paper's way of computing was made, or `c` is not below 30 mV.

    References
    ----------
    Izhikevich (2003), *IEEE Trans. Neural Netw.* 14, 1569-1572.
    """

    a: float = 0.02  #: 1/ms
    b: float = 0.2  #: 1/ms
    c: float = -65.0  #: mV
    d: float = 8.0  #: mV/ms
    bias: float = 0.0  #: mV/ms
    initial: float = -65.0  #: mV; the recovery begins with b times this

    reads = ("current", "voltage", "recovery")
    writes = ("voltage", "recovery", "spike")
    positive = ("a",)

    def initialize(self, owner: NeuronGroup) -> None:
        super().initialize(owner)
        dt = owner.network.dt
        require(dt <= 1.0, f"Izhikevich is computed in steps of 1 ms or less; dt is {dt:g} ms.", dt=dt)
        require(self.c < 30.0, f"Izhikevich.c is {self.c}; it must lie below the peak of 30 mV.", parameter="c")
        owner.set("recovery", vector(self.b * owner.voltage, owner))
        self._dt = dt

    def iteration(self, owner: NeuronGroup) -> None:
        """Move, then fire."""
        voltage, recovery = owner.voltage, owner.recovery
        constant = owner.current - recovery
        constant += self.bias
        constant += 140.0
        for _ in range(2):
            change = voltage * 0.04
            change += 5.0
            change *= voltage
            change += constant
            change *= 0.5 * self._dt
            np.add(voltage, change, out=voltage)
        change = self.b * voltage
        change -= recovery
        change *= self.a
        change *= self._dt
        np.add(recovery, change, out=recovery)
        spike = voltage >= 30.0
        np.copyto(voltage, self.c, where=spike)
        np.add(recovery, self.d, out=recovery, where=spike)
        owner.spike = spike
