"""What leaves a native group: `spike` as it stands after the last behaviour, if it was written."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Behaviour, Network, NeuronGroup, SynapseGroup
from fusion.errors import InvalidValue, ShapeMismatch, UndeclaredAccess


def arrivals(n, *behaviours, size=2):
    """What reaches a second group over a link of one dt, when the first has these behaviours: (n, size)."""

    class Sees(Behaviour):
        def initialize(self, neurons):
            self.rows = []

        def iteration(self, neurons):
            self.rows.append(neurons.input.copy())

    net = Network()
    source = NeuronGroup(net, size=size, tag="source", behaviour=dict(enumerate(behaviours, 1)))
    target = NeuronGroup(net, size=size, behaviour={1: Sees()})
    SynapseGroup(net, source, target, weight=np.eye(size))
    net.simulate(n)
    return np.array(target.behaviours[1].rows)


class Assigns(Behaviour):
    """A new mask in each iteration: neuron 0 fires in odd ones, neuron 1 in even ones."""

    def iteration(self, neurons):
        odd = neurons.iteration % 2 == 1
        neurons.spike = np.array([odd, not odd])


class Fills(Behaviour):
    """The same mask, filled in place."""

    writes = ("spike",)

    def iteration(self, neurons):
        neurons.spike[:] = [neurons.iteration % 2, (neurons.iteration + 1) % 2]


ALTERNATING = [[0, 0], [1, 0], [0, 1], [1, 0]]


def test_an_assigned_mask_is_sent():
    assert arrivals(4, Assigns()).tolist() == ALTERNATING


def test_a_mask_that_is_filled_in_place_is_sent_if_it_is_declared():
    assert arrivals(4, Fills()).tolist() == ALTERNATING


def test_a_mask_that_is_filled_in_place_and_not_declared_is_an_error():
    class Sly(Fills):
        writes = None

    with pytest.raises(UndeclaredAccess, match=r'\'source\'.*writes = \("spike",\)') as caught:
        arrivals(4, Sly())
    assert caught.value.group.tag == "source"


@pytest.mark.parametrize("behaviour", [Fills(enabled=False), Assigns(enabled=False)])
def test_who_does_not_fire_sends_nothing(behaviour):
    assert not arrivals(4, behaviour, Assigns(every=1.0, enabled=False)).any()


def test_a_mask_that_was_not_written_in_an_iteration_counts_as_empty():
    class Once(Behaviour):
        def iteration(self, neurons):
            if neurons.iteration == 2:
                neurons.spike = np.array([True, True])

    assert arrivals(5, Once()).tolist() == [[0, 0], [0, 0], [1, 1], [0, 0], [0, 0]]


def test_a_behaviour_that_steps_only_so_often_sends_only_then():
    class All(Behaviour):
        def iteration(self, neurons):
            neurons.spike = np.array([True, True])

    assert arrivals(6, All(every=2.0))[:, 0].tolist() == [0, 0, 1, 0, 1, 0]


def test_what_the_last_behaviour_leaves_is_sent():
    class Clears(Behaviour):
        def iteration(self, neurons):
            neurons.spike = neurons.spike & np.array([True, False])

    assert arrivals(4, Assigns(), Clears()).tolist() == [[0, 0], [1, 0], [0, 0], [1, 0]]


def test_a_mask_assigned_and_then_changed_in_place_is_sent_as_it_ends():
    class Clears(Behaviour):
        def iteration(self, neurons):
            neurons.spike[0] = False

    assert arrivals(4, Assigns(), Clears()).tolist() == [[0, 0], [0, 0], [0, 1], [0, 0]]


@pytest.mark.parametrize("mask", [[1, 0], [2.5, 0.0], [True, False]])
def test_whatever_is_not_zero_is_a_spike(mask):
    class Fires(Behaviour):
        def iteration(self, neurons):
            neurons.spike = np.array(mask)

    assert arrivals(2, Fires()).tolist() == [[0, 0], [1, 0]]


@pytest.mark.parametrize("mask", [np.ones(3, bool), np.ones((2, 1), bool), np.array(True)])
def test_a_mask_has_one_entry_per_neuron(mask):
    class Fires(Behaviour):
        def iteration(self, neurons):
            neurons.spike = mask

    with pytest.raises(ShapeMismatch, match=r"source\.spike"):
        arrivals(2, Fires())


@pytest.mark.parametrize("mask", [True, [True, False]])
def test_a_mask_is_an_array(mask):
    class Fires(Behaviour):
        def iteration(self, neurons):
            neurons.spike = mask

    with pytest.raises(InvalidValue, match=r"source\.spike is a .*; assign an array"):
        arrivals(2, Fires())
