"""`Frame`: Qt's window, with groups on the left, tabs on the right, and a line for what went wrong above them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from fusion.gui.controls import Controls
from fusion.gui.qt import QtCore, QtWidgets, pyqtgraph

SIZE = (1280, 800)  # pixels
SIDE = 240
LETTERS = 11  # pixels; titles of the tabs that come with it stand side by side


class Frame(QtWidgets.QMainWindow):
    """Puts widgets in their places.

    boxes : of the groups
    pages : pairs of a page and its title
    closed : called when the user closes it
    """

    def __init__(
        self, title: str, controls: Controls, boxes: Sequence[Any], pages: Sequence[tuple[Any, str]],
        closed: Callable[[], None],
    ) -> None:  # fmt: skip
        super().__init__()
        self._closed = closed
        self.setWindowTitle(title)
        self.resize(*SIZE)
        self.addToolBar(controls.bar)
        self.statusBar().addPermanentWidget(controls.status, 1)
        self._note = QtWidgets.QLabel()
        self._note.setWordWrap(True)
        self._note.setStyleSheet("background: #fde0dd; color: #7a0177; padding: 6px;")
        self._note.hide()
        self.pages = QtWidgets.QTabWidget()
        self.pages.setUsesScrollButtons(True)
        letters = self.pages.tabBar().font()
        letters.setPixelSize(LETTERS)
        self.pages.tabBar().setFont(letters)
        for page, name in pages:
            self.pages.addTab(page, name)
        split = QtWidgets.QHBoxLayout()
        split.addWidget(_column(boxes))
        split.addWidget(self.pages, 1)
        middle = QtWidgets.QWidget()
        rows = QtWidgets.QVBoxLayout(middle)
        rows.addWidget(self._note)
        rows.addLayout(split, 1)
        self.setCentralWidget(middle)

    @property
    def is_seen(self) -> bool:
        """Whether anything of it is on a screen: it is open, not minimised, and not on another workspace."""
        handle = self.windowHandle()
        return bool(self.isVisible() and not self.isMinimized() and handle is not None and handle.isExposed())

    def shows(self, widget: Any) -> bool:
        """Whether a widget would be in a picture of it; all are until it has been laid out."""
        return not self.isVisible() or not widget.visibleRegion().isEmpty()

    def tell(self, what: str, about: str, details: str) -> None:
        """Say what went wrong, above everything; `details` appear under the mouse."""
        self._note.setText(f"<b>{escape(what)}</b> {escape(about)}".replace("\n", "<br>"))
        self._note.setToolTip(details)
        self._note.show()

    @property
    def told(self) -> str:
        """What it says of what went wrong, or ""."""
        return "" if self._note.isHidden() else str(self._note.text())

    def picture(self) -> Any:
        """All of it as an image; it is laid out for that if it is not open."""
        is_open = self.isVisible()
        if not is_open:
            self.setAttribute(QtCore.Qt.WidgetAttribute.WA_DontShowOnScreen, True)
            self.show()
        QtWidgets.QApplication.processEvents()
        picture = self.grab()
        if not is_open:
            self.hide()
            self.setAttribute(QtCore.Qt.WidgetAttribute.WA_DontShowOnScreen, False)
        return picture

    def take_apart(self) -> None:
        """Close the plots, so that PyQtGraph lets go of them in an order in which Qt survives it."""
        for plot in self.findChildren(pyqtgraph.PlotWidget):
            plot.close()

    def closeEvent(self, event: Any) -> None:
        """Qt closes it."""
        self._closed()
        event.accept()


def _column(boxes: Sequence[Any]) -> Any:
    inside = QtWidgets.QWidget()
    column = QtWidgets.QVBoxLayout(inside)
    for box in boxes:
        column.addWidget(box)
    column.addStretch(1)
    area = QtWidgets.QScrollArea()
    area.setWidget(inside)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFixedWidth(SIDE + area.verticalScrollBar().sizeHint().width())
    return area
