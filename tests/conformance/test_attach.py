"""The toy and NEST pass in workers that were started by hand, too, at Unix sockets."""

from __future__ import annotations

import itertools
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from conformance.elsewhere import (
    BUILT,
    NEST_UNSUPPORTED,
    TOY_UNSUPPORTED,
    UNSUPPORTED_IN_NETWORKS,
    NestElsewhere,
    OnThisMachine,
    ToyElsewhere,
)
from conformance.tiers import ByPyNest, ByThePort, with_a_compiler
from host.conftest import Running

from fusion.adapter.tiers import VARIABLE
from fusion.host import Attach, Elsewhere
from fusion.host.server import name_for
from fusion.testing.conformance import Conformance, NetworkConformance

pytestmark = pytest.mark.slow  # a worker starts a process for each population


class InTurn(Elsewhere):
    """Several workers, one after the other: each serves one client at a time, and some checks hold two instances."""

    def __init__(self, addresses):
        self.hosts = itertools.cycle([Attach(address) for address in addresses])

    def launch(self, adapter):
        return next(self.hosts).launch(adapter)


@pytest.fixture(scope="class")
def host(request):
    """Two workers for the adapter of the case, started where its tier is asked for."""
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        if issubclass(request.cls, ByPyNest):
            patch.setenv(VARIABLE, request.cls.asked)
        addresses = []
        for _ in range(2):
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="fusion-")))
            running = Running(folder, name_for(request.cls.case.adapter))
            stack.callback(running.end)
            addresses.append(running.address)
        yield InTurn(addresses)


class TestAttachedToy(OnThisMachine, Conformance):
    case = ToyElsewhere()
    unsupported = TOY_UNSUPPORTED | BUILT


@pytest.mark.release
class TestAttachedToyInNetworks(OnThisMachine, NetworkConformance):
    case = ToyElsewhere()
    unsupported = UNSUPPORTED_IN_NETWORKS


@with_a_compiler
@pytest.mark.release  # NEST is imported anew for each population
class TestAttachedNestByThePort(OnThisMachine, ByThePort, Conformance):
    case = NestElsewhere()
    unsupported = NEST_UNSUPPORTED | BUILT


@with_a_compiler
@pytest.mark.release
class TestAttachedNestInNetworksByThePort(OnThisMachine, ByThePort, NetworkConformance):
    case = NestElsewhere()
    unsupported = UNSUPPORTED_IN_NETWORKS


@pytest.mark.release
class TestAttachedNestByPyNest(OnThisMachine, ByPyNest, Conformance):
    case = NestElsewhere()
    unsupported = NEST_UNSUPPORTED | BUILT


@pytest.mark.release
class TestAttachedNestInNetworksByPyNest(OnThisMachine, ByPyNest, NetworkConformance):
    case = NestElsewhere()
    unsupported = UNSUPPORTED_IN_NETWORKS
