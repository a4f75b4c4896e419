"""The toy and NEST pass on the workers of a Dask cluster, too."""

from __future__ import annotations

import pytest
from conformance import saboteurs
from conformance.elsewhere import (
    BUILT,
    NEST_UNSUPPORTED,
    TOY_UNSUPPORTED,
    UNSUPPORTED_IN_NETWORKS,
    NestElsewhere,
    OnThisMachine,
    ToyElsewhere,
)
from conformance.nest_recipes import NestRecipeCase
from conformance.tiers import ByThePort, with_a_compiler
from host.clusters import serving, two_workers

from fusion.host import Cluster
from fusion.testing.conformance import Conformance, NetworkConformance

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


@pytest.fixture(scope="module")
def host(client):
    return Cluster(client)


class TestToyOnACluster(OnThisMachine, Conformance):
    case = ToyElsewhere()
    unsupported = TOY_UNSUPPORTED | BUILT


class TestToyOnAClusterInNetworks(OnThisMachine, NetworkConformance):
    case = ToyElsewhere()
    unsupported = UNSUPPORTED_IN_NETWORKS


class NestOnACluster(NestElsewhere):
    """NEST in processes that go on to serve others, where only Dask reaches."""

    quiet = NestRecipeCase.quiet

    def sabotage(self, source):
        self.client.run(saboteurs.nest_stopped, workers=serving(self.client))


class OnTheClient:
    """The case knows the client of its host."""

    @pytest.fixture(autouse=True)
    def _on_the_client(self, client, monkeypatch):
        monkeypatch.setattr(self.case, "client", client, raising=False)


@with_a_compiler
@pytest.mark.release
class TestNestOnACluster(OnThisMachine, OnTheClient, ByThePort, Conformance):
    case = NestOnACluster()
    unsupported = NEST_UNSUPPORTED


@with_a_compiler
@pytest.mark.release
class TestNestOnAClusterInNetworks(OnThisMachine, ByThePort, NetworkConformance):
    case = NestOnACluster()
    unsupported = UNSUPPORTED_IN_NETWORKS
