"""A foreign population inside Brian2: it fires what is pushed, in the tick that it is pushed for."""

import brian2
import numpy as np
import pytest
from brian2 import ms

from fusion.errors import ClockMismatch, LateInput


def setting(p, size=4):
    target = brian2.NeuronGroup(size, "x : 1", name="target*")
    handle = p.group(target)
    source, port = p.adapter.stand_in(size, "retina cells")
    return target, handle, source, port


def test_it_fires_like_a_group_that_spikes_in_that_step(participant):
    p = participant()
    target, handle, source, port = setting(p)
    at_once = brian2.Synapses(source, target, on_pre="x_post += 1")
    at_once.connect(j="i")
    later = brian2.Synapses(source, target, on_pre="x_post += 100", delay=0.3 * ms)
    later.connect(j="i")
    part = brian2.Synapses(source[1:3], target, on_pre="x_post += 10000")
    part.connect(j="i")
    monitor = brian2.SpikeMonitor(source)
    p.push(port, {2: [1, 3]})
    np.testing.assert_array_equal(
        p.trajectory(handle, "x", 6),
        [
            [0, 0, 0, 0],
            [10000, 1, 0, 1],
            [10000, 1, 0, 1],
            [10000, 1, 0, 1],
            [10000, 101, 0, 101],
            [10000, 101, 0, 101],
        ],
    )
    assert monitor.i[:].tolist() == [1, 3]
    assert monitor.t_[:].tolist() == [1e-4, 1e-4]  # the step that ends at tick 2


def test_it_equals_a_generator_of_brian2s_own_in_all_bits(participant):
    rng = np.random.default_rng(5)
    fired = {tick: np.flatnonzero(rng.random(20) < 0.1) for tick in range(1, 200)}
    ticks = np.repeat(list(fired), [len(row) for row in fired.values()])
    neurons = np.concatenate(list(fired.values()))
    seen = []
    for own in (False, True):
        p = participant()
        target = brian2.NeuronGroup(
            5,
            "dv/dt = (-v + g)/(10*ms) : 1 (unless refractory)\ndg/dt = -g/(3*ms) : 1",
            threshold="v > 1",
            reset="v = 0; g -= 0.1",
            refractory=1 * ms,
            method="exact",
        )
        handle = p.group(target)
        if own:
            source = brian2.SpikeGeneratorGroup(20, neurons, (ticks - 1) * 0.1 * ms)
            p.group(source)
        else:
            source, port = p.adapter.stand_in(20, "source")
            p.push(port, {tick: row for tick, row in fired.items() if len(row)})
        synapses = brian2.Synapses(source, target, "w : 1", on_pre="g_post += w", delay=0.7 * ms)
        synapses.connect()
        synapses.w = np.random.default_rng(6).random(100)
        p.adapter.network.add(synapses)
        seen.append(p.trajectory(handle, "v", 200))
    np.testing.assert_array_equal(*seen)
    assert seen[0].max() > 0.9


def test_what_builds_on_it_is_taken_in_by_itself_and_what_builds_on_that(participant):
    p = participant()
    target, _, source, port = setting(p)
    synapses = brian2.Synapses(source, target, "w : 1", on_pre="w += 1")
    synapses.connect(j="i")
    weights = brian2.StateMonitor(synapses, "w", record=True, when="end")
    rate = brian2.PopulationRateMonitor(source)
    p.push(port, {2: [0]})
    p.run(3)
    np.testing.assert_array_equal(weights.w[0], [0, 1, 1])
    assert len(rate.rate) == 3


def test_such_synapses_can_be_adopted(participant):
    p = participant()
    target, handle, source, port = setting(p)
    synapses = brian2.Synapses(source, target, "w : 1", on_pre="x_post += w")
    synapses.connect(j="i")
    edge = p.adapter.connect(synapses, port.handle, handle)
    p.adapter.write(edge, "weights", 2.0)
    p.push(port, {1: [2]})
    p.run(1)
    assert p.read(handle, "x").tolist() == [0, 0, 2, 0]


def test_its_spikes_last_one_step_and_none_is_left_after_a_run(participant):
    p = participant()
    *_, source, port = setting(p)
    p.push(port, {1: [0, 2], 2: [1], 4: [3]})
    p.adapter.prepare()
    seen = []
    for _ in range(3):
        p.advance()
        seen.append(source.spikes.tolist())
    p.adapter.cleanup()
    assert seen == [[0, 2], [1], []]
    assert source.spikes.tolist() == []
    p.adapter.network.run(1 * ms)
    p.adapter.prepare()
    p.advance()
    assert source.spikes.tolist() == [3]
    p.adapter.cleanup()


def test_late_spikes_are_an_error(participant):
    p = participant()
    *_, port = setting(p)
    p.run(3)
    with pytest.raises(LateInput, match="retina_cells: a spike for tick 3"):
        p.push(port, {3: [0]})


def test_it_has_a_length_and_can_be_cut(participant):
    p = participant()
    *_, source, _ = setting(p, size=7)
    assert len(source) == 7
    assert len(source[2:5]) == 3


def test_without_a_group_it_takes_the_default_clock_if_that_fits(participant):
    participant().adapter.stand_in(3, "alone")
    with pytest.raises(ClockMismatch, match=r"defaultclock\.dt = 0\.5\*ms"):
        participant(dt=0.5).adapter.stand_in(3, "alone")
