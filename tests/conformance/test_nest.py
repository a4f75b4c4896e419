"""NEST passes, by the port and by PyNEST."""

import os
import shutil

import pytest
from conformance.nest_case import ExactNestCase, NestCase
from conformance.tiers import OnTier

from fusion.testing.checks.exact import ExactChecks
from fusion.testing.conformance import Conformance, NetworkConformance


class ByThePort(OnTier):
    tier = "port"


class ByPyNest(OnTier):
    tier = "public"
    asked = "nest"


UNSUPPORTED = {
    "test_a_slower_clock_steps_at_its_own_ticks_only": "it advances with the network, in each iteration",
    "test_a_snapshot_restored_runs_on_as_if_nothing_had_been": "NEST cannot save the state of its kernel",
}

with_a_compiler = pytest.mark.skipif(
    not any(map(shutil.which, (os.environ.get("CXX", "g++"), "c++"))), reason="no C++ compiler to build the port with"
)


@with_a_compiler
class TestNestByThePort(ByThePort, Conformance):
    case = NestCase()
    unsupported = UNSUPPORTED


@with_a_compiler
class TestNestIntegratesExactlyByThePort(ByThePort, ExactChecks):
    case = ExactNestCase()


@with_a_compiler
class TestNestInNetworksByThePort(ByThePort, NetworkConformance):
    case = NestCase()


class TestNestByPyNest(ByPyNest, Conformance):
    case = NestCase()
    unsupported = UNSUPPORTED


class TestNestIntegratesExactlyByPyNest(ByPyNest, ExactChecks):
    case = ExactNestCase()


class TestNestInNetworksByPyNest(ByPyNest, NetworkConformance):
    case = NestCase()
