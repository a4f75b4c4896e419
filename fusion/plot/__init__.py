"""Pictures of what was recorded, one call each; all take ``ax=`` and give it back. Needs ``fusion-sim[plot]``."""

from fusion.plot.activity import raster, rate, spectrum
from fusion.plot.flow import flow_chart
from fusion.plot.graph import network
from fusion.plot.results import avalanches, branching, classes, correlations, intervals, receptive_fields, variance
from fusion.plot.values import traces, weights

__all__ = [
    "avalanches",
    "branching",
    "classes",
    "correlations",
    "flow_chart",
    "intervals",
    "network",
    "raster",
    "rate",
    "receptive_fields",
    "spectrum",
    "traces",
    "variance",
    "weights",
]
