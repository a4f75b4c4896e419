"""The toy and NEST pass in a child process, too: only what needs the user's own objects is in process only."""

import os
import shutil

import pytest
from conformance import saboteurs
from conformance.needs import ADOPTED_SYNAPSES, IN_NETWORKS, STAND_INS
from conformance.nest_case import NestCase
from conformance.tiers import OnTier
from host.threads import Thread

from fusion.adapter.recipe import built
from fusion.host import Process
from fusion.testing.conformance import Case, Conformance, NetworkConformance
from fusion.testing.toy_case import ToyRecipeCase

OBJECTS = "the user's own objects and the simulator's are in two processes"
NEEDS_OBJECTS = dict.fromkeys((*STAND_INS, *ADOPTED_SYNAPSES, "test_an_object_is_taken_once"), OBJECTS) | {
    "test_an_adapter_serves_its_own_objects_only": "what built() gives is served by the adapter that it names"
}
NEEDS_OBJECTS_IN_NETWORKS = dict.fromkeys(IN_NETWORKS, OBJECTS)
TOY_UNSUPPORTED = NEEDS_OBJECTS | {
    "test_a_slower_clock_steps_at_its_own_ticks_only": "it advances with the network, in each iteration",
}


class Watched(Process):
    """Remembers the last worker, to break it."""

    def launch(self, adapter):
        self.worker = super().launch(adapter)
        return self.worker

    def interrupt(self):
        """Have the function called that a saboteur left in the worker."""
        os.kill(self.worker.pid, saboteurs.BREAK)


class ToyInAThread(ToyRecipeCase):
    """All messages of a child, and no process to be started for each population."""

    host = Thread()

    def wrong_dt(self):
        return built(saboteurs.toy_with, adapter="toy", n=2, dt=2 * self.dt)


class ToyInAChild(ToyInAThread):
    host = Watched()

    def quiet(self, n):
        return built(saboteurs.toy, adapter="toy", n=n)

    def sabotage(self, source):
        self.host.interrupt()


class NestInAChild(NestCase):
    host = Watched()
    synapses = Case.synapses

    def reset(self):
        """Nothing to do: each worker has a kernel of its own."""

    def quiet(self, n):
        return built(saboteurs.nest_quiet, adapter="nest", n=n, model=self.model, params=self.parameters())

    def noisy(self, n):
        more = {"model": self.model, "params": self.parameters(), "dt": self.dt}
        return built(saboteurs.nest_noisy, adapter="nest", n=n, **more)

    def wrong_dt(self):
        more = {"model": self.model, "params": self.parameters(), "dt": self.dt}
        return built(saboteurs.nest_wrong_dt, adapter="nest", n=2, **more)

    def sabotage(self, source):
        self.host.interrupt()


class TestToyByMessages(Conformance):
    case = ToyInAThread()
    unsupported = TOY_UNSUPPORTED | {
        "test_an_exception_inside_advance_leaves_it_closable": "nobody can break a thread from outside",
    }
    del unsupported["test_an_adapter_serves_its_own_objects_only"]


class TestToyByMessagesInNetworks(NetworkConformance):
    case = ToyInAThread()
    unsupported = NEEDS_OBJECTS_IN_NETWORKS


@pytest.mark.slow  # each population is a process
class TestToyInAChild(Conformance):
    case = ToyInAChild()
    unsupported = TOY_UNSUPPORTED


@pytest.mark.slow
class TestToyInAChildInNetworks(NetworkConformance):
    case = ToyInAChild()
    unsupported = NEEDS_OBJECTS_IN_NETWORKS


class ByThePort(OnTier):
    tier = "port"


class ByPyNest(OnTier):
    tier = "public"
    asked = "nest"


NEST_UNSUPPORTED = NEEDS_OBJECTS | {
    "test_a_slower_clock_steps_at_its_own_ticks_only": "it advances with the network, in each iteration",
    "test_a_snapshot_restored_runs_on_as_if_nothing_had_been": "NEST cannot save the state of its kernel",
}

with_a_compiler = pytest.mark.skipif(
    not any(map(shutil.which, (os.environ.get("CXX", "g++"), "c++"))), reason="no C++ compiler to build the port with"
)


@with_a_compiler
@pytest.mark.slow  # NEST is imported anew for each population
class TestNestInAChildByThePort(ByThePort, Conformance):
    case = NestInAChild()
    unsupported = NEST_UNSUPPORTED


@with_a_compiler
@pytest.mark.release
@pytest.mark.slow
class TestNestInAChildInNetworksByThePort(ByThePort, NetworkConformance):
    case = NestInAChild()
    unsupported = NEEDS_OBJECTS_IN_NETWORKS


@pytest.mark.release
@pytest.mark.slow
class TestNestInAChildByPyNest(ByPyNest, Conformance):
    case = NestInAChild()
    unsupported = NEST_UNSUPPORTED


@pytest.mark.release
@pytest.mark.slow
class TestNestInAChildInNetworksByPyNest(ByPyNest, NetworkConformance):
    case = NestInAChild()
    unsupported = NEEDS_OBJECTS_IN_NETWORKS
