"""The toy passes on the workers of a Dask cluster, too."""

from __future__ import annotations

import pytest
from conformance.elsewhere import BUILT, TOY_UNSUPPORTED, UNSUPPORTED_IN_NETWORKS, OnThisMachine, ToyElsewhere
from host.clusters import two_workers

from fusion.host import Cluster
from fusion.testing.conformance import Conformance, NetworkConformance

pytestmark = [
    pytest.mark.slow,
    # Dask's workers, sockets and loops are its own; what it leaves to the collector is no mistake of ours.
    pytest.mark.filterwarnings("ignore::ResourceWarning:distributed"),
]


@pytest.fixture(scope="module")
def host():
    with two_workers() as client:
        client.wait_for_workers(2, timeout=60)
        yield Cluster(client)


class TestToyOnACluster(OnThisMachine, Conformance):
    case = ToyElsewhere()
    unsupported = TOY_UNSUPPORTED | BUILT


class TestToyOnAClusterInNetworks(OnThisMachine, NetworkConformance):
    case = ToyElsewhere()
    unsupported = UNSUPPORTED_IN_NETWORKS
