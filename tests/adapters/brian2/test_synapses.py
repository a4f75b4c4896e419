"""Brian2's own synapses, adopted: Brian2 delivers, the network sees and changes their variables."""

import brian2
import numpy as np
import pytest
from brian2 import ms, mV, volt

from fusion.errors import BelongsElsewhere, InvalidValue, SimulatorFailed, UnknownObject


def pair(p, model="w : volt", on_pre="x_post += w", **options):
    source = brian2.SpikeGeneratorGroup(3, [0, 1, 2], [0, 0, 0.4] * ms)
    target = brian2.NeuronGroup(2, "x : volt")
    synapses = brian2.Synapses(source, target, model, on_pre=on_pre, **options)
    synapses.connect(i=[0, 1, 2, 2], j=[1, 0, 0, 1])
    pre, post = p.group(source), p.group(target)
    return synapses, pre, post


def test_an_edge_shows_flat_arrays_in_si_units_and_ms(participant):
    p = participant()
    synapses, pre, post = pair(p)
    synapses.w = [1, 2, 3, 4] * mV
    synapses.delay = [0.1, 0.2, 0.3, 1.5] * ms
    edge = p.adapter.connect(synapses, pre, post)
    assert edge.size == 4
    assert {name: v.unit for name, v in edge.variables.items()} == {
        "pre": "", "post": "", "weights": "V", "delays": "ms", "pre_delay": "ms", "w": "V",
    }  # fmt: skip
    np.testing.assert_array_equal(p.read(edge, "pre"), [0, 1, 2, 2])
    np.testing.assert_array_equal(p.read(edge, "post"), [1, 0, 0, 1])
    np.testing.assert_array_equal(p.read(edge, "weights"), [0.001, 0.002, 0.003, 0.004])
    np.testing.assert_allclose(p.read(edge, "delays"), [0.1, 0.2, 0.3, 1.5], rtol=1e-15)
    np.testing.assert_array_equal(p.read(edge, "w", slice(1, 3)), [0.002, 0.003])


def test_brian2_delivers(participant):
    p = participant()
    synapses, pre, post = pair(p)
    synapses.w = [1, 2, 4, 8] * volt
    synapses.delay = [0, 0.2, 0, 0.1] * ms
    p.adapter.connect(synapses, pre, post)
    # Fired in ticks 1, 1 and 5, over delays of 0, 2, 0 and 1 ticks.
    np.testing.assert_array_equal(
        p.trajectory(post, "x", 6),
        [[0, 1], [0, 1], [2, 1], [2, 1], [6, 1], [6, 9]],
    )


def test_weights_that_are_written_inside_a_run_count_from_the_next_step_on(participant):
    p = participant()
    synapses, pre, post = pair(p)
    edge = p.adapter.connect(synapses, pre, post)
    p.adapter.prepare()
    p.advance(4)
    p.adapter.write(edge, "weights", [5.0, 6.0, 7.0, 8.0])
    p.adapter.write(edge, "w", 9.0, np.array([3]))
    p.advance(1)
    np.testing.assert_array_equal(p.read(post, "x"), [7, 9])
    p.adapter.cleanup()


def test_delays_are_written_between_runs(participant):
    p = participant()
    synapses, pre, post = pair(p, on_pre="x_post += 1*volt", model="")
    edge = p.adapter.connect(synapses, pre, post)
    assert "before a run" in edge.variables["delays"].fixed_while_running
    p.adapter.write(edge, "delays", [0.3, 0.1, 0.1, 0.1])
    p.adapter.write(edge, "delays", 0.2, slice(3, None))
    np.testing.assert_allclose(synapses.delay[:] / ms, [0.3, 0.1, 0.1, 0.2], rtol=1e-15)
    assert "weights" not in edge.variables
    np.testing.assert_array_equal(p.trajectory(post, "x", 7)[[1, 3, 5, 6]], [[1, 0], [1, 1], [2, 1], [2, 2]])


def test_a_common_delay_reads_as_one_per_synapse_and_takes_one_value(participant):
    p = participant()
    synapses, pre, post = pair(p, delay=0.3 * ms)
    edge = p.adapter.connect(synapses, pre, post)
    np.testing.assert_allclose(p.read(edge, "delays"), [0.3] * 4, rtol=1e-15)
    p.adapter.write(edge, "delays", 0.2)
    assert synapses.delay[:] / ms == pytest.approx(0.2)
    with pytest.raises(InvalidValue, match=r"one delay for all its synapses.*without delay="):
        p.adapter.write(edge, "delays", [0.1, 0.2, 0.3, 0.4])


@pytest.mark.parametrize(
    ("model", "weight"),
    [
        ("w : volt\nother : 1", "w"),
        ("g : siemens", "g"),
        ("dg/dt = -g/(5*ms) : 1 (clock-driven)\nstrength : 1", "strength"),
        ("w : 1\ndtrace/dt = -trace/(5*ms) : 1 (event-driven)", "w"),
        ("a : 1\nb : 1", None),
        ("n : integer", None),
        ("", None),
    ],
)
def test_the_weight_is_w_or_the_only_parameter(participant, model, weight):
    p = participant()
    synapses, pre, post = pair(p, model, on_pre="")
    synapses.connect()
    edge = p.adapter.connect(synapses, pre, post)
    assert ("weights" in edge.variables) == (weight is not None)
    if weight is not None:
        assert edge.variables["weights"] == edge.variables[weight]
    for name in ("a", "b", "n", "trace", "g"):
        assert (name in edge.variables) == (name in synapses.variables)


def test_several_pathways_keep_their_delays_apart(participant):
    p = participant()
    synapses, pre, post = pair(p, on_pre={"up": "x_post += w", "late": "w += 1*mV"}, delay={"late": 2 * ms})
    synapses.up.delay = 0.5 * ms
    edge = p.adapter.connect(synapses, pre, post)
    np.testing.assert_allclose(p.read(edge, "delays"), [0.5] * 4)
    np.testing.assert_allclose(p.read(edge, "up_delay"), [0.5] * 4)
    np.testing.assert_allclose(p.read(edge, "late_delay"), [2.0] * 4)


def test_synapses_between_parts_of_groups_show_neurons_of_the_whole(participant):
    p = participant()
    group = brian2.NeuronGroup(10, "x : 1", threshold="x > 0", name="whole")
    synapses = brian2.Synapses(group[2:5], group[5:10], on_pre="")
    synapses.connect(i=[0, 2], j=[0, 4])
    handle = p.group(group)
    edge = p.adapter.connect(synapses, handle, handle)
    assert p.read(edge, "pre").tolist() == [2, 4]
    assert p.read(edge, "post").tolist() == [5, 9]


def test_more_synapses_between_two_runs_are_seen_when_the_edge_is_asked_for_anew(participant):
    p = participant()
    synapses, pre, post = pair(p)
    synapses.w = 1 * mV
    edge = p.adapter.connect(synapses, pre, post)
    p.run(1)
    synapses.connect(i=2, j=0)
    synapses.w[4] = 10 * mV
    assert len(p.read(edge, "weights")) == 5
    again = p.adapter.connect(synapses, pre, post)
    assert (again.id, again.size, again.variables["w"].size) == (edge.id, 5, 5)
    p.run(5)
    np.testing.assert_allclose(p.read(post, "x"), [0.012, 0.002])


def test_synapses_that_lead_elsewhere_are_refused(participant):
    p = participant()
    synapses, pre, post = pair(p)
    with pytest.raises(BelongsElsewhere, match=f"{synapses.name!r} lead from.*Give the groups that wrap"):
        p.adapter.connect(synapses, post, pre)


def test_what_is_no_synapses_cannot_be_adopted(participant):
    p = participant()
    handle = p.group(brian2.NeuronGroup(2, "x : 1"))
    with pytest.raises(UnknownObject, match=r"NeuronGroup cannot be adopted\. Give brian2\.Synapses"):
        p.adapter.connect(brian2.NeuronGroup(2, "x : 1"), handle, handle)


def test_synapses_without_connect_are_an_error_at_prepare(participant):
    p = participant()
    source, target = brian2.PoissonGroup(2, 0 * brian2.Hz), brian2.NeuronGroup(2, "x : 1")
    synapses = brian2.Synapses(source, target, on_pre="x_post += 1")
    p.adapter.connect(synapses, p.group(source), p.group(target))
    with pytest.raises(SimulatorFailed, match="has not created synapses with 'connect'"):
        p.adapter.prepare()
