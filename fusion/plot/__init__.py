"""Pictures of what was recorded, one call each; all take ``ax=`` and give it back. Needs ``fusion-sim[plot]``."""

from fusion.plot.activity import raster, rate, spectrum
from fusion.plot.graph import network
from fusion.plot.values import traces, weights

__all__ = ["network", "raster", "rate", "spectrum", "traces", "weights"]
