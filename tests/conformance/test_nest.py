"""NEST passes, by the port and by PyNEST."""

from conformance.nest_case import ExactNestCase, NestCase
from conformance.nest_recipes import UNSUPPORTED
from conformance.tiers import ByPyNest, ByThePort, with_a_compiler

from fusion.testing.checks.exact import ExactChecks
from fusion.testing.conformance import Conformance, NetworkConformance


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
