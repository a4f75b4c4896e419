"""`Sheet`: a table of text, some of whose cells the user may change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fusion.gui.plots import FAINT, INK
from fusion.gui.qt import QtCore, QtGui, QtWidgets

_SHOWN = QtCore.Qt.ItemFlag.ItemIsEnabled | QtCore.Qt.ItemFlag.ItemIsSelectable


class Sheet:
    """Rows and columns; ``widget`` is Qt's.

    columns : their titles
    typed : called with (row, column, text) when the user has typed something
    ticked : called with (row, column, whether) when the user has ticked a box
    """

    def __init__(
        self,
        columns: Sequence[str],
        typed: Callable[[int, int, str], None] | None = None,
        ticked: Callable[[int, int, bool], None] | None = None,
    ) -> None:
        self._typed, self._ticked = typed, ticked
        self._is_told = False
        self.widget = QtWidgets.QTableWidget(0, len(columns))
        self.widget.verticalHeader().hide()
        self.widget.verticalHeader().setDefaultSectionSize(22)
        self.widget.setAlternatingRowColors(True)
        self.widget.setWordWrap(False)
        self.head(columns)
        self.widget.itemChanged.connect(self._changed)

    def head(self, columns: Sequence[str]) -> None:
        """Other columns."""
        self.widget.setColumnCount(len(columns))
        self.widget.setHorizontalHeaderLabels(list(columns))
        for column in range(len(columns)):
            title = self.widget.horizontalHeaderItem(column)
            title.setTextAlignment(QtCore.Qt.AlignmentFlag.AlignLeft | QtCore.Qt.AlignmentFlag.AlignVCenter)

    def resize(self, rows: int) -> None:
        """So many empty rows."""
        self._quietly(lambda: (self.widget.setRowCount(0), self.widget.setRowCount(rows)))

    def fit(self, last: bool = False) -> None:
        """Make columns as wide as what stands in them; `last`: but for the last one, which takes the rest."""
        self.widget.resizeColumnsToContents()
        if last:
            mode = QtWidgets.QHeaderView.ResizeMode.Stretch
            self.widget.horizontalHeader().setSectionResizeMode(self.widget.columnCount() - 1, mode)

    def put(self, row: int, column: int, text: str) -> None:
        """A text; that of the cell in which the user is typing stays."""
        item = self.widget.item(row, column)
        if item is not None and item.text() == text:
            return
        if not (self._is_typing and (row, column) == (self.widget.currentRow(), self.widget.currentColumn())):
            self._quietly(lambda: self._item(row, column).setText(text))

    def text(self, row: int, column: int) -> str:
        """What stands in a cell."""
        return str(self._item(row, column).text())

    def tip(self, row: int, column: int, text: str) -> None:
        """What is shown when the mouse rests on a cell."""
        if self._item(row, column).toolTip() != text:
            self._quietly(lambda: self._item(row, column).setToolTip(text))

    def allow(self, row: int, column: int, on: bool) -> None:
        """Let the user change a cell, or show it faint."""
        item, ink = self._item(row, column), INK if on else FAINT
        flags = _SHOWN | QtCore.Qt.ItemFlag.ItemIsEditable if on else _SHOWN
        if item.flags() != flags or item.foreground().color().name() != ink:
            self._quietly(lambda: (item.setFlags(flags), item.setForeground(QtGui.QBrush(QtGui.QColor(ink)))))

    def is_allowed(self, row: int, column: int) -> bool:
        """Whether the user can change a cell."""
        return bool(self._item(row, column).flags() & QtCore.Qt.ItemFlag.ItemIsEditable)

    def tick(self, row: int, column: int, on: bool) -> None:
        """A box in front of the text."""
        item = self._item(row, column)
        state = QtCore.Qt.CheckState.Checked if on else QtCore.Qt.CheckState.Unchecked
        if item.data(QtCore.Qt.ItemDataRole.CheckStateRole) is None or item.checkState() != state:
            flags = item.flags() | QtCore.Qt.ItemFlag.ItemIsUserCheckable
            self._quietly(lambda: (item.setFlags(flags), item.setCheckState(state)))

    def is_ticked(self, row: int, column: int) -> bool:
        """Whether a box is ticked."""
        return bool(self._item(row, column).checkState() == QtCore.Qt.CheckState.Checked)

    def strong(self, row: int, column: int) -> None:
        """Show a cell in bold letters."""
        item = self._item(row, column)
        font = item.font()
        font.setBold(True)
        self._quietly(lambda: item.setFont(font))

    @property
    def _is_typing(self) -> bool:
        """Whether the user is at work in the current cell; not any more when what was typed is told."""
        return not self._is_told and self.widget.findChild(QtWidgets.QLineEdit) is not None

    def _item(self, row: int, column: int) -> Any:
        item = self.widget.item(row, column)
        if item is None:
            item = QtWidgets.QTableWidgetItem()
            item.setFlags(_SHOWN)
            self._quietly(lambda: self.widget.setItem(row, column, item))
        return item

    def _quietly(self, step: Callable[[], object]) -> None:
        """Without taking it for something that the user does."""
        before = self.widget.blockSignals(True)
        try:
            step()
        finally:
            self.widget.blockSignals(before)

    def _changed(self, item: Any) -> None:
        row, column = item.row(), item.column()
        self._is_told = True
        try:
            if item.flags() & QtCore.Qt.ItemFlag.ItemIsUserCheckable:
                if self._ticked is not None:
                    self._ticked(row, column, self.is_ticked(row, column))
            elif self._typed is not None:
                self._typed(row, column, str(item.text()))
        finally:
            self._is_told = False
