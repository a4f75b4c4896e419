"""Native parts that reach one another advance together; those that do not run in windows of their own.

Each network has a simulator, so that there are windows:  near, far (native)    cells (toy)
"""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Behaviour, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.coupling.natives import Natives, groups_at
from fusion.errors import BehaviourFailed, UndeclaredAccess
from fusion.testing.toy import ToyNeurons


class Walks(Behaviour):
    """A variable that is another one in each iteration."""

    def initialize(self, neurons):
        neurons.x = neurons.vector()

    def iteration(self, neurons):
        neurons.x = neurons.x + neurons.vector("uniform")


class Copies(Behaviour):
    """Base of those that copy `x` of another group."""

    def initialize(self, neurons):
        neurons.seen = np.zeros(2)

    def iteration(self, neurons):
        neurons.seen = self.other(neurons).x * 1.0


class ByTag(Copies):
    def other(self, neurons):
        return neurons.network["far", 0]


class ByAttribute(Copies):
    far: object

    def other(self, neurons):
        return self.far


class InAList(ByAttribute):
    def other(self, neurons):
        return self.far[0]


class Initialized(Copies):
    def initialize(self, neurons):
        super().initialize(neurons)
        self.found = {"far": neurons.network["far", 0]}

    def other(self, neurons):
        return self.found["far"]


class BySynapses(Copies):
    def other(self, neurons):
        return next(iter(neurons.afferent)).source


class ByTheList(Copies):
    def other(self, neurons):
        return neurons.network.groups[0]


class ByItsGroup(Copies):
    def other(self, neurons):
        return neurons.partner


class ByBehaviour(Copies):
    def other(self, neurons):
        return neurons.network["Walks", 0].owner


class ByRecording(Copies):
    def iteration(self, neurons):
        neurons.seen = neurons.network["x", 0][-1] * 1.0


class Declared(Copies):
    """Finds it late, but says so."""

    reads = ("far.x",)

    def iteration(self, neurons):
        if neurons.iteration > 9:
            neurons.seen = neurons.network["far", 0].x * 1.0


WAYS = {
    "tag": ByTag,
    "attribute": ByAttribute,
    "part": ByAttribute,
    "list": InAList,
    "initialize": Initialized,
    "synapses": BySynapses,
    "list of groups": ByTheList,
    "group": ByItsGroup,
    "behaviour": ByBehaviour,
    "recording": ByRecording,
    "declaration": Declared,
}


def build(net, way):
    far = NeuronGroup(net, size=2, tag="far", behaviour={1: Walks(), 8: Recorder("x")})
    NeuronGroup(net, ToyNeurons(2), tag="cells")
    near = NeuronGroup(net, size=2, tag="near")
    SynapseGroup(net, far, near)
    near.partner = far
    given = {"attribute": far, "part": far[:], "list": [far]}
    near.add_behaviour(9, WAYS[way](far=given[way]) if way in given else WAYS[way]())
    near.add_behaviour(10, Recorder("seen"))
    return ["seen", "x"]


@pytest.mark.parametrize("way", WAYS)
def test_what_is_reached_is_seen_as_in_lockstep(toy, in_windows, way):
    net = in_windows(lambda net: build(net, way), 30)
    natives = Natives(net, net.ordered_behaviours(), net.access)
    assert natives.of(net["near", 0]) is natives.of(net["far", 0])
    assert natives.sees(net["near", 0], net["far", 0])


def test_a_variable_of_the_script_is_reached(toy, in_windows):
    def script(net):
        far = NeuronGroup(net, size=2, tag="far", behaviour={1: Walks()})

        class ByName(Copies):
            def other(self, neurons):
                return far

        NeuronGroup(net, ToyNeurons(2), tag="cells")
        NeuronGroup(net, size=2, tag="near", behaviour={9: ByName(), 10: Recorder("seen")})
        return ["seen"]

    in_windows(script, 30)


def test_a_behaviour_of_the_network_reaches_everything(toy, in_windows):
    class Sums(Behaviour):
        def initialize(self, network):
            network.total = 0.0

        def iteration(self, network):
            network.total = sum(group.x.sum() for group in network.groups if group.tag != "cells")

    def whole(net):
        for tag in ("near", "far"):
            NeuronGroup(net, size=2, tag=tag, behaviour={1: Walks()})
        NeuronGroup(net, ToyNeurons(2), tag="cells")
        net.add_behaviour(9, Sums())
        net.add_behaviour(10, Recorder("total"))
        return ["total"]

    in_windows(whole, 30)


def natives_of(*behaviours):
    """(natives, near, far, cells, synapses) of a network with these behaviours on `near`."""
    net = Network(dt=0.1)
    far = NeuronGroup(net, size=2, tag="far", behaviour={1: Walks()})
    cells = NeuronGroup(net, ToyNeurons(2), tag="cells", behaviour={8: Recorder("v")})
    near = NeuronGroup(net, size=2, tag="near", behaviour=dict(enumerate(behaviours, 1)))
    synapses = SynapseGroup(net, cells, near, tag="down", weight=1.0)
    net.simulate(1)
    return Natives(net, net.ordered_behaviours(), net.access), near, far, cells, synapses


def test_those_that_do_not_reach_one_another_stay_apart(toy):
    natives, near, far, cells, synapses = natives_of(Walks())
    assert len({natives.of(part) for part in (near, far, cells)}) == 3
    assert not natives.touches(synapses)
    assert not natives.sees(near, far)


def test_the_behaviours_on_a_simulators_group_are_joined_only_if_their_variables_are_named(toy):
    class Looks(Behaviour):
        def iteration(self, neurons):
            for each in neurons.afferent:
                neurons.sum = each.source.v.sum()

    class LooksBeside(Looks):
        def iteration(self, neurons):
            super().iteration(neurons)
            for each in neurons.afferent:
                neurons.beside = each.source.note

    for kind, joined in ((Looks, False), (LooksBeside, True)):
        net = Network(dt=0.1)
        cells = NeuronGroup(net, ToyNeurons(2), tag="cells")
        cells.note = 3.0
        near = NeuronGroup(net, size=2, tag="near", behaviour={1: kind()})
        synapses = SynapseGroup(net, cells, near, weight=1.0)
        net.simulate(1)
        natives = Natives(net, net.ordered_behaviours(), net.access)
        assert (natives.of(near) is natives.of(cells)) is joined
        assert natives.touches(synapses)


def test_a_native_variable_of_a_simulators_group_is_seen_over_synapses_as_in_lockstep(toy, in_windows):
    class Notes(Behaviour):
        def initialize(self, synapses):
            synapses.seen = np.zeros(2)

        def iteration(self, synapses):
            synapses.seen = synapses.source.x * 1.0

    def beside(net):
        groups = [NeuronGroup(net, ToyNeurons(2), tag=tag) for tag in ("one", "other")]
        groups[0].add_behaviour(1, Walks())
        SynapseGroup(net, *groups, behaviour={9: Notes(), 10: Recorder("seen")})
        return ["seen"]

    in_windows(beside, 30)


@pytest.mark.parametrize("known_to_others", [False, True])
def test_what_is_found_late_is_an_error_with_the_line_to_add(toy, known_to_others):
    class FindsLate(Copies):
        def iteration(self, neurons):
            if neurons.iteration == 17:
                neurons.seen = neurons.network["far", 0].x

    net = Network(dt=0.1)
    build_late = {9: FindsLate()}
    NeuronGroup(net, size=2, tag="far", behaviour={1: Walks()})
    NeuronGroup(net, ToyNeurons(2), tag="cells")
    if known_to_others:
        NeuronGroup(net, size=2, tag="third", behaviour={5: ByTag()})
    NeuronGroup(net, size=2, tag="near", behaviour=build_late)
    with pytest.raises(BehaviourFailed, match=r'Add reads = \("far\.variable",\) to FindsLate') as caught:
        net.simulate(30)
    assert isinstance(caught.value.__cause__, UndeclaredAccess)
    assert caught.value.iteration == 17


def test_synapses_that_are_found_late_may_be_changed_where_their_spikes_are_sent(toy, in_windows):
    class Spikes(Behaviour):
        def iteration(self, neurons):
            neurons.spike = neurons.vector("uniform") < 0.3

    class ChangesLate(Behaviour):
        def iteration(self, neurons):
            if neurons.iteration > 12:
                neurons.network["up", 0].W *= 0.9

    def plastic(net):
        source = NeuronGroup(net, size=2, tag="source", behaviour={1: Spikes(), 2: ChangesLate()})
        cells = NeuronGroup(net, ToyNeurons(2), tag="cells", behaviour={9: Recorder("current")})
        SynapseGroup(net, source, cells, tag="up", weight=10.0, delay=0.3)
        return ["current"]

    in_windows(plastic, 40)


def test_but_not_where_a_simulator_has_sent_them(toy):
    class FindsLate(Behaviour):
        def iteration(self, neurons):
            if neurons.iteration == 12:
                neurons.network["down", 0].W *= 0.9

    net = Network(dt=0.1)
    cells = NeuronGroup(net, ToyNeurons(2), tag="cells")
    near = NeuronGroup(net, size=2, tag="near", behaviour={1: FindsLate()})
    SynapseGroup(net, cells, near, tag="down", weight=10.0)
    with pytest.raises(BehaviourFailed, match=r'Add reads = \("down\.variable",\) to FindsLate'):
        net.simulate(30)


def test_groups_at_hand(toy):
    net = Network(dt=0.1)
    one, other = (NeuronGroup(net, size=3) for _ in range(2))
    assert groups_at(one) == groups_at(one[:2]) == [one]
    assert groups_at(SynapseGroup(net, one[:2], other)) == [one, other]
    assert groups_at(net) == groups_at("text") == []
