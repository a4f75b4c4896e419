"""Tags: the query language, and its memory that is never stale."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.core.tags import split_tags
from fusion.errors import InvalidValue, UnknownName


class Leaky(Behaviour):
    def initialize(self, neurons):
        neurons.voltage = neurons.vector()

    def iteration(self, neurons):
        neurons.voltage += 1.0


class Leakier(Leaky):
    pass


@pytest.fixture
def net():
    """Two populations, E and I, and three synapse groups."""
    net = Network(seed=1, tag="whole")
    excitatory = NeuronGroup(net, size=3, tag="E, cells", behaviour={1: Leaky(tag="leak"), 2: Recorder("voltage")})
    inhibitory = NeuronGroup(net, size=2, tag="I, cells", behaviour={1: Leakier()})
    SynapseGroup(net, excitatory, inhibitory, tag="GLUTAMATE")
    SynapseGroup(net, inhibitory, excitatory, tag="GABA")
    SynapseGroup(net, excitatory, excitatory, tag="GLUTAMATE, recurrent")
    return net


def test_a_tag_gives_the_list_of_all_that_bear_it(net):
    assert net["cells"] == net.groups
    assert net["E"] == [net.groups[0]]
    assert net["GLUTAMATE"] == [net.synapses[0], net.synapses[2]]


def test_a_tag_and_an_index_give_one(net):
    assert net["cells", 0] is net.groups[0]
    assert net["cells", 1] is net.groups[1]
    assert net["cells", -1] is net.groups[1]
    assert net["GLUTAMATE", np.int64(1)] is net.synapses[2]


def test_the_network_bears_tags_of_its_own(net):
    assert net["whole"] == net["Network"] == [net]


def test_the_name_of_a_class_or_a_base_class_is_a_tag(net):
    assert net["NeuronGroup"] == net.groups
    assert net["SynapseGroup"] == net.synapses
    assert [type(found) for found in net["Leaky"]] == [Leaky, Leakier]
    assert [type(found) for found in net["Leakier"]] == [Leakier]
    assert len(net["Behaviour"]) == 3


def test_a_class_itself_is_a_key(net):
    assert net[Leaky] == net["Leaky"]
    assert net[Leaky, 1] is net["Leaky", 1]
    assert Leakier in net
    assert Leakier not in net.groups[0]


def test_synapses_are_found_by_their_ends(net):
    assert net["E_to_I"] == [net.synapses[0]]
    assert net["I_to_E", 0] is net.synapses[1]
    assert net["E_to_E", 0] is net.synapses[2]


def test_synapses_without_a_tag_are_named_for_their_ends(net):
    plain = SynapseGroup(net, *net.groups)
    assert plain.tag == "E_to_I"
    assert net["E_to_I"] == [net.synapses[0], plain]


def test_every_object_looks_at_and_below_itself(net):
    excitatory, inhibitory = net.groups
    assert excitatory["cells"] == [excitatory]
    assert excitatory["leak", 0] is excitatory.behaviours[1]
    assert excitatory["Leaky"] == [excitatory.behaviours[1]]
    assert inhibitory["Leaky"] == [inhibitory.behaviours[1]]
    assert excitatory.behaviours[1]["leak"] == [excitatory.behaviours[1]]


def test_a_recorded_expression_is_a_tag(net):
    net.simulate(3)
    wanted = np.arange(1.0, 4.0)[:, None] * np.ones(3)
    for place in (net, net.groups[0], net.groups[0].behaviours[2]):
        np.testing.assert_array_equal(place["voltage", 0], wanted)
        (only,) = place["voltage"]
        np.testing.assert_array_equal(only, wanted)


def test_an_expression_recorded_twice_is_found_twice_in_the_order_of_the_groups(net):
    net.groups[1].add_behaviour(2, Recorder("voltage", "np.mean(voltage)"))
    net.simulate(2)
    assert [array.shape for array in net["voltage"]] == [(2, 3), (2, 2)]
    assert net["voltage", 1].shape == (2, 2)
    assert net["np.mean(voltage)", 0].tolist() == [1.0, 2.0]


def test_commas_within_an_expression_separate_nothing(net):
    net.groups[0].add_behaviour(5, Recorder("np.percentile(voltage, 50)"))
    net.simulate(1)
    assert net["np.percentile(voltage, 50)", 0].tolist() == [1.0]


def test_an_unknown_tag_is_named_with_the_one_that_was_meant(net):
    with pytest.raises(UnknownName, match=r"No tag is named 'GLUTAMAT' .*Did you mean 'GLUTAMATE'\?") as caught:
        net["GLUTAMAT"]
    assert {"E", "I", "cells", "GLUTAMATE", "GABA", "E_to_I", "leak", "Leaky", "voltage"} <= set(caught.value.known)
    assert isinstance(caught.value, LookupError)
    with pytest.raises(UnknownName):
        net["GLUTAMAT", 0]


def test_a_tag_that_is_elsewhere_gives_an_empty_list(net):
    assert net.groups[0]["I"] == []
    assert net.groups[1]["voltage"] == []
    assert net.groups[1]["leak"] == []
    with pytest.raises(UnknownName, match="none"):
        net.groups[1]["none"]


def test_an_index_beyond_the_last_says_how_many_there_are(net):
    with pytest.raises(UnknownName, match=r"'cells, 2'.*2 bear it"):
        net["cells", 2]
    with pytest.raises(UnknownName, match=r"0 bear it"):
        net.groups[0]["I", 0]


@pytest.mark.parametrize(
    "key", [0, None, 1.5, ("cells",), ("cells", 0, 1), ("cells", "E"), (0, "cells"), ("cells", None)]
)
def test_what_is_no_tag_is_refused(net, key):
    with pytest.raises(InvalidValue, match="no tag"):
        net[key]


@pytest.mark.parametrize("tag", [3, ["a"], "a,,b", "", " , "])
def test_a_tag_is_text_without_empty_parts(tag):
    with pytest.raises(InvalidValue, match="tag"):
        Network(tag=tag)


def test_tags_are_separated_by_commas_and_kept_once():
    assert split_tags(" a , b,a ") == ["a", "b"]
    assert split_tags(None) == []


def test_the_first_tag_is_the_name():
    net = Network()
    assert NeuronGroup(net, size=1, tag="first, second").tag == "first"
    assert NeuronGroup(net, size=1).tag == "NeuronGroup"


def test_in_tells_whether_anything_bears_the_tag(net):
    assert "GABA" in net
    assert "GABA" not in net.groups[0]
    assert "nothing" not in net
    assert "voltage" in net
    assert "Leaky" in net.groups[1]
    assert 3 not in net


def test_objects_are_not_walked_by_a_loop(net):
    with pytest.raises(TypeError):
        iter(net)


# The memory. Each test asks, changes the structure, and asks again.


def test_a_group_that_comes_later_is_found(net):
    assert len(net["cells"]) == 2
    assert "late" not in net
    late = NeuronGroup(net, size=1, tag="late, cells")
    assert net["cells"] == [*net.groups[:2], late]
    assert net["cells", -1] is late
    assert net["late", 0] is late


def test_an_index_from_the_end_is_not_remembered_wrongly(net):
    assert net["GLUTAMATE", -1] is net.synapses[2]
    late = SynapseGroup(net, *net.groups, tag="GLUTAMATE")
    assert net["GLUTAMATE", -1] is late


def test_behaviours_that_come_and_go_are_found_and_not_found(net):
    cells = net.groups[0]
    assert cells["Leaky", 0] is cells.behaviours[1]
    assert len(net["Leaky"]) == 2
    cells.remove_behaviour("leak")
    assert cells["Leaky"] == []
    assert net["Leaky"] == [net.groups[1].behaviours[1]]
    with pytest.raises(UnknownName):
        cells["Leaky", 0]
    with pytest.raises(UnknownName):
        net["leak"]
    fresh = cells.add_behaviour(7, Leakier())
    assert cells["Leaky", 0] is fresh
    assert net["Leakier", 0] is fresh


def test_a_tag_that_comes_later_is_found(net):
    excitatory, inhibitory = net.groups
    leak = inhibitory.behaviours[1]
    assert net["cells"] == [excitatory, inhibitory]
    for part, tag in ((inhibitory, "new"), (leak, "slow"), (net.synapses[0], "plastic"), (net, "mine")):
        assert tag not in net
        part.add_tag(tag)
        assert net[tag] == [part]
    inhibitory.add_tag("new, cells, other")
    assert list(inhibitory.tags) == ["I", "cells", "new", "other"]


def test_what_was_not_found_on_one_object_is_found_when_it_gets_the_tag(net):
    inhibitory = net.groups[1]
    for part in (inhibitory, inhibitory.behaviours[1], net.synapses[0]):
        assert part["leak"] == []
        part.add_tag("leak")
        assert part["leak", 0] is part


def test_tags_cannot_be_changed_behind_the_memory(net):
    assert "sly" not in net
    with pytest.raises(AttributeError):
        net.groups[0].tags.append("sly")


def test_a_list_that_was_given_out_is_the_users(net):
    net["cells"].clear()
    assert len(net["cells"]) == 2


def test_recordings_are_fresh_each_time(net):
    assert net["voltage", 0].shape[0] == 0
    net.simulate(2)
    assert len(net["voltage", 0]) == 2
    net.simulate(1)
    assert len(net["voltage", 0]) == 3
    net["voltage", 0][:] = 99.0
    assert net["voltage", 0].max() == 3.0
    net.clear_recordings()
    assert len(net["voltage", 0]) == 0
    net.simulate(1)
    assert net["voltage", 0].tolist() == [[4.0] * 3]


def test_recordings_of_a_removed_recorder_go_with_it(net):
    net.simulate(2)
    assert len(net["voltage", 0]) == 2
    net.groups[0].remove_behaviour("Recorder")
    with pytest.raises(UnknownName):
        net["voltage", 0]


def test_events_are_found_with_their_columns(net):
    net.groups[0].add_behaviour(5, EventRecorder("voltage > 1"))
    net.simulate(2)
    assert net["voltage > 1", 0].tolist() == [[2, 0], [2, 1], [2, 2]]
    assert net["voltage > 1.t", 0].tolist() == [2.0, 2.0, 2.0]
    assert net["voltage > 1.i", 0].tolist() == [0, 1, 2]


def test_the_memory_is_kept_while_nothing_changes(net):
    net.simulate(1)  # the first iteration is traced, which forgets
    first = net["cells", 0]
    net.simulate(1)
    assert ("cells", 0) in net._items
    assert net["cells", 0] is first
