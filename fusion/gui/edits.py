"""`Edits`: the journal of a window on a page, with undo."""

from __future__ import annotations

from typing import Any

from fusion.gui.journal import Journal
from fusion.gui.qt import QtGui, QtWidgets
from fusion.gui.tab import Tab

HEIGHT = 110  # pixels


class Edits:
    """Puts the journal at the place where a tab has come to; `draw` it in each `update`."""

    def __init__(self, tab: Tab) -> None:
        self._journal: Journal = tab.window.journal
        self._shown = -1
        with tab.row():
            tab.place(QtWidgets.QLabel("What was changed, as a script that does it again:"))
            tab.fill()
            self.undo = tab.button("Undo", lambda: self._undo(tab))
        self.text = QtWidgets.QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFixedHeight(HEIGHT)
        self.text.setLineWrapMode(QtWidgets.QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(monospace())
        self.text.setPlaceholderText("nothing")
        tab.place(self.text)
        self.draw()

    def draw(self) -> None:
        """What is in the journal now."""
        if self._shown == len(self._journal.edits):
            return
        self._shown = len(self._journal.edits)
        self.undo.setEnabled(self._journal.can_undo)
        self.text.setPlainText(self._journal.script() if self._shown else "")
        bar = self.text.verticalScrollBar()
        bar.setValue(bar.maximum())

    def _undo(self, tab: Tab) -> None:
        tab.attempt(self._journal.undo)
        tab.draw()


def monospace() -> Any:
    """Letters of one width."""
    font = QtGui.QFont("monospace")
    font.setStyleHint(QtGui.QFont.StyleHint.Monospace)
    return font
