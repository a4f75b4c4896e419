"""`Window`: a network, watched and steered while it runs."""

from __future__ import annotations

import signal
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from fusion.errors import InvalidValue, NothingToRun
from fusion.gui.activity import Activity
from fusion.gui.budget import Budget
from fusion.gui.controls import Controls
from fusion.gui.journal import Journal
from fusion.gui.player import Player
from fusion.gui.qt import QtCore, QtWidgets, application
from fusion.gui.selection import Selection
from fusion.gui.tab import Tab
from fusion.gui.tabs import default_tabs
from fusion.network import Network

SIZE = (1280, 800)  # pixels
HEARTBEAT = 200  # ms in which Python may see that Ctrl-C was pressed


class Window:
    """The live window on a network, whatever simulates its groups.

    ``Window(net).show()`` opens it and waits until the user has closed it. It draws what is there and takes no random
    numbers: as long as the user changes nothing, the network runs as without it, bit for bit. What the user changes
    stands in ``journal``; ``journal.script()`` does it again.

    Parameters
    ----------
    network : Network
        It is built, if it is not.
    tabs : list of Tab
        The pages, in their order; `default_tabs()` unless given.
    title : str
    share : float
        Of the time, what drawing may take while the network runs: between 0.01 and 1.

    Raises
    ------
    NoDisplay
        If there is no screen.
    InvalidValue
        If an argument means nothing.
    NothingToRun, BuildFailed
        As `Network.build`; `NothingToRun` also if there is no neuron group to look at.
    """

    def __init__(
        self, network: Network, tabs: Sequence[Tab] | None = None, *, title: str = "fusion", share: float = 0.1
    ) -> None:
        self._check(network, tabs, share)
        network.build()
        if not network.groups:
            raise NothingToRun("This network has no neuron group to look at.")
        self.network = network
        self.journal = Journal(network)
        self._application = application()
        self._error: BaseException | None = None
        self.selection = Selection(network.groups[0])
        self.player = Player(network, Budget(share), self.draw)
        self.player.failed.connect(self._fail)
        self.controls = Controls(self.player)
        self.activity = [Activity(group, self.selection) for group in network.groups]
        self.tabs = list(default_tabs() if tabs is None else tabs)
        self._seen: Tab | None = None
        self._frame = self._make_frame(title)
        self.selection.changed.connect(self._choose)
        self._see()

    # --- what scripts call -------------------------------------------------------------------------------------------

    def show(self) -> None:
        """Open the window, and wait until it is closed.

        An error that ended the run is raised then; Ctrl-C in the terminal closes it.
        """
        self._frame.show()
        with self._interruptible():
            self._application.exec() if hasattr(self._application, "exec") else self._application.exec_()
        self.close()
        if self._error is not None:
            raise self._error

    def simulate(self, iterations: int) -> Self:
        """As `Network.simulate`, and draw."""
        self.network.simulate(iterations)
        self.draw()
        return self

    def save(self, path: str | Path) -> Path:
        """Write a picture of the window, as it is now.

        Raises
        ------
        InvalidValue
            If nothing can be written there, or there is no such format.
        """
        path = Path(path)
        if not self._frame.isVisible():
            self._frame.setAttribute(QtCore.Qt.WidgetAttribute.WA_DontShowOnScreen, True)
            self._frame.show()
        self.draw()
        self._application.processEvents()
        if not self._frame.grab().save(str(path)):
            raise InvalidValue(f"No picture can be written to {str(path)!r}; give the path of a .png file.", path=path)
        return path

    def open(self, title: str) -> Tab:
        """Bring a tab to the front; `InvalidValue` if none has this title."""
        for index, tab in enumerate(self.tabs):
            if tab.title == title:
                self._pages.setCurrentIndex(index)
                return tab
        titles = ", ".join(repr(tab.title) for tab in self.tabs)
        raise InvalidValue(f"There is no tab {title!r}; there are: {titles or 'none'}.", title=title)

    def draw(self) -> None:
        """A frame: what is seen, and nothing else."""
        for each in self.activity:
            if each.box.isVisible() or not self._frame.isVisible():
                each.draw()
        if self._seen is not None:
            self._seen.draw()
        self.controls.draw()

    def close(self) -> None:
        """Pause, and leave the network as if the window had never been; may be called twice."""
        self.player.pause()
        for each in self.activity:
            each.close()
        if self._seen is not None:
            self._seen.hide()
            self._seen = None
        self._frame.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *about: object) -> None:
        self.close()

    # --- what it is made of ----------------------------------------------------------------------------------------

    @staticmethod
    def _check(network: object, tabs: object, share: float) -> None:
        if not isinstance(network, Network):
            raise InvalidValue(f"{network!r} is no Network.", network=network)
        for tab in tabs if isinstance(tabs, list | tuple) else [] if tabs is None else [tabs]:
            if not isinstance(tab, Tab):
                hint = f" Write {tab.__name__}()." if isinstance(tab, type) and issubclass(tab, Tab) else ""
                raise InvalidValue(f"tabs= takes a list of Tab objects; {tab!r} is none.{hint}", tab=tab)
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0.01 <= share <= 1.0:
            raise InvalidValue(f"share={share!r}: give a number between 0.01 and 1.", share=share)

    def _make_frame(self, title: str) -> Any:
        frame = Frame(self)
        frame.setWindowTitle(title)
        frame.resize(*SIZE)
        frame.addToolBar(self.controls.bar)
        frame.statusBar().addPermanentWidget(self.controls.status, 1)
        self._note = QtWidgets.QLabel()
        self._note.setWordWrap(True)
        self._note.setStyleSheet("background: #fde0dd; color: #7a0177; padding: 6px;")
        self._note.hide()
        groups = QtWidgets.QWidget()
        column = QtWidgets.QVBoxLayout(groups)
        for each in self.activity:
            column.addWidget(each.box)
        column.addStretch(1)
        side = QtWidgets.QScrollArea()
        side.setWidget(groups)
        side.setWidgetResizable(True)
        side.setFixedWidth(240)
        self._pages = QtWidgets.QTabWidget()
        self._pages.setUsesScrollButtons(True)
        for tab in self.tabs:
            self._pages.addTab(tab.open_in(self), tab.title)
        self._pages.currentChanged.connect(lambda _: self._see())
        split = QtWidgets.QHBoxLayout()
        split.addWidget(side)
        split.addWidget(self._pages, 1)
        middle = QtWidgets.QWidget()
        rows = QtWidgets.QVBoxLayout(middle)
        rows.addWidget(self._note)
        rows.addLayout(split, 1)
        frame.setCentralWidget(middle)
        return frame

    def _see(self) -> None:
        """Another tab is in front."""
        index = self._pages.currentIndex()
        if self._seen is not None:
            self._seen.hide()
        self._seen = self.tabs[index] if index >= 0 else None
        if self._seen is not None:
            self._seen.show()

    def _choose(self) -> None:
        for tab in self.tabs:
            tab.choose()
        if not self.player.is_playing:
            self.draw()

    def _fail(self, error: BaseException) -> None:
        """A run ended with an error: it is shown now, and raised when the window closes."""
        self._error = error
        if isinstance(error, KeyboardInterrupt):
            self._frame.close()
            return
        self._note.setText(f"<b>The run ended.</b> {_escaped(str(error))}")
        self._note.setToolTip("".join(traceback.format_exception(error)))
        self._note.show()

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Ctrl-C closes the window; Python sees it only when Qt lets it."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        heart = QtCore.QTimer()
        heart.timeout.connect(lambda: None)
        heart.start(HEARTBEAT)
        before = signal.signal(signal.SIGINT, lambda *_: self._fail(KeyboardInterrupt()))
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
            heart.stop()


class Frame(QtWidgets.QMainWindow):
    """The window of Qt, which tells ours when it is closed."""

    def __init__(self, window: Window) -> None:
        super().__init__()
        self._window = window

    def closeEvent(self, event: Any) -> None:
        """The user closed it."""
        self._window.close()
        event.accept()


def _escaped(text: str) -> str:
    from html import escape

    return escape(text).replace("\n", "<br>")
