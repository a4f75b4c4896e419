"""Transmission within the iteration, event-driven."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from fusion import Behaviour, Network, NeuronGroup, SynapseGroup
from fusion.behaviours import Delivery
from fusion.errors import BuildFailed, UnknownName, UnknownVariable


class Holds(Behaviour):
    """Gives the group a voltage of zero."""

    def initialize(self, neurons):
        neurons.voltage = neurons.vector()

    def iteration(self, neurons):
        neurons.voltage[:] = 0.0


class Fires(Behaviour):
    def iteration(self, neurons):
        neurons.spike = neurons.vector("uniform") < 0.3


class ByHand(Behaviour):
    """The product that the paper writes."""

    scale: float = 1.0

    def iteration(self, neurons):
        for synapse in neurons.afferent["GLUTAMATE"]:
            neurons.voltage += self.scale * (synapse.W @ synapse.source.spike)


@pytest.fixture
def net():
    net = Network(seed=4)
    NeuronGroup(net, size=30, tag="a", behaviour={1: Fires()})
    NeuronGroup(net, size=20, tag="b", behaviour={1: Holds(), 2: Fires()})
    NeuronGroup(net, size=20, tag="expected", behaviour={1: Holds()})
    return net


def connect(net, source, target, make=np.asarray, tag="GLUTAMATE"):
    synapses = SynapseGroup(net, source, target, tag=tag)
    synapses.W = make(synapses.matrix("normal(0, 1)", density=0.4))
    return synapses


@pytest.mark.parametrize("make", [np.asfortranarray, np.ascontiguousarray, sparse.csc_array])
@pytest.mark.parametrize("scale", [1.0, -2.5])
def test_what_arrives_is_the_product_with_the_spikes(net, make, scale, sees):
    connect(net, "a", "b", make)
    connect(net, "b", "b", make)
    looks, fired = sees(variable="voltage"), [sees(variable="spike") for _ in range(2)]
    net["b", 0].add_behaviour(3, Delivery(scale=scale))
    net["b", 0].add_behaviour(4, looks)
    for tag, look in zip("ab", fired, strict=True):
        net[tag, 0].add_behaviour(9, look)
    net.simulate(20)
    ab, bb = (np.asarray(s.W.todense() if sparse.issparse(s.W) else s.W) for s in net.synapses)
    for voltage, a, b in zip(looks.rows, fired[0].rows, fired[1].rows, strict=True):
        # Fifty terms of size 1 round by at most 1e-16 each.
        np.testing.assert_allclose(voltage, scale * (ab @ a + bb @ b), rtol=0, atol=1e-13)
    assert any(row.any() for row in looks.rows)


def test_it_may_be_divided_by_the_number_of_sources(net, sees):
    connect(net, "a", "b")
    look, fired = sees(variable="voltage"), sees(variable="spike")
    net["b", 0].add_behaviour(3, Delivery(per_source=True, scale=10.0))
    net["b", 0].add_behaviour(4, look)
    net["a", 0].add_behaviour(9, fired)
    net.simulate(3)
    for voltage, spike in zip(look.rows, fired.rows, strict=True):
        np.testing.assert_allclose(voltage, net.synapses[0].W @ spike / 30 * 10, rtol=0, atol=1e-13)


def test_it_adds_to_what_is_there(net):
    connect(net, "a", "b").W = np.ones((20, 30))

    class Fixed(Behaviour):
        def iteration(self, neurons):
            neurons.spike = np.arange(30) < 2

    net["a", 0].add_behaviour(2, Fixed())
    net["b", 0].voltage = np.zeros(20)
    net["b", 0].remove_behaviour("Holds")
    net["b", 0].add_behaviour(3, Delivery())
    net.simulate(3)
    assert net["b", 0].voltage.tolist() == [6.0] * 20


def test_only_synapses_with_the_tag_deliver(net):
    connect(net, "a", "b", tag="GABA")
    connect(net, "a", "b", tag="GLUTAMATE").W[:] = 0.0
    net["b", 0].add_behaviour(3, Delivery(synapses="GLUTAMATE"))
    net.simulate(3)
    assert not net["b", 0].voltage.any()


def test_another_variable_may_take_it(net):
    connect(net, "a", "b").W[:] = 1.0
    target = net["b", 0]
    target.current = target.vector()
    target.add_behaviour(3, Delivery(into="current"))
    net.simulate(3)
    assert target.current.all()
    assert not target.voltage.any()


def test_synapses_that_end_at_a_part_reach_that_part(net):
    source, target = net["a", 0], net["b", 0]
    for part in (target[5:10], target[[12, 11]]):
        synapses = SynapseGroup(net, source, part, tag="GLUTAMATE")
        synapses.W = np.arange(1.0, part.size + 1)[:, None] * np.ones(30)
    target.add_behaviour(3, Delivery())
    net.simulate(1)
    n = np.count_nonzero(source.spike)
    wanted = np.zeros(20)
    wanted[5:10] = n * np.arange(1, 6)
    wanted[[12, 11]] = [n, 2 * n]
    np.testing.assert_array_equal(target.voltage, wanted)


def test_weights_that_change_are_seen_at_once(net):
    synapses = connect(net, "a", "b")
    synapses.W[:] = 0.0

    class Grows(Behaviour):
        def iteration(self, group):
            group.W = np.full((20, 30), float(net.iteration))

    synapses.add_behaviour(0, Grows())
    net["b", 0].add_behaviour(3, Delivery())
    net.simulate(5)
    assert set(net["b", 0].voltage) == {5.0 * np.count_nonzero(net["a", 0].spike)}


def test_an_unknown_variable_is_found_at_build(net):
    connect(net, "a", "b")
    net["b", 0].add_behaviour(3, Delivery(into="voltag"))
    with pytest.raises(BuildFailed, match=r"Did you mean 'voltage'\?") as caught:
        net.build()
    ((where, error),) = caught.value.problems
    assert isinstance(error, UnknownVariable)
    assert __file__ in where


def test_an_unknown_tag_is_found_at_build(net):
    connect(net, "a", "b")
    net["b", 0].add_behaviour(3, Delivery(synapses="GLUTAMAT"))
    with pytest.raises(BuildFailed, match=r"Did you mean 'GLUTAMATE'\?") as caught:
        net.build()
    assert isinstance(caught.value.problems[0][1], UnknownName)
