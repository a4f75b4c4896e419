"""Qt by way of PyQtGraph, so that any of its bindings will do, and the one application of this process."""

from __future__ import annotations

import os
import sys
from typing import Any

from fusion.errors import NoDisplay

try:
    import pyqtgraph
    from pyqtgraph.Qt import QtCore, QtGui, QtSvg, QtWidgets
except ImportError as error:
    raise ImportError("The window needs PyQt5 and PyQtGraph: pip install 'fusion-sim[gui]'.") from error

__all__ = ["QtCore", "QtGui", "QtSvg", "QtWidgets", "application", "pyqtgraph"]


def application() -> Any:
    """The application, made if there is none.

    Raises `NoDisplay` where there is no screen; Qt would end the process.
    """
    running = QtWidgets.QApplication.instance()
    if running is not None:
        return running
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in screens):
        raise NoDisplay(
            "There is no screen for a window: neither DISPLAY nor WAYLAND_DISPLAY is set. With "
            "QT_QPA_PLATFORM=offscreen it is drawn without one, for Window.save()."
        )
    return QtWidgets.QApplication(["fusion"])
