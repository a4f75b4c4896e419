"""What is pushed acts as a spike of Brian2's own over a synapse of Brian2's own, in every bit."""

import brian2
import numpy as np
import pytest
from brian2 import ms, mV

from fusion.errors import LateInput

DELAY = 15  # ticks
FIRED = [3, 20, 21, 60, 118]  # ticks at which the one source neuron fires

MODELS = {
    "conductance": ("dv/dt = (-v + g)/tau : volt\ndg/dt = -g/(3*ms) : volt", "g", "v = 0*mV", False),
    "delta": ("dv/dt = (-v + 12*mV)/tau : volt", "v", "v = 0*mV", False),
    "refractory": (
        "dv/dt = (-v + 25*mV)/tau : volt (unless refractory)\ng : volt",
        "v",
        "v = 0*mV; g += 1*mV",
        2 * ms,
    ),
    # The reset of the same step sees the arrival: Brian2's synapses come before it.
    "reset": ("dv/dt = 1.5*mV/ms : volt\ng : volt", "g", "v = g", False),
}


def cells(model):
    equations, _, reset, refractory = MODELS[model]
    return brian2.NeuronGroup(
        3,
        equations,
        threshold="v > 15*mV",
        reset=reset,
        refractory=refractory,
        method="exact" if model != "reset" else "euler",
        namespace={"tau": 10 * ms},
    )


@pytest.mark.parametrize("model", MODELS)
def test_an_arrival_equals_a_native_spike_over_a_native_delay_in_all_bits(participant, model):
    variable = MODELS[model][1]
    # The native network: a source that fires at Brian2's time (k - 1) * dt in the step that ends at tick k.
    native = participant()
    target = cells(model)
    source = brian2.SpikeGeneratorGroup(1, [0] * len(FIRED), (np.array(FIRED) - 1) * 0.1 * ms)
    synapses = brian2.Synapses(source, target, "w : volt", on_pre=f"{variable}_post += w", delay=DELAY * 0.1 * ms)
    synapses.connect()
    synapses.w = [3.3, 7.7, -1.1] * mV
    wanted = native.trajectory(native.group(target, source, synapses), "v", 150)
    # The same arrivals from outside.
    ours = participant()
    handle = ours.group(cells(model))
    port = ours.spikes_in(handle, variable)
    ours.push(port, {tick + DELAY: {0: 3.3e-3, 1: 7.7e-3, 2: -1.1e-3} for tick in FIRED})
    got = ours.trajectory(handle, "v", 150)
    np.testing.assert_array_equal(got, wanted)
    assert np.ptp(got[:, 0] - got[:, 2]) > 1e-3  # they arrived, and made a difference


def test_refractory_neurons_drop_what_brian2_drops_for_them(participant):
    p = participant()
    group = brian2.NeuronGroup(
        2,
        "dv/dt = 0*volt/ms : volt (unless refractory)",
        threshold="v > 15*mV",
        refractory=0.5 * ms,
        method="euler",
    )
    group.v = [20, 0] * mV
    handle = p.group(group)
    p.push(p.spikes_in(handle, "v"), {tick: {0: 0.001, 1: 0.001} for tick in (1, 4, 6)})
    v = p.trajectory(handle, "v", 6)
    # Neuron 0 fires in tick 1 and is free again from tick 6 on, when it fires anew: it never takes any.
    np.testing.assert_array_equal(v[:, 0], 0.02)
    np.testing.assert_array_equal(v[:, 1], [0.001, 0.001, 0.001, 0.002, 0.002, 0.003])


def test_an_arrival_for_tick_t_is_part_of_the_state_at_the_end_of_tick_t(participant):
    p = participant()
    handle = p.group(brian2.NeuronGroup(3, "x : 1"))
    p.push(p.spikes_in(handle, "x"), {1: {0: 1.0}, 4: {1: 2.0, 2: 3.0}, 5: {2: 0.5}})
    np.testing.assert_array_equal(
        p.trajectory(handle, "x", 6),
        [[1, 0, 0], [1, 0, 0], [1, 0, 0], [1, 2, 3], [1, 2, 3.5], [1, 2, 3.5]],
    )


def test_rows_may_be_pushed_early_between_runs_and_one_by_one(participant):
    p = participant()
    handle = p.group(brian2.NeuronGroup(1, "x : 1"))
    port = p.spikes_in(handle, "x")
    p.push(port, {7: [0]})
    p.run(3)
    p.push(port, {5: [0]})
    p.adapter.prepare()
    p.advance(2)
    assert p.read(handle, "x") == [1]
    p.push(port, {6: [0]})
    p.advance(2)
    assert p.read(handle, "x") == [3]


def test_a_row_that_comes_too_late_or_twice_is_an_error(participant):
    p = participant()
    handle = p.group(brian2.NeuronGroup(1, "x : 1", name="late"))
    port = p.spikes_in(handle, "x")
    p.run(5)
    with pytest.raises(LateInput, match=r"late\.x: a spike for tick 5 came after tick 5"):
        p.push(port, {5: [0]})
    p.push(port, {6: [0]})
    with pytest.raises(LateInput, match="tick 6 was given twice"):
        p.push(port, {6: [0]})


def test_several_inputs_of_several_groups_are_kept_apart(participant):
    p = participant()
    a, b = (p.group(brian2.NeuronGroup(2, "x : 1\ny : 1")) for _ in range(2))
    for handle, name, value in ((a, "x", 1.0), (a, "y", 2.0), (b, "y", 3.0)):
        p.push(p.spikes_in(handle, name), {2: {1: value}})
    p.run(2)
    assert [p.read(h, n)[1] for h, n in ((a, "x"), (a, "y"), (b, "x"), (b, "y"))] == [1, 2, 0, 3]


def test_samples_overwrite_at_the_end_of_their_tick_and_stand_until_the_next(participant):
    p = participant()
    handle = p.group(brian2.NeuronGroup(2, "dx/dt = i/ms : 1\nI : 1", method="euler"))
    port = p.adapter.port(handle, "I", "samples in")
    p.push_samples(port, 2, [[1, 2], [3, 4]])
    np.testing.assert_array_equal(p.trajectory(handle, "I", 5), [[0, 0], [1, 2], [3, 4], [3, 4], [3, 4]])


def test_a_sample_of_tick_t_is_used_by_the_step_to_tick_t_plus_1(participant):
    p = participant()
    handle = p.group(brian2.NeuronGroup(1, "seen : 1\nI : 1"))
    p.adapter._groups[handle.id].source.run_regularly("seen = I")
    p.push_samples(p.adapter.port(handle, "I", "samples in"), 2, [[7]])
    np.testing.assert_array_equal(p.trajectory(handle, "seen", 4)[:, 0], [0, 0, 7, 7])


def test_a_sample_for_the_tick_reached_stands_at_once(participant):
    p = participant()
    handle = p.group(brian2.NeuronGroup(1, "I : 1"))
    port = p.adapter.port(handle, "I", "samples in")
    p.push_samples(port, 0, [[4]])
    assert p.read(handle, "I") == [4]
    p.run(3)
    p.push_samples(port, 3, [[5], [6]])
    assert p.read(handle, "I") == [5]
    p.run(1)
    assert p.read(handle, "I") == [6]
    with pytest.raises(LateInput, match="tick 3"):
        p.push_samples(port, 3, [[7]])


def test_time_that_the_user_lets_pass_delivers_nothing(participant):
    p = participant()
    handle = p.group(brian2.NeuronGroup(1, "x : 1"))
    p.push(p.spikes_in(handle, "x"), {3: [0]})
    p.run(2)
    p.adapter.network.run(1 * ms)
    assert p.read(handle, "x") == [0]
    p.run(1)
    assert p.read(handle, "x") == [1]
