"""What spikes bring, spread over time. That it moves LIF neurons exactly is in ``test_lif.py``."""

from __future__ import annotations

import nest
import numpy as np
import pytest
from scipy.integrate import quad

from fusion import Network, NeuronGroup, SynapseGroup
from fusion.behaviours import LIF, AlphaCurrent, ExponentialConductance, ExponentialCurrent
from fusion.behaviours.neurons.currents import alpha_response, exponential_response
from fusion.errors import BuildFailed, InvalidValue, Unsupported

DT = 0.1
KINDS = [ExponentialCurrent, AlphaCurrent, ExponentialConductance]


@pytest.mark.parametrize(
    ("kind", "shape"),
    [(ExponentialCurrent, lambda t: np.exp(-t / 3.0)), (AlphaCurrent, lambda t: t / 3.0 * np.exp(1.0 - t / 3.0))],
)
def test_a_current_has_its_shape(simulate, kind, shape):
    found = simulate(LIF(), 300, before={1: kind(tau=3.0)}, pulses=[(None, 2.5, [10])], variables=("input_current",))
    t = (np.arange(1, 301) - 10) * DT
    np.testing.assert_allclose(found["input_current"][:, 0], np.where(t < 0, 0.0, 2.5 * shape(t)), rtol=0, atol=1e-12)


def test_an_alpha_current_peaks_at_the_weight_after_tau(simulate):
    found = simulate(LIF(), 100, before={1: AlphaCurrent(tau=3.0)}, pulses=[(None, 2.5, [10])],
                     variables=("input_current",))  # fmt: skip
    current = found["input_current"][:, 0]
    assert np.argmax(current) + 1 == 10 + 30
    assert current.max() == pytest.approx(2.5, rel=1e-12)


@pytest.mark.parametrize("rate", [0.1, 0.1 + 1e-9, 0.11, 0.5, 10.0, 80.0])
@pytest.mark.parametrize("leak", [0.0, 0.1])
def test_responses_are_the_integrals(rate, leak):
    """1e-12: quadrature is good for as much, and the formulas must not cancel where the rates are nearly equal."""
    h = 0.7
    for response, power in ((exponential_response, 0), (alpha_response, 1)):
        wanted, _ = quad(lambda s, p=power: np.exp(-leak * (h - s)) * s**p * np.exp(-rate * s), 0, h, epsabs=1e-15)
        assert response(h, rate, leak) == pytest.approx(wanted, rel=1e-12)


def in_nest(dt, ticks, pulses):
    """The potential of ``iaf_cond_exp``, whose Runge-Kutta-Fehlberg is good for 1e-6 mV."""
    nest.ResetKernel()
    nest.verbosity, nest.resolution = nest.VerbosityLevel.ERROR, dt
    cell = nest.Create("iaf_cond_exp", 1, {
        "C_m": 250.0, "g_L": 25.0, "E_L": -70.0, "V_m": -70.0, "V_th": 0.0, "E_ex": 0.0, "E_in": -85.0,
        "tau_syn_ex": 2.0, "tau_syn_in": 5.0,
    })  # fmt: skip
    for sign, (_, weight, at) in zip((1.0, -1.0), pulses, strict=True):
        source = nest.Create("spike_generator", 1, {"spike_times": (np.array(at) - 1) * dt})
        nest.Connect(source, cell, syn_spec={"weight": sign * weight, "delay": dt})
    meter = nest.Create("multimeter", 1, {"record_from": ["V_m"], "interval": dt})
    nest.Connect(meter, cell, syn_spec={"delay": dt})
    nest.Simulate((ticks + 1) * dt)
    return meter.events["V_m"][:ticks]


def test_conductances_move_the_voltage_as_in_nest_to_first_order(simulate):
    def error(dt):
        ticks = round(60.0 / dt)
        at = [[round(t / dt) for t in times] for times in ((4.0, 9.6, 11.2, 30.4), (7.2, 28.8))]
        pulses = [("input", 20.3, at[0]), ("inhibition", 15.7, at[1])]
        found = simulate(
            LIF(threshold=0.0), ticks, dt=dt, pulses=pulses,
            before={1: ExponentialConductance(tau=2.0), 2: ExponentialConductance(tau=5.0, reversal=-85.0,
                                                                                 input="inhibition")},
        )  # fmt: skip
        return np.abs(found["voltage"][:, 0] - in_nest(dt, ticks, pulses)).max()

    coarse, fine = error(0.1), error(0.05)
    assert coarse < 0.3  # mV, of an excursion of 30
    assert coarse / fine == pytest.approx(2.0, rel=0.1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_current_comes_before_its_model(kind):
    net = Network()
    NeuronGroup(net, size=2, behaviour={1: LIF(), 2: kind()})
    with pytest.raises(BuildFailed, match=r"after LIF \(key 1\) has used it; give it a smaller key"):
        net.build()


def test_two_of_one_input_need_names_of_their_own():
    net = Network()
    NeuronGroup(net, size=2, tag="cells", behaviour={1: ExponentialCurrent(), 2: AlphaCurrent(), 3: LIF()})
    with pytest.raises(InvalidValue, match="of 'cells' both make input_current; give one an input="):
        net.build()
    net = Network()
    fast, slow = ExponentialConductance(), ExponentialCurrent(tau=100.0)
    NeuronGroup(net, size=2, behaviour={1: fast, 2: slow, 3: LIF()})
    net.simulate(2)


@pytest.mark.parametrize("kind", KINDS)
def test_time_constants_are_positive(kind):
    net = Network()
    NeuronGroup(net, size=2, behaviour={1: kind(tau=0.0), 2: LIF()})
    with pytest.raises(InvalidValue, match=r"tau is 0\.0; it must be positive"):
        net.build()


@pytest.mark.parametrize("kind", KINDS)
def test_they_are_for_native_neurons(kind):
    net = Network()
    cells = NeuronGroup(net, size=2, tag="cells")
    SynapseGroup(net, cells, cells, tag="synapses", behaviour={1: kind()})
    with pytest.raises(Unsupported, match=r"for native neuron groups.*'synapses' is none"):
        net.build()
