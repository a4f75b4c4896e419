"""A behaviour that raises in the middle of a run: who, where, when, and what is kept."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.errors import BehaviourFailed, NetworkBroken, ShapeMismatch
from fusion.testing.toy import ToyNeurons


class Ramp(Behaviour):
    def initialize(self, neurons):
        neurons.voltage = neurons.vector()

    def iteration(self, neurons):
        neurons.voltage += 1.0
        neurons.spike = neurons.vector(True)


class Fails(Behaviour):
    """Raises in one iteration, so often."""

    when: int = 4
    times: int = 1

    def iteration(self, owner):
        if owner.network.iteration == self.when and self.times:
            self.times -= 1
            raise ZeroDivisionError("by hand")


def network(key, *, pausable=False, fails=None):
    net = Network(pausable=pausable)
    cells = NeuronGroup(
        net, size=2, tag="cells", behaviour={1: Ramp(), 3: Recorder("voltage"), 4: EventRecorder("spike")}
    )
    cells.add_behaviour(6, Recorder("np.sum(voltage)"))
    cells.add_behaviour(key, fails or Fails())
    return net


def failed(net, n=10):
    with pytest.raises(BehaviourFailed) as caught:
        net.simulate(n)
    return caught.value


@pytest.mark.parametrize("key", [0, 2, 3.5, 5, 7])
def test_it_says_which_behaviour_of_which_group_in_which_iteration(key):
    net = network(key)
    error = failed(net)
    assert error.behaviour is net["Fails", 0]
    assert (error.group, error.iteration) == ("cells", 4)
    assert isinstance(error.__cause__, ZeroDivisionError)
    assert str(error) == (
        "Fails() of 'cells' raised ZeroDivisionError in iteration 4: by hand. "
        "Everything recorded up to iteration 3 is kept."
    )
    assert isinstance(error, RuntimeError)


@pytest.mark.parametrize("key", [0, 2, 3.5, 5, 7])
def test_recordings_are_cut_to_the_last_whole_iteration(key):
    net = network(key)
    failed(net)
    assert net.iteration == 3
    assert net["voltage", 0].tolist() == [[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]
    assert net["np.sum(voltage)", 0].tolist() == [2.0, 4.0, 6.0]
    assert net["spike", 0].tolist() == [[k, i] for k in (1, 2, 3) for i in (0, 1)]
    assert [recorder.t.tolist() for recorder in net["Recorder"]] == [[1.0, 2.0, 3.0]] * 2


@pytest.mark.parametrize("key", [0, 7])
def test_recordings_that_keep_the_last_rows_only_are_cut_too(key):
    net = network(key, fails=Fails(when=30))
    cells = net["cells", 0]
    cells.add_behaviour(10, Recorder("voltage * 2", last=5))
    cells.add_behaviour(-5, Recorder("iteration * 2", last=5))
    cells.add_behaviour(-6, EventRecorder("voltage > 0", last=2))
    failed(net, 50)
    assert net["voltage * 2", 0][-1].tolist() == [58.0, 58.0]
    assert net["iteration * 2", 0][-1] == 58
    assert set(net["voltage > 0", 0][:, 0]) <= {28, 29}


def test_the_network_refuses_to_go_on():
    net = network(5)
    failed(net)
    for action in (lambda: net.simulate(1), lambda: net.run(1.0)):
        with pytest.raises(NetworkBroken, match="within iteration 4"):
            action()
    assert net.iteration == 3
    # To look at is all still there.
    assert len(net["voltage", 0]) == 3


def test_a_failing_behaviour_of_the_network_or_of_synapses_is_named():
    net = network(99, fails=Fails(when=99))
    net.add_tag("whole")
    SynapseGroup(net, "cells", "cells", tag="loop", behaviour={1: Fails(when=2)})
    assert failed(net).group == "loop"
    net = network(99, fails=Fails(when=99))
    net.add_tag("whole")
    net.add_behaviour(1, Fails(when=2))
    assert failed(net).group == "whole"


def test_a_behaviour_with_every_is_named():
    class Slow(Fails):
        every = 2.0

    error = failed(network(5, fails=Slow()))
    assert type(error.behaviour) is Slow
    assert error.iteration == 4


def test_an_error_in_the_first_iteration_leaves_nothing():
    net = network(5, fails=Fails(when=1))
    assert "up to iteration 0" in str(failed(net))
    assert len(net["voltage", 0]) == len(net["spike", 0]) == 0


def test_exceptions_that_are_no_errors_pass_as_they_are():
    class Exits(Behaviour):
        def iteration(self, owner):
            if owner.network.iteration == 4:
                raise SystemExit(3)

    net = network(5, fails=Exits())
    with pytest.raises(SystemExit):
        net.simulate(10)
    assert len(net["voltage", 0]) == 3
    with pytest.raises(NetworkBroken):
        net.simulate(1)


def test_what_fails_between_the_behaviours_names_no_behaviour():
    class Breaks(Behaviour):
        def iteration(self, neurons):
            if neurons.iteration == 4:
                neurons.spike = np.ones(5, bool)

    net = network(5, fails=Breaks())
    SynapseGroup(net, "cells", "cells", weight=1.0)
    with pytest.raises(ShapeMismatch, match=r"cells\.spike"):
        net.simulate(10)
    assert len(net["voltage", 0]) == 3


def test_a_simulator_is_handed_back_after_an_error(toy):
    net = Network(dt=0.1)
    cells = NeuronGroup(net, ToyNeurons(2), behaviour={1: Recorder("v"), 2: Fails()})
    failed(net)
    assert len(net["v", 0]) == 3
    assert not net.is_running()
    cells.tau_m = 5.0  # fixed while running


# Pausable.


def test_a_pausable_network_may_go_on():
    net = network(5, pausable=True)
    failed(net)
    net.simulate(3)
    assert net.iteration == 6
    assert [row[0] for row in net["np.sum(voltage)", 0].reshape(-1, 1)][:3] == [2.0, 4.0, 6.0]
    assert [recorder.t.tolist() for recorder in net["Recorder"]] == [[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]] * 2


@pytest.mark.parametrize("key", [0, 99])
def test_arrivals_of_the_iteration_that_failed_are_there_when_it_is_done_again(key, sees, plays):
    net = Network(pausable=True)
    source = NeuronGroup(net, size=1, behaviour={1: plays(at={2: [0], 3: [0]})})
    target = NeuronGroup(net, size=1, behaviour={5: sees(), key: Fails()})
    SynapseGroup(net, source, target, weight=1.0, delay=2.0)
    failed(net)
    net.simulate(3)
    # Fired in 2 and 3, due in 4 and 5; iteration 4 is seen twice if the failure came after it was seen.
    seen = [row[0] for row in target.behaviours[5].rows]
    assert seen == ([0.0, 0.0, 0.0, 1.0, 1.0, 0.0] if key == 0 else [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0])


def test_a_simulator_does_not_compute_an_iteration_twice(toy, sees):
    def received(**fails):
        net = Network(dt=0.1, pausable=True)
        cells = NeuronGroup(net, ToyNeurons(1), tag="cells", behaviour={9: Recorder("v")})
        target = NeuronGroup(net, size=1, behaviour={1: sees()})
        SynapseGroup(net, cells, target, weight=1.0, delay=0.1)
        cells.current = 20_000.0
        net.add_behaviour(99, Fails(**fails))
        if fails["times"]:
            failed(net, 60)
        net.simulate(60 - net.iteration)
        return net["v", 0], [row[0] for row in target.behaviours[1].rows]

    wanted, wanted_seen = received(times=0)
    fired = wanted_seen.index(1.0)  # in iteration fired, counted from 1
    got, seen = received(times=1, when=fired)
    np.testing.assert_array_equal(got, wanted)
    # The spike of the iteration that failed arrives all the same.
    assert sum(seen) == sum(wanted_seen)
