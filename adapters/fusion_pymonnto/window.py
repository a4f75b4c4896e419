"""`Network_UI`: PymoNNto's window, which is fusion's. Qt is needed when it is shown, not before."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fusion.errors import InvalidValue, NoDisplay, Unsupported
from fusion.network import Network
from fusion_pymonnto.behavior import Behavior
from fusion_pymonnto.finder import NO_WINDOW

if TYPE_CHECKING:
    from fusion.gui import Window

_LOG = logging.getLogger(__name__)
_WAY_OUT = "The rest of the script runs without the window: python -m fusion_pymonnto --no-window script.py"


class NotServed(Unsupported, AttributeError):
    """A tab asks of PymoNNto's window what is not served."""


class Network_UI:
    """The window of a network, which is `fusion.gui.Window`.

    The network is left as it is: it is not run an iteration, and recorders keep what they hold, as else they do not
    in PymoNNto.

    Parameters
    ----------
    network : Network
    modules : list of TabBase
        Tabs of the script, `get_default_UI_modules`, and tabs of `fusion.gui` as well.
    title, label : str
        3.x's and 1.x's word.
    group_tags : list of str
        The groups whose variables tabs of the script record; all of them unless given.
    reduced_layout : bool
        Leave out the labels of axes, in tabs of the script.
    transmitters, storage_manager, group_display_count : taken; all groups are shown, and no films are made

    Raises
    ------
    InvalidValue
        If the network is none, or a module is no tab.
    """

    def __init__(
        self,
        network: Any,
        modules: Iterable[Any] | Mapping[Any, Any] = (),
        title: str = "Network UI",
        group_tags: Sequence[str] = (),
        transmitters: Sequence[str] = (),
        storage_manager: Any = None,
        group_display_count: int | None = None,
        reduced_layout: bool = False,
        label: str | None = None,
    ) -> None:
        if not isinstance(network, Network):
            raise InvalidValue(f"Network_UI takes a network first; {network!r:.60} is none.", network=network)
        self.network, self.title, self.reduced_layout = network, label or title, reduced_layout
        self.modules = list(modules.values() if isinstance(modules, Mapping) else modules)
        for behaviour in network.ordered_behaviours():
            # PymoNNto's behaviours may bring tabs of their own.
            self.modules += behaviour.get_UI_Tabs() if isinstance(behaviour, Behavior) else []
        for module in self.modules:
            if isinstance(module, type):
                raise InvalidValue(f"modules= takes tabs. Write {module.__name__}().", module=module)
        self.group_tags = list(group_tags) or [group.tag for group in network.groups]
        self.transmitters = list(transmitters) or [synapses.tag for synapses in network.synapses]
        self.storage_manager, self.group_display_count = storage_manager, group_display_count
        self._window: Window | None = None

    @property
    def window(self) -> Window:
        """The window itself, made when it is first asked for: ``ui.window.simulate(500).save("window.png")``.

        Raises
        ------
        ImportError
            If Qt is not installed.
        NoDisplay
            If there is no screen.
        InvalidValue
            If a module is no tab.
        """
        if self._window is None:
            try:
                from fusion.gui import Window  # scripts whose window is skipped need no Qt
                from fusion_pymonnto.pages import pages_of

                self._window = Window(self.network, pages_of(self), title=self.title)
            except (ImportError, NoDisplay) as error:
                error.add_note(_WAY_OUT)
                raise
        return self._window

    def show(self) -> None:
        """Open the window and wait until it is closed, as `fusion.gui.Window.show`; nothing if windows are skipped.

        PymoNNto ends the process then; here the script goes on.
        """
        if os.environ.get(NO_WINDOW):
            _LOG.warning("The window of %r is skipped.", self.network.tag)
            return
        self.window.show()


def names_of_qt() -> dict[str, Any]:
    """What tabs of scripts use of Qt and PyQtGraph without importing it; nothing where these are not installed."""
    try:
        from fusion.gui.qt import QtCore, QtGui, QtWidgets, pyqtgraph
    except ImportError:
        return {}  # a window that is shown tells it
    modules = {"pg": pyqtgraph, "QtCore": QtCore, "QtGui": QtGui, "QtWidgets": QtWidgets, "Qt": QtCore.Qt}
    kinds = {**vars(QtGui), **vars(QtWidgets)}
    return modules | {name: kind for name, kind in kinds.items() if name.startswith("Q") and isinstance(kind, type)}
