"""Some neurons of a group, read and written through to it."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Behaviour, Network, NeuronGroup, NeuronSubGroup
from fusion.errors import InvalidValue, ReadOnly, ShapeMismatch, UnknownVariable
from fusion.testing.toy import ToyNeurons

SELECTIONS = {
    "slice": slice(1, 4),
    "backwards": slice(4, 1, -1),
    "mask": np.array([False, True, True, True, False, False]),
    "indices": np.array([3, 1]),
    "list": [5, 0, 2],
    "nobody": np.zeros(6, bool),
}


@pytest.fixture
def cells():
    cells = NeuronGroup(Network(seed=3), size=6, tag="cells")
    cells.voltage = np.arange(6.0)
    cells.shared = 2.5
    return cells


@pytest.fixture(params=SELECTIONS)
def selection(request):
    return SELECTIONS[request.param]


def expected(selection):
    return np.arange(6.0)[selection]


def test_a_part_reads_its_neurons(cells, selection):
    part = cells[selection]
    assert isinstance(part, NeuronSubGroup)
    np.testing.assert_array_equal(part.voltage, expected(selection))
    np.testing.assert_array_equal(part.index, expected(selection))
    assert part.size == len(part) == len(expected(selection))
    assert part.shape == (part.size,)
    assert part.shared == 2.5


def test_a_part_writes_its_neurons_and_no_others(cells, selection):
    wanted = np.arange(6.0)
    wanted[selection] = -1.0
    cells[selection].voltage = -1.0
    np.testing.assert_array_equal(cells.voltage, wanted)


def test_each_neuron_gets_its_own_value(cells, selection):
    part = cells[selection]
    wanted = np.arange(6.0)
    wanted[selection] = 10.0 * np.arange(part.size)
    part.voltage = 10.0 * np.arange(part.size)
    np.testing.assert_array_equal(cells.voltage, wanted)


@pytest.mark.parametrize("operation", ["+=", "-=", "*=", "/=", "//=", "**=", "%="])
def test_operators_in_place_go_through(cells, selection, operation):
    part, wanted = cells[selection], np.arange(6.0)
    names = {"part": part, "wanted": wanted, "selection": selection}
    # The operators of the language are what is tested; written out they would be seven tests.
    exec(f"part.voltage {operation} 3.0; wanted[selection] {operation} 3.0", names)
    np.testing.assert_array_equal(cells.voltage, wanted)


def test_an_entry_of_a_slice_is_written_through(cells):
    cells[1:4].voltage[0] = -1.0
    assert cells.voltage[1] == -1.0


@pytest.mark.parametrize("name", ["mask", "indices", "list"])
def test_an_entry_of_a_copy_is_not_lost_in_silence(cells, name):
    # A mask or indices give a copy in NumPy; an assignment to it would vanish.
    with pytest.raises(ReadOnly, match="copy"):
        cells[SELECTIONS[name]].voltage[0] = -1.0


def test_what_is_calculated_from_a_part_is_the_users(cells):
    doubled = cells[[3, 1]].voltage * 2
    doubled[0] = 0.0
    assert doubled.tolist() == [0.0, 2.0]


def test_values_of_another_length_are_refused(cells):
    with pytest.raises(ValueError, match="broadcast"):
        cells[1:4].voltage = np.zeros(2)


def test_a_part_creates_no_variables(cells):
    with pytest.raises(UnknownVariable, match=r"'voltag' in cells. Did you mean 'voltage'\?"):
        cells[1:4].voltag = 3.0
    with pytest.raises(UnknownVariable):
        _ = cells[1:4].voltag
    assert not cells.variable("voltag")


@pytest.mark.parametrize("name", ["behaviours", "afferent", "tags", "_items"])
def test_a_part_shows_variables_and_nothing_else_of_the_whole(cells, name):
    with pytest.raises(AttributeError):
        getattr(cells[1:4], name)


@pytest.mark.parametrize("name", ["size", "base", "index", "shape"])
def test_what_a_part_is_made_of_cannot_be_set(cells, name):
    with pytest.raises(AttributeError):
        setattr(cells[1:4], name, 3)
    assert cells.size == 6


def test_a_part_knows_who_of_it_fires(cells):
    cells.spike = np.array([True, False, True, True, False, False])
    assert cells[1:4].spikes.tolist() == [1, 2]
    assert cells[1:4].spike.tolist() == [False, True, True]
    assert cells[[5, 3, 0]].spikes.tolist() == [1, 2]


def test_vectors_of_a_part_have_its_size(cells, selection):
    part = cells[selection]
    assert part.vector("uniform").shape == (part.size,)
    assert part.vector(3.0).tolist() == [3.0] * part.size
    np.testing.assert_array_equal(part.vector(np.arange(part.size)), np.arange(part.size))


def test_a_part_shares_tag_network_and_places_with_the_whole(cells):
    part = cells[1:4]
    assert (part.tag, part.network, part.base) == (cells.tag, cells.network, cells)
    name, place = part.place(None)
    assert (name, place.size) == ("input", 3)
    assert part.unit("voltage") is None
    assert repr(part) == "cells.subgroup(3 of 6)"


@pytest.mark.parametrize(
    ("selection", "error"),
    [(np.ones(5, bool), ShapeMismatch), ([6], InvalidValue), ([0, 0], InvalidValue), ([0.5], InvalidValue)],
)
def test_a_selection_that_does_not_fit_is_refused(cells, selection, error):
    with pytest.raises(error):
        cells[selection]
    with pytest.raises(error):
        cells.subgroup(selection)


def test_a_part_follows_a_variable_that_is_replaced(cells):
    part = cells[1:4]
    cells.voltage = np.full(6, 9.0)
    assert part.voltage.tolist() == [9.0] * 3


def test_a_part_works_within_a_behaviour():
    class Clamp(Behaviour):
        def initialize(self, neurons):
            neurons.voltage = neurons.vector()
            self.clamped = neurons[np.arange(neurons.size) % 2 == 0]

        def iteration(self, neurons):
            neurons.voltage += 1.0
            self.clamped.voltage *= 10.0

    net = Network()
    cells = NeuronGroup(net, size=4, behaviour={1: Clamp()})
    net.simulate(2)
    assert cells.voltage.tolist() == [110.0, 2.0, 110.0, 2.0]


def test_a_part_of_a_simulators_group_is_read_and_written(toy, selection):
    cells = NeuronGroup(Network(dt=0.1), ToyNeurons(6), tag="toy")
    cells.v = -70.0 + np.arange(6.0)
    wanted = -70.0 + np.arange(6.0)
    np.testing.assert_array_equal(cells[selection].v, wanted[selection])
    cells[selection].v -= 5.0
    wanted[selection] -= 5.0
    np.testing.assert_array_equal(cells.v, wanted)
    assert cells[selection].unit("v") == "mV"


def test_an_entry_of_a_simulators_variable_is_not_lost_in_silence(toy):
    cells = NeuronGroup(Network(dt=0.1), ToyNeurons(6))
    with pytest.raises(ReadOnly, match="copy"):
        cells[1:4].v[0] = -60.0
