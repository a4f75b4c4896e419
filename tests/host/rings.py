"""Populations of one simulator in a ring, each on a host of its own."""

from __future__ import annotations

import itertools

import numpy as np
from fusion_nest import nodes

from fusion import EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup, fixed_probability

TIME = 40.0  # ms


def nest_cells(rank):
    """Of NEST, each population with a drive of its own; they need no more than a recipe."""
    return nodes("iaf_psc_exp", 20, I_e=400.0 + 10.0 * rank)


def ring(make, variable, weight, hosts):
    """What a population on each host does, which drives the one after it and inhibits the one before.

    0 <=> 1 <=> ... <=> 0
    """
    import nest  # this module is imported where there is none, too

    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    with Network(dt=0.1, seed=5) as net:
        groups = [NeuronGroup(net, make(rank), tag=f"at {rank}", host=host) for rank, host in enumerate(hosts)]
        for group in groups:
            group.add_behaviour(9, EventRecorder("spike"))
            group.add_behaviour(10, Recorder(variable))
        for one, other in itertools.pairwise([*groups, groups[0]]):
            SynapseGroup(net, one, other, connect=fixed_probability(0.2), weight=weight, delay=1.5)
            SynapseGroup(net, other, one, connect=fixed_probability(0.2), weight=-weight, delay=2.0)
        net.run(TIME)
        return [np.array(rows) for name in ("spike.t", "spike.i", variable) for rows in net[name]]


def assert_same(network, here, *turns):
    """A ring on any of several `turns` of hosts does in all bits what it does on the hosts `here`, and all fire."""
    expected = ring(*network, here)
    assert all(len(times) > 10 for times in expected[: len(here)])
    for hosts in turns:
        for one, other in zip(expected, ring(*network, hosts), strict=True):
            np.testing.assert_array_equal(one, other)
