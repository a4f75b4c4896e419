"""One network, its populations here and there in every mixture of hosts: the same bits."""

from __future__ import annotations

import itertools

import nest
import numpy as np
import pytest
from fusion_nest import nodes
from host.clusters import two_workers
from host.conftest import TOY

from fusion import EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup, fixed_probability
from fusion.host import Attach, Cluster, InProcess, Process
from fusion.testing.toy import cells

pytestmark = [
    pytest.mark.slow,
    # Dask's workers, sockets and loops are its own; what it leaves to the collector is no mistake of ours.
    pytest.mark.filterwarnings("ignore::ResourceWarning:distributed"),
]

TIME = 40.0  # ms


@pytest.fixture(scope="module")
def client():
    with two_workers() as client:
        client.wait_for_workers(2, timeout=60)
        yield client


def nest_cells(rank):
    return nodes("iaf_psc_exp", 20, I_e=400.0 + 10.0 * rank)


def toy_cells(rank):
    return cells(20, noise_rate=4000.0 + 1000.0 * rank, noise_weight=900.0)


def ring(make, variable, weight, hosts):
    """What a population on each host does, which drives the one after it and inhibits the one before.

    0 <=> 1 <=> 2 <=> 3 <=> 0
    """
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


CASES = {
    "nest": ("nest", (nest_cells, "V_m", 60.0), lambda: None),
    # What a simulator draws depends on who shares it, so here nobody does.
    "toy": (TOY, (toy_cells, "v", 800.0), Process),
}


@pytest.mark.parametrize(("adapter", "network", "alike"), CASES.values(), ids=CASES)
def test_a_network_does_the_same_in_every_mixture_of_hosts(adapter, network, alike, client, start, toy):
    expected = ring(*network, [alike() for _ in range(4)])
    assert all(len(times) > 10 for times in expected[:4])
    mixed = [InProcess(), Process(), Attach(start(adapter).address), Cluster(client)]
    for turn in (0, 2):
        found = ring(*network, mixed[turn:] + mixed[:turn])
        for one, other in zip(expected, found, strict=True):
            np.testing.assert_array_equal(one, other)
