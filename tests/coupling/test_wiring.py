"""What is connected to what, and what is wrong with it."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Behaviour, Network, NeuronGroup, Recorder, SynapseGroup, exponential
from fusion.errors import BelongsElsewhere, BuildFailed, DelayTooShort, InvalidValue, OffGrid, Unsupported
from fusion.testing.toy import ToyAdapter, ToyNeurons, ToySynapses

pytestmark = pytest.mark.usefixtures("toy")


class Level(Behaviour):
    def initialize(self, neurons):
        neurons.level = neurons.vector()

    def iteration(self, neurons):
        neurons.level += 1.0


@pytest.fixture
def net():
    return Network(dt=0.1, seed=1)


@pytest.fixture
def native(net):
    return NeuronGroup(net, size=2, tag="native", behaviour={1: Level()})


@pytest.fixture
def cells(net):
    return NeuronGroup(net, ToyNeurons(2), tag="cells")


def test_problems_are_collected_each_with_its_line(net, native, cells):
    SynapseGroup(net, native, cells, signal="levl", into="drive")
    SynapseGroup(net, cells, native, signal="vv")
    native.add_behaviour(5, Recorder("volt"))
    with pytest.raises(BuildFailed, match="3 problems") as caught:
        net.build()
    problems = caught.value.problems
    assert len(problems) == 3
    assert len({where for where, _ in problems}) == 3
    assert all(__file__ in where for where, _ in problems)
    for name in ("'levl'", "'vv'", "'volt'"):
        assert name in str(caught.value)


def test_a_link_that_is_wrong_is_wrong_at_every_build(net, native, cells, monkeypatch):
    # It must not be left out in silence the second time.
    port = ToyAdapter.port

    def refuses(self, handle, name, kind):
        if kind == "spikes in":
            raise Unsupported("no such port")
        return port(self, handle, name, kind)

    monkeypatch.setattr(ToyAdapter, "port", refuses)
    SynapseGroup(net, native, cells, weight=1.0, tag="up")
    for _ in range(3):
        with pytest.raises(BuildFailed, match="no such port"):
            net.simulate(1)


def test_a_group_that_fires_no_spikes_is_no_source_of_them(net, native, cells, monkeypatch):
    object.__setattr__(cells.handle, "spikes", False)
    SynapseGroup(net, cells, native, weight=1.0)
    with pytest.raises(BuildFailed, match=r"'cells' \(toy\) fires no spikes; give signal= a variable"):
        net.build()


def test_links_into_one_place_share_a_port(net, native, cells, monkeypatch):
    opened = []
    port = ToyAdapter.port
    monkeypatch.setattr(ToyAdapter, "port", lambda self, *args: opened.append(args[1:]) or port(self, *args))
    for _ in range(3):
        SynapseGroup(net, native, cells, weight=1.0)
    SynapseGroup(net, native, cells, signal="level", into="drive")
    net.build()
    assert sorted(opened) == [("", "spikes out"), ("current", "spikes in"), ("drive", "samples in")]
    net.simulate(2)
    net.simulate(2)
    assert len(opened) == 3


def test_spikes_filtered_and_a_signal_add_in_one_place(net, native, cells):
    cells.add_behaviour(9, Recorder("drive"))
    for _ in range(2):
        SynapseGroup(net, native, cells, signal="level", into="drive")
    SynapseGroup(net, native, cells, filter=exponential(5.0), into="drive")
    net.simulate(3)
    assert net["drive", 0].tolist() == [[0, 0], [2, 2], [4, 4]]


# Stand-ins: a source inside a simulator that fires what another group fires.


def stand_in_network(delay, **options):
    """A native group, its stand-in inside the toy with a synapse onto one neuron, what that receives."""
    net = Network(dt=0.1)

    class Fires(Behaviour):
        def iteration(self, neurons):
            neurons.spike = np.arange(3) == (1 if neurons.iteration == 2 else -1)

    native = NeuronGroup(net, size=3, tag="native", behaviour={1: Fires()})
    neurons = ToyNeurons(2)
    cells = NeuronGroup(net, neurons, tag="cells", behaviour={9: Recorder("current")})
    stand_in = net.stand_in(native, inside=cells, delay=delay)
    ToySynapses(stand_in, neurons, [1], [0], 100.0, 0.2)
    return net, stand_in


@pytest.mark.parametrize(("delay", "ticks"), [(None, 1), (0.1, 1), (0.5, 5)])
def test_a_stand_in_fires_its_delay_after_the_group(delay, ticks):
    net, stand_in = stand_in_network(delay)
    assert stand_in.n == 3
    net.simulate(12)
    current = net["current", 0]
    # Fired in iteration 2; the synapse's own two ticks come on top.
    assert np.flatnonzero(current.any(axis=1))[0] + 1 == 2 + ticks + 2
    assert current[2 + ticks + 2 - 1].tolist() == [100.0, 0.0]


def test_a_stand_in_is_a_link_like_any_other():
    net, _ = stand_in_network(0.5)
    net.simulate(5)
    (link,) = net.coupling.links
    assert (link.link, link.delay_ms, link.sent, link.kind) == ("native_in_cells", 0.5, 1, "spikes")


def test_ends_of_a_stand_in_may_be_tags(net, native, cells):
    assert net.stand_in("native", inside="cells").n == 2


@pytest.mark.parametrize(("delay", "error"), [(0.0, DelayTooShort), (-0.1, DelayTooShort), (0.15, OffGrid)])
def test_the_delay_of_a_stand_in_lies_on_the_grid(net, native, cells, delay, error):
    with pytest.raises(error):
        net.stand_in(native, inside=cells, delay=delay)


def test_a_native_group_has_no_place_for_a_stand_in(net, native, cells):
    with pytest.raises(Unsupported, match=r"'native' has no place for a stand-in; use SynapseGroup"):
        net.stand_in(cells, inside=native)


def test_stand_ins_are_made_of_groups_of_the_network(net, native, cells):
    other = NeuronGroup(Network(dt=0.1), size=2)
    for ends in ((other, cells), (native, other), (3, cells), (native[:1], cells)):
        with pytest.raises(BelongsElsewhere, match="no neuron group of this network"):
            net.stand_in(ends[0], inside=ends[1])


# In the middle of a run the structure stays as it is.


@pytest.mark.parametrize(
    "action",
    [
        lambda net: NeuronGroup(net, size=2),
        lambda net: NeuronGroup(net, ToyNeurons(2)),
        lambda net: SynapseGroup(net, "native", "cells", weight=1.0),
        lambda net: SynapseGroup(net, "native", "native"),
        lambda net: net.stand_in("native", inside="cells"),
        lambda net: net.simulate(1),
        lambda net: net.run(0.1),
    ],
)
def test_nothing_is_built_in_the_middle_of_a_run(net, native, cells, action):
    class Acts(Behaviour):
        def iteration(self, owner):
            with pytest.raises(InvalidValue, match="in the middle of a run"):
                action(net)
            self.done = True

    acts = native.add_behaviour(3, Acts())
    net.simulate(2)
    assert acts.done
    assert len(net.groups) == 2
    assert net.iteration == 2
