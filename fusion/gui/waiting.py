"""`until_closed`: Qt works until a window is closed, and nothing that goes wrong meanwhile ends the process."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from fusion.gui.qt import QtCore

HEARTBEAT = 200  # ms in which Python may see that Ctrl-C was pressed

Told = Callable[[BaseException], None]


def until_closed(loop: Any, told: Told) -> None:
    """Let Qt work until somebody ends the loop; `told` is called with errors, `KeyboardInterrupt` among them."""
    with caught(told), _interruptible(told):
        loop.exec() if hasattr(loop, "exec") else loop.exec_()


@contextmanager
def caught(told: Told) -> Iterator[None]:
    """Errors in what Qt calls are told; PyQt5 would end the process."""
    before = sys.excepthook
    sys.excepthook = lambda kind, error, trace: told(error)
    try:
        yield
    finally:
        sys.excepthook = before


@contextmanager
def _interruptible(told: Told) -> Iterator[None]:
    """Ctrl-C is told; Python sees it only when Qt lets it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heart = QtCore.QTimer()
    heart.timeout.connect(lambda: None)
    heart.start(HEARTBEAT)
    before = signal.signal(signal.SIGINT, lambda *_: told(KeyboardInterrupt()))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        heart.stop()
