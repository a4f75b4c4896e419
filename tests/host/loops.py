"""A small mixed network, of recipes alone, that gives the same wherever it runs."""

from __future__ import annotations

import fusion_nest
import numpy as np

from fusion import EventRecorder, Network, NeuronGroup, SynapseGroup
from fusion.testing.toy import cells


def column():
    """A few driven nodes of NEST."""
    return fusion_nest.nodes("iaf_psc_exp", 6, I_e=np.linspace(380.0, 420.0, 6))


def spikes(host):
    """Times and indices: NEST on a host and the toy in this process, with a loop, so that spikes go both ways."""
    with Network(dt=0.1, seed=3) as net:
        one = NeuronGroup(net, column(), host=host, tag="one", behaviour={8: EventRecorder("spike")})
        two = NeuronGroup(net, cells(6), tag="two", behaviour={9: EventRecorder("spike")})
        SynapseGroup(net, one, two, weight=4000.0, delay=1.5)
        SynapseGroup(net, two, one, weight=50.0, delay=2.0)
        net.run(80.0)
        fired = [(group["spike.t", 0].tolist(), group["spike.i", 0].tolist()) for group in (one, two)]
    assert all(times for times, _ in fired)
    return fired
