"""`FigureView`: a picture of Matplotlib's on a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fusion.gui.qt import QtCore, QtGui, QtWidgets

INCHES, DPI = (6.0, 4.2), 160


class FigureView(QtWidgets.QWidget):
    """Draws once, and shows that as large as there is room."""

    def __init__(self) -> None:
        super().__init__()
        self.image: Any = None
        """What is shown, a QImage; None if nothing is."""
        self.setMinimumSize(220, 160)

    def clear(self) -> None:
        """Show nothing."""
        self.image = None
        self.update()

    def draw(self, picture: Callable[[Any], object]) -> None:
        """Show what `picture` draws on the axes that it is given; raises what it does, and shows nothing then.

        Raises
        ------
        ImportError
            If there is no Matplotlib.
        """
        self.clear()
        try:
            from matplotlib.backends.backend_agg import FigureCanvasAgg
            from matplotlib.figure import Figure
        except ImportError as error:
            raise ImportError("Pictures of results need Matplotlib: pip install 'fusion-sim[plot]'.") from error
        figure = Figure(figsize=INCHES, dpi=DPI, layout="constrained")
        canvas: Any = FigureCanvasAgg(figure)  # its types are not all there
        picture(figure.add_subplot())
        canvas.draw()
        pixels = bytes(canvas.buffer_rgba())
        width, height = canvas.get_width_height()
        # A copy, for Qt does not keep the bytes.
        self.image = QtGui.QImage(pixels, width, height, QtGui.QImage.Format.Format_RGBA8888).copy()
        self.update()

    def paintEvent(self, event: Any) -> None:
        """Draw, with width and height in proportion."""
        if self.image is None:
            return
        size = self.image.size().scaled(self.size(), QtCore.Qt.AspectRatioMode.KeepAspectRatio)
        x, y = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QtCore.QRect(QtCore.QPoint(x, y), size), self.image)
        painter.end()
