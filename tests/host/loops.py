"""A small mixed network, of recipes alone, that gives the same wherever it runs."""

from __future__ import annotations

import fusion_nest
import numpy as np

from fusion import EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.testing.toy import cells

TIME = 80.0  # ms


def column():
    """A few driven nodes of NEST."""
    return fusion_nest.nodes("iaf_psc_exp", 6, I_e=np.linspace(380.0, 420.0, 6))


def build(net, host, nodes=None):
    """NEST on a host and the toy in this process, with a loop, so that spikes go both ways; both are recorded."""
    recording = {8: EventRecorder("spike"), 10: Recorder("V_m")}
    one = NeuronGroup(net, nodes or column(), host=host, tag="one", behaviour=recording)
    two = NeuronGroup(net, cells(6), tag="two", behaviour={9: EventRecorder("spike")})
    SynapseGroup(net, one, two, weight=4000.0, delay=1.5)
    SynapseGroup(net, two, one, weight=50.0, delay=2.0)


def recorded(net):
    """Times and indices of the spikes of both, and the voltages of NEST."""
    spikes = [array.tolist() for name in ("spike.t", "spike.i") for array in net[name]]
    assert all(spikes)
    return *spikes, net["V_m", 0].tolist()


def activity(host, nodes=None, window=None, time=TIME):
    """What the network with its NEST on a host does in `time` ms."""
    with Network(dt=0.1, seed=3, window=window) as net:
        build(net, host, nodes)
        net.run(time)
        return recorded(net)
