"""The toy passes everything: what it shows is what the contract means."""

from fusion.testing.conformance import Conformance, NetworkConformance
from fusion.testing.toy_case import ToyCase


class TestToy(Conformance):
    case = ToyCase()


class TestToyInNetworks(NetworkConformance):
    case = ToyCase()
