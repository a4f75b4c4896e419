"""One spike from one population to another arrives after its delay, whatever simulates the two.

    source --D--> relay
"""
from __future__ import annotations
import pytest
from fusion import EventRecorder, Network, SynapseGroup
from fusion.errors import DelayTooShort

KINDS = ["native", "brian2", "nest"]


@pytest.mark.parametrize("delay", [1, 2, 3, 15])
@pytest.mark.parametrize("target", KINDS)
@pytest.mark.parametrize("source", KINDS)
def test_one(sites, fired, source, target, delay):
    net = Network(dt=0.1, seed=1)
    a = sites[source].source(net, [[7]])
    site = sites[target]
    b = site.relay(net)
    b.add_behaviour(10, EventRecorder("spike"))
    SynapseGroup(net, a, b, tag="link", weight=site.kick, delay=delay * 0.1, into=site.into)
    net.simulate(30)
    assert fired(net, "relay") == [(7 + delay + site.response, 0)]
