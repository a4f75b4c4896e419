"""Exponential integrate-and-fire neurons: Brian2's by the same method, NEST's, and the formulas."""

from __future__ import annotations

import brian2
import nest
import numpy as np
import pytest
from brian2 import ms

from fusion import Network, NeuronGroup, SynapseGroup
from fusion.behaviours import AdaptiveExponentialIF, ExponentialCurrent, ExponentialIF
from fusion.errors import InvalidValue, Unsupported

EQUATIONS = """
dv/dt = (g_l*(e_l - low) + g_l*delta*exp((low - threshold)/delta) - w + bias)/capacitance/ms : 1 (unless refractory)
dw/dt = (a*(low - e_l) - w)/tau_w/ms : 1
low = clip(v, -1e3, peak) : 1
bias : 1
"""
PARAMETERS = {
    "g_l": 30.0, "e_l": -70.6, "delta": 2.0, "threshold": -50.4, "capacitance": 281.0, "a": 4.0, "b": 80.5,
    "tau_w": 144.0, "peak": 20.0, "reset": -70.6,
}  # fmt: skip
BIAS = np.array([500.0, 700.0, 900.0, 1500.0])  # pA


def in_brian2(ticks, held, dt=0.1):
    """Spikes (tick, neuron) and potentials (ticks, n) of the same neurons, by Brian2's method of the same name."""
    brian2.start_scope()
    brian2.prefs.codegen.target = "numpy"
    brian2.defaultclock.dt = dt * ms
    cells = brian2.NeuronGroup(
        len(BIAS), EQUATIONS, threshold="v >= peak", reset="v = reset\nw += b", method="rk4", namespace=PARAMETERS,
        refractory=f"int((t - lastspike)/dt + 0.5) <= {held}" if held else False,
    )  # fmt: skip
    cells.v, cells.bias = PARAMETERS["e_l"], BIAS
    spikes, states = brian2.SpikeMonitor(cells), brian2.StateMonitor(cells, ["v", "w"], record=True, when="end")
    brian2.Network(cells, spikes, states).run(ticks * dt * ms, namespace={})
    rows = np.column_stack([np.round(np.asarray(spikes.t / ms) / dt).astype(int) + 1, spikes.i])
    return rows[np.lexsort(rows.T[::-1])], np.asarray(states.v).T, np.asarray(states.w).T


@pytest.mark.parametrize("held", [0, pytest.param(20, marks=pytest.mark.slow)])
def test_it_is_brian2s_neuron_by_the_same_method(simulate, held):
    """1e-9 mV, pA: both take the same steps, and round by 1e-13."""
    spikes, v, w = in_brian2(5000, held)
    found = simulate(AdaptiveExponentialIF(bias=BIAS, refractory=held * 0.1, **PARAMETERS), 5000, size=len(BIAS),
                     variables=("voltage", "adaptation"))  # fmt: skip
    assert found.spikes.tolist() == spikes.tolist()
    assert (found.counts()[1:] > 3).all()
    np.testing.assert_allclose(found["voltage"], v, rtol=0, atol=1e-9)
    np.testing.assert_allclose(found["adaptation"], w, rtol=0, atol=1e-9)


def in_nest(dt, ticks, weight, at):
    """Spike times (ms) and potentials of ``aeif_psc_exp``, which resets within its steps."""
    nest.ResetKernel()
    nest.verbosity, nest.resolution = nest.VerbosityLevel.ERROR, dt
    cell = nest.Create("aeif_psc_exp", 1, {
        "I_e": 600.0, "V_peak": 0.0, "V_reset": -60.0, "b": 40.0, "tau_syn_ex": 3.0, "gsl_error_tol": 1e-10,
    })  # fmt: skip
    source = nest.Create("spike_generator", 1, {"spike_times": (np.array(at) - 1) * dt})
    nest.Connect(source, cell, syn_spec={"weight": weight, "delay": dt})
    meter = nest.Create("multimeter", 1, {"record_from": ["V_m"], "interval": dt})
    recorder = nest.Create("spike_recorder")
    nest.Connect(meter, cell, syn_spec={"delay": dt})
    nest.Connect(cell, recorder, syn_spec={"delay": dt})
    nest.Simulate((ticks + 1) * dt)
    return np.array(recorder.events["times"]), meter.events["V_m"][:ticks]


@pytest.mark.slow
def test_it_fires_with_nests_neuron(simulate):
    """A reset waits for the end of dt, which delays each spike by up to dt, and those after it too."""
    dt, ticks = 0.01, 30000
    rng = np.random.default_rng(5)
    at = np.sort(rng.choice(np.arange(100, ticks), 40, replace=False)).tolist()
    times, potential = in_nest(dt, ticks, 350.0, at)
    found = simulate(
        AdaptiveExponentialIF(bias=600.0, peak=0.0, reset=-60.0, b=40.0), ticks, dt=dt,
        before={1: ExponentialCurrent(tau=3.0)}, pulses=[(None, 350.0, at)],
    )  # fmt: skip
    ours = found.spikes[:, 0] * dt
    assert len(ours) == len(times) > 5
    assert np.abs(ours - times).max() <= len(times) * dt
    # Below threshold only the synaptic current differs, held at its mean within dt.
    before = slice(round(times[0] / dt) - 500)
    np.testing.assert_allclose(found["voltage"][before, 0], potential[before], rtol=0, atol=1e-3)


def test_it_fires_above_the_rheobase_of_the_formula(simulate):
    """Without adaptation g_L (V_T - E_L - Delta_T): where the slopes of leak and upstroke are equal."""
    rheobase = 30.0 * (-50.4 + 70.6 - 2.0)
    found = simulate(ExponentialIF(bias=[rheobase - 1.0, rheobase + 1.0]), 20000, size=2)
    assert found.counts()[0] == 0
    assert found.counts()[1] > 5


def test_it_is_the_adaptive_one_without_adaptation(simulate):
    plain = simulate(ExponentialIF(bias=700.0), 2000)
    adaptive = simulate(AdaptiveExponentialIF(bias=700.0, a=0.0, b=0.0), 2000)
    np.testing.assert_array_equal(plain["voltage"], adaptive["voltage"])
    assert len(plain.spikes) > 5


def test_a_long_dt_is_divided(simulate):
    """1e-9 mV: until the first spike the same steps are taken, 0.1 ms each."""
    fine = simulate(ExponentialIF(bias=700.0), 500)
    coarse = simulate(ExponentialIF(bias=700.0, step=0.1), 100, dt=0.5)
    free = round(fine.spikes[0, 0] / 5) - 1
    np.testing.assert_allclose(coarse["voltage"][:free], fine["voltage"][4::5][:free], rtol=0, atol=1e-9)


def test_it_computes_in_the_type_of_the_network(simulate):
    found = simulate(AdaptiveExponentialIF(bias=[500.0, 900.0]), 1000, size=2, dtype="float32")
    assert found["voltage"].dtype == found.group.adaptation.dtype == np.float32
    double = simulate(AdaptiveExponentialIF(bias=[500.0, 900.0]), 1000, size=2)
    assert found.counts().tolist() == double.counts().tolist()


@pytest.mark.parametrize("name", ["capacitance", "g_l", "delta", "tau_w", "step"])
def test_what_must_be_positive_is(simulate, name):
    with pytest.raises(InvalidValue, match=rf"AdaptiveExponentialIF\.{name} is 0\.0; it must be positive"):
        simulate(AdaptiveExponentialIF(**{name: 0.0}), 1)


def test_what_makes_no_neuron_is_refused(simulate):
    for name in ("reset", "threshold"):
        with pytest.raises(InvalidValue, match=rf"ExponentialIF\.{name} is 30\.0; it must lie below peak"):
            simulate(ExponentialIF(**{name: 30.0}), 1)
    with pytest.raises(InvalidValue, match="must not be negative"):
        simulate(ExponentialIF(refractory=-0.1), 1)
    with pytest.raises(InvalidValue, match=r"ExponentialIF\.step is .* it must be positive"):
        simulate(ExponentialIF(step=[0.1, 0.2]), 1, size=2)
    net = Network()
    cells = NeuronGroup(net, size=2, tag="cells")
    SynapseGroup(net, cells, cells, tag="synapses", behaviour={1: AdaptiveExponentialIF()})
    with pytest.raises(Unsupported, match="'synapses' is none"):
        net.build()
