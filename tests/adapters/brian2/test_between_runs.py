"""Between two runs Brian2 is the user's, and an error in a run leaves it in order."""

import brian2
import numpy as np
import pytest
from brian2 import ms

from fusion.errors import SimulatorFailed


def cells():
    return brian2.NeuronGroup(2, "dx/dt = 1/ms : 1", threshold="x > 0.95", reset="x = 0", method="euler")


def test_brian2s_time_is_right_after_each_run(participant):
    p = participant()
    p.group(cells())
    for ticks in (3, 4):
        p.run(ticks)
    assert p.adapter.network.t_ == 7 * 1e-4
    assert brian2.defaultclock.t_ == 7 * 1e-4


def test_the_user_may_run_the_network_and_it_goes_on_from_there(participant):
    p = participant()
    group = cells()
    monitor = brian2.StateMonitor(group, "x", record=0)
    handle = p.group(group, monitor)
    p.run(3)
    p.adapter.network.run(0.2 * ms)
    p.run(4)
    np.testing.assert_allclose(monitor.x[0], 0.1 * np.arange(9))
    np.testing.assert_allclose(monitor.t / ms, 0.1 * np.arange(9))
    assert p.tick == 7
    assert p.read(handle, "x") == pytest.approx([0.9, 0.9])


def test_store_and_restore_of_brian2_work_between_runs(participant):
    p = participant()
    group = cells()
    handle = p.group(group)
    p.run(3)
    p.adapter.network.store()
    p.run(4)
    p.adapter.network.restore()
    p.run(1)
    assert p.read(handle, "x") == pytest.approx([0.4, 0.4])
    assert p.adapter.network.t_ == 4 * 1e-4


def test_objects_may_be_added_and_values_set(participant):
    p = participant()
    group = cells()
    handle = p.group(group)
    p.run(2)
    monitor = brian2.SpikeMonitor(group)
    p.adapter.network.add(monitor)
    group.x = "0.5 + 0.3*i"
    p.run(5)
    assert (monitor.i[:].tolist(), (monitor.t / ms).tolist()) == ([1, 0], pytest.approx([0.3, 0.6]))
    assert p.read(handle, "x") == pytest.approx([0.0, 0.3])


def test_spikes_do_not_stay_after_a_run(participant):
    p = participant()
    group = cells()
    group.x = 0.9
    p.group(group)
    p.run(1)
    assert group.spikes.tolist() == []


def test_preferences_may_change(participant):
    p = participant()
    handle = p.group(cells())
    p.run(2)
    brian2.prefs.codegen.loop_invariant_optimisations = False
    try:
        p.run(2)
    finally:
        brian2.prefs.codegen.loop_invariant_optimisations = True
    assert p.read(handle, "x") == pytest.approx([0.4, 0.4])


def test_an_error_inside_a_step_says_in_which_tick_and_leaves_brian2_in_order(participant):
    p = participant()
    group = cells()
    limit = [0.25e-3]

    @brian2.network_operation
    def fail(t):
        if t / brian2.second > limit[0]:
            raise ZeroDivisionError("on purpose")

    handle = p.group(group, fail)
    port = p.adapter.port(handle, "x", "samples out")
    state = np.random.get_state()[1].copy()  # noqa: NPY002 - Brian2 draws from the global stream
    p.adapter.prepare()
    with pytest.raises(SimulatorFailed, match="Brian2 stopped in tick 4: on purpose") as error:
        p.advance(10)
    assert error.value.tick == 4
    assert isinstance(error.value.__cause__, ZeroDivisionError)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    p.adapter.cleanup()
    assert p.adapter.pull(port).complete_until == 3
    assert p.adapter.network.t_ == 3 * 1e-4
    limit[0] = 1.0
    p.tick = 3
    p.run(2)
    assert p.read(handle, "x") == pytest.approx([0.5, 0.5])


def test_ctrl_c_passes_through(participant):
    p = participant()

    @brian2.network_operation
    def interrupt():
        raise KeyboardInterrupt

    p.group(cells(), interrupt)
    p.adapter.prepare()
    with pytest.raises(KeyboardInterrupt):
        p.advance(1)
    p.adapter.cleanup()


def test_advance_needs_prepare(participant):
    p = participant()
    p.group(cells())
    with pytest.raises(SimulatorFailed, match=r"outside of prepare\(\)"):
        p.advance(1)
    p.adapter.cleanup()
