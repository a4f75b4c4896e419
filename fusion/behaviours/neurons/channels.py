"""`HodgkinHuxley` and `WangBuzsaki`: neurons with channels for sodium and potassium."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.neurons.continuous import ContinuousModel
from fusion.core.neurons import NeuronGroup


class ChannelModel(ContinuousModel):
    """A membrane with a leak, and with channels for sodium and potassium whose gates are those of the squid."""

    longest = 0.05

    capacitance: float
    g_na: float
    g_k: float
    g_l: float
    e_na: float
    e_k: float
    e_l: float
    bias: float

    def charge(self, voltage: NDArray[Any], m: Any, n: Any, h: Any, out: NDArray[Any]) -> None:
        """Put the derivative of the voltage into `out`, all (n,)."""
        total = m * m
        total *= m
        total *= h
        total *= self.g_na
        total *= self.e_na - voltage
        potassium = n * n
        potassium *= potassium
        potassium *= self.g_k
        potassium *= self.e_k - voltage
        total += potassium
        total += self.g_l * (self.e_l - voltage)
        total += self._current
        total += self.bias
        np.divide(total, self.capacitance, out=out)


class HodgkinHuxley(ChannelModel):
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

    Reads ``current`` (n,) pA, ``voltage``, ``m``, ``n``, ``h``. Writes ``voltage`` (n,) mV, ``m``, ``n``, ``h`` (n,),
    which begin in equilibrium with the voltage, and ``spike`` (n,).

    Raises
    ------
    InvalidValue
        If `capacitance` or `step` is not positive, or `step` above 0.05 ms, where the method is not stable.

    References
    ----------
    Hodgkin, Huxley (1952), *J. Physiol.* 117, 500-544; voltages are shifted, so that the axon rests at -65 mV.
    """

    capacitance: float = 100.0  #: pF
    g_na: float = 12000.0  #: nS
    g_k: float = 3600.0  #: nS
    g_l: float = 30.0  #: nS
    e_na: float = 50.0  #: mV
    e_k: float = -77.0  #: mV
    e_l: float = -54.402  #: mV
    threshold: float = 0.0  #: mV
    bias: float = 0.0  #: pA
    initial: float = -65.0  #: mV
    step: float = 0.025  #: ms

    variables = ("voltage", "m", "n", "h")
    positive = ("capacitance",)

    def beginning(self, owner: NeuronGroup) -> Iterator[Any]:
        self._gates = Gates(owner)
        opening, closing = self._gates.rates(owner.voltage)
        yield from opening / (opening + closing)

    def slopes(self, state: NDArray[Any], out: NDArray[Any]) -> None:
        voltage, m, n, h = state
        self.charge(voltage, m, n, h, out[0])
        opening, closing = self._gates.rates(voltage)
        relax(state[1:], opening, closing, out[1:])


class WangBuzsaki(ChannelModel):
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

    Reads ``current`` (n,) pA, ``voltage``, ``n``, ``h``. Writes ``voltage`` (n,) mV, ``n``, ``h`` (n,), which begin in
    equilibrium with the voltage, and ``spike`` (n,).

    Raises
    ------
    InvalidValue
        If `capacitance`, `phi` or `step` is not positive, or `step` above 0.05 ms, where the method is not stable.

    References
    ----------
    Wang, Buzsáki (1996), *J. Neurosci.* 16, 6402-6413.
    """

    capacitance: float = 100.0  #: pF
    g_na: float = 3500.0  #: nS
    g_k: float = 900.0  #: nS
    g_l: float = 10.0  #: nS
    e_na: float = 55.0  #: mV
    e_k: float = -90.0  #: mV
    e_l: float = -65.0  #: mV
    phi: float = 5.0  #: dimensionless
    threshold: float = 0.0  #: mV
    bias: float = 0.0  #: pA
    initial: float = -64.0  #: mV
    step: float = 0.025  #: ms

    variables = ("voltage", "n", "h")
    positive = ("capacitance", "phi")

    def beginning(self, owner: NeuronGroup) -> Iterator[Any]:
        self._gates = Gates(owner, m=5.0, n=21.0, h=7.0)
        opening, closing = self._gates.rates(owner.voltage)
        yield from (opening / (opening + closing))[1:]

    def slopes(self, state: NDArray[Any], out: NDArray[Any]) -> None:
        voltage, n, h = state
        opening, closing = self._gates.rates(voltage)
        m = opening[0] / (opening[0] + closing[0])
        self.charge(voltage, m, n, h, out[0])
        relax(state[1:], opening[1:], closing[1:], out[1:])
        out[1:] *= self.phi


class Gates:
    """How fast the gates m, n and h of the squid open and close, each with its voltages shifted.

    Parameters
    ----------
    owner : NeuronGroup
        Whose voltages these are.
    m, n, h : float, mV
        How much higher the voltages are than the squid's.
    """

    def __init__(self, owner: NeuronGroup, m: float = 0.0, n: float = 0.0, h: float = 0.0) -> None:
        dtype = owner.network.dtype
        self._offset = column(dtype, 40.0 - m, 55.0 - n, 65.0 - h, 65.0 - m, 65.0 - n, 35.0 - h)
        self._scale = column(dtype, 0.1, 0.1, -1 / 20.0, -1 / 18.0, -1 / 80.0, -0.1)
        self._factor = column(dtype, 1.0, 0.1, 0.07, 4.0, 0.125, 1.0)
        self._rates = np.empty((6, owner.size), dtype)
        self._spare = np.empty((2, owner.size), dtype)

    def rates(self, voltage: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """(alpha, beta), 1/ms, both (3, n): rows are m, n, h. They hold until the next call."""
        rates = np.add(voltage, self._offset, out=self._rates)
        rates *= self._scale
        linoid(rates[:2], self._spare)
        np.exp(rates[2:], out=rates[2:])
        rates[5] += 1.0
        np.reciprocal(rates[5], out=rates[5])
        rates *= self._factor
        return rates[:3], rates[3:]


def column(dtype: Any, *values: float) -> NDArray[Any]:
    """Numbers as (k, 1)."""
    return np.array(values, dtype)[:, None]


def linoid(x: NDArray[Any], spare: NDArray[Any]) -> None:
    """Put x / (1 - exp(-x)), 1 at 0, in the place of x."""
    x += np.finfo(x.dtype).tiny  # changes nothing but 0
    np.negative(x, out=spare)
    np.expm1(spare, out=spare)
    np.negative(spare, out=spare)
    x /= spare


def relax(gates: NDArray[Any], opening: NDArray[Any], closing: NDArray[Any], out: NDArray[Any]) -> None:
    """Put the derivatives of gates into `out`, all (k, n); overwrites `closing`."""
    closing += opening
    closing *= gates
    np.subtract(opening, closing, out=out)
