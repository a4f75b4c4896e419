"""Inputs of native groups that are there whether or not a link ends in them."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Behaviour, Network, NeuronGroup, SynapseGroup
from fusion.errors import InvalidValue, Unsupported
from fusion.testing.toy import ToyNeurons


class Opens(Behaviour):
    def initialize(self, neurons):
        neurons.open_input("drive")
        neurons.open_input("drive")


class Adds(Behaviour):
    def iteration(self, neurons):
        neurons.drive += neurons.iteration


@pytest.mark.parametrize("linked", [False, True])
def test_an_open_input_is_zero_when_an_iteration_begins(linked, plays, sees):
    net = Network()
    look, late = sees(variable="drive"), sees(variable="drive")
    cells = NeuronGroup(net, size=2, behaviour={1: Opens(), 0: look, 2: Adds(), 3: late})
    if linked:
        source = NeuronGroup(net, size=1, behaviour={0: plays(at={2: [0]})})
        SynapseGroup(net, source, cells, weight=10.0, delay=1.0, into="drive")
    net.simulate(4)
    arrived = [0.0, 0.0, 10.0 * linked, 0.0]
    assert [row.tolist() for row in look.rows] == [[x, x] for x in arrived]
    assert [row.tolist() for row in late.rows] == [[x + k, x + k] for k, x in enumerate(arrived, start=1)]


def test_a_link_may_come_later(plays, sees):
    net = Network()
    look = sees(variable="drive")
    cells = NeuronGroup(net, size=2, behaviour={1: Opens(), 2: look})
    source = NeuronGroup(net, size=1, behaviour={0: plays(at={6: [0]})})
    net.simulate(5)
    SynapseGroup(net, source, cells, weight=10.0, delay=2.0, into="drive")
    net.simulate(5)
    assert np.argmax([row[0] for row in look.rows]) + 1 == 8
    assert sum(row[0] for row in look.rows) == 10.0


def test_a_name_that_means_something_else_is_refused():
    cells = NeuronGroup(Network(), size=2, tag="cells")
    with pytest.raises(InvalidValue, match="need the name of a variable"):
        cells.open_input("spike")


@pytest.mark.usefixtures("toy")
def test_a_group_of_a_simulator_has_inputs_of_its_own():
    cells = NeuronGroup(Network(dt=0.1), ToyNeurons(2), tag="cells")
    with pytest.raises(Unsupported, match="'cells' is a group of toy"):
        cells.open_input("drive")
