"""`HodgkinHuxley` and `WangBuzsaki`: neurons with channels for sodium and potassium."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.neurons.continuous import ContinuousModel


class HodgkinHuxley(ContinuousModel):
    r"""The squid's giant axon, as a point.

    .. math::
        C \dot v &= g_{Na} m^3 h (E_{Na} - v) + g_K n^4 (E_K - v) + g_L (E_L - v) + I + I_{bias} \\
        \dot x &= \alpha_x(v) (1 - x) - \beta_x(v) x, \qquad x \in \{m, h, n\}

    .. math::
        \alpha_m &= \frac{0.1 (v + 40)}{1 - e^{-(v + 40)/10}} & \alpha_h &= 0.07 \, e^{-(v + 65)/20}
        & \alpha_n &= \frac{0.01 (v + 55)}{1 - e^{-(v + 55)/10}} \\
        \beta_m &= 4 \, e^{-(v + 65)/18} & \beta_h &= \frac{1}{1 + e^{-(v + 35)/10}}
        & \beta_n &= 0.125 \, e^{-(v + 65)/80}

    The parameters are those of an area of :math:`10^{-4} \, cm^2`, and of NEST's ``hh_psc_alpha``. A neuron fires when
    its voltage comes up to `threshold`. The classical Runge-Kutta method of order 4 takes steps of at most `step` ms.

    Reads ``current`` (n,) pA, ``voltage``, ``m``, ``h``, ``n``. Writes ``voltage`` (n,) mV, ``m``, ``h``, ``n`` (n,),
    which begin in equilibrium with the voltage, and ``spike`` (n,).

    Raises
    ------
    InvalidValue
        If `capacitance` or `step` is not positive, or `step` above 0.05 ms, where the method is not stable.

    References
    ----------
    Hodgkin, Huxley (1952), *J. Physiol.* 117, 500-544; voltages are shifted, so that the axon rests at -65 mV.
    """

    capacitance: float = 100.0  # pF
    g_na: float = 12000.0  # nS
    g_k: float = 3600.0  # nS
    g_l: float = 30.0  # nS
    e_na: float = 50.0  # mV
    e_k: float = -77.0  # mV
    e_l: float = -54.402  # mV
    threshold: float = 0.0  # mV
    bias: float = 0.0  # pA
    initial: float = -65.0  # mV
    step: float = 0.025  # ms

    variables = ("voltage", "m", "h", "n")
    positive = ("capacitance",)
    longest = 0.05

    def beginning(self, voltage: NDArray[Any]) -> Iterator[Any]:
        yield from (equilibrium(rates(voltage)) for rates in _GATES)

    def slopes(self, state: NDArray[Any], out: NDArray[Any]) -> None:
        voltage, m, h, n = state
        total = self.g_na * (m * m * m * h) * (self.e_na - voltage)
        total += self.g_k * np.square(n * n) * (self.e_k - voltage)
        total += self.g_l * (self.e_l - voltage)
        total += self._current
        total += self.bias
        np.divide(total, self.capacitance, out=out[0])
        for gate, slope, rates in zip(state[1:], out[1:], _GATES, strict=True):
            relax(gate, rates(voltage), slope)


class WangBuzsaki(ContinuousModel):
    r"""Fast-spiking interneurons of the hippocampus.

    .. math::
        C \dot v &= g_{Na} m_\infty^3 h (E_{Na} - v) + g_K n^4 (E_K - v) + g_L (E_L - v) + I + I_{bias} \\
        \dot x &= \phi \, (\alpha_x(v) (1 - x) - \beta_x(v) x), \qquad x \in \{h, n\}, \qquad
        m_\infty = \frac{\alpha_m}{\alpha_m + \beta_m}

    .. math::
        \alpha_m &= \frac{0.1 (v + 35)}{1 - e^{-(v + 35)/10}} & \alpha_h &= 0.07 \, e^{-(v + 58)/20}
        & \alpha_n &= \frac{0.01 (v + 34)}{1 - e^{-(v + 34)/10}} \\
        \beta_m &= 4 \, e^{-(v + 60)/18} & \beta_h &= \frac{1}{1 + e^{-(v + 28)/10}}
        & \beta_n &= 0.125 \, e^{-(v + 44)/80}

    The parameters are those of an area of :math:`10^{-4} \, cm^2`: 100 pA are 1 µA/cm². A neuron fires when its voltage
    comes up to `threshold`. The classical Runge-Kutta method of order 4 takes steps of at most `step` ms.

    Reads ``current`` (n,) pA, ``voltage``, ``h``, ``n``. Writes ``voltage`` (n,) mV, ``h``, ``n`` (n,), which begin in
    equilibrium with the voltage, and ``spike`` (n,).

    Raises
    ------
    InvalidValue
        If `capacitance`, `phi` or `step` is not positive, or `step` above 0.05 ms, where the method is not stable.

    References
    ----------
    Wang, Buzsáki (1996), *J. Neurosci.* 16, 6402-6413.
    """

    capacitance: float = 100.0  # pF
    g_na: float = 3500.0  # nS
    g_k: float = 900.0  # nS
    g_l: float = 10.0  # nS
    e_na: float = 55.0  # mV
    e_k: float = -90.0  # mV
    e_l: float = -65.0  # mV
    phi: float = 5.0
    threshold: float = 0.0  # mV
    bias: float = 0.0  # pA
    initial: float = -64.0  # mV
    step: float = 0.025  # ms

    variables = ("voltage", "h", "n")
    positive = ("capacitance", "phi")
    longest = 0.05

    def beginning(self, voltage: NDArray[Any]) -> Iterator[Any]:
        yield equilibrium(sodium_inactivation(voltage - 7.0))
        yield equilibrium(potassium_activation(voltage - 21.0))

    def slopes(self, state: NDArray[Any], out: NDArray[Any]) -> None:
        voltage, h, n = state
        m = equilibrium(sodium_activation(voltage - 5.0))
        total = self.g_na * (m * m * m * h) * (self.e_na - voltage)
        total += self.g_k * np.square(n * n) * (self.e_k - voltage)
        total += self.g_l * (self.e_l - voltage)
        total += self._current
        total += self.bias
        np.divide(total, self.capacitance, out=out[0])
        relax(h, sodium_inactivation(voltage - 7.0), out[1])
        relax(n, potassium_activation(voltage - 21.0), out[2])
        out[1:] *= self.phi


Rates = tuple[NDArray[Any], NDArray[Any]]
"""(alpha, beta), 1/ms: how fast a gate opens and closes."""


# The squid's. Those of Wang and Buzsáki are the same, along the voltage by 5, 7 and 21 mV.
def sodium_activation(voltage: NDArray[Any]) -> Rates:
    """Of m."""
    return linoid((voltage + 40.0) / 10.0), 4.0 * np.exp((voltage + 65.0) / -18.0)


def sodium_inactivation(voltage: NDArray[Any]) -> Rates:
    """Of h."""
    return 0.07 * np.exp((voltage + 65.0) / -20.0), 1.0 / (1.0 + np.exp((voltage + 35.0) / -10.0))


def potassium_activation(voltage: NDArray[Any]) -> Rates:
    """Of n."""
    return 0.1 * linoid((voltage + 55.0) / 10.0), 0.125 * np.exp((voltage + 65.0) / -80.0)


_GATES = (sodium_activation, sodium_inactivation, potassium_activation)


def linoid(x: NDArray[Any]) -> NDArray[Any]:
    """X / (1 - exp(-x)), also at 0."""
    safe = x + np.finfo(x.dtype).tiny  # changes nothing but 0, where the limit is 1
    return np.asarray(safe / -np.expm1(-safe))


def equilibrium(rates: Rates) -> NDArray[Any]:
    """Where a gate comes to rest."""
    opening, closing = rates
    return np.asarray(opening / (opening + closing))


def relax(gate: NDArray[Any], rates: Rates, out: NDArray[Any]) -> None:
    """Put the derivative of a gate into `out`."""
    opening, closing = rates
    np.multiply(opening + closing, gate, out=out)
    np.subtract(opening, out, out=out)
