"""Which behaviour touches which foreign variable, and what it finds by tag."""

from __future__ import annotations

import pytest

from fusion import Behaviour, Network, NeuronGroup, SynapseGroup
from fusion.coupling.access import Access, AccessLog, declares, selection_key
from fusion.testing.toy import ToyNeurons


class Looks(Behaviour):
    pass


@pytest.fixture
def net(toy):
    return Network(dt=0.1)


@pytest.fixture
def cells(net):
    return NeuronGroup(net, ToyNeurons(2), tag="cells, all")


@pytest.fixture
def log():
    return AccessLog()


def test_what_is_touched_while_tracing_is_known_with_the_neurons_that_were_read(log, cells):
    behaviour = Looks()
    for index in (None, slice(1, None), slice(1, None)):
        log.note_read(behaviour, cells, "v", index)
    log.note_write(behaviour, cells, "drive")
    read = Access(behaviour, cells, "v")
    assert log.reads == {read: {None: None, selection_key(slice(1, None)): slice(1, None)}}
    assert log.writes == {Access(behaviour, cells, "drive")}


def test_what_the_user_touches_between_runs_is_nobodys(log, cells):
    log.note_read(None, cells, "v")
    log.note_write(None, cells, "v")
    log.note_reach(None, [cells])
    assert [*log.reads, *log.writes, *log.reached] == []


def test_after_the_trace_nothing_is_noted(log, cells):
    log.tracing = False
    log.note_read(Looks(), cells, "v")
    log.note_write(Looks(), cells, "v")
    assert [*log.reads, *log.writes] == []


@pytest.mark.parametrize(
    ("name", "is_meant"),
    [("cells.v", True), ("all.v", True), ("cells.drive", False), ("other.v", False), ("v", False)],
)
def test_a_declared_name_is_a_tag_and_a_variable(cells, name, is_meant):
    assert declares(Access(Looks(), cells, "v"), name) is is_meant


def test_a_declared_name_without_a_tag_is_of_the_own_group(cells):
    own = cells.add_behaviour(1, Looks())
    assert declares(Access(own, cells, "v"), "v")
    assert declares(Access(own, cells, "spikes"), "spike")


def test_what_a_behaviour_keeps_is_found_in_lists_and_tables_too(net, cells):
    behaviour = Looks()
    behaviour.one, behaviour.many, behaviour.table = cells, [cells[:1]], {"a": (net,)}
    found = [type(found).__name__ for found in AccessLog().found(behaviour)]
    assert found == ["ForeignNeuronGroup", "NeuronSubGroup", "Network"]


def test_the_first_iteration_after_a_change_is_traced(net):
    class Touches(Behaviour):
        def iteration(self, neurons):
            neurons.drive = 10.0 + neurons.v

    cells = NeuronGroup(net, ToyNeurons(2), tag="cells", behaviour={1: Touches()})
    first = cells.behaviours[1]
    net.simulate(2)
    assert net.access.reads.keys() == {Access(first, cells, "v")}
    assert net.access.writes == {Access(first, cells, "drive")}
    assert not net.access.tracing
    second = cells.add_behaviour(2, Touches())
    assert net.access.tracing
    net.simulate(1)
    assert Access(second, cells, "v") in net.access.reads
    assert {first, second} == net.access.traced


def test_what_is_found_by_tag_is_noted_of_each_behaviour_though_the_network_remembers_it(net):
    class Finds(Behaviour):
        def iteration(self, neurons):
            neurons.network["far", 0]

    class Follows(Behaviour):
        def iteration(self, neurons):
            list(neurons.afferent)

    far = NeuronGroup(net, size=1, tag="far")
    near = NeuronGroup(net, size=1, tag="near", behaviour={1: Finds(), 2: Finds(), 3: Follows(), 4: Follows()})
    synapses = SynapseGroup(net, far, near)
    net.simulate(3)
    for key, found in ((1, far), (2, far), (3, synapses), (4, synapses)):
        assert net.access.reached[near.behaviours[key]] == {found}
