"""The live window: any network, watched and steered while it runs. Needs ``fusion-sim[gui]``."""

from fusion.gui.journal import Edit, Journal
from fusion.gui.tab import Tab
from fusion.gui.tabs import default_tabs
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
from fusion.gui.window import Window

__all__ = [
    "Analyses",
    "Behaviours",
    "Code",
    "Components",
    "Coupling",
    "Distribution",
    "Edit",
    "Flow",
    "Groups",
    "Intervals",
    "Journal",
    "Raster",
    "ReturnMap",
    "Spectrum",
    "Tab",
    "Traces",
    "Variables",
    "Weights",
    "Window",
    "default_tabs",
]
