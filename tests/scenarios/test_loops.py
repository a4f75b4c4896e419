"""Loops: what comes back around adds up delay by delay, for as long as it runs.

::

    starter --2--> A --D1--> B          starter --2--> A --+
                   ^---D2----+                         ^-D-+
"""

from __future__ import annotations

import itertools

import pytest

from fusion import EventRecorder, Network, SynapseGroup

SIMULATORS = ["native", "brian2", "nest"]
N = 120


def start(net, sites, site, relay):
    SynapseGroup(net, sites["native"].source(net, [[1]], "starter"), relay, weight=site.kick, delay=0.2, **site.link())


@pytest.mark.parametrize("delays", [(2, 2), (1, 4), (15, 3)], ids=str)
@pytest.mark.parametrize("pair", list(itertools.permutations(SIMULATORS, 2)), ids="-".join)
def test_two_simulators_play_ping_pong(sites, fired, pair, delays):
    there, back = delays
    if pair[1] == "nest" and there == 1:
        there = 2  # a loop through NEST has a link back to its source, which waits for it in turn
    with Network(dt=0.1, seed=1) as net:
        a, b = (sites[name] for name in pair)
        first, second = a.relay(net, tag="A"), b.relay(net, tag="B")
        start(net, sites, a, first)
        SynapseGroup(net, first, second, weight=b.kick, delay=there * 0.1, **b.link())
        SynapseGroup(net, second, first, weight=a.kick, delay=back * 0.1, **a.link())
        for group in (first, second):
            group.add_behaviour(10, EventRecorder("spike"))
        net.simulate(N)
        begin, period = 3 + a.response, there + back + a.response + b.response
        assert fired(net, "A") == [(tick, 0) for tick in range(begin, N + 1, period)]
        assert fired(net, "B") == [(tick, 0) for tick in range(begin + there + b.response, N + 1, period)]


@pytest.mark.parametrize("delay", [2, 7])
@pytest.mark.parametrize("name", [*SIMULATORS, "summed"])
def test_a_group_kicks_itself_over_a_link_of_fusion(sites, fired, name, delay):
    with Network(dt=0.1, seed=1) as net:
        site = sites[name]
        relay = site.relay(net, tag="A")
        relay.add_behaviour(10, EventRecorder("spike"))
        start(net, sites, site, relay)
        SynapseGroup(net, relay, relay, weight=site.kick, delay=delay * 0.1, **site.link())
        net.simulate(N)
        assert fired(net, "A") == [(tick, 0) for tick in range(3 + site.response, N + 1, delay + site.response)]


@pytest.mark.parametrize("order", list(itertools.permutations(SIMULATORS)), ids="-".join)
def test_a_ring_of_three_simulators_keeps_its_period(sites, fired, order):
    with Network(dt=0.1, seed=1) as net:
        ring = [sites[name] for name in order]
        relays = [site.relay(net, tag=tag) for site, tag in zip(ring, "ABC", strict=True)]
        start(net, sites, ring[0], relays[0])
        for k in range(3):
            to = (k + 1) % 3
            SynapseGroup(net, relays[k], relays[to], weight=ring[to].kick, delay=(k + 2) * 0.1, **ring[to].link())
        relays[0].add_behaviour(10, EventRecorder("spike"))
        net.simulate(N)
        period = 2 + 3 + 4 + sum(site.response for site in ring)
        assert fired(net, "A") == [(tick, 0) for tick in range(3 + ring[0].response, N + 1, period)]
