"""Leaky integrate-and-fire neurons: the solution of the equation, and NEST's own neurons."""

from __future__ import annotations

import nest
import numpy as np
import pytest
from brian2 import ms

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.behaviours import LIF, AlphaCurrent, Delivery, ExponentialCurrent
from fusion.errors import InvalidValue, OffGrid, ShapeMismatch, UnitMismatch, Unsupported

TICKS = 3000
DT = 0.1
RNG = np.random.default_rng(3)
EXCITING = np.sort(RNG.choice(np.arange(5, TICKS - 20), 260, replace=False)).tolist()
INHIBITING = np.sort(RNG.choice(np.arange(5, TICKS - 20), 60, replace=False)).tolist()
WEIGHTS = 143.7, -91.3  # pA, no round numbers, so that no potential meets the threshold exactly
TAU, TAU_EX = 12.3, 2.0


def in_nest(model, tau_in):
    """Spike ticks and potentials (TICKS,) of one neuron of NEST with the same arrivals."""
    nest.ResetKernel()
    nest.verbosity, nest.resolution = nest.VerbosityLevel.ERROR, DT
    cell = nest.Create(model, 1, {
        "I_e": 210.3, "tau_syn_ex": TAU_EX, "tau_syn_in": tau_in, "tau_m": TAU, "t_ref": 1.5, "V_reset": -68.5,
        "E_L": -69.0, "V_m": -69.0, "C_m": 200.0,
    })  # fmt: skip
    for times, weight in ((EXCITING, WEIGHTS[0]), (INHIBITING, WEIGHTS[1])):
        source = nest.Create("spike_generator", 1, {"spike_times": (np.array(times) - 1) * DT})
        nest.Connect(source, cell, syn_spec={"weight": weight, "delay": DT})
    meter = nest.Create("multimeter", 1, {"record_from": ["V_m"], "interval": DT})
    recorder = nest.Create("spike_recorder")
    nest.Connect(meter, cell, syn_spec={"delay": DT})
    nest.Connect(cell, recorder, syn_spec={"delay": DT})
    nest.Simulate((TICKS + 1) * DT)
    spikes = np.round(recorder.events["times"] / DT).astype(int)
    return spikes[spikes <= TICKS], meter.events["V_m"][:TICKS]


@pytest.mark.parametrize(("model", "kind"), [("iaf_psc_exp", ExponentialCurrent), ("iaf_psc_alpha", AlphaCurrent)])
@pytest.mark.parametrize("tau_in", [4.0, TAU])
def test_it_is_nests_neuron(simulate, model, kind, tau_in):
    """1e-9 mV: steps are exact, each rounds by 1e-14 mV, and the leak forgets. One tau is the membrane's."""
    spikes, potential = in_nest(model, tau_in)
    found = simulate(
        LIF(tau=TAU, refractory=1.5, reset=-68.5, rest=-69.0, capacitance=200.0, bias=210.3), TICKS,
        before={1: kind(tau=TAU_EX), 2: kind(tau=tau_in, input="inhibition")},
        pulses=[("input", WEIGHTS[0], EXCITING), ("inhibition", WEIGHTS[1], INHIBITING)],
    )  # fmt: skip
    assert found.spikes[:, 0].tolist() == spikes.tolist()
    assert len(spikes) > 5
    np.testing.assert_allclose(found["voltage"][:, 0], potential, rtol=0, atol=1e-9)


def test_it_decays_to_rest_exactly(simulate):
    found = simulate(LIF(initial=-57.0, tau=7.0), 200)
    t = np.arange(1, 201) * DT
    np.testing.assert_allclose(found["voltage"][:, 0], -70.0 + 13.0 * np.exp(-t / 7.0), rtol=0, atol=1e-11)


def test_a_constant_current_gives_the_rate_of_the_formula(simulate):
    """The interval is the formula's, rounded up: a spike comes at the first step past the threshold."""
    bias = np.array([370.0, 380.0, 400.0, 500.0, 800.0, 1600.0])  # pA; the rheobase is 375 pA
    found = simulate(LIF(bias=bias, refractory=2.0), 20000, size=6)
    drive = bias[1:] * 10.0 / 250.0
    interval = 2.0 + np.ceil(10.0 * np.log(drive / (drive - 15.0)) / DT) * DT
    assert found.counts()[0] == 0
    for neuron, expected in enumerate(interval, start=1):
        ticks = found.spikes[found.spikes[:, 1] == neuron, 0]
        np.testing.assert_allclose(np.diff(ticks) * DT, expected, rtol=0, atol=1e-9)


def test_a_link_into_current_acts_for_one_step(simulate):
    found = simulate(LIF(), 30, pulses=[("current", 100.0, [10])])
    moved = 100.0 * 10.0 / 250.0 * -np.expm1(-DT / 10.0)
    expected = np.where(np.arange(1, 31) < 10, 0.0, moved * np.exp(-(np.arange(1, 31) - 10) * DT / 10.0))
    np.testing.assert_allclose(found["voltage"][:, 0] + 70.0, expected, rtol=0, atol=1e-12)


def test_delivery_into_current_acts_within_the_iteration():
    net = Network(dt=DT)
    source = NeuronGroup(net, size=2, behaviour={1: LIF(bias=[5000.0, 0.0])})
    target = NeuronGroup(net, size=2, tag="target", behaviour={
        2: Delivery(into="current"), 3: LIF(), 9: Recorder("voltage")})  # fmt: skip
    source.add_behaviour(9, EventRecorder("spike"))
    SynapseGroup(net, source, target, tag="GLUTAMATE").W = np.array([[100.0, 0.0], [0.0, 100.0]])
    net.simulate(20)
    moved = 100.0 * 10.0 / 250.0 * -np.expm1(-DT / 10.0)
    first = source["spike", 0][0, 0]
    assert net["voltage", 0][first - 1, 0] == pytest.approx(-70.0 + moved, abs=1e-12)
    assert (net["voltage", 0][: first - 1] == -70.0).all()
    assert (net["voltage", 0][:, 1] == -70.0).all()


def test_what_behaviours_add_counts_for_one_iteration_with_and_without_a_link(simulate):
    table = np.random.default_rng(1).uniform(0, 100, (50, 3))
    alone = simulate(LIF(), 50, size=3, table=table, variables=("voltage", "current"))
    linked = simulate(LIF(), 50, size=3, table=table, pulses=[("current", 1.0, [60])])
    np.testing.assert_array_equal(alone["current"], table)
    np.testing.assert_array_equal(alone["voltage"], linked["voltage"])


def test_refractoriness_may_differ_and_ignores_the_input(simulate):
    periods = np.array([0.0, 0.5, 3.0])
    found = simulate(LIF(refractory=periods, bias=5000.0), 200, size=3)
    for neuron, period in enumerate(periods):
        ticks = found.spikes[found.spikes[:, 1] == neuron, 0]
        held = round(period / DT)
        free = ticks[1] - ticks[0] - held
        assert np.diff(ticks).tolist() == [held + free] * (len(ticks) - 1)
        assert (found["voltage"][ticks[0] - 1 : ticks[0] + held, neuron] == -70.0).all()
        assert found["voltage"][ticks[0] + held, neuron] > -70.0


def test_the_refractory_period_may_be_a_quantity_and_what_has_no_known_unit_may_not(simulate):
    plain, given = (simulate(LIF(refractory=period, bias=5000.0), 100) for period in (1.5, 1.5 * ms))
    assert len(plain.spikes) > 1
    np.testing.assert_array_equal(plain.spikes, given.spikes)
    with pytest.raises(UnitMismatch, match=r"LIF\.tau is 20\. \* msecond; give a plain number"):
        LIF(tau=20 * ms)


def test_parameters_may_be_drawn(simulate):
    found = simulate(LIF(rest="normal(-70, 2)", tau="uniform(5, 20)"), 5, size=500)
    assert 1.7 < found["voltage"][0].std() < 2.3


def test_it_computes_in_the_type_of_the_network(simulate):
    table = np.full((500, 2), 400.0)
    found = simulate(
        LIF(tau=np.array([10.0, 11.0])), 500, size=2, table=table, dtype="float32", before={1: ExponentialCurrent()},
        pulses=[("input", 50.0, [5])],
    )  # fmt: skip
    assert {found["voltage"].dtype, found.group.input_current.dtype} == {np.dtype("float32")}
    double = simulate(
        LIF(tau=np.array([10.0, 11.0])), 500, size=2, table=table, before={1: ExponentialCurrent()},
        pulses=[("input", 50.0, [5])],
    )  # fmt: skip
    # 500 steps round by at most 4e-6 mV each, and the leak forgets after 100.
    np.testing.assert_allclose(found["voltage"], double["voltage"], rtol=0, atol=4e-4)


@pytest.mark.parametrize("name", ["tau", "capacitance"])
@pytest.mark.parametrize("value", [0.0, -1.0, [10.0, 0.0]])
def test_time_constants_and_capacitances_are_positive(simulate, name, value):
    with pytest.raises(InvalidValue, match=rf"LIF\.{name} is .*must be positive"):
        simulate(LIF(**{name: value}), 1, size=2)


def test_what_makes_no_neuron_is_refused(simulate):
    with pytest.raises(InvalidValue, match="must lie below threshold"):
        simulate(LIF(reset=-50.0), 1)
    with pytest.raises(InvalidValue, match="must not be negative"):
        simulate(LIF(refractory=-1.0), 1)
    with pytest.raises(OffGrid, match="refractory period"):
        simulate(LIF(refractory=0.25), 1)
    with pytest.raises(ShapeMismatch):
        simulate(LIF(tau=[1.0, 2.0, 3.0]), 1, size=2)


def test_it_is_for_native_neurons():
    net = Network()
    cells = NeuronGroup(net, size=2, tag="cells")
    SynapseGroup(net, cells, cells, tag="synapses", behaviour={1: LIF()})
    with pytest.raises(Unsupported, match=r"LIF is for native neuron groups.*'synapses' is none"):
        net.build()


def test_a_group_has_one_model():
    net = Network()
    NeuronGroup(net, size=2, tag="cells", behaviour={1: LIF(), 2: LIF(tau=5.0)})
    with pytest.raises(Unsupported, match=r"'cells' bears .* one model"):
        net.build()


def test_it_comes_to_a_network_that_runs():
    net = Network(dt=DT)

    class Idle(Behaviour):
        def iteration(self, neurons):
            pass

    cells = NeuronGroup(net, size=2, behaviour={1: Idle()})
    net.simulate(5)
    cells.add_behaviour(2, LIF(bias=1000.0))
    net.simulate(100)
    assert cells.voltage.max() > -70.0
