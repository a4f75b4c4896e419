"""`Coupling`: what the coupling did, and the network as a graph."""

from __future__ import annotations

from fusion.gui.drawing import Drawing
from fusion.gui.qt import QtCore, QtGui, QtWidgets
from fusion.gui.tab import Tab

LETTERS = 12  # pixels
PERIOD = 1.0  # seconds of real time between two looks while it runs


class Coupling(Tab):
    """The certificate of the network, and groups with what links them; once a second while it runs."""

    title = "coupling"

    def build(self) -> None:
        """Words above, a picture below; the user may move what is between them."""
        self._html = ""
        self._words = QtWidgets.QTextBrowser()
        self._words.setStyleSheet(f"font-size: {LETTERS}px")
        self._words.setWordWrapMode(QtGui.QTextOption.WrapMode.WordWrap)
        self._graph = Drawing()
        split = QtWidgets.QSplitter(QtCore.Qt.Orientation.Vertical)
        split.addWidget(self._words)
        split.addWidget(self._graph.widget)
        split.setSizes([260, 440])
        self.place(split, 1)

    def update(self) -> None:
        """As it is now."""
        self.seldom(self._show, PERIOD)

    def _show(self) -> None:
        html = self.network.coupling._repr_html_()  # as notebooks show it
        if html != self._html:
            self._html = html
            bar = self._words.verticalScrollBar()
            before = bar.value()
            self._words.setHtml(html)
            bar.setValue(before)
        self._graph.set(self.network.graph().svg())
