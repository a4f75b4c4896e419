"""What must not be done in the middle of a run: the run ends with an error that says so, the simulators are free."""

from __future__ import annotations

import brian2
import nest
import numpy as np
import pytest
from brian2 import ms

from fusion import Behaviour, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.errors import (
    BehaviourFailed,
    BelongsElsewhere,
    FusionError,
    InvalidValue,
    ReadOnly,
    ShapeMismatch,
    SimulatorFailed,
    UnknownVariable,
)


class Does(Behaviour):
    """Does something in iteration 3."""

    what: object

    def iteration(self, owner):
        if owner.network.iteration == 3:
            self.what(owner)


def attempt(net, tag, what):
    """What the run raised, and, where a behaviour raised it, the error that it raised."""
    net[tag, 0].add_behaviour(5, Does(what=what))
    with pytest.raises(FusionError) as caught:
        net.simulate(10)
    return caught.value


def assert_free(net):
    """NEST can run, and another network can have it; Brian2 can have its objects."""
    nest.Simulate(0.5)
    nodes, cells = net["cortex", 0].foreign, net["thalamus", 0].foreign
    net.close()
    brian2.Network(cells).run(0.2 * ms)
    with Network(dt=0.1, seed=1) as other:
        NeuronGroup(other, nodes)
        other.simulate(2)


@pytest.mark.parametrize(
    ("call", "what"),
    [
        ("Create", lambda group: nest.Create("iaf_psc_exp", 2)),
        ("Connect", lambda group: nest.Connect(group.foreign, group.foreign, syn_spec={"delay": 1.0})),
    ],
)
def test_nest_takes_new_nodes_and_connections_in_silence_we_do_not(mixed, net, call, what):
    error = attempt(net, "cortex", what)
    assert isinstance(error, SimulatorFailed)
    assert f"nest.{call} was called during the run" in str(error)
    assert "between two runs" in str(error)
    assert_free(net)


@pytest.mark.parametrize("parameter", ["tau_m", "C_m", "tau_syn_ex", "t_ref"])
def test_a_parameter_that_nest_would_not_take_into_account(mixed, net, parameter):
    def late(group):
        group.set(parameter, 5.0)

    error = attempt(net, "cortex", late)
    assert isinstance(error, BehaviourFailed)
    assert isinstance(error.__cause__, ReadOnly)
    assert parameter in str(error)
    assert "between runs" in str(error)
    assert_free(net)


def test_between_two_runs_it_is_taken_into_account(mixed, net):
    group = mixed["nest"]
    group.add_behaviour(10, Recorder("V_m"))
    group.V_m = -60.0
    net.run(1.0)
    group.tau_m = 1.0
    net.run(1.0)
    rows = net["V_m", 0][:, 0] + 70.0
    assert rows[9] == pytest.approx(10.0 * np.exp(-1.0 / 10.0))
    assert rows[19] == pytest.approx(10.0 * np.exp(-1.0 / 10.0 - 1.0 / 1.0))


def test_delays_of_the_simulators_own_synapses_are_for_between_runs(mixed, net):
    nodes = mixed["nest"].foreign
    nest.Connect(nodes, nodes, syn_spec={"delay": 1.0, "weight": 1.0})
    SynapseGroup(net, "cortex", "cortex", nest.GetConnections(nodes, nodes), tag="own")

    def late(group):
        group.delays = 2.0

    error = attempt(net, "own", late)
    assert isinstance(error.__cause__, ReadOnly)
    assert "own.delays" in str(error)


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (lambda group: NeuronGroup(group.network, size=3, tag="late"), "'late'"),
        (lambda group: NeuronGroup(group.network, brian2.NeuronGroup(1, "v : 1"), tag="late"), "'late'"),
        (lambda group: SynapseGroup(group.network, group, group, weight=1.0, tag="late"), "'late'"),
        (lambda group: group.network.stand_in(group, inside="thalamus"), "stand-in"),
    ],
    ids=["native group", "foreign group", "link", "stand-in"],
)
def test_the_network_grows_between_runs(mixed, net, what, words):
    error = attempt(net, "cortex", what)
    assert isinstance(error.__cause__, InvalidValue)
    assert words in str(error)
    assert "between two runs" in str(error)
    assert_free(net)


def test_a_run_within_a_run(mixed, net):
    error = attempt(net, "cortex", lambda group: group.network.simulate(1))
    assert isinstance(error, BehaviourFailed)
    assert "run" in str(error.__cause__)
    assert_free(net)


def test_nest_refuses_a_run_of_the_users_within_a_run(mixed, net):
    error = attempt(net, "cortex", lambda group: nest.Simulate(1.0))
    assert isinstance(error.__cause__, nest.NESTError)
    assert "Does" in str(error)
    assert_free(net)


def test_another_brian2_network_may_run_within_a_run(mixed, net):
    """It shares the clock with ours, and nothing else."""

    def elsewhere(group):
        brian2.Network(brian2.NeuronGroup(1, "v : 1")).run(1 * ms)

    mixed["brian2"].add_behaviour(5, Does(what=elsewhere))
    mixed["brian2"].add_behaviour(10, Recorder("t"))
    net.simulate(6)
    # What Brian2 shows as the time is the beginning of the step to come.
    np.testing.assert_allclose(np.ravel(net["t", 0])[[1, 3, 5]], [0.2e-3, 0.4e-3, 0.6e-3], rtol=1e-12)


def test_a_variable_that_is_not_there_is_told_with_the_behaviour(mixed, net):
    error = attempt(net, "thalamus", lambda group: group.vv)
    assert isinstance(error.__cause__, UnknownVariable)
    assert "'vv' in thalamus" in str(error)
    assert "iteration 3" in str(error)


def test_values_of_another_shape_are_told_with_the_behaviour(mixed, net):
    error = attempt(net, "thalamus", lambda group: group.set("v", [1.0, 2.0]))
    assert isinstance(error.__cause__, ShapeMismatch)
    assert "Does" in str(error)


def test_weights_of_another_shape_are_told_with_the_link(mixed, net):
    link = SynapseGroup(net, "cortex", "native", tag="up", weight=1.0, delay=0.5)
    net.simulate(1)
    link.W = np.ones((3, 3))
    mixed["nest"].V_m = -50.0
    with pytest.raises(ShapeMismatch, match=r"W of 'up'.*\(2, 3\)"):
        net.simulate(10)


def test_spikes_of_another_shape_are_told_with_the_group(mixed, net):
    class Fires(Behaviour):
        def iteration(self, neurons):
            neurons.spike = np.ones(5, dtype=bool)

    SynapseGroup(net, "native", "cortex", weight=1.0, delay=0.5)
    mixed["native"].add_behaviour(1, Fires())
    with pytest.raises(ShapeMismatch, match=r"native\.spike.*\(2,\)"):
        net.simulate(3)


def test_an_object_that_brian2_holds_already_is_told_at_the_line(mixed, net):
    with pytest.raises(BelongsElsewhere):
        NeuronGroup(net, mixed["brian2"].foreign)
