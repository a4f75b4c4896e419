"""`Drawing`: a picture in SVG on a page, as large as there is room, and to be scrolled where there is too little."""

from __future__ import annotations

from typing import Any

from fusion.gui.qt import QtCore, QtGui, QtSvg, QtWidgets

SMALLEST, LARGEST = 0.75, 1.5  # times its own size


class Drawing:
    """Shows SVG; ``widget`` is Qt's."""

    def __init__(self) -> None:
        self.canvas = Canvas()
        self.widget = QtWidgets.QScrollArea()
        self.widget.setWidget(self.canvas)
        self.widget.setWidgetResizable(True)

    def set(self, svg: str) -> None:
        """Another picture; nothing is drawn anew if it is the same. "" shows none."""
        if svg != self.canvas.svg:
            self.canvas.load(svg)


class Canvas(QtWidgets.QWidget):
    """Paints SVG into the middle of itself, as large as there is room."""

    def __init__(self) -> None:
        super().__init__()
        self.svg = ""
        self.renderer = QtSvg.QSvgRenderer()

    def load(self, svg: str) -> None:
        """Show this from now on."""
        self.svg = svg
        self.renderer.load(QtCore.QByteArray(svg.encode("utf-8")))
        self.setMinimumSize(self.renderer.defaultSize() * SMALLEST if svg else QtCore.QSize(0, 0))
        self.update()

    def paintEvent(self, event: Any) -> None:
        """Draw, with width and height in proportion."""
        painter = QtGui.QPainter(self)
        painter.fillRect(self.rect(), QtGui.QColor("white"))
        if self.svg:
            natural = QtCore.QSizeF(self.renderer.defaultSize())
            scale = min(self.width() / natural.width(), self.height() / natural.height(), LARGEST)
            size = natural * scale
            x, y = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
            self.renderer.render(painter, QtCore.QRectF(x, y, size.width(), size.height()))
        painter.end()
