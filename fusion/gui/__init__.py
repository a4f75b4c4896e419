"""The live window: any network, watched and steered while it runs. Needs ``fusion-sim[gui]``."""

from fusion.gui.journal import Edit, Journal
from fusion.gui.tab import Tab
from fusion.gui.tabs import default_tabs
from fusion.gui.tabs.analyses import Analyses
from fusion.gui.tabs.behaviours import Behaviours
from fusion.gui.tabs.code import Code
from fusion.gui.tabs.coupling import Coupling
from fusion.gui.tabs.flow import Flow
from fusion.gui.tabs.raster import Raster
from fusion.gui.tabs.traces import Traces
from fusion.gui.tabs.variables import Variables
from fusion.gui.window import Window

__all__ = [
    "Analyses",
    "Behaviours",
    "Code",
    "Coupling",
    "Edit",
    "Flow",
    "Journal",
    "Raster",
    "Tab",
    "Traces",
    "Variables",
    "Window",
    "default_tabs",
]
