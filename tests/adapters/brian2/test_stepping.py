"""Direct stepping against Brian2's own loop: not close, equal."""

import itertools

import brian2
import numpy as np
import pytest
from brian2 import Hz, ms, mV, second
from fusion_brian2.stepping import Stepper

from fusion.core.clock import Clock
from fusion.errors import ClockMismatch, SimulatorFailed

LABELS = itertools.count()


def everything():
    """Noise, random numbers on a slower clock, random delays, plasticity, a Poisson group, a slower monitor."""
    # Brian2 orders what runs at the same place by name: not by the ones it would invent.
    label = next(LABELS)
    brian2.seed(7)
    names = {"tau": 10 * ms, "taus": 5 * ms, "El": -70 * mV, "Vt": -50 * mV, "Vr": -65 * mV, "sig": 1 * mV}
    cells = brian2.NeuronGroup(
        51,
        """dv/dt = (El - v + Is + Iext)/tau + sig*xi*tau**-0.5 : volt (unless refractory)
           dIs/dt = -Is/taus : volt
           Iext : volt""",
        threshold="v>Vt",
        reset="v=Vr",
        refractory=2 * ms,
        method="euler",
        namespace=names,
    )
    cells.v = -60 * mV
    cells.Iext = np.linspace(18, 30, 51) * mV
    cells.run_regularly("Iext += 0.01*mV*rand()", dt=1 * ms)
    drive = brian2.PoissonGroup(20, 200 * Hz)
    synapses = brian2.Synapses(
        cells,
        cells,
        "w : volt",
        on_pre="Is_post += w",
        on_post="w += 0.001*mV",
        namespace=names,
        name=f"own_{label}",
    )
    synapses.connect(p=0.2)
    synapses.w = "0.3*mV*rand()"
    synapses.pre.delay = "rand()*3*ms"
    feed = brian2.Synapses(drive, cells, on_pre="Is_post += 0.5*mV", delay=1 * ms, name=f"feed_{label}")
    feed.connect(p=0.3)
    spikes = brian2.SpikeMonitor(cells)
    trace = brian2.StateMonitor(cells, "v", record=[0, 1], dt=0.5 * ms)
    network = brian2.Network(cells, drive, synapses, feed, spikes, trace)

    def state():
        return {
            "v": cells.v_[:].copy(),
            "Is": cells.Is_[:].copy(),
            "Iext": cells.Iext_[:].copy(),
            "w": synapses.w_[:].copy(),
            "spikes": (spikes.i[:].copy(), spikes.t_[:].copy()),
            "trace": (np.array(trace.v_), trace.t_[:].copy()),
        }

    return network, state


def direct(network, ticks):
    stepper = Stepper(network, Clock(0.1), {})
    for _ in range(ticks):
        stepper.step()
    stepper.finish()


def native(network, ticks):
    network.run(ticks * 0.1 * ms, namespace={})


@pytest.mark.parametrize(
    "parts",
    [
        [(direct, 300)],
        [(direct, 1), (direct, 299)],
        [(native, 75), (direct, 150), (native, 75)],
        [(direct, 33), (native, 100), (direct, 167)],
    ],
    ids=["direct", "twice", "native-direct-native", "direct-native-direct"],
)
def test_stepping_gives_all_bits_of_net_run(parts):
    network, state = everything()
    native(network, 300)
    whole = state()
    network, state = everything()
    for run, ticks in parts:
        run(network, ticks)
    assert len(whole["spikes"][0]) > 50
    np.testing.assert_equal(state(), whole)
    assert network.t_ == pytest.approx(
        300 * 1e-4, rel=1e-12
    )  # Brian2 itself says 0.03 or 300 * dt, by how it came there


def test_slower_clocks_of_several_paces_run_when_they_are_due():
    cells = brian2.NeuronGroup(1, "a : 1\nb : 1\nc : 1")
    cells.run_regularly("a += 1", dt=0.2 * ms)
    cells.run_regularly("b += 1", dt=0.3 * ms)
    cells.run_regularly("c += 1", dt=0.5 * ms)
    stepper = Stepper(brian2.Network(cells), Clock(0.1), {})
    for _ in range(31):
        stepper.step()
    assert (cells.a[0], cells.b[0], cells.c[0]) == (16, 11, 7)


def test_a_network_operation_sees_the_time_of_its_step():
    seen = []
    cells = brian2.NeuronGroup(1, "x : 1")

    @brian2.network_operation
    def look(t):
        seen.append((t / second, network.t_))

    network = brian2.Network(cells, look)
    direct(network, 3)
    assert seen == [(0.0, 0.0), (1 * 1e-4, 1 * 1e-4), (2 * 1e-4, 2 * 1e-4)]


def test_an_inactive_object_does_not_run():
    cells = brian2.NeuronGroup(1, "dx/dt = 1/second : 1", method="euler")
    cells.active = False
    direct(brian2.Network(cells, brian2.NeuronGroup(1, "y : 1")), 5)
    assert cells.x[0] == 0


@pytest.mark.parametrize("dt", [0.05, 0.15])
def test_a_clock_that_is_no_multiple_of_dt_is_refused_with_the_way_out(dt):
    cells = brian2.NeuronGroup(1, "x : 1")
    monitor = brian2.StateMonitor(cells, "x", record=True, dt=dt * ms, name="watch")
    with pytest.raises(ClockMismatch, match=rf"'watch' runs every {dt} ms.*dt=0\.1\*ms"):
        Stepper(brian2.Network(cells, monitor), Clock(0.1), {})


def test_stop_inside_a_step_is_an_error_not_a_quiet_end():
    cells = brian2.NeuronGroup(1, "x : 1")

    @brian2.network_operation
    def halt():
        brian2.stop()

    stepper = Stepper(brian2.Network(cells, halt), Clock(0.1), {})
    with pytest.raises(SimulatorFailed, match="shorter time"):
        stepper.step()
    halt.active = False
    direct(stepper.network, 3)


def test_a_brian2_that_keeps_its_clocks_otherwise_is_refused(monkeypatch):
    monkeypatch.setattr("fusion_brian2.stepping._Pace.set", lambda pace, step: None)
    with pytest.raises(SimulatorFailed, match=r"keeps its clocks in a way that is not known.*fusion-sim\[brian2\]"):
        Stepper(brian2.Network(brian2.NeuronGroup(1, "x : 1")), Clock(0.1), {})
