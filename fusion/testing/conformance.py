"""The conformance suite: what every adapter does, as a class of tests to derive from.

>>> class TestMine(Conformance):
...     case = MyCase()
...     unsupported = {"test_a_stand_in_fires_at_its_tick": "the simulator has no sources that can be told to fire"}
"""

from __future__ import annotations

from fusion.testing.case import Case, Lif, Tolerance
from fusion.testing.checks.arrivals import ArrivalChecks
from fusion.testing.checks.carrying import CarryChecks
from fusion.testing.checks.chunks import ChunkChecks
from fusion.testing.checks.emissions import EmissionChecks
from fusion.testing.checks.exact import ExactChecks
from fusion.testing.checks.lifecycle import LifecycleChecks
from fusion.testing.checks.networks import NetworkConformance
from fusion.testing.checks.samples import SampleChecks
from fusion.testing.checks.synapses import SynapseChecks
from fusion.testing.checks.variables import VariableChecks

__all__ = ["Case", "Conformance", "Lif", "NetworkConformance", "Tolerance"]


class Conformance(
    ArrivalChecks,
    EmissionChecks,
    ChunkChecks,
    SampleChecks,
    VariableChecks,
    SynapseChecks,
    CarryChecks,
    LifecycleChecks,
    ExactChecks,
):
    """Drives an adapter by its contract, without a network. Give `case`, and `unsupported` where it must be."""
