"""`ExponentialIF` and `AdaptiveExponentialIF`: integrate-and-fire neurons whose spikes begin by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.neurons.continuous import ContinuousModel
from fusion.behaviours.neurons.model import require
from fusion.behaviours.neurons.refractory import Refractory
from fusion.core.neurons import NeuronGroup


class ExponentialIF(ContinuousModel):
    r"""Exponential integrate-and-fire neurons.

    .. math:: C \dot v = g_L (E_L - v) + g_L \Delta_T \, e^{(v - v_{threshold})/\Delta_T} + I + I_{bias}

    At the threshold the spike begins; at :math:`v \ge v_{peak}` the neuron fires, and :math:`v = v_{reset}` in the step
    of the spike and for the refractory period after it. Beyond the peak all terms have the value that they have there,
    as in NEST. The classical Runge-Kutta method of order 4 takes steps of at most `step` ms; resets happen at the end
    of dt, so that the time of a spike is of first order in dt.

    Reads ``current`` (n,) pA, ``voltage``. Writes ``voltage`` (n,) mV, ``spike`` (n,).

    Raises
    ------
    InvalidValue
        If `capacitance`, `g_l`, `delta` or `step` is not positive, `refractory` is negative, or `reset` or `threshold`
        is not below `peak`.
    OffGrid
        If `refractory` is one number and no multiple of dt.

    References
    ----------
    Fourcaud-Trocmé, Hansel, van Vreeswijk, Brunel (2003), *J. Neurosci.* 23, 11628-11640.
    """

    capacitance: float = 281.0  #: pF
    g_l: float = 30.0  #: nS
    e_l: float = -70.6  #: mV
    threshold: float = -50.4  #: mV
    delta: float = 2.0  #: mV
    peak: float = 20.0  #: mV
    reset: float = -70.6  #: mV
    refractory: float = 0.0  #: ms
    bias: float = 0.0  #: pA
    initial: float = -70.6  #: mV
    step: float = 0.1  #: ms

    positive: ClassVar[tuple[str, ...]] = ("capacitance", "g_l", "delta")

    def initialize(self, owner: NeuronGroup) -> None:
        super().initialize(owner)
        name = type(self).__name__
        for limit in ("reset", "threshold"):
            value = vars(self)[limit]
            require(value < self.peak, f"{name}.{limit} is {value}; it must lie below peak.", parameter=limit)
        self._refractory = Refractory(self.refractory, owner)

    def beginning(self, owner: NeuronGroup) -> Iterator[Any]:
        yield from ()

    def slopes(self, state: NDArray[Any], out: NDArray[Any]) -> None:
        voltage = np.minimum(state[0], self.peak)
        upstroke = voltage - self.threshold
        upstroke /= self.delta
        np.exp(upstroke, out=upstroke)
        upstroke *= self.delta
        upstroke += self.e_l
        upstroke -= voltage
        upstroke *= self.g_l
        upstroke += self._current
        upstroke += self.bias
        np.divide(upstroke, self.capacitance, out=out[0])
        out[0][self._held] = 0.0

    def iteration(self, owner: NeuronGroup) -> None:
        """Move, then fire."""
        self._held = self._refractory.pass_step()
        self.move(owner)
        voltage = owner.voltage
        spike = voltage >= self.peak
        np.copyto(voltage, self.reset, where=spike)
        self._refractory.begin(spike)
        owner.spike = spike


class AdaptiveExponentialIF(ExponentialIF):
    r"""Exponential integrate-and-fire neurons that adapt.

    .. math::
        C \dot v = g_L (E_L - v) + g_L \Delta_T \, e^{(v - v_{threshold})/\Delta_T} - w + I + I_{bias}, \qquad
        \tau_w \dot w = a (v - E_L) - w

    A spike adds `b` to :math:`w`, the variable ``adaptation``. In all else as `ExponentialIF`; `tau_w` is positive.

    Reads ``current`` (n,) pA, ``voltage``, ``adaptation``. Writes ``voltage`` (n,) mV, ``adaptation`` (n,) pA,
    ``spike`` (n,).

    References
    ----------
    Brette, Gerstner (2005), *J. Neurophysiol.* 94, 3637-3642.
    """

    a: float = 4.0  #: nS
    b: float = 80.5  #: pA
    tau_w: float = 144.0  #: ms

    variables = ("voltage", "adaptation")
    positive = (*ExponentialIF.positive, "tau_w")

    def beginning(self, owner: NeuronGroup) -> Iterator[Any]:
        yield 0.0

    def slopes(self, state: NDArray[Any], out: NDArray[Any]) -> None:
        super().slopes(state, out)
        braking = state[1] / self.capacitance
        braking[self._held] = 0.0
        out[0] -= braking
        change = np.minimum(state[0], self.peak)
        change -= self.e_l
        change *= self.a
        change -= state[1]
        np.divide(change, self.tau_w, out=out[1])

    def iteration(self, owner: NeuronGroup) -> None:
        """As `ExponentialIF`; then those that fired adapt."""
        super().iteration(owner)
        adaptation = owner.adaptation
        np.add(adaptation, self.b, out=adaptation, where=owner.spike)
