"""Spikes and samples that leave Brian2 carry the right tick, however the run is cut."""

import brian2
import numpy as np
import pytest
from brian2 import ms

from fusion.errors import SimulatorFailed, UnknownName, Unsupported


def ramp(**options):
    """Neuron i crosses in the step that ends at tick 2 + i, and each 10 ticks from then on."""
    group = brian2.NeuronGroup(3, "dx/dt = 1/ms : 1", threshold="x > 0.95", reset="x -= 1", method="euler", **options)
    group.x = [0.8, 0.7, 0.6]
    return group


def spikes(p, port):
    batch = p.adapter.pull(port)
    return list(zip(batch.ticks.tolist(), batch.indices.tolist(), strict=True)), batch.complete_until


def test_a_spike_has_the_tick_at_which_its_step_ends(participant):
    p = participant()
    handle = p.group(ramp())
    port = p.adapter.port(handle, "", "spikes out")
    p.run(14)
    assert spikes(p, port) == ([(2, 0), (3, 1), (4, 2), (12, 0), (13, 1), (14, 2)], 14)
    assert spikes(p, port) == ([], 14)


def test_ticks_agree_with_brian2s_own_monitor(participant):
    p = participant()
    group = ramp()
    monitor = brian2.SpikeMonitor(group)
    port = p.adapter.port(p.group(group, monitor), "", "spikes out")
    p.run(14)
    found, _ = spikes(p, port)
    assert [(round(t / 1e-4) + 1, i) for t, i in zip(monitor.t_[:], monitor.i[:], strict=True)] == found


@pytest.mark.parametrize("chunks", [(1,) * 30, (7, 23), (30,), (29, 1)])
def test_chunks_of_any_length_give_the_same(participant, chunks):
    p = participant()
    group = ramp()
    handle = p.group(group)
    out, trace = p.adapter.port(handle, "", "spikes out"), p.adapter.port(handle, "x", "samples out")
    p.push(p.spikes_in(handle, "x"), {5: {0: 0.25}, 17: {1: 0.5}})
    p.run(*chunks)
    batch = p.adapter.pull(trace)
    one = participant()
    handle = one.group(ramp())
    one.push(one.spikes_in(handle, "x"), {5: {0: 0.25}, 17: {1: 0.5}})
    assert batch.t0 == 1
    np.testing.assert_array_equal(batch.values, one.trajectory(handle, "x", 30))
    assert spikes(p, out)[0][:3] == [(2, 0), (3, 1), (4, 2)]


def test_two_runs_continue_one_another_and_ticks_go_on(participant):
    p = participant()
    handle = p.group(ramp())
    port = p.adapter.port(handle, "", "spikes out")
    for ticks in (3, 0, 9, 2):
        p.run(ticks)
    assert spikes(p, port) == ([(2, 0), (3, 1), (4, 2), (12, 0), (13, 1), (14, 2)], 14)


def test_a_variable_can_be_subscribed_in_the_middle_of_things(participant):
    p = participant()
    handle = p.group(ramp())
    p.run(4)
    port = p.adapter.port(handle, "x", "samples out")
    p.run(2)
    batch = p.adapter.pull(port)
    assert (batch.t0, batch.values.shape, batch.complete_until) == (5, (2, 3), 6)
    np.testing.assert_array_equal(batch.values[-1], p.read(handle, "x"))


def test_ticks_count_from_the_first_prepare_whatever_brian2s_time_was(participant):
    p = participant()
    group = ramp()
    handle = p.group(group)
    port = p.adapter.port(handle, "", "spikes out")
    p.adapter.network.run(1 * ms)
    p.run(4)
    assert spikes(p, port)[0] == [(2, 0), (3, 1), (4, 2)]
    assert p.read(handle, "t")[0] == 14 * 1e-4


def test_after_a_failure_there_are_the_values_of_the_ticks_before_it(participant):
    p = participant()
    group = ramp()

    def fail():
        if group.t_ > 4.5e-4:
            raise ValueError("no further")

    failing = brian2.NetworkOperation(fail, clock=group.clock, when="start")
    handle = p.group(group, failing)
    port = p.adapter.port(handle, "x", "samples out")
    p.adapter.prepare()
    p.adapter.advance(2)
    with pytest.raises(SimulatorFailed, match="tick 6"):
        p.adapter.advance(9)
    batch = p.adapter.pull(port)
    assert (batch.t0, batch.complete_until) == (1, 5)
    np.testing.assert_allclose(batch.values[:, 0], [0.9, 0.0, 0.1, 0.2, 0.3], atol=1e-12)


def test_what_is_no_float_and_a_part_can_be_subscribed(participant):
    p = participant()
    handle = p.group(ramp(refractory=0.2 * ms))
    ports = [
        p.adapter.port(handle, name, "samples out", index)
        for name, index in (("not_refractory", None), ("x", slice(1, 3)), ("x", np.array([2, 0])))
    ]
    p.run(1, 3)
    free, part, picked = (p.adapter.pull(port).values for port in ports)
    assert free.dtype == np.float64
    np.testing.assert_array_equal(free, [[1, 1, 1], [0, 1, 1], [0, 0, 1], [1, 0, 0]])
    np.testing.assert_array_equal(part[:, 1], picked[:, 0])
    assert picked.shape == (4, 2)


def test_subexpressions_and_shared_variables_can_be_subscribed(participant):
    p = participant()
    handle = p.group(
        brian2.NeuronGroup(2, "dx/dt = 1/tau : 1\ny = 2*x : 1\nz : 1 (shared)", method="euler"), tau=1 * ms
    )
    ports = [p.adapter.port(handle, name, "samples out") for name in ("x", "y", "z")]
    p.run(3)
    x, y, z = (p.adapter.pull(port).values for port in ports)
    np.testing.assert_array_equal(y, 2 * x)
    assert z.shape == (3, 1)


def test_a_group_without_threshold_has_no_spikes(participant):
    p = participant()
    handle = p.group(brian2.NeuronGroup(2, "x : 1", name="mute"))
    assert not handle.spikes
    with pytest.raises(Unsupported, match=r"'mute' never fires.*threshold"):
        p.adapter.port(handle, "", "spikes out")


@pytest.mark.parametrize("kind", ["spikes in", "samples in", "samples out"])
def test_a_name_that_is_not_there_is_an_error_that_lists_what_is(participant, kind):
    p = participant()
    handle = p.group(brian2.NeuronGroup(2, "g_exc : 1", name="cells"))
    with pytest.raises(UnknownName, match=r"'g_ex' in cells\. Did you mean 'g_exc'"):
        p.adapter.port(handle, "g_ex", kind)


def test_poisson_and_generator_groups_fire(participant):
    p = participant()
    poisson = p.group(brian2.PoissonGroup(5, 10 * brian2.kHz))
    generator = p.group(brian2.SpikeGeneratorGroup(3, [2, 0, 1], [0, 0.1, 0.1] * ms))
    ports = [p.adapter.port(handle, "", "spikes out") for handle in (poisson, generator)]
    p.run(2)
    assert spikes(p, ports[0])[0] == [(tick, i) for tick in (1, 2) for i in range(5)]
    assert spikes(p, ports[1])[0] == [(1, 2), (2, 0), (2, 1)]
