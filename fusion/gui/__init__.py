"""The live window: any network, watched and steered while it runs. Needs ``fusion-sim[gui]``."""

from fusion.gui.tab import Tab
from fusion.gui.tabs import default_tabs
from fusion.gui.tabs.distribution import Distribution
from fusion.gui.tabs.raster import Raster
from fusion.gui.tabs.traces import Traces
from fusion.gui.tabs.weights import Weights
from fusion.gui.window import Window

__all__ = [
    "Distribution",
    "Raster",
    "Tab",
    "Traces",
    "Weights",
    "Window",
    "default_tabs",
]
