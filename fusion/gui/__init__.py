"""The live window: any network, watched and steered while it runs. Needs ``fusion-sim[gui]``."""

from fusion.gui.tab import Tab
from fusion.gui.tabs import default_tabs
from fusion.gui.tabs.components import Components
from fusion.gui.tabs.distribution import Distribution
from fusion.gui.tabs.groups import Groups
from fusion.gui.tabs.intervals import Intervals
from fusion.gui.tabs.raster import Raster
from fusion.gui.tabs.return_map import ReturnMap
from fusion.gui.tabs.spectrum import Spectrum
from fusion.gui.tabs.traces import Traces
from fusion.gui.tabs.weights import Weights
from fusion.gui.window import Window

__all__ = [
    "Components",
    "Distribution",
    "Groups",
    "Intervals",
    "Raster",
    "ReturnMap",
    "Spectrum",
    "Tab",
    "Traces",
    "Weights",
    "Window",
    "default_tabs",
]
