"""NEST passes in a container, too, by recipes alone: no test here needs NEST in this process."""

from __future__ import annotations

import pytest
from conformance.elsewhere import NEST_UNSUPPORTED, UNSUPPORTED_IN_NETWORKS, OnHost
from conformance.nest_recipes import NestRecipeCase
from conformance.tiers import ByThePort
from host.engines import docker

from fusion.host import Container
from fusion.host.container import IMAGE
from fusion.testing.conformance import Conformance, NetworkConformance


class NestInAContainer(NestRecipeCase):
    def sabotage(self, source):
        docker("kill", docker.the_container())


@pytest.fixture(scope="module")
def host(works_or_skip):
    works_or_skip("docker", "image", "inspect", IMAGE)
    return Container()


class TestNestInAContainer(OnHost, ByThePort, Conformance):
    case = NestInAContainer()
    unsupported = NEST_UNSUPPORTED | {
        "test_a_foreign_dt_is_an_error_that_names_both": "no recipe in the image sets another dt than the network's",
    }


@pytest.mark.slow  # each population is a container
class TestNestInAContainerInNetworks(OnHost, ByThePort, NetworkConformance):
    case = NestInAContainer()
    unsupported = UNSUPPORTED_IN_NETWORKS
