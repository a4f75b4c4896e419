"""Homeostasis against its formula, and the rates that neurons come to fire with."""

from __future__ import annotations

from statistics import NormalDist

import brian2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fusion import Behaviour, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.behaviours import AveragedHomeostasis, Homeostasis
from fusion.errors import BuildFailed, InvalidValue, ShapeMismatch, UnknownVariable, Unsupported

DT = 0.5  # ms
KINDS = [Homeostasis, AveragedHomeostasis]


class Shows(Behaviour):
    """Gives `v` the rows of a table, and a threshold that stays."""

    table: object

    def initialize(self, neurons):
        neurons.threshold = neurons.vector(1.0)

    def iteration(self, neurons):
        neurons.v = self.table[neurons.iteration - 1]

    v = None


def adjusted(behaviour, table):
    """The threshold at the end of each iteration (iterations, neurons)."""
    net = Network(dt=DT)
    cells = NeuronGroup(net, size=table.shape[1], tag="cells")
    cells.v = cells.vector()
    for key, one in {1: Shows(table=table), 2: behaviour, 3: Recorder("threshold")}.items():
        cells.add_behaviour(key, one)
    return net.simulate(len(table))["threshold", 0]


bound = st.floats(-3.0, 3.0)


@given(
    seed=st.integers(0, 2**32 - 1),
    bounds=st.one_of(st.tuples(bound, bound).map(sorted), st.tuples(bound, st.none()), st.tuples(st.none(), bound)),
    rate=st.floats(-0.3, 0.3),
    tau=st.one_of(st.none(), st.floats(0.1, 100.0)),
)
def test_it_is_the_formula(seed, bounds, rate, tau):
    table = np.random.default_rng(seed).normal(size=(30, 3)) * 3
    low, high = bounds
    limits = {name: value for name, value in (("low", low), ("high", high)) if value is not None}
    kind = Homeostasis if tau is None else AveragedHomeostasis
    more = {} if tau is None else {"tau": tau}
    behaviour = kind(measured="v", rate=rate, lowest=-0.5, highest=1.5, **limits, **more)
    rows = adjusted(behaviour, table)
    threshold, mean = np.ones(3), np.zeros(3)
    mean += max(low, 0.0) if low is not None else 0.0
    mean = np.minimum(mean, high) if high is not None else mean
    for row, v in zip(rows, table, strict=True):
        mean = v if tau is None else mean * np.exp(-DT / tau) + v * (1.0 - np.exp(-DT / tau))
        error = np.zeros(3)
        if high is not None:
            error += np.where(mean > high, mean - high, 0.0)
        if low is not None:
            error -= np.where(mean < low, low - mean, 0.0)
        threshold = np.clip(threshold + DT * rate * error, -0.5, 1.5)
        np.testing.assert_allclose(row, threshold, rtol=0, atol=1e-12)  # 30 steps of size 1


def test_each_neuron_may_have_its_own_target():
    rows = adjusted(Homeostasis(measured="v", target=[0.0, 1.0, 2.0], rate=0.1), np.ones((10, 3)))
    np.testing.assert_allclose(rows[-1], [1.5, 1.0, 0.5], rtol=1e-13)


def test_every_so_often_it_moves_as_far_as_in_all_iterations():
    table = np.full((12, 2), 3.0)
    often, seldom = (adjusted(Homeostasis(measured="v", target=1.0, rate=0.1, every=every), table) for every in (DT, 2))
    np.testing.assert_allclose(often[3::4], seldom[3::4], rtol=1e-13)
    assert set(seldom[:3].ravel()) == {1.0}


class Noisy(Behaviour):
    """Fires where noise of standard deviation 1 is above the threshold."""

    def initialize(self, neurons):
        neurons.threshold = neurons.vector(0.0)

    def iteration(self, neurons):
        neurons.spike = neurons.vector("normal(0, 1)") > neurons.threshold


def noisy(behaviour, dt=1.0):
    net = Network(dt=dt, seed=2)
    cells = NeuronGroup(net, size=50, tag="cells", behaviour={1: Noisy(), 2: behaviour, 3: Recorder("threshold")})
    cells.add_behaviour(4, Recorder("spike"))
    return net


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dt", [1.0, 0.5])
def test_neurons_come_to_fire_with_the_target_rate(kind, dt):
    target = 20.0  # Hz
    more = {"tau": 50.0} if kind is AveragedHomeostasis else {}
    net = noisy(kind(target=target, rate=2e-4, **more), dt)
    net.simulate(6000)
    threshold, spikes = net["threshold", 0][2000:], net["spike", 0][2000:]
    rate = spikes.mean() * 1000.0 / dt
    # 50 neurons over 2 s and more at 20 Hz are 2000 spikes; what is left is the change of the threshold / (eta T).
    assert rate == pytest.approx(target, rel=0.03)
    wanted = NormalDist().inv_cdf(1.0 - target * dt / 1000.0)
    # The threshold swings around what the target asks for, and the rate is a convex function of it.
    assert threshold.mean() == pytest.approx(wanted, abs=0.05)
    assert abs(threshold[0].mean() - wanted) < 0.3


def test_the_mean_rate_differs_from_the_target_by_the_change_over_eta_t():
    net = noisy(Homeostasis(target=30.0, rate=1e-4))
    net.simulate(3000)
    rates = net["spike", 0].mean(axis=0) * 1000.0
    # Summed over 3000 iterations the formula telescopes; each term rounds by 1e-16 of 1e-1.
    np.testing.assert_allclose(rates - 30.0, net["threshold", 0][-1] / (1e-4 * 3000.0), rtol=0, atol=1e-8)


@pytest.mark.parametrize("kind", KINDS)
def test_a_variable_of_a_simulator_may_be_adjusted(kind):
    brian2.start_scope()
    brian2.prefs.codegen.target = "numpy"
    brian2.defaultclock.dt = 1.0 * brian2.ms
    more = {"tau": 100.0} if kind is AveragedHomeostasis else {}
    behaviour = kind(adjusted="theta", target=50.0, rate=5e-5, **more)
    with Network(dt=1.0, seed=2) as net:
        # A ramp of 0.1 per ms, which fires when it has passed theta: 20 ms apart where theta is 2.
        cells = brian2.NeuronGroup(
            3, "dv/dt = 0.1/ms : 1\ntheta : 1", threshold="v > theta", reset="v = 0", method="euler"
        )
        cells.theta = [0.5, 1.0, 4.0]
        group = NeuronGroup(net, cells, tag="cells", behaviour={5: behaviour})
        group.add_behaviour(9, Recorder("spike", "theta"))
        net.simulate(8000)
        rates = net["spike", 0][4000:].mean(axis=0) * 1000.0
        # 200 spikes of each, evenly apart, with theta a little on this side or on that of a whole number of steps.
        np.testing.assert_allclose(rates, 50.0, rtol=0.02)
        np.testing.assert_allclose(net["theta", 0][4000:].mean(axis=0), 2.0, atol=0.1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("measured", ["v", "spike"])
def test_windows_stay_long_where_it_steps_every_so_often(kind, measured):
    brian2.start_scope()
    brian2.prefs.codegen.target = "numpy"
    brian2.defaultclock.dt = 1.0 * brian2.ms
    with Network(dt=1.0, seed=2) as net:
        cells = brian2.NeuronGroup(3, "v : 1\ntheta : 1", threshold="v > 1")  # fires always
        cells.v = 1000.0
        more = {"tau": 1e-3} if kind is AveragedHomeostasis else {}  # forgets all but this iteration
        behaviour = {5: kind(measured=measured, adjusted="theta", target=900.0, rate=1e-3, every=10.0, **more)}
        group = NeuronGroup(net, cells, tag="cells", behaviour=behaviour)
        net.simulate(100)
        assert net.coupling.window == 10
        np.testing.assert_allclose(group.theta, 10.0, rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("parameters", [{}, {"target": 1.0, "low": 0.0}, {"target": 1.0, "high": 2.0}], ids=str)
def test_a_target_or_bounds_are_needed(kind, parameters):
    with pytest.raises(InvalidValue, match="needs either target= or low= and high="):
        kind(**parameters)


@pytest.mark.parametrize(
    "parameters", [{"low": 2.0, "high": 1.0}, {"target": 1.0, "lowest": 3.0, "highest": 1.0},
                   {"low": [0.0, 2.0], "high": 1.0}], ids=str)  # fmt: skip
def test_bounds_are_in_order(parameters):
    with pytest.raises(InvalidValue, match="exchange them"):
        Homeostasis(**parameters)


def test_bounds_that_are_drawn_are_in_order():
    net = noisy(Homeostasis(low="uniform(2, 3)", high=1.0))
    with pytest.raises(InvalidValue, match="exchange them"):
        net.build()


@pytest.mark.parametrize("tau", [0.0, -1.0, "uniform(-2, -1)"])
def test_a_time_constant_is_positive(tau):
    with pytest.raises(InvalidValue, match=r"tau is .*must be positive \(ms\)"):
        noisy(AveragedHomeostasis(target=1.0, tau=tau)).build()


@pytest.mark.parametrize("kind", KINDS)
def test_it_belongs_on_neurons(kind):
    net = Network()
    cells = NeuronGroup(net, size=3, tag="cells")
    SynapseGroup(net, cells, cells, tag="synapses", behaviour={1: kind(target=1.0)})
    with pytest.raises(Unsupported, match=f"{kind.__name__} belongs on neurons"):
        net.build()


@pytest.mark.parametrize("which", ["measured", "adjusted"])
def test_an_unknown_variable_is_found_at_build(which):
    net = noisy(Homeostasis(target=1.0, **{which: "treshold"}))
    with pytest.raises(BuildFailed, match=r"Did you mean 'threshold'\?") as caught:
        net.build()
    assert isinstance(caught.value.problems[0][1], UnknownVariable)


def test_an_array_fits_the_neurons():
    with pytest.raises(ShapeMismatch):
        noisy(Homeostasis(target=np.ones(3)))
