"""Without its port NEST needs a tick of notice: over a link of one tick it steps after its source, or refuses the link.

::

    source --1--> relay (NEST)
"""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.errors import BuildFailed, DelayTooShort, FusionError


@pytest.fixture(autouse=True)
def public(monkeypatch):
    monkeypatch.setenv("FUSION_TIER", "nest")


class Looks(Behaviour):
    """Copies a variable of a group."""

    of: str
    variable: str = "V_m"

    def initialize(self, owner):
        self.rows = []

    def iteration(self, owner):
        self.rows.append(np.array(owner.network[self.of, 0].read(self.variable)))


def network(sites, source_key=1, delay=0.1):
    net = Network(dt=0.1, seed=1)
    source = sites["native"].source(net, [[5]])
    fires = source.behaviours.pop(1)
    fires.owner = None
    source.add_behaviour(source_key, fires)
    relay = sites["nest"].relay(net)
    SynapseGroup(net, source, relay, tag="quick", weight=5.0, delay=delay)
    return net, relay


@pytest.mark.parametrize("source_key", [-3, 0, 1, 7])
def test_nest_waits_for_its_source_wherever_that_stands(sites, source_key):
    net, relay = network(sites, source_key)
    with net:
        relay.add_behaviour(10, Recorder("V_m"))
        net.simulate(8)
        assert net["V_m", 0][4, 0] == -70.0
        assert net["V_m", 0][5, 0] == -65.0


def test_a_behaviour_of_nest_that_looks_before_the_source_has_fired_is_refused(sites):
    net, relay = network(sites, source_key=3)
    with net:
        relay.add_behaviour(2, Looks(of="relay"))
        with pytest.raises(BuildFailed, match=r"'quick'.*0\.1 ms.*Looks.*at least 0\.2 ms") as caught:
            net.simulate(1)
        assert isinstance(caught.value.problems[0][1], DelayTooShort)


def test_with_two_ticks_it_may_look(sites):
    net, relay = network(sites, source_key=3, delay=0.2)
    with net:
        looks = relay.add_behaviour(2, Looks(of="relay"))
        net.simulate(8)
        assert [row[0] for row in looks.rows] == [-70.0] * 6 + [pytest.approx(-65.0), looks.rows[7][0]]


@pytest.mark.parametrize("variable", ["V_m", "spikes"])
def test_a_behaviour_of_another_group_never_sees_the_tick_before(sites, variable):
    """It stands between NEST's usual place and the source: what it is shown is of this tick, or it is told why not."""
    net, _ = network(sites, source_key=3)
    with net:
        looks = Looks(of="relay", variable=variable)
        NeuronGroup(net, size=1, tag="bystander", behaviour={2: looks})
        with pytest.raises(FusionError, match="'quick'"):
            net.simulate(8)


def test_brian2_steps_before_nest_where_the_link_is_one_tick(sites, fired):
    with Network(dt=0.1, seed=1) as net:
        relay = sites["nest"].relay(net)  # declared first, stepped second
        source = sites["brian2"].source(net, [[5]])
        relay.add_behaviour(1, EventRecorder("spike"))
        SynapseGroup(net, source, relay, weight=20.0, delay=0.1)
        net.simulate(10)
        assert fired(net, "relay") == [(6, 0)]


def test_a_loop_with_one_tick_into_nest_is_refused_if_the_other_side_waits_for_nest(sites):
    with Network(dt=0.1, seed=1) as net:
        watches = Looks(of="relay", variable="spikes")
        source = NeuronGroup(net, size=1, tag="source", behaviour={1: watches})
        relay = sites["nest"].relay(net)
        SynapseGroup(net, source, relay, tag="quick", weight=20.0, delay=0.1)
        with pytest.raises(FusionError, match="'quick'"):
            net.simulate(8)


def test_through_the_port_it_may_look_after_one_tick(sites, monkeypatch):
    monkeypatch.delenv("FUSION_TIER")
    net, relay = network(sites, source_key=3)
    with net:
        relay.add_behaviour(2, Looks(of="relay"))
        relay.add_behaviour(10, Recorder("V_m"))
        net.simulate(8)
        assert net["V_m", 0][[4, 5], 0].tolist() == [-70.0, -65.0]
