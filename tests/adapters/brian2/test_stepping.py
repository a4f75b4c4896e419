"""Direct stepping against Brian2's own loop: not close, equal."""

import brian2
import numpy as np
import pytest
from brian2 import ms, second
from fusion_brian2.stepping import Stepper

from fusion.core.clock import Clock
from fusion.errors import ClockMismatch, SimulatorFailed


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
def test_stepping_gives_all_bits_of_net_run(everything, parts):
    cells, others, state = everything()
    network = brian2.Network(cells, others)
    native(network, 300)
    whole = state()
    cells, others, state = everything()
    network = brian2.Network(cells, others)
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
