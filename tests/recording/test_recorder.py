"""Recorders on groups: what is written down, when, and what is kept."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup, fixed_probability
from fusion.errors import (
    BehaviourFailed,
    BuildFailed,
    ExpressionError,
    InvalidValue,
    OffGrid,
    ShapeMismatch,
    UnknownName,
    UnknownVariable,
)
from fusion.testing.toy import ToyNeurons


class Ramp(Behaviour):
    """Voltage of neuron i is iteration + i / 10."""

    def initialize(self, neurons):
        neurons.voltage = np.arange(neurons.size) / 10

    def iteration(self, neurons):
        neurons.voltage += 1.0
        neurons.spike = neurons.voltage % 2 < 1


@pytest.fixture
def net():
    return Network(dt=0.5, seed=1)


def cells(net, *recorders, size=3):
    behaviour = {1: Ramp(), **{10 + i: recorder for i, recorder in enumerate(recorders)}}
    return NeuronGroup(net, size=size, tag="cells", behaviour=behaviour)


def ramp(n, size=3):
    return np.arange(1, n + 1)[:, None] + np.arange(size) / 10


def line():
    return inspect.currentframe().f_back.f_lineno


# Rows.


def test_row_k_is_the_value_at_the_end_of_iteration_k(net):
    recorder = Recorder("voltage")
    cells(net, recorder)
    net.simulate(4)
    np.testing.assert_allclose(net["voltage", 0], ramp(4), rtol=1e-15)
    assert recorder.t.tolist() == [0.5, 1.0, 1.5, 2.0]


def test_a_recorder_sees_what_stands_when_its_key_comes(net):
    group = cells(net)
    group.add_behaviour(0, Recorder("voltage", tag="before"))
    group.add_behaviour(5, Recorder("voltage", tag="after"))
    net.simulate(3)
    before, after = net["before", 0]["voltage", 0], net["after", 0]["voltage", 0]
    np.testing.assert_array_equal(before[1:], after[:-1])
    np.testing.assert_array_equal(before[0], [0.0, 0.1, 0.2])


def test_several_expressions_are_rows_of_the_same_iterations(net):
    cells(net, Recorder("voltage", "np.mean(voltage)", "voltage[:1]", "voltage > 2", "[np.min(voltage), 1]"))
    net.simulate(3)
    np.testing.assert_allclose(net["np.mean(voltage)", 0], ramp(3).mean(axis=1), rtol=1e-15)
    np.testing.assert_array_equal(net["voltage[:1]", 0], net["voltage", 0][:, :1])
    np.testing.assert_array_equal(net["voltage > 2", 0], net["voltage", 0] > 2)
    np.testing.assert_array_equal(net["[np.min(voltage), 1]", 0], [[1.0, 1.0], [2.0, 1.0], [3.0, 1.0]])


def test_an_expression_that_is_given_twice_is_recorded_once(net):
    cells(net, Recorder("voltage", " voltage ", "voltage"))
    net.simulate(2)
    (only,) = net["voltage"]
    assert only.shape == (2, 3)


@pytest.mark.parametrize(("every", "ticks"), [(None, [1, 2, 3, 4, 5, 6, 7]), (0.5, [1, 2, 3, 4, 5, 6, 7]),
                                              (1.0, [2, 4, 6]), (3.5, [7])])  # fmt: skip
def test_every_writes_a_row_only_so_often(net, every, ticks):
    recorder = Recorder("voltage", every=every)
    cells(net, recorder)
    net.simulate(7)
    assert (recorder.t / 0.5).tolist() == ticks
    np.testing.assert_allclose(net["voltage", 0], ramp(7)[np.array(ticks) - 1], rtol=1e-15)


def test_every_lies_on_the_grid(net):
    with pytest.raises(OffGrid):
        cells(net, Recorder("voltage", every=0.7))


@pytest.mark.parametrize("last", [1, 5, 20, 300])
def test_last_keeps_the_newest_rows(net, last):
    recorder = Recorder("voltage", last=last)
    cells(net, recorder)
    net.simulate(100)
    assert len(recorder.t) == len(net["voltage", 0]) == min(last, 100)
    np.testing.assert_allclose(net["voltage", 0], ramp(100)[-last:], rtol=1e-13)
    assert recorder.t[-1] == 50.0


@pytest.mark.parametrize("last", [0, -1, 2.5, True])
@pytest.mark.parametrize("kind", [Recorder, EventRecorder])
def test_last_is_a_whole_number_of_at_least_one(kind, last):
    with pytest.raises(InvalidValue, match="last="):
        kind("voltage", last=last)


def test_runs_follow_one_another_in_the_recording(net):
    recorder = Recorder("voltage")
    cells(net, recorder)
    for n in (3, 1, 2):
        net.simulate(n)
    np.testing.assert_allclose(net["voltage", 0], ramp(6), rtol=1e-15)


def test_what_was_recorded_can_be_forgotten(net):
    recorder, events = Recorder("voltage"), EventRecorder("spike")
    cells(net, recorder, events)
    net.simulate(3)
    net.clear_recordings()
    assert len(net["voltage", 0]) == len(recorder.t) == len(net["spike", 0]) == 0
    net.simulate(1)
    np.testing.assert_allclose(net["voltage", 0], ramp(4)[3:], rtol=1e-15)
    assert recorder.t.tolist() == [2.0]
    recorder.clear()
    assert len(net["voltage", 0]) == 0


def test_a_disabled_recorder_writes_nothing(net):
    recorder = Recorder("voltage")
    cells(net, recorder)
    net.simulate(2)
    recorder.enabled = False
    net.simulate(2)
    recorder.enabled = True
    net.simulate(1)
    assert (recorder.t / 0.5).tolist() == [1, 2, 5]


def test_a_recorder_does_not_change_what_is_simulated():
    def drawn(*recorders):
        class Noise(Behaviour):
            def initialize(self, neurons):
                neurons.voltage = neurons.vector("uniform")

            def iteration(self, neurons):
                neurons.voltage += neurons.vector("normal(0, 1)")

        net = Network(seed=5)
        group = NeuronGroup(net, size=3, tag="noisy", behaviour={1: Noise()})
        for i, recorder in enumerate(recorders):
            group.add_behaviour(2 + i, recorder)
        net.simulate(5)
        return group.voltage

    np.testing.assert_array_equal(drawn(), drawn(Recorder("voltage"), EventRecorder("voltage > 0")))


# On everything that has variables.


def test_a_network_records_its_own_variables():
    net = Network(dt=0.5, behaviour={1: Recorder("t", "iteration * 2")})
    net.simulate(3)
    assert net["t", 0].tolist() == [0.5, 1.0, 1.5]
    assert net["iteration * 2", 0].tolist() == [2, 4, 6]


def test_synapses_record_their_weights(net):
    class Grows(Behaviour):
        def iteration(self, synapses):
            synapses.W += 1.0

    group = cells(net)
    SynapseGroup(net, group, group, weight=0.0, behaviour={2: Grows(), 3: Recorder("W", "np.sum(W)")})
    net.simulate(2)
    assert net["W", 0].shape == (2, 3, 3)
    assert net["np.sum(W)", 0].tolist() == [9.0, 18.0]


def test_sparse_weights_are_recorded_flat(net):
    class Grows(Behaviour):
        def iteration(self, synapses):
            synapses.W.data += 1.0

    group = cells(net)
    rule = fixed_probability(0.5)
    synapses = SynapseGroup(net, group, group, weight=0.0, connect=rule, behaviour={2: Grows(), 3: Recorder("weights")})
    net.simulate(3)
    assert net["weights", 0].tolist() == [[float(k)] * synapses.W.nnz for k in (1, 2, 3)]


def test_a_sparse_matrix_itself_is_no_row(net):
    group = cells(net)
    SynapseGroup(net, group, group, weight=0.0, connect=fixed_probability(0.5), behaviour={3: Recorder("W")})
    with pytest.raises(BehaviourFailed, match="csc_array; only numbers and arrays can be recorded"):
        net.simulate(1)


def test_a_part_of_a_simulators_variable_is_recorded(toy):
    net = Network(dt=0.1)
    group = NeuronGroup(net, ToyNeurons(20), behaviour={1: Recorder("v[:5]"), 2: EventRecorder("spike", "v[:3] > -69")})
    group.v = -60.0
    group.drive = 500.0
    net.run(20.0)
    assert net["v[:5]", 0].shape == (200, 5)
    spikes = net["spike", 0]
    assert len(spikes)
    assert set(spikes[:, 1]) == set(range(20))
    assert set(net["v[:3] > -69.i", 0]) == {0, 1, 2}


# Events.


def test_events_are_iterations_and_indices(net):
    cells(net, EventRecorder("spike"), size=12)
    net.simulate(4)
    mask = np.add.outer(np.arange(1, 5), np.arange(12) / 10) % 2 < 1
    ticks, indices = np.nonzero(mask)
    np.testing.assert_array_equal(net["spike", 0], np.column_stack([ticks + 1, indices]))
    np.testing.assert_allclose(net["spike.t", 0], (ticks + 1) * 0.5, rtol=1e-15)
    np.testing.assert_array_equal(net["spike.i", 0], indices)


def test_events_are_wherever_an_expression_is_true(net):
    cells(net, EventRecorder("voltage > 2.05", "voltage[1:] > 2.05"))
    net.simulate(2)
    assert net["voltage > 2.05", 0].tolist() == [[2, 1], [2, 2]]
    assert net["voltage[1:] > 2.05", 0].tolist() == [[2, 0], [2, 1]]
    assert net["voltage > 2.05.t", 0].tolist() == [1.0, 1.0]


def test_there_is_no_other_column(net):
    cells(net, EventRecorder("spike"))
    net.simulate(1)
    with pytest.raises(UnknownName, match=r"'spike\.x'"):
        net["spike.x", 0]


@pytest.mark.parametrize(
    ("expression", "hint"),
    [("spikes", r"sees int64.*write 'spike'"), ("voltage", r"sees float64.*such as 'voltage > 0'")],
)
def test_what_is_not_boolean_is_no_event(net, expression, hint):
    cells(net, EventRecorder(expression))
    with pytest.raises(BehaviourFailed, match=hint):
        net.simulate(1)


def test_last_keeps_the_events_of_the_newest_iterations(net):
    cells(net, EventRecorder("spike", last=4), size=10)
    net.simulate(21)
    assert set(net["spike", 0][:, 0]) == {18, 20}
    cells(net).add_behaviour(30, EventRecorder("voltage > 1e9", last=4))
    net.simulate(2)
    assert net["voltage > 1e9", 0].shape == (0, 2)


def test_events_may_be_looked_for_only_so_often(net):
    cells(net, EventRecorder("voltage > 0", every=1.0), size=2)
    net.simulate(5)
    assert net["voltage > 0", 0].tolist() == [[2, 0], [2, 1], [4, 0], [4, 1]]


# What cannot be recorded.


@pytest.mark.parametrize("kind", [Recorder, EventRecorder])
def test_wrong_grammar_is_an_error_at_the_line(kind):
    with pytest.raises(ExpressionError):
        kind("voltage", "voltage.mean()")
    with pytest.raises(ExpressionError, match=r"Did you mean 'mean'\?"):
        kind("np.maen(voltage)")


@pytest.mark.parametrize("kind", [Recorder, EventRecorder])
def test_a_recorder_needs_an_expression(kind):
    with pytest.raises(InvalidValue, match=rf"{kind.__name__}\('voltage'\)"):
        kind()


def test_an_unknown_option_is_named():
    with pytest.raises(UnknownName, match=r"'evry' in Recorder. Did you mean 'every'\?"):
        Recorder("voltage", evry=2.0)


def test_an_unknown_variable_is_found_at_build_with_the_line_where_it_was_declared(net):
    first, first_line = Recorder("voltag"), line()
    second, second_line = EventRecorder("np.abs(volt) > 1"), line()
    cells(net, first, second)
    with pytest.raises(BuildFailed) as caught:
        net.build()
    text = str(caught.value)
    assert f"{__file__}:{first_line}" in text
    assert f"{__file__}:{second_line}" in text
    assert text.count("Did you mean 'voltage'?") == 2
    assert [type(error) for _, error in caught.value.problems] == [UnknownVariable, UnknownVariable]
    assert caught.value.problems[0][1].name == "voltag"


def test_what_is_wrong_at_build_is_wrong_again_at_the_next(net):
    cells(net, Recorder("voltag"))
    for _ in range(2):
        with pytest.raises(BuildFailed):
            net.simulate(1)
    net.remove_behaviour("Recorder")
    net.simulate(1)


@pytest.mark.parametrize("name", ["network", "behaviours", "tags", "location", "tag", "vector", "generator"])
def test_what_is_no_data_is_no_variable(net, name):
    cells(net, Recorder(name))
    with pytest.raises(BuildFailed, match=f"No variable is named '{name}'"):
        net.build()


def test_a_variable_may_be_made_in_the_first_iteration(net):
    class Late(Behaviour):
        def iteration(self, neurons):
            neurons.late = neurons.vector(float(neurons.iteration))

    NeuronGroup(net, size=2, behaviour={1: Late(), 2: Recorder("late")})
    net.simulate(2)
    assert net["late", 0].tolist() == [[1.0, 1.0], [2.0, 2.0]]


def test_a_variable_may_be_declared_as_written(net):
    class Late(Behaviour):
        writes = ("late",)

        def iteration(self, neurons):
            neurons.set("late", neurons.vector(3.0))

    NeuronGroup(net, size=1, behaviour={1: Late(), 2: Recorder("late")})
    net.simulate(1)
    assert net["late", 0].tolist() == [[3.0]]


def test_a_value_that_changes_its_shape_ends_the_run(net):
    cells(net, Recorder("voltage[spike]"), size=12)
    with pytest.raises(BehaviourFailed, match="before it was") as caught:
        net.simulate(5)
    assert isinstance(caught.value.__cause__, ShapeMismatch)


def test_rows_of_all_expressions_stay_in_step_when_one_cannot_be_recorded(net):
    recorder = Recorder("voltage", "1 / (iteration - 3) + voltage")
    cells(net, recorder)

    class Breaks(Behaviour):
        def iteration(self, neurons):
            if neurons.iteration == 3:
                neurons.voltage = "broken"

    net["cells", 0].add_behaviour(5, Breaks())
    with pytest.raises(BehaviourFailed):
        net.simulate(5)
    assert len(recorder.t) == len(net["voltage", 0]) == 2
    assert len(recorder["1 / (iteration - 3) + voltage", 0]) == 2


def test_a_recorder_is_written_as_the_call_that_makes_it():
    assert repr(Recorder("voltage", "v > 1", every=2.0, last=5)) == "Recorder('voltage', 'v > 1', every=2.0, last=5)"
    assert repr(EventRecorder("spike")) == "EventRecorder('spike')"
