"""One network, its populations here and there in every mixture of hosts: the same bits."""

from __future__ import annotations

import pytest
from host.clusters import two_workers
from host.conftest import TOY
from host.rings import assert_same, nest_cells

from fusion.host import Attach, Cluster, InProcess, Process
from fusion.testing.toy import cells

pytestmark = [
    pytest.mark.slow,
    # Dask's workers, sockets and loops are its own; what it leaves to the collector is no mistake of ours.
    pytest.mark.filterwarnings("ignore::ResourceWarning:distributed"),
]


@pytest.fixture(scope="module")
def client():
    with two_workers() as client:
        client.wait_for_workers(2, timeout=60)
        yield client


def toy_cells(rank):
    return cells(20, noise_rate=4000.0 + 1000.0 * rank, noise_weight=900.0)


CASES = {
    "nest": ("nest", (nest_cells, "V_m", 60.0), lambda: None),
    # What a simulator draws depends on who shares it, so here nobody does.
    "toy": (TOY, (toy_cells, "v", 800.0), Process),
}


@pytest.mark.parametrize(("adapter", "network", "alike"), CASES.values(), ids=CASES)
def test_a_network_does_the_same_in_every_mixture_of_hosts(adapter, network, alike, client, start, toy):
    mixed = [InProcess(), Process(), Attach(start(adapter).address), Cluster(client)]
    assert_same(network, [alike() for _ in mixed], mixed, mixed[2:] + mixed[:2])
