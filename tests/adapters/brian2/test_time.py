"""One dt, and who is told what when it is another."""

import brian2
import pytest
from brian2 import ms

from fusion.errors import ClockMismatch, Unsupported


def test_the_default_clock_must_have_the_networks_dt(participant):
    p = participant(dt=0.5)
    with pytest.raises(ClockMismatch) as error:
        p.group(brian2.NeuronGroup(2, "x : 1", name="cells"))
    assert str(error.value) == (
        "Brian2's dt is 0.1 ms, the network's dt 0.5 ms. "
        "Write brian2.defaultclock.dt = 0.5*ms before NeuronGroup(net, cells)."
    )
    brian2.defaultclock.dt = 0.5 * ms
    p.group(brian2.NeuronGroup(2, "x : 1"))
    p.run(2)
    assert p.adapter.network.t_ == 0.001


def test_a_groups_own_clock_counts(participant):
    with pytest.raises(ClockMismatch, match=r"dt is 0\.2 ms.*Make 'cells' with dt=0\.1\*ms"):
        participant().group(brian2.NeuronGroup(2, "x : 1", name="cells", dt=0.2 * ms))
    p = participant(dt=0.2)
    handle = p.group(brian2.NeuronGroup(2, "x : 1", dt=0.2 * ms))
    p.run(3)
    assert p.read(handle, "t") == pytest.approx(6e-4)


def test_a_dt_that_changed_between_two_runs_is_noticed(participant):
    p = participant()
    handle = p.group(brian2.NeuronGroup(1, "dx/dt = 1/ms : 1", method="euler"))
    p.run(10)
    brian2.defaultclock.dt = 0.2 * ms
    with pytest.raises(ClockMismatch, match=r"dt is 0\.2 ms, the network's dt 0\.1 ms"):
        p.adapter.prepare()
    p.adapter.cleanup()
    brian2.defaultclock.dt = 0.1 * ms
    p.run(10)
    assert p.read(handle, "x") == pytest.approx(2.0)


def test_slower_objects_of_a_group_run_at_their_own_pace(participant):
    p = participant()
    group = brian2.NeuronGroup(1, "x : 1")
    group.run_regularly("x += 1", dt=0.5 * ms)
    monitor = brian2.StateMonitor(group, "x", record=True, dt=1 * ms)
    handle = p.group(group, monitor)
    p.run(3, 9, 9)
    assert p.read(handle, "x") == 5
    assert (monitor.t[:] / ms).tolist() == [0, 1, 2]


@pytest.mark.skipif(not hasattr(brian2, "EventClock"), reason="Brian2 2.9 has no run_at")
def test_operations_at_times_of_their_own_are_refused(participant):
    group = brian2.NeuronGroup(1, "x : 1")
    group.run_at("x += 1", times=[1] * ms)
    with pytest.raises(Unsupported, match=r"run_at.*Use run_regularly"):
        participant().group(group)
