"""What scripts name of PymoNNto's window. The window itself is not here yet: showing it raises, or is skipped."""

from __future__ import annotations

import logging
import os
from typing import Any

from fusion.errors import Unsupported
from fusion_pymonnto.finder import NO_WINDOW

_LOG = logging.getLogger(__name__)


class TabBase:
    """A tab of the window; a script's own tabs derive from it."""

    def __init__(self, title: str = "") -> None:
        self.title = title

    def add_recorder_variables(self, net_obj: Any, Network_UI: Any) -> None:
        """Told to say what the tab wants recorded."""

    def initialize(self, Network_UI: Any) -> None:
        """Told to build the tab."""

    def update(self, Network_UI: Any) -> None:
        """Told to draw."""

    def on_selected_neuron_changed(self, Network_UI: Any) -> None:
        """Told that another neuron is selected."""


class Network_UI:
    """The window of a network.

    Parameters
    ----------
    network : Network
    modules : list of TabBase
    others : taken, for the window to come
    """

    def __init__(self, network: Any, modules: Any = (), *others: Any, **options: Any) -> None:
        self.network, self.modules, self.options = network, list(modules), {**options, "others": others}

    def show(self) -> None:
        """`Unsupported`, unless windows are skipped."""
        if not os.environ.get(NO_WINDOW):
            raise Unsupported(
                "fusion has no window yet. To run the rest of the script write python -m fusion_pymonnto --no-window "
                "script.py, or plot what was recorded: fusion.plot.raster(group), fusion.plot.traces(group, 'voltage')."
            )
        _LOG.warning("The window of %r is skipped.", self.network.tag)


def get_default_UI_modules(*variables: Any, **options: Any) -> list[TabBase]:
    """The tabs that PymoNNto shows; none yet."""
    return []


get_advanced_UI_modules = get_default_UI_modules
