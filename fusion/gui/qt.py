"""Qt by way of PyQtGraph, so that any of its bindings will do, and the one application of this process."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from fusion.errors import InvalidValue, NoDisplay

try:
    import pyqtgraph
    from pyqtgraph.Qt import QT_LIB, QtCore, QtGui, QtSvg, QtWidgets
except ImportError as error:
    raise ImportError("The window needs PyQt5 and PyQtGraph: pip install 'fusion-sim[gui]'.") from error

__all__ = ["QtCore", "QtGui", "QtSvg", "QtWidgets", "application", "pyqtgraph"]

OFFSCREEN = "With QT_QPA_PLATFORM=offscreen it is drawn without one, for Window.save()."
WITHOUT_SCREEN = ("offscreen", "minimal")
PATIENCE = 20  # seconds in which a screen answers


def application() -> Any:
    """The application, made if there is none.

    Raises
    ------
    NoDisplay
        Where there is no screen, or Qt cannot use it; Qt itself would end the process.
    InvalidValue
        In another thread than the application's.
    """
    # PyQtGraph looks through the parts of a list in the menu of each plot, where PyQt5 ends the process now and then,
    # after some dozens of windows; a list that it knows as a whole has no parts.
    pyqtgraph.WidgetGroup.classes.setdefault(QtWidgets.QListWidget, (None, None, None))
    running = QtWidgets.QApplication.instance()
    if running is None:
        if sys.platform.startswith("linux"):
            _check_screen()
        return QtWidgets.QApplication(["fusion"])
    if running.thread() != QtCore.QThread.currentThread():
        raise InvalidValue("Qt runs in another thread of this process; make the window there.")
    return running


def _check_screen() -> None:
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    if platform.partition(":")[0] in WITHOUT_SCREEN:
        return
    if not any((platform, os.environ.get("DISPLAY"), os.environ.get("WAYLAND_DISPLAY"))):
        raise NoDisplay(f"There is no screen for a window: neither DISPLAY nor WAYLAND_DISPLAY is set. {OFFSCREEN}")
    # A process may tell by its end what Qt says by ending it.
    attempt = f"from {QT_LIB}.QtWidgets import QApplication; QApplication([])"
    try:
        tried = subprocess.run(
            [sys.executable, "-c", attempt], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        said = "" if tried.returncode == 0 else tried.stderr.strip() or f"exit code {tried.returncode}"
    except subprocess.TimeoutExpired:
        said = f"no answer within {PATIENCE} s"
    if said:
        raise NoDisplay(f"Qt cannot use the screen, or a library of it is missing. {OFFSCREEN}\n{said}")
