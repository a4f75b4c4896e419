"""Neurons with channels: NEST's and Brian2's, the bifurcations of their equations, the order of the method."""

from __future__ import annotations

import brian2
import nest
import numpy as np
import pytest
from brian2 import ms

from fusion import Network, NeuronGroup, SynapseGroup
from fusion.behaviours import HodgkinHuxley, WangBuzsaki
from fusion.behaviours.neurons.channels import linoid
from fusion.errors import InvalidValue, Unsupported

DT = 0.1
BIAS = np.array([0.0, 300.0, 600.0, 700.0, 1000.0, 2000.0, 5000.0])  # pA


@pytest.fixture(scope="module")
def of_nest():
    """Potentials (1000, n) and spikes in 400 ms of ``hh_psc_alpha``, whose Runge-Kutta-Fehlberg adapts its steps."""
    nest.ResetKernel()
    nest.verbosity, nest.resolution = nest.VerbosityLevel.ERROR, DT
    cells = nest.Create("hh_psc_alpha", len(BIAS), {"I_e": BIAS})
    meter = nest.Create("multimeter", 1, {"record_from": ["V_m"], "interval": DT})
    recorder = nest.Create("spike_recorder")
    nest.Connect(meter, cells, syn_spec={"delay": DT})
    nest.Connect(cells, recorder, syn_spec={"delay": DT})
    nest.Simulate(400.0)
    events = meter.events
    potential = np.empty((4000, len(BIAS)))
    rows = np.round(events["times"] / DT).astype(int) - 1
    potential[rows, events["senders"] - cells[0].global_id] = events["V_m"]
    counts = np.bincount(recorder.events["senders"] - cells[0].global_id, minlength=len(BIAS))
    return potential[:1000], counts


@pytest.mark.slow
def test_hodgkin_huxley_has_the_rates_of_nests_neuron(simulate, of_nest):
    """One spike in 400 ms may fall on the other side of its end; NEST tells of a spike at the peak."""
    found = simulate(HodgkinHuxley(bias=BIAS), 4000, size=len(BIAS))
    assert np.abs(found.counts() - of_nest[1]).max() <= 1
    assert of_nest[1][0] == 0
    assert of_nest[1][-1] > 40


@pytest.mark.slow
def test_hodgkin_huxley_has_the_potential_of_nests_neuron(simulate, of_nest):
    """Over 100 ms. 0.2 mV: where the voltage rises by 400 mV/ms, that is half a microsecond."""
    found = simulate(HodgkinHuxley(bias=BIAS, step=0.01), 1000, size=len(BIAS))
    np.testing.assert_allclose(found["voltage"], of_nest[0], rtol=0, atol=0.2)
    np.testing.assert_allclose(found["voltage"][:, 0], of_nest[0][:, 0], rtol=0, atol=1e-4)  # at rest


EQUATIONS = """
dv/dt = (3500*m**3*h*(55 - v) + 900*n**4*(-90 - v) + 10*(-65 - v) + bias)/100/ms : 1
m = alpha_m/(alpha_m + 4*exp(-(v + 60)/18)) : 1
alpha_m = 0.1*(v + 35)/(1 - exp(-0.1*(v + 35))) : 1
dh/dt = 5*(0.07*exp(-(v + 58)/20)*(1 - h) - h/(exp(-0.1*(v + 28)) + 1))/ms : 1
dn/dt = 5*(0.01*(v + 34)/(1 - exp(-0.1*(v + 34)))*(1 - n) - 0.125*exp(-(v + 44)/80)*n)/ms : 1
bias : 1
"""
"""As Wang and Buzsaki print them, in Brian2's own examples too."""


@pytest.mark.slow
def test_wang_buzsaki_is_brian2s_neuron_by_the_same_method(simulate):
    """1e-7 mV: both take the same steps; a difference of rounding, 1e-14 mV, grows with each upstroke."""
    bias, dt, ticks = np.array([0.0, 50.0, 100.0, 500.0]), 0.02, 4000
    brian2.start_scope()
    brian2.prefs.codegen.target = "numpy"
    brian2.defaultclock.dt = dt * ms
    cells = brian2.NeuronGroup(len(bias), EQUATIONS, method="rk4")
    cells.v, cells.bias = -64.0, bias
    cells.h, cells.n = gates_at_rest(-64.0)
    states = brian2.StateMonitor(cells, "v", record=True, when="end")
    brian2.Network(cells, states).run(ticks * dt * ms, namespace={})
    found = simulate(WangBuzsaki(bias=bias), ticks, dt=dt, size=len(bias))
    np.testing.assert_allclose(found["voltage"], np.asarray(states.v).T, rtol=0, atol=1e-7)
    assert found.counts()[0] == 0
    assert (found.counts()[1:] > 1).all()


def gates_at_rest(v):
    """h and n in equilibrium, by the printed rates."""
    opening, closing = 0.07 * np.exp(-(v + 58) / 20), 1 / (np.exp(-0.1 * (v + 28)) + 1)
    yield opening / (opening + closing)
    opening, closing = 0.01 * (v + 34) / (1 - np.exp(-0.1 * (v + 34))), 0.125 * np.exp(-(v + 44) / 80)
    yield opening / (opening + closing)


@pytest.mark.slow
def test_wang_buzsaki_fires_from_0_16_on_as_slowly_as_wanted(simulate):
    """It is of type I: at the current where rest is lost, 0.16 uA/cm2, it begins with a rate of 0."""
    v = np.linspace(-80.0, -50.0, 30001)
    h, n = gates_at_rest(v)
    opening, closing = 0.1 * (v + 35) / (1 - np.exp(-0.1 * (v + 35))), 4 * np.exp(-(v + 60) / 18)
    m = opening / (opening + closing)
    lost = -(3500 * m**3 * h * (55 - v) + 900 * n**4 * (-90 - v) + 10 * (-65 - v)).min()
    assert lost == pytest.approx(16.0, abs=0.5)  # pA
    found = simulate(WangBuzsaki(bias=[lost - 0.5, lost + 0.5, lost + 5.0]), 4000, size=3)
    silent, slow, faster = found.counts()
    assert silent == 0
    assert 1 <= slow < faster < 12


@pytest.mark.parametrize(("model", "bias"), [(HodgkinHuxley, 1000.0), (WangBuzsaki, 100.0)])
def test_the_method_is_of_order_4(simulate, model, bias):
    """Before the first spike, and far from where numbers round."""

    def after(step):
        return simulate(model(bias=bias, step=step), 1, dt=1.2)["voltage"][-1, 0]

    exact = after(0.001)
    assert (after(0.04) - exact) / (after(0.02) - exact) == pytest.approx(16.0, rel=0.25)


@pytest.mark.parametrize("model", [pytest.param(HodgkinHuxley, marks=pytest.mark.slow), WangBuzsaki])
def test_what_is_at_rest_stays_there(simulate, model):
    """Within 1e-2 mV, once it has come to rest."""
    found = simulate(model(), 2000)
    assert len(found.spikes) == 0
    assert np.ptp(found["voltage"][-500:]) < 1e-2


@pytest.mark.parametrize("model", [pytest.param(HodgkinHuxley, marks=pytest.mark.slow), WangBuzsaki])
def test_it_computes_in_the_type_of_the_network(simulate, model):
    found = simulate(model(bias=1000.0), 1000, dtype="float32", variables=("voltage", "n"))
    assert found["voltage"].dtype == found.group.h.dtype == np.float32
    assert len(found.spikes) == len(simulate(model(bias=1000.0), 1000).spikes) > 3


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_rates_have_no_gap(dtype):
    x = np.array([-1e-4, -1e-5, 0.0, 1e-6, 1e-4, 40.0], dtype)
    expected = np.append(1 + x[:-1] / 2 + x[:-1] ** 2 / 12, np.array(40.0, dtype))
    linoid(x, np.empty_like(x))
    np.testing.assert_allclose(x, expected, rtol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize("model", [HodgkinHuxley, WangBuzsaki])
def test_what_makes_no_neuron_is_refused(simulate, model):
    with pytest.raises(InvalidValue, match=r"step is 0\.1 ms; above 0\.05 ms it is not stable"):
        simulate(model(step=0.1), 1)
    with pytest.raises(InvalidValue, match=r"capacitance is .* must be positive"):
        simulate(model(capacitance=-1.0), 1)
    net = Network()
    cells = NeuronGroup(net, size=2, tag="cells")
    SynapseGroup(net, cells, cells, tag="synapses", behaviour={1: model()})
    with pytest.raises(Unsupported, match="'synapses' is none"):
        net.build()
