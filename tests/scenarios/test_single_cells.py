"""One neuron in NEST and the same in Brian2, as a behaviour: the same spikes in, through links, the same potential.

::

                  +--> NEST
    20 trains ----+
                  +--> Brian2, or native

Linear neurons are integrated exactly by all. Conductances are integrated by steps: NEST's Runge-Kutta-Fehlberg adapts
its steps and is good for 1e-9 mV or better here, so what differs is the error of Brian2's method, which must fall with
dt as the order of the method says.
"""

from __future__ import annotations

import functools

import brian2
import nest
import numpy as np
import pytest
from brian2 import ms
from scenarios.lif_network import Numbers, in_nest_alone
from scenarios.lif_split import Fires, split

from fusion import EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup

WINDOWS = [None]  # ticks; the longest
N = 20
TICKS = 2000


# --- exact integration -----------------------------------------------------------------------------------------------


@functools.cache
def linear():
    """A driven neuron with excitatory and inhibitory input, and what NEST alone makes of it. Resets the kernel."""
    rng = np.random.default_rng(4)
    pulse = {tick: np.flatnonzero(rng.random(N) < 0.01).tolist() for tick in range(1, TICKS)}
    weights = np.where(np.arange(N) < 15, 1.0, -2.0) * rng.uniform(50.0, 150.0, N)
    numbers = Numbers(np.array([310.3]), np.array([-61.7]), np.zeros((1, 1)), pulse=pulse, pulse_weights=weights[None])
    return numbers, in_nest_alone(numbers, TICKS)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("form", ["nest", "summed", "brian2", "brian2 bits", "native", "native bits"])
def test_iaf_psc_exp_agrees_to_rounding(form, window):
    """1e-9 mV: steps are exact, each rounds by 1e-14 mV, and the leak forgets."""
    numbers, whole = linear()
    nest.ResetKernel()
    split(numbers, [(form, 1)], [TICKS], window=window).check(whole, 1e-9)
    assert len(whole.spikes) > 5


# --- integration by steps --------------------------------------------------------------------------------------------

COND = {
    "E_L": -70.0, "C_m": 250.0, "g_L": 16.7, "E_ex": 0.0, "E_in": -85.0, "tau_syn_ex": 2.0, "tau_syn_in": 5.0,
    "V_th": -55.0, "V_reset": -60.0, "t_ref": 2.0, "I_e": 150.0, "V_m": -70.0,
}  # fmt: skip
AEIF = {
    "E_L": -70.6, "C_m": 281.0, "g_L": 30.0, "E_ex": 0.0, "E_in": -85.0, "tau_syn_ex": 2.0, "tau_syn_in": 5.0,
    "V_th": -50.4, "V_reset": -60.0, "t_ref": 2.0, "I_e": 700.0, "V_m": -70.0, "Delta_T": 2.0, "a": 4.0, "b": 80.0,
    "tau_w": 144.0, "V_peak": -40.0, "gsl_error_tol": 1e-9,
}  # fmt: skip
CONDUCTANCES = "dg_ex/dt = -g_ex/tau_syn_ex : 1\ndg_in/dt = -g_in/tau_syn_in : 1\n"
CURRENTS = "g_L*(E_L - V_m) + g_ex*(E_ex - V_m) + g_in*(E_in - V_m) + I_e"
MODELS = {
    "iaf_cond_exp": (COND, f"dV_m/dt = ({CURRENTS})/C_m : 1 (unless refractory)\n", "V_m >= V_th", "V_m = V_reset"),
    "aeif_cond_exp": (
        AEIF,
        f"dV_m/dt = ({CURRENTS} + g_L*Delta_T*exp((V_m - V_th)/Delta_T) - w)/C_m : 1 (unless refractory)\n"
        "dw/dt = (a*(V_m - E_L) - w)/tau_w : 1\n",
        "V_m >= V_peak",
        "V_m = V_reset\nw += b",
    ),
}


def in_brian2(model, parameters, method, dt):
    """The neuron, in mV, nS, pA and pF."""
    _, equations, threshold, reset = MODELS[model]
    milliseconds = ("tau_syn_ex", "tau_syn_in", "tau_w", "C_m")  # pF/nS is ms
    units = {name: value * ms if name in milliseconds else value for name, value in parameters.items()}
    cell = brian2.NeuronGroup(
        1, equations + CONDUCTANCES, threshold=threshold, reset=reset, method=method,
        refractory="int((t - lastspike)/dt + 0.5) <= held",
        namespace={name: value for name, value in units.items() if name != "V_m"}
        | {"held": round(parameters["t_ref"] / dt)},
    )  # fmt: skip
    cell.V_m = parameters["V_m"]
    return cell


def pair(model, method, dt, window=1, **changes):
    """Potentials (2, ticks) and spike times (ms) of the neuron in NEST and in Brian2."""
    nest.ResetKernel()
    nest.verbosity, nest.resolution = nest.VerbosityLevel.ERROR, dt
    brian2.defaultclock.dt = dt * ms
    parameters = MODELS[model][0] | changes
    rng = np.random.default_rng(2)
    trains = rng.integers(1, 240, (N, 4)) * 0.4  # ms, on all grids
    at: dict[int, list[int]] = {}
    for train, time in np.ndenumerate(trains):
        at.setdefault(round(time / dt), []).append(train[0])
    weights = np.where(np.arange(N) < 15, 1.0, -1.0) * rng.uniform(2.0, 4.0, N)[None]  # nS
    with Network(dt=dt, seed=1, window=window) as net:
        source = NeuronGroup(net, size=N, tag="trains", behaviour={1: Fires(at=at)})
        cells = [nest.Create(model, 1, parameters), in_brian2(model, parameters, method, dt)]
        groups = [NeuronGroup(net, c, behaviour={9: EventRecorder("spike"), 10: Recorder("V_m")}) for c in cells]
        SynapseGroup(net, source, groups[0], weight=weights, delay=2.0)
        SynapseGroup(net, source, groups[1], weight=np.maximum(weights, 0.0), delay=2.0, into="g_ex")
        SynapseGroup(net, source, groups[1], weight=np.maximum(-weights, 0.0), delay=2.0, into="g_in")
        net.run(100.0)
        return np.array([group["V_m", 0][:, 0] for group in groups]), [group["spike.t", 0] for group in groups]


BELOW = {"iaf_cond_exp": {"V_th": 1000.0}, "aeif_cond_exp": {"I_e": 300.0}}
"""What keeps the neuron below its threshold."""


# As measured at dt = 0.1 ms: 1.5e-7 mV with rk4, 0.26 mV with exponential Euler, which is of first order.
@pytest.mark.parametrize(
    ("model", "method", "order", "tolerance"),
    [
        ("iaf_cond_exp", "rk4", 4, 5e-7),
        pytest.param("aeif_cond_exp", "rk4", 4, 5e-7, marks=pytest.mark.slow),
        pytest.param("iaf_cond_exp", "exponential_euler", 1, 0.5, marks=pytest.mark.slow),
    ],
)
def test_below_threshold_the_difference_falls_with_the_order_of_the_method(model, method, order, tolerance):
    differences, spikes = [], []
    for dt in (0.2, 0.1, 0.05):
        potentials, fired = pair(model, method, dt, **BELOW[model])
        differences.append(np.abs(potentials[0] - potentials[1]).max())
        spikes += fired
    assert [len(times) for times in spikes] == [0] * 6
    observed = np.log2(np.divide(differences[:-1], differences[1:]))
    np.testing.assert_allclose(observed, order, atol=0.25)
    assert differences[1] < tolerance


@pytest.mark.parametrize("window", WINDOWS)
def test_iaf_cond_exp_fires_at_the_same_ticks(window):
    """1e-6 mV: the error of rk4 at 0.1 ms is 1.4e-7 mV, and a reset at the same tick forgets it."""
    potentials, (in_nest, in_brian2) = pair("iaf_cond_exp", "rk4", 0.1, window)
    assert len(in_nest) >= 4
    np.testing.assert_array_equal(in_brian2, in_nest)
    np.testing.assert_allclose(potentials[1], potentials[0], rtol=0, atol=1e-6)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("dt", [0.1, pytest.param(0.05, marks=pytest.mark.slow)])
def test_aeif_cond_exp_fires_within_a_tick(dt, window):
    """NEST resets within a step, at once; Brian2 at its end. The upstroke of 40 mV/ms is as good as its tick."""
    potentials, (in_nest, in_brian2) = pair("aeif_cond_exp", "rk4", dt, window)
    assert len(in_nest) == len(in_brian2) >= 3
    np.testing.assert_allclose(in_brian2, in_nest, rtol=0, atol=1.001 * dt)
    # Until the first upstroke nothing but the method differs: its error grows with exp(V/Delta_T) to 1e-4 mV.
    quiet = round(in_nest[0] / dt) - 1
    np.testing.assert_allclose(potentials[1, :quiet], potentials[0, :quiet], rtol=0, atol=1e-3)


@pytest.mark.parametrize("change", [{"tau_syn_ex": 2.02}, {"t_ref": 2.1}], ids=str)
def test_the_comparison_sees_a_parameter_that_is_off(change, monkeypatch):
    plain = in_brian2

    def changed(model, parameters, method, dt):
        return plain(model, parameters | change, method, dt)

    monkeypatch.setitem(globals(), "in_brian2", changed)
    potentials, _ = pair("iaf_cond_exp", "rk4", 0.1)
    assert np.abs(potentials[0] - potentials[1]).max() > 1e-3
