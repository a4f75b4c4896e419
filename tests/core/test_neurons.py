"""Native neuron groups: size, variables, inputs."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Behaviour, Network, NeuronGroup
from fusion.core.neurons import checked_index
from fusion.errors import InvalidValue, ShapeMismatch, UnitMismatch, UnknownName, UnknownObject, UnknownVariable


class Leaky(Behaviour):
    def initialize(self, neurons):
        neurons.voltage = neurons.vector("ones")

    def iteration(self, neurons):
        neurons.voltage *= 0.5


@pytest.fixture
def net():
    return Network(seed=1)


@pytest.mark.parametrize("given", [{"size": 5}, {"neurons": 5}, {"size": np.int32(5)}])
def test_the_size_is_given_by_name_or_in_second_place(net, given):
    assert NeuronGroup(net, **given).size == 5
    assert NeuronGroup(net, 5).shape == (5,)


@pytest.mark.parametrize("size", [0, -3, 2.5, True, "10"])
def test_the_size_is_a_whole_number_of_at_least_one(net, size):
    with pytest.raises(InvalidValue, match="The size is"):
        NeuronGroup(net, size=size)
    assert net.groups == []


@pytest.mark.parametrize("given", [{}, {"neurons": 3, "size": 3}])
def test_the_size_is_given_once(net, given):
    with pytest.raises(InvalidValue, match="once"):
        NeuronGroup(net, **given)


def test_what_no_adapter_serves_is_named(net):
    with pytest.raises(UnknownObject, match=r"No adapter serves 10\.0 \(builtins\.float\).*number of neurons"):
        NeuronGroup(net, 10.0)
    assert net.groups == []


@pytest.mark.parametrize("option", [{"also": [1]}, {"every": 1.0}, {"at": 3.0}])
def test_options_of_simulators_are_refused(net, option):
    (name,) = option
    with pytest.raises(InvalidValue, match=f"{name}= is for groups of a simulator"):
        NeuronGroup(net, size=3, **option)


def test_variables_are_the_attributes_that_behaviours_set(net):
    cells = NeuronGroup(net, size=3, tag="cells", behaviour={1: Leaky()})
    net.simulate(2)
    assert cells.voltage.tolist() == [0.25] * 3
    assert cells.variable("voltage")
    assert "voltage" in cells.variable_names()
    assert not cells.variable("behaviours")
    np.testing.assert_array_equal(cells.read("voltage", slice(1)), [0.25])
    cells.set("voltage", 7.0, [0, 2])
    assert cells.voltage.tolist() == [7.0, 0.25, 7.0]
    cells.set("voltage", np.zeros(3))
    assert cells.voltage.tolist() == [0.0] * 3


def test_an_unknown_variable_is_named_with_the_one_that_was_meant(net):
    cells = NeuronGroup(net, size=3, tag="cells", behaviour={1: Leaky()})
    net.build()
    with pytest.raises(UnknownVariable, match=r"'voltag' in cells. Did you mean 'voltage'\?") as caught:
        _ = cells.voltag
    # So that hasattr, copying and every other protocol of Python work as they do elsewhere.
    assert isinstance(caught.value, AttributeError)
    assert isinstance(caught.value, LookupError)
    assert not hasattr(cells, "voltag")
    assert not hasattr(cells, "__array__")


def test_native_variables_have_no_unit(net):
    cells = NeuronGroup(net, size=3, behaviour={1: Leaky()})
    net.build()
    assert cells.unit("voltage") is None
    with pytest.raises(UnknownVariable):
        cells.unit("voltag")


def test_a_quantity_for_a_variable_whose_unit_is_not_known_is_refused(net):
    mV = pytest.importorskip("brian2").mV
    cells = NeuronGroup(net, size=3, tag="cells", behaviour={1: Leaky()})
    net.build()
    with pytest.raises(UnitMismatch, match=r"value of cells\.voltage is .* give a plain number"):
        cells[:2].voltage = 5 * mV
    with pytest.raises(UnitMismatch, match=r"value of cells\.voltage is .* give a plain number"):
        cells.set("voltage", 5 * mV)
    assert cells.voltage.tolist() == [1.0, 1.0, 1.0]


def test_nobody_fires_until_a_behaviour_says_so(net):
    cells = NeuronGroup(net, size=3)
    assert cells.spike.tolist() == [False] * 3
    cells.spike = np.array([True, False, True])
    assert cells.spikes.tolist() == [0, 2]


def test_a_group_knows_the_iteration(net):
    cells = NeuronGroup(net, size=3, behaviour={1: Leaky()})
    assert cells.iteration == 0
    net.simulate(4)
    assert cells.iteration == net.iteration == 4


def test_arrivals_go_into_input_unless_another_name_is_given(net):
    cells = NeuronGroup(net, size=3)
    assert cells.place(None)[0] == "input"
    name, place = cells.place("current")
    assert (name, place.size, place.unit, place.notice) == ("current", 3, None, 0)


@pytest.mark.parametrize(
    "into",
    ["spike", "spikes", "vector", "iteration", "tag", "size", "shape", "network", "behaviours", "tags", "afferent",
     "location", "_items", "not a name", "", "3x"],
)  # fmt: skip
def test_arrivals_cannot_replace_what_a_group_is_made_of(net, into):
    with pytest.raises(InvalidValue, match="need the name of a variable"):
        NeuronGroup(net, size=3).place(into)


def test_arrivals_may_go_into_a_variable_that_is_there(net):
    cells = NeuronGroup(net, size=3)
    cells.current = cells.vector()
    assert cells.place("current")[0] == "current"


def test_a_group_is_written_as_the_call_that_makes_it(net):
    cells = NeuronGroup(net, size=3, tag="a, b", behaviour={1: Leaky()})
    assert repr(cells) == "NeuronGroup(size=3, tag='a, b', behaviour={1: Leaky()})"
    assert repr(NeuronGroup(net, size=3)) == "NeuronGroup(size=3)"
    assert "&#x27;a, b&#x27;" in cells._repr_html_()


def test_a_subclass_is_a_group_and_its_name_a_tag(net):
    class Layer(NeuronGroup):
        pass

    layer = Layer(net, size=2)
    assert net["Layer"] == [layer]
    assert net["NeuronGroup"] == [layer]


# Selections.


@pytest.mark.parametrize(
    ("selection", "wanted"),
    [
        (slice(1, 3), [1, 2]),
        (slice(None, None, -2), [4, 2, 0]),
        (slice(-2, None), [3, 4]),
        (slice(3, 3), []),
        (np.array([True, False, False, True, False]), [0, 3]),
        (np.zeros(5, bool), []),
        ([3, 1], [3, 1]),
        (np.array([], int), []),
        (np.uint8([4]), [4]),
    ],
)
def test_a_selection_becomes_positions(selection, wanted):
    positions = checked_index(selection, 5)
    assert positions.tolist() == wanted
    assert positions.dtype == np.int64


@pytest.mark.parametrize("mask", [np.ones(4, bool), np.ones((5, 1), bool)])
def test_a_mask_has_one_entry_per_neuron(mask):
    with pytest.raises(ShapeMismatch, match="the group has 5 neurons"):
        checked_index(mask, 5)


@pytest.mark.parametrize("selection", [[5], [-1], [0, 0], [0.5], [[0, 1]], 3, "all", None])
def test_a_selection_that_selects_nothing_sensible_is_refused(selection):
    with pytest.raises(InvalidValue):
        checked_index(selection, 5)


def test_an_empty_list_selects_nobody():
    assert checked_index([], 5).tolist() == []


def test_errors_about_names_are_lookups(net):
    with pytest.raises(UnknownName):
        net["nobody"]
