"""When a layer takes a step, and what it takes in."""

import keras
import numpy as np
import pytest
from fusion_tensorflow import layer

from fusion.errors import LateInput, UnknownName, Unsupported


@pytest.fixture
def identity():
    """A function of three inputs whose output is its input."""
    return layer(lambda x: x, n_in=3)


def test_the_output_of_a_tick_is_the_layer_of_the_input_of_that_tick(wrap, dense):
    part = wrap(dense)
    port = part.port("spikes in")
    part.push(port, 2, {1: 0.5, 3: -1.0})
    expected = {0: [0, 0, 0], 1: [0, 0, 0]}
    expected[2] = dense(np.array([[0.0, 0.5, 0.0, -1.0]])).numpy()[0]
    expected[3] = expected[1]
    for tick, output in expected.items():
        part.adapter.advance(tick)
        # The compiled graph fuses what eager mode rounds twice.
        np.testing.assert_allclose(part.read("output"), output, rtol=1e-6, err_msg=f"tick {tick}")


def test_spikes_are_summed_from_one_step_of_the_layer_to_the_next(wrap, identity):
    part = wrap(identity, every=4)
    port, other = part.port("spikes in"), part.port("spikes in")
    for tick in range(1, 9):
        part.push(port, tick, {0: 1.0, 2: tick})
    part.push(other, 3, {1: 0.5})
    seen = {}
    for tick in range(1, 13):
        part.adapter.advance(tick)
        seen[tick] = part.read("output").tolist()
    assert seen[3] == [0, 0, 0]
    assert seen[4] == seen[5] == seen[7] == [4, 0.5, 1 + 2 + 3 + 4]
    assert seen[8] == seen[11] == [4, 0, 5 + 6 + 7 + 8]
    assert seen[12] == [0, 0, 0]


def test_the_input_shows_what_has_arrived_since_the_last_step(wrap, identity):
    part = wrap(identity, every=3)
    port = part.port("spikes in")
    for tick in range(1, 7):
        part.push(port, tick, {0: 1.0})
    seen = []
    for tick in range(1, 8):
        part.adapter.advance(tick)
        seen.append(part.read("input")[0])
    assert seen == [1, 2, 3, 1, 2, 3, 0]


def test_the_last_sample_stands_until_a_newer_one(wrap, identity):
    part = wrap(identity)
    port = part.port("samples in")
    part.push_samples(port, 2, [1, 1, 1], [2, 2, 2])
    part.push_samples(port, 6, [3, 3, 3])
    part.adapter.port(part.handle, "output", "samples out")
    seen = []
    for tick in range(1, 8):
        part.adapter.advance(tick)
        seen.append(part.read("output")[0])
    assert seen == [0, 1, 2, 2, 2, 3, 3]


def test_spikes_and_samples_and_several_links_add_up(wrap, identity):
    part = wrap(identity)
    spikes, one, two = part.port("spikes in"), part.port("samples in"), part.port("samples in")
    part.push(spikes, 1, {0: 100.0})
    part.push_samples(one, 1, [1, 2, 3])
    part.push_samples(two, 1, [10, 10, 10])
    part.adapter.advance(1)
    assert part.read("output").tolist() == [111, 12, 13]
    part.adapter.advance(2)
    assert part.read("output").tolist() == [11, 12, 13]


def test_what_is_written_stands_until_a_sample_comes(wrap, identity):
    part = wrap(identity)
    port = part.port("samples in")
    part.push_samples(port, 1, [1, 1, 1])
    part.push_samples(port, 4, [2, 2, 2])
    part.adapter.advance(1)
    part.write("input", [5, 6, 7])
    assert part.read("input").tolist() == [5, 6, 7]
    part.write("input", 0.0, slice(1, 2))
    part.adapter.advance(3)
    assert part.read("output").tolist() == [5, 0, 7]
    part.adapter.advance(4)
    assert part.read("output").tolist() == [2, 2, 2]


def test_a_sample_that_was_due_before_a_write_does_not_replace_it(wrap, identity):
    part = wrap(identity, every=4)
    part.push_samples(part.port("samples in"), 1, [1, 1, 1])
    part.adapter.advance(2)
    part.write("input", 5.0)
    part.adapter.advance(4)
    assert part.read("output").tolist() == [5, 5, 5]


def test_spikes_that_wait_are_not_lost_by_a_write(wrap, identity):
    part = wrap(identity, every=2)
    part.push(part.port("spikes in"), 1, {0: 1.0})
    part.adapter.advance(1)
    part.write("input", 5.0)
    part.adapter.advance(2)
    assert part.read("output").tolist() == [6, 5, 5]


@pytest.mark.parametrize("every", [1, 3])
def test_chunks_do_not_change_results(wrap, every):
    rng = np.random.default_rng(1)
    rows = [(tick, rng.normal(size=4), rng.normal(size=4)) for tick in range(1, 61)]
    recorded = []
    for chunk in (1, 7, 60):
        cell = keras.layers.SimpleRNNCell(5, kernel_initializer=keras.initializers.RandomNormal(seed=1))
        part = wrap(layer(cell, n_in=4), every=every)
        spikes, other, samples = part.port("spikes in"), part.port("spikes in"), part.port("samples in")
        trace = part.port("samples out", "output")
        for tick, sums, values in rows:
            part.push(spikes, tick, dict(enumerate(sums)))
            part.push(other, tick, dict(enumerate(1e9 * values)))  # the order of additions would show
            part.push_samples(samples, tick, values)
        for until in [*range(chunk, 60, chunk), 60]:
            part.adapter.advance(until)
        recorded.append(part.adapter.pull(trace).values)
    assert recorded[0].shape == (60, 5)
    np.testing.assert_array_equal(recorded[1], recorded[0])
    np.testing.assert_array_equal(recorded[2], recorded[0])


def test_samples_out_hold_a_row_for_every_tick(wrap, identity):
    part = wrap(identity, every=2)
    output, standing = part.port("samples out", "output"), part.port("samples out")
    part.push_samples(part.port("samples in"), 1, *np.arange(1.0, 6.0)[:, None] * [1, 1, 1])
    part.adapter.advance(3)
    first = part.adapter.pull(output)
    assert (first.t0, first.values[:, 0].tolist()) == (1, [0, 2, 2])
    part.adapter.advance(5)
    second = part.adapter.pull(output)
    assert (second.t0, second.values[:, 0].tolist()) == (4, [4, 4])
    assert part.adapter.pull(standing).values[:, 0].tolist() == [1, 2, 3, 4, 5]


def test_a_boolean_output_is_spikes(wrap):
    part = wrap(layer(lambda x: x > 1.0, n_in=3), every=2)
    assert part.handle.spikes
    out = part.port("spikes out")
    part.write("input", [2.0, 0.0, 3.0])
    part.adapter.advance(5)
    batch = part.adapter.pull(out)
    assert (batch.ticks.tolist(), batch.indices.tolist()) == ([2, 2, 4, 4], [0, 2, 0, 2])
    assert batch.complete_until == 5


def test_ticks_go_on_between_runs(wrap, identity):
    part = wrap(identity, every=2)
    port = part.port("spikes in")
    part.adapter.prepare()
    part.adapter.advance(3)
    part.adapter.cleanup()
    part.adapter.prepare()
    part.push(port, 4, {0: 1.0})
    part.adapter.advance(4)
    assert part.read("output").tolist() == [1, 0, 0]


def test_input_that_comes_too_late_is_an_error(wrap, identity):
    part = wrap(identity)
    spikes, samples = part.port("spikes in"), part.port("samples in")
    part.push_samples(samples, 0, [1, 1, 1])
    part.adapter.advance(3)
    with pytest.raises(LateInput, match=r"layer\.input: .* tick 3"):
        part.push(spikes, 3, {0: 1.0})
    with pytest.raises(LateInput, match=r"layer\.input: .* tick 3"):
        part.push_samples(samples, 3, [1, 1, 1])
    part.push(spikes, 4, {0: 1.0})
    part.push_samples(samples, 4, [1, 1, 1])


def test_between_two_steps_of_a_slow_layer_a_sample_of_this_tick_is_in_time(wrap, identity):
    part = wrap(identity, every=4)
    port = part.port("samples in")
    part.adapter.advance(3)
    part.push_samples(port, 3, [1, 1, 1])
    part.adapter.advance(4)
    assert part.read("output").tolist() == [1, 1, 1]


def test_a_port_that_cannot_be_is_an_error_that_says_why(wrap, dense):
    part = wrap(dense)
    with pytest.raises(Unsupported, match=r"gives numbers, no spikes\. Link its 'output'"):
        part.port("spikes out")
    for kind, name, there in (("spikes in", "output", "input"), ("samples out", "outptu", "output")):
        with pytest.raises(UnknownName, match=f"There are: .*{there}"):
            part.port(kind, name)
    into, out = part.port("spikes in"), part.port("samples out", "output")
    with pytest.raises(Unsupported, match="it goes in"):
        part.adapter.pull(into)
    with pytest.raises(Unsupported, match="cannot be pushed"):
        part.push(out, 1, {0: 1.0})
