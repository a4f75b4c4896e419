"""A group that fires as it is told, and records it."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import EventRecorder, Network, NeuronGroup
from fusion.behaviours import SpikePlayback


@pytest.fixture
def net():
    with Network(dt=0.5, seed=1) as net:
        yield net


@pytest.fixture
def fires(net):
    """``fires(ticks (spikes,), who (spikes,), n)`` is a group that has fired so, and its network has run past it."""

    def make(ticks, who, n, tag="cells"):
        t, i = np.asarray(ticks) * net.dt, np.asarray(who)
        cells = NeuronGroup(net, size=n, tag=tag, behaviour={1: SpikePlayback(i=i, t=t), 9: EventRecorder("spike")})
        net.simulate(max(0, int(np.max(ticks, initial=0)) + 1 - net.iteration))
        return cells

    return make
