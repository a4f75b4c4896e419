"""A link of fusion within one simulator does what the simulator's own connections do.

::

    cells --weights, delays, by fusion--> cells     equals     cells --by NEST, by Brian2--> cells
"""

from __future__ import annotations

import brian2
import nest
import numpy as np
import pytest
from brian2 import ms, mV, pA

from fusion import EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup

N, TICKS = 20, 800


@pytest.fixture
def wiring():
    """Drives (pA) that differ, weights of both signs (pA, multiples of 2**-6, so that sums do not round), delays."""
    rng = np.random.default_rng(5)
    drive = rng.uniform(450.0, 700.0, N)
    weights = np.where(rng.random((N, N)) < 0.4, np.round(rng.uniform(-60.0, 80.0, (N, N)) * 64) / 64, 0.0)
    return drive, weights, rng.integers(5, 30, (N, N))


def nest_cells(drive):
    nest.ResetKernel()
    cells = nest.Create("iaf_psc_exp", N, {"tau_syn_ex": 2.0, "tau_syn_in": 4.0})
    cells.I_e = drive.tolist()
    return cells


def in_nest_alone(drive, weights, delays):
    cells = nest_cells(drive)
    targets, sources = np.nonzero(weights)
    ids = np.array(cells.tolist())
    synapses = {"weight": weights[targets, sources], "delay": delays[targets, sources] * 0.1}
    nest.Connect(ids[sources], ids[targets], "one_to_one", synapses)
    meter = nest.Create("multimeter", 1, {"record_from": ["V_m"], "interval": 0.1})
    nest.Connect(meter, cells)
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    nest.Simulate(TICKS * 0.1 + 5.0)  # the meter hands over its last samples late
    events, spikes = meter.events, recorder.events
    ticks, senders = np.round(events["times"] / 0.1).astype(int), events["senders"] - cells[0].global_id
    potential = np.full((TICKS, N), np.nan)
    kept = ticks <= TICKS
    potential[ticks[kept] - 1, senders[kept]] = events["V_m"][kept]
    fired = np.column_stack([np.round(spikes["times"] / 0.1).astype(int), spikes["senders"] - cells[0].global_id])
    return potential, {tuple(row) for row in fired[fired[:, 0] <= TICKS].tolist()}


@pytest.mark.parametrize("name", ["nest", "summed"])
@pytest.mark.parametrize("one_delay", [True, False], ids=["one delay", "a delay each"])
def test_nest_to_nest_is_nest_connect(sites, wiring, one_delay, name):
    drive, weights, delays = wiring
    delays = np.full_like(delays, 15) if one_delay else delays
    potential, spikes = in_nest_alone(drive, weights, delays)
    with Network(dt=0.1, seed=1) as net:
        behaviour = {9: EventRecorder("spike"), 10: Recorder("V_m")}
        group = NeuronGroup(net, nest_cells(drive), tag="cells", behaviour=behaviour)
        SynapseGroup(net, group, group, weight=weights, delay=1.5 if one_delay else delays * 0.1, **sites[name].link())
        net.simulate(TICKS)
        assert {tuple(row) for row in net["spike", 0].tolist()} == spikes
        assert len(spikes) > 100
        np.testing.assert_array_equal(net["V_m", 0], potential)


EQUATIONS = """
dv/dt = (-70*mV - v)/(10*ms) + (drive + I)/(250*pF) : volt (unless refractory)
dI/dt = -I/(2*ms) : amp
drive : amp
"""


def brian2_cells(drive, name):
    cells = brian2.NeuronGroup(
        N, EQUATIONS, threshold="v > -55*mV", reset="v = -70*mV", refractory=2 * ms, method="exact", name=name
    )
    cells.v, cells.drive = -70 * mV, drive * pA
    return cells


def in_brian2_alone(drive, weights, delays):
    cells = brian2_cells(drive, "alone")
    synapses = brian2.Synapses(cells, cells, "w : amp", on_pre="I_post += w")
    targets, sources = np.nonzero(weights)
    synapses.connect(i=sources, j=targets)
    synapses.w, synapses.delay = weights[targets, sources] * pA, delays[targets, sources] * 0.1 * ms
    states, spikes = brian2.StateMonitor(cells, "v", record=True, when="end"), brian2.SpikeMonitor(cells)
    brian2.Network(cells, synapses, states, spikes).run(TICKS * 0.1 * ms)
    # The spike of the step that begins at t has the tick that ends at t + dt.
    ticks = np.round(np.asarray(spikes.t / ms) / 0.1).astype(int) + 1
    return np.asarray(states.v / mV).T, set(zip(ticks.tolist(), np.asarray(spikes.i).tolist(), strict=True))


@pytest.mark.parametrize("one_delay", [True, False], ids=["one delay", "a delay each"])
def test_brian2_to_brian2_is_brian2_synapses(wiring, one_delay):
    drive, weights, delays = wiring
    delays = np.full_like(delays, 15) if one_delay else delays
    potential, spikes = in_brian2_alone(drive, weights, delays)
    with Network(dt=0.1, seed=1) as net:
        behaviour = {9: EventRecorder("spike"), 10: Recorder("v")}
        group = NeuronGroup(net, brian2_cells(drive, "linked"), tag="cells", behaviour=behaviour)
        SynapseGroup(net, group, group, weight=weights * pA, delay=1.5 if one_delay else delays * 0.1, into="I")
        net.simulate(TICKS)
        assert {tuple(row) for row in net["spike", 0].tolist()} == spikes
        assert len(spikes) > 100
        # Brian2 adds spike by spike, fusion their sum: each rounds by 1e-13 pA, which the membrane makes 1e-15 mV.
        np.testing.assert_allclose(net["v", 0] * 1e3, potential, rtol=0, atol=1e-11)


def test_the_comparison_would_see_one_tick(wiring):
    drive, weights, delays = wiring
    _, spikes = in_brian2_alone(drive, weights, np.full_like(delays, 15))
    _, later = in_brian2_alone(drive, weights, np.full_like(delays, 16))
    assert spikes != later
