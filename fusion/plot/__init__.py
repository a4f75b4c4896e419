"""Pictures of what was recorded, one call each; all take ``ax=`` and give it back. Needs ``fusion-sim[plot]``."""

from fusion.plot.activity import raster, rate, spectrum
from fusion.plot.flow import flow_chart
from fusion.plot.graph import network
from fusion.plot.tracing import traced
from fusion.plot.values import traces, weights

__all__ = ["flow_chart", "network", "raster", "rate", "spectrum", "traced", "traces", "weights"]
