"""Links whose weights NEST holds, because nothing changes them, against the same links that fusion sums."""

import nest
import numpy as np
import pytest
from scipy.sparse import csc_array

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup, fixed_probability
from fusion.adapter.tiers import VARIABLE
from fusion.coupling.relayed import CarriedLink
from fusion.errors import BehaviourFailed

SOME_ZEROS = np.arange(800.0).reshape(20, 40) % 7 * 20.0


class Plays(Behaviour):
    """Random spikes, the same in every network."""

    def iteration(self, neurons):
        neurons.spike = np.random.default_rng(neurons.iteration).random(neurons.size) < 0.05


class Watches(Behaviour):
    """Does nothing: a link with a behaviour may be plastic, so that fusion sums its weights."""


def network(summed, part=None, **link):
    """Network of a native source and NEST cells:  source (40) ==> cells (20), or a part of them."""
    nest.ResetKernel()
    nest.resolution = 0.1
    net = Network(dt=0.1, seed=4)
    source = NeuronGroup(net, size=40, tag="source", behaviour={1: Plays()})
    cells = NeuronGroup(net, nest.Create("iaf_psc_exp", 20, {"I_e": 300.0}), tag="cells")
    cells.add_behaviour(9, EventRecorder("spike"))
    cells.add_behaviour(10, Recorder("V_m"))
    options = {"weight": "normal(30, 60)", "connect": fixed_probability(0.3), "delay": 0.5} | link
    behaviour = {5: Watches()} if summed else None
    target = cells if part is None else cells.subgroup(part)
    SynapseGroup(net, source, target, tag="up", behaviour=behaviour, **options)
    return net


def assert_same(one, other):
    """Equal up to the order in which NEST adds what arrives in one step: 1e-9 mV is far above its rounding."""
    assert one["spike", 0].tolist() == other["spike", 0].tolist()
    assert len(one["spike", 0]) > 20
    np.testing.assert_allclose(one["V_m", 0], other["V_m", 0], rtol=0, atol=1e-9)


def carried(net):
    return [type(link) for link in net.build().wiring.links] == [CarriedLink]


@pytest.mark.parametrize(
    "link",
    [
        {},
        {"delay": "uniform(0.2, 3.0)"},
        {"connect": None, "weight": "normal(0, 40)"},
        {"connect": None, "weight": SOME_ZEROS, "delay": 2.0},
        {"connect": None, "weight": SOME_ZEROS, "delay": np.where(SOME_ZEROS, 2.0, 0.5)},
    ],
    ids=["sparse", "a delay for each", "dense", "dense with zeros", "dense with zeros of shorter delays"],
)
def test_a_carried_link_is_the_summed_one(link):
    results = []
    for summed in (False, True):
        with network(summed, **link) as net:
            assert carried(net) is not summed
            net.run(60.0)
            results.append({("spike", 0): net["spike", 0], ("V_m", 0): net["V_m", 0]})
    assert_same(*results)


@pytest.mark.parametrize("delay", [0.2, 1.5, "uniform(0.2, 3.0)"])
def test_spikes_on_their_way_keep_the_weights_they_had(delay):
    results = []
    for summed in (False, True):
        with network(summed, delay=delay) as net:
            for factor in (1.0, 2.0, 0.5, 1.0):
                net["up", 0].W.data *= factor
                net.run(15.0)
            assert carried(net) is not summed
            results.append({("spike", 0): net["spike", 0], ("V_m", 0): net["V_m", 0]})
    assert_same(*results)


@pytest.mark.parametrize("tier", ["", "public"])
def test_neurons_that_were_chosen_in_any_order_get_their_own_weights(tier, monkeypatch):
    monkeypatch.setenv(VARIABLE, tier)
    results = []
    for summed in (False, True):
        with network(summed, part=np.arange(20)[::-1], weight="normal(30, 90)") as net:
            for factor in (1.0, 2.0):
                net["up", 0].W.data *= factor
                net.run(30.0)
            assert carried(net) is not summed
            results.append({("spike", 0): net["spike", 0], ("V_m", 0): net["V_m", 0]})
    assert_same(*results)


@pytest.mark.parametrize("window", [1, None])
@pytest.mark.parametrize("tier", ["", "public"])
def test_a_relay_that_fires_twice_in_a_tick_counts_twice(tier, window, monkeypatch):
    """::

    two generators --> relay --> within (NEST's own connection)
                             ==> carried, summed, stand-in (fusion)
    """
    monkeypatch.setenv(VARIABLE, tier)
    nest.ResetKernel()
    nest.resolution = 0.1
    generators = nest.Create("spike_generator", 2, {"spike_times": [1.0, 2.0]})
    parrot, within, behind = nest.Create("parrot_neuron"), nest.Create("iaf_psc_exp"), nest.Create("iaf_psc_exp")
    nest.Connect(generators, parrot, syn_spec={"delay": 0.1})
    nest.Connect(parrot, within, syn_spec={"weight": 100.0, "delay": 1.5})
    with Network(dt=0.1, window=window) as net:
        relay = NeuronGroup(net, parrot, tag="relay")
        groups = [NeuronGroup(net, nodes) for nodes in (within, nest.Create("iaf_psc_exp"), nest.Create("iaf_psc_exp"))]
        groups.append(NeuronGroup(net, behind))
        for group in groups:
            group.add_behaviour(1, Recorder("V_m"))
        SynapseGroup(net, relay, groups[1], weight=100.0, delay=1.5)
        SynapseGroup(net, relay, groups[2], weight=100.0, delay=1.5, behaviour={2: Watches()})
        nest.Connect(net.stand_in(relay, inside=groups[3], delay=0.7), behind, syn_spec={"weight": 100.0, "delay": 0.8})
        net.simulate(60)
        (first, *others) = (group["V_m", 0] for group in groups)
        assert [type(link) for link in net.wiring.links].count(CarriedLink) == 1
    assert first.max() > first.min() + 2.0  # two spikes of 1 mV each, twice
    for other in others:
        np.testing.assert_array_equal(other, first)


def test_a_link_that_becomes_plastic_is_summed_from_then_on():
    results = []
    for late in (False, True):
        with network(not late) as net:
            net.run(20.0)
            if late:
                net["up", 0].add_behaviour(5, Watches())
            net.run(20.0)
            assert not carried(net)
            results.append({("spike", 0): net["spike", 0], ("V_m", 0): net["V_m", 0]})
    assert_same(*results)


def test_other_synapses_than_before_are_delivered_as_well():
    results = []
    for summed in (False, True):
        with network(summed) as net:
            net.run(20.0)
            net["up", 0].W = csc_array(np.full((20, 40), 15.0))
            net.run(20.0)
            results.append({("spike", 0): net["spike", 0], ("V_m", 0): net["V_m", 0]})
    assert_same(*results)


@pytest.mark.parametrize("how", ["in place", "replaced"])
def test_weights_that_stand_still_cannot_be_changed_in_a_run(how):
    class Meddles(Behaviour):
        def iteration(self, neurons):
            if neurons.iteration == 7:
                link = neurons.efferent["up", 0]
                if how == "in place":
                    link.W.data[:] = 0.0
                else:
                    link.W = link.W * 2.0

    with network(summed=False) as net:
        net["source", 0].add_behaviour(3, Meddles())
        with pytest.raises(Exception, match=r"read-only|stand still") as caught:
            net.run(2.0)
        if how == "in place":
            assert isinstance(caught.value, BehaviourFailed)
            assert "attach what changes them" in caught.value.__notes__[0]
        net["up", 0].W.data[:] = 1.0  # between runs they may
