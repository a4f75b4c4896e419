"""The tabs that come with the window."""

from __future__ import annotations

from collections.abc import Sequence

from fusion.gui.tab import Tab
from fusion.gui.tabs.analyses import Analyses
from fusion.gui.tabs.behaviours import Behaviours
from fusion.gui.tabs.code import Code
from fusion.gui.tabs.components import Components
from fusion.gui.tabs.coupling import Coupling
from fusion.gui.tabs.distribution import Distribution
from fusion.gui.tabs.flow import Flow
from fusion.gui.tabs.groups import Groups
from fusion.gui.tabs.intervals import Intervals
from fusion.gui.tabs.raster import Raster
from fusion.gui.tabs.return_map import ReturnMap
from fusion.gui.tabs.spectrum import Spectrum
from fusion.gui.tabs.traces import Traces
from fusion.gui.tabs.variables import Variables
from fusion.gui.tabs.weights import Weights


def default_tabs(variables: Sequence[str] = (), weights: Sequence[str] = ("W",)) -> list[Tab]:
    """Tabs for any network.

    variables : names, those of neurons that are shown over time; those that are likely to tell most unless given
    weights : names, those of synapses
    """
    return [
        Traces(variables),
        Groups(variables),
        Raster(),
        Weights(weights),
        Distribution(weights),
        Intervals(),
        Spectrum(),
        ReturnMap(),
        Components(),
        Behaviours(),
        Variables(),
        Analyses(),
        Coupling(),
        Flow(),
        Code(),
    ]
