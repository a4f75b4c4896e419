"""Synapses that open gradually: the solution of their equation, and the current that they let pass."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from fusion import Behaviour, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.behaviours import LIF, ConductanceCurrent, SynapticGating, WangBuzsaki
from fusion.errors import BuildFailed, InvalidValue, Unsupported


class Holds(Behaviour):
    """Clamps the voltage: to `spike` mV in the first 2 ms, to -60 mV later."""

    spike: float

    def initialize(self, neurons):
        neurons.voltage = neurons.vector()

    def iteration(self, neurons):
        neurons.voltage = neurons.vector(1.0) * (self.spike if neurons.iteration * neurons.network.dt < 2.01 else -60.0)


@pytest.mark.parametrize("dt", [0.05, 1.0])
def test_the_gate_follows_its_equation_exactly_where_the_voltage_stands_still(dt):
    """Up to a share alpha F / (alpha F + beta), then a decay with 1 / beta; F(-60 mV) is 1e-13."""
    net = Network(dt=dt)
    spike = np.array([30.0, 0.0, -2.0, -60.0])
    behaviour = {1: Holds(spike=spike), 2: SynapticGating(), 9: Recorder("gate")}
    NeuronGroup(net, size=4, behaviour=behaviour)
    gate = net.run(12.0)["gate", 0]
    opening = 12.0 / (1.0 + np.exp(-spike / 2.0))
    rate = opening + 0.1
    opened = opening / rate * -np.expm1(-2.0 * rate)
    np.testing.assert_allclose(gate[round(2.0 / dt) - 1], opened, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(gate[-1], opened * np.exp(-1.0), rtol=0, atol=1e-11)


def test_two_interneurons_are_those_of_the_printed_equations():
    """The equations of the paper, by SciPy: after an exchange of spikes; half the dt, half the error."""

    def slopes(_, y):
        v, h, n, s = y.reshape(4, 2)
        opening, closing = 0.1 * (v + 35) / (1 - np.exp(-0.1 * (v + 35))), 4 * np.exp(-(v + 60) / 18)
        m = opening / (opening + closing)
        dv = drive - 35 * m**3 * h * (v - 55) - 9 * n**4 * (v + 90) - 0.1 * (v + 65) - 0.1 * s[::-1] * (v + 75)
        dh = 5 * (0.07 * np.exp(-(v + 58) / 20) * (1 - h) - h / (np.exp(-0.1 * (v + 28)) + 1))
        dn = 5 * (0.01 * (v + 34) / (1 - np.exp(-0.1 * (v + 34))) * (1 - n) - 0.125 * np.exp(-(v + 44) / 80) * n)
        ds = 12 / (1 + np.exp(-v / 2)) * (1 - s) - 0.1 * s
        return np.concatenate([dv, dh, dn, ds])

    drive = np.array([2.0, 3.0])  # uA/cm2, 100 pA each

    def found(dt):
        net = Network(dt=dt)
        cells = NeuronGroup(net, size=2, behaviour={
            1: ConductanceCurrent(), 2: WangBuzsaki(bias=100.0 * drive, step=0.02), 3: SynapticGating()})  # fmt: skip
        other = np.array([[0.0, 10.0], [10.0, 0.0]])  # nS: 0.1 mS/cm2
        SynapseGroup(net, cells, cells, signal="gate", weight=other, delay=dt, into="conductance")
        net.build()
        start[:] = np.concatenate([cells.voltage, cells.h, cells.n, cells.gate])
        net.run(16.0)
        return cells.voltage, cells.gate

    start = np.empty(8)
    coarse, fine = found(0.04), found(0.02)
    voltages, _, _, gates = solve_ivp(slopes, (0.0, 16.0), start, rtol=1e-8, atol=1e-8).y[:, -1].reshape(4, 2)
    assert (coarse[0] - voltages)[1] / (fine[0] - voltages)[1] == pytest.approx(2.0, abs=0.2)
    np.testing.assert_allclose(fine[0], voltages, rtol=0, atol=0.02)  # mV
    np.testing.assert_allclose(fine[1], gates, rtol=0, atol=0.002)


def test_a_conductance_moves_the_voltage_towards_its_reversal():
    """In the end to the mean of rest and reversal, weighed by conductances."""
    net = Network(dt=0.1)
    source = NeuronGroup(net, size=1, behaviour={1: Holds(spike=-60.0)})
    source.gate = np.ones(1)
    cells = NeuronGroup(net, size=2, behaviour={
        1: ConductanceCurrent(reversal=-80.0), 2: ConductanceCurrent(reversal=0.0, input="excitation"),
        3: LIF(tau=10.0, capacitance=100.0, rest=-70.0, threshold=1e9)})  # fmt: skip
    for weight, into in (([[5.0], [0.0]], "conductance"), ([[5.0], [10.0]], "excitation")):
        SynapseGroup(net, source, cells, signal="gate", weight=np.array(weight), into=into)
    net.run(200.0)
    np.testing.assert_allclose(cells.voltage, [(-700 - 400) / 20, -700 / 20], rtol=1e-6)


def test_what_makes_no_synapse_is_refused():
    for name in ("opening", "closing", "width"):
        net = Network()
        NeuronGroup(net, size=2, behaviour={1: LIF(), 2: SynapticGating(**{name: 0.0})})
        with pytest.raises(InvalidValue, match=f"{name} is 0.0; it must be positive"):
            net.build()
    net = Network()
    NeuronGroup(net, size=2, tag="cells", behaviour={2: SynapticGating()})
    with pytest.raises(BuildFailed, match="'voltage'"):
        net.build()
    net = Network()
    NeuronGroup(net, size=2, behaviour={1: LIF(), 2: ConductanceCurrent()})
    with pytest.raises(BuildFailed, match="adds to the current after LIF"):
        net.build()
    net = Network()
    cells = NeuronGroup(net, size=2, behaviour={1: LIF()})
    SynapseGroup(net, cells, cells, tag="synapses", behaviour={1: ConductanceCurrent()})
    with pytest.raises(Unsupported, match="'synapses' is none"):
        net.build()
