"""What `build` does, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Behaviour, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.behaviours import Delivery
from fusion.errors import BuildFailed, InvalidValue, NothingToRun, UnknownVariable


class Steps(Behaviour):
    def iteration(self, owner):
        pass


def test_a_network_without_anything_that_steps_has_nothing_to_run():
    net = Network()
    NeuronGroup(net, size=3)
    NeuronGroup(net, size=3, behaviour={1: Behaviour()})
    for action in (net.build, lambda: net.simulate(1), lambda: net.run(1.0)):
        with pytest.raises(NothingToRun, match="attach a behaviour"):
            action()
    assert net.iteration == 0


def test_a_recorder_alone_is_something_to_run():
    net = Network(behaviour={1: Recorder("iteration")})
    net.simulate(2)
    assert net["iteration", 0].tolist() == [1, 2]


def test_all_problems_are_collected_and_raised_once():
    net = Network()
    cells = NeuronGroup(net, size=3, behaviour={1: Steps(), 2: Recorder("a", "b"), 3: Recorder("np.mean(c)")})
    SynapseGroup(net, cells, cells, tag="GLUTAMATE")
    cells.add_behaviour(4, Delivery(into="d"))
    SynapseGroup(net, cells, cells, signal="e")
    with pytest.raises(BuildFailed) as caught:
        net.build()
    # A recorder tells its first unknown variable.
    assert [error.name for _, error in caught.value.problems] == ["a", "c", "d", "e"]
    assert all(isinstance(error, UnknownVariable) for _, error in caught.value.problems)
    assert all(__file__ in where for where, _ in caught.value.problems)
    assert "there are 4 problems" in str(caught.value)
    assert isinstance(caught.value, ValueError)


def test_one_problem_is_said_in_the_singular():
    net = Network(behaviour={1: Recorder("nothing")})
    with pytest.raises(BuildFailed, match="there is a problem"):
        net.build()


def test_what_is_mended_builds():
    net = Network()
    cells = NeuronGroup(net, size=2, behaviour={1: Recorder("voltage")})
    with pytest.raises(BuildFailed):
        net.build()
    cells.voltage = np.zeros(2)
    net.simulate(2)
    assert net["voltage", 0].shape == (2, 2)


def test_build_and_run_give_the_network_back():
    net = Network(behaviour={1: Steps()})
    assert net.build() is net
    assert net.simulate(1) is net
    assert net.run(1.0) is net


def test_nothing_is_initialized_before_the_build():
    class Counts(Steps):
        initialized = 0

        def initialize(self, owner):
            type(self).initialized += 1

    net = Network()
    cells = NeuronGroup(net, size=1, behaviour={1: Counts()})
    SynapseGroup(net, cells, cells, behaviour={1: Counts()})
    assert Counts.initialized == 0
    net.simulate(0)
    assert Counts.initialized == 2


def test_behaviours_see_all_synapses_when_they_are_initialized():
    class Wires(Steps):
        def initialize(self, neurons):
            for synapse in neurons.afferent["GLUTAMATE"]:
                synapse.W = synapse.matrix("ones")

    net = Network()
    cells = NeuronGroup(net, size=2, behaviour={1: Wires()})
    synapses = SynapseGroup(net, cells, cells, tag="GLUTAMATE")
    net.build()
    assert synapses.W.tolist() == [[1.0, 1.0], [1.0, 1.0]]


def test_groups_may_join_between_two_runs():
    net = Network(behaviour={1: Steps()})
    net.simulate(2)
    late = NeuronGroup(net, size=2, behaviour={1: Recorder("spike")})
    net.simulate(3)
    assert late["spike", 0].shape == (3, 2)


@pytest.mark.parametrize("window", [0, -3, 1.5, True, "5"])
def test_a_window_is_a_whole_number_of_iterations(window):
    with pytest.raises(InvalidValue, match="whole number of iterations, at least 1"):
        Network(window=window)


def test_a_network_that_is_pausable_has_no_windows():
    with pytest.raises(InvalidValue, match="runs in lockstep"):
        Network(window=5, pausable=True)
    Network(window=1, pausable=True)


@pytest.mark.parametrize("behaviour", [Steps(), [Steps()], "x"])
def test_behaviours_of_a_network_are_a_dictionary(behaviour):
    with pytest.raises(InvalidValue, match="write a dictionary"):
        Network(behaviour=behaviour)


def test_a_network_is_written_as_the_call_that_makes_it():
    assert repr(Network(dt=0.5, seed=3)) == "Network(dt=0.5, seed=3)"


def test_in_a_notebook_a_network_lists_what_it_holds():
    net = Network(tag="net")
    NeuronGroup(net, size=3, tag="<cells>", behaviour={1: Steps()})
    html = net._repr_html_()
    assert "&lt;cells&gt;" in html
    assert "Steps()" in html
