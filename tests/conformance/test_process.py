"""The toy and NEST pass in a child process, too: only what needs the user's own objects is in process only."""

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
from host.threads import Thread

from fusion.host import Process
from fusion.testing.conformance import Conformance, NetworkConformance
from fusion.testing.toy_case import ToyRecipeCase


class ToyInAThread(ToyRecipeCase):
    """All messages of a child, and no process to be started for each population."""

    host = Thread()
    wrong_dt = ToyElsewhere.wrong_dt


@pytest.fixture
def host():
    return Process()


class TestToyByMessages(Conformance):
    case = ToyInAThread()
    unsupported = TOY_UNSUPPORTED | {
        "test_an_exception_inside_advance_leaves_it_closable": "nobody can break what cells() makes from outside",
    }


class TestToyByMessagesInNetworks(NetworkConformance):
    case = ToyInAThread()
    unsupported = UNSUPPORTED_IN_NETWORKS


@pytest.mark.slow  # each population is a process
class TestToyInAChild(OnThisMachine, Conformance):
    case = ToyElsewhere()
    unsupported = TOY_UNSUPPORTED | BUILT


@pytest.mark.slow
class TestToyInAChildInNetworks(OnThisMachine, NetworkConformance):
    case = ToyElsewhere()
    unsupported = UNSUPPORTED_IN_NETWORKS


@with_a_compiler
@pytest.mark.slow  # NEST is imported anew for each population
class TestNestInAChildByThePort(OnThisMachine, ByThePort, Conformance):
    case = NestElsewhere()
    unsupported = NEST_UNSUPPORTED | BUILT


@with_a_compiler
@pytest.mark.release
@pytest.mark.slow
class TestNestInAChildInNetworksByThePort(OnThisMachine, ByThePort, NetworkConformance):
    case = NestElsewhere()
    unsupported = UNSUPPORTED_IN_NETWORKS


@pytest.mark.release
@pytest.mark.slow
class TestNestInAChildByPyNest(OnThisMachine, ByPyNest, Conformance):
    case = NestElsewhere()
    unsupported = NEST_UNSUPPORTED | BUILT


@pytest.mark.release
@pytest.mark.slow
class TestNestInAChildInNetworksByPyNest(OnThisMachine, ByPyNest, NetworkConformance):
    case = NestElsewhere()
    unsupported = UNSUPPORTED_IN_NETWORKS
