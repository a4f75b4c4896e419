"""``afferent`` and ``efferent``: synapse groups by tag, seen from a neuron group."""

from __future__ import annotations

import pytest

from fusion import Network, NeuronGroup, SynapseGroup
from fusion.errors import UnknownName


@pytest.fixture
def net():
    """A -> B -> C, and C -> C; tags say what kind."""
    net = Network()
    a, b, c = (NeuronGroup(net, size=2, tag=tag) for tag in "ABC")
    SynapseGroup(net, a, b, tag="GLUTAMATE, fast")
    SynapseGroup(net, b, c, tag="GLUTAMATE")
    SynapseGroup(net, c, c, tag="GABA")
    return net


def test_afferent_are_those_that_arrive_and_efferent_those_that_leave(net):
    (a, b, c), (ab, bc, cc) = net.groups, net.synapses
    assert (list(a.afferent), list(b.afferent), list(c.afferent)) == ([], [ab], [bc, cc])
    assert (list(a.efferent), list(b.efferent), list(c.efferent)) == ([ab], [bc], [cc])
    assert [len(group.afferent) for group in net.groups] == [0, 1, 2]


def test_one_that_went_is_not_found(net):
    c, (_, bc, cc) = net.groups[2], net.synapses
    assert c.afferent["GLUTAMATE"] == [bc]
    c.afferent.remove(bc)
    net.structure_changed()
    assert list(c.afferent) == [cc]
    assert c.afferent["GLUTAMATE"] == []


def test_they_are_chosen_by_tag_class_and_ends(net):
    c, (_, bc, cc) = net.groups[2], net.synapses
    assert c.afferent["GLUTAMATE"] == [bc]
    assert c.afferent["GABA", 0] is cc
    assert c.afferent["SynapseGroup"] == c.afferent[SynapseGroup] == [bc, cc]
    assert c.afferent["B_to_C"] == [bc]
    assert c.afferent[:] == [bc, cc]
    assert "GABA" in c.afferent
    assert "fast" not in c.afferent


def test_a_tag_that_others_bear_gives_an_empty_list(net):
    a = net.groups[0]
    assert a.afferent["GLUTAMATE"] == []
    assert a.efferent["GABA"] == []


def test_a_tag_that_no_synapses_bear_is_an_error(net):
    with pytest.raises(UnknownName, match=r"'GLUTAMAT' in C.afferent.*Did you mean 'GLUTAMATE'\?"):
        net.groups[2].afferent["GLUTAMAT"]
    with pytest.raises(UnknownName):
        net.groups[2].efferent["A"]


def test_synapses_that_come_later_are_found(net):
    a, c = net.groups[0], net.groups[2]
    assert a.afferent["GABA"] == []
    assert c.efferent["GABA", -1] is net.synapses[2]
    late = SynapseGroup(net, c, a, tag="GABA")
    assert a.afferent["GABA"] == [late]
    assert c.efferent["GABA", -1] is late


def test_a_tag_that_comes_later_is_found(net):
    c = net.groups[2]
    assert c.afferent["fast"] == []
    net.synapses[1].add_tag("fast")
    assert c.afferent["fast"] == [net.synapses[1]]


def test_synapses_of_a_part_are_those_of_the_whole_group(net):
    a, b = net.groups[:2]
    partial = SynapseGroup(net, a[:1], b[1:], tag="partial")
    assert a.efferent["partial"] == b.afferent["partial"] == [partial]
