"""`Plot`: a pair of axes in the look of the house, and what is drawn on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.gui.qt import QtCore, QtGui, pyqtgraph

COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#e377c2", "#8c564b", "#bcbd22", "#7f7f7f")
"""Of the neurons that are chosen, in their order; those of Matplotlib, as in `fusion.plot`."""
INK, PAPER, FAINT = "#202020", "#ffffff", "#9a9a9a"
MANY = 10_000  # points from which on a curve is thinned out
TICKS = 8  # points, the size of the numbers at the axes
SIGNED = "signed"
ABREAST = 6  # names in a row of a legend
LEAST = 0.5  # where counts begin on a logarithmic axis, so that one is seen and none is not
LABEL = {"color": INK, "font-size": "8pt"}
RIGHT = 72  # pixels for those at a colour bar
LEFT = 66  # pixels for the numbers and the label at the left, the same for all so that plots stand in line


def colour(i: int) -> str:
    """The colour of the i-th curve."""
    return COLOURS[i % len(COLOURS)]


class Plot:
    """Axes with labels; ``widget`` is PyQtGraph's.

    Parameters
    ----------
    x, y : str
        Labels with units, such as "time (ms)".
    title : str
        " " leaves room for one that comes later.
    item : PlotItem
        Axes of PyQtGraph's to take, in place of its own.
    """

    def __init__(self, x: str = "", y: str = "", title: str = "", item: Any = None) -> None:
        self.widget = pyqtgraph.PlotWidget(background=PAPER, plotItem=item)
        self.item = self.widget.getPlotItem()
        for side in ("left", "bottom"):
            _style(self.item.getAxis(side))
        self.item.getAxis("left").setWidth(LEFT)
        # Half of the uppermost and of the last number stands beyond the axes.
        self.item.layout.setContentsMargins(2, 8, 14, 2)
        self.item.setMenuEnabled(True)
        self.label(x=x, y=y, title=title)
        self._counts: list[Curve] = []
        self._is_log_x = False

    def label(self, x: str | None = None, y: str | None = None, title: str | None = None) -> None:
        """Change labels."""
        if x is not None:
            self.item.setLabel("bottom", x, **LABEL)
        if y is not None:
            self.item.setLabel("left", y, **LABEL)
        if title:
            self.item.setTitle(title, color=INK, size="10pt")

    def as_grid(self) -> None:
        """Squares are square, the first row stands at the top, and there are no axes."""
        view = self.item.getViewBox()
        view.setAspectLocked(True)
        view.invertY(True)
        for side in ("left", "bottom"):
            self.item.hideAxis(side)
        self.item.hideButtons()

    def clear(self) -> None:
        """Take away all that is drawn."""
        self.item.clear()
        self._counts = []
        if self.item.legend is not None:
            self.item.legend.clear()

    def curve(
        self, name: str = "", colour: str = COLOURS[0], width: float = 1.0, steps: bool = False,
        filled: bool = True,
    ) -> Curve:  # fmt: skip
        """A line; `steps` for counts in bins, whose x are the edges, and which are `filled` down to none."""
        if name:
            self.legend()
        drawn = self.item.plot(
            pen=pyqtgraph.mkPen(colour, width=width), name=name or None, stepMode="center" if steps else None,
            fillLevel=0.0 if steps else None, brush=_pale(colour) if steps and filled else None,
        )  # fmt: skip
        made = Curve(drawn, steps)
        if steps:
            self._counts.append(made)
        return made

    def legend(self) -> None:
        """Name the curves to come above the axes, in place of the axis at the top, where it hides nothing."""
        if self.item.legend is not None:
            return
        legend = pyqtgraph.LegendItem(
            labelTextColor=INK, labelTextSize=f"{TICKS}pt", colCount=ABREAST, horSpacing=12, verSpacing=-4
        )
        self.item.layout.removeItem(self.item.getAxis("top"))
        self.item.layout.addItem(legend, 1, 1)
        self.item.layout.setAlignment(legend, QtCore.Qt.AlignmentFlag.AlignRight)
        self.item.legend = legend

    def points(self, colour: str = COLOURS[0], size: float = 3.0) -> Points:
        """Dots; slow to draw beyond some thousands."""
        drawn = pyqtgraph.ScatterPlotItem(size=size, pen=None, brush=pyqtgraph.mkBrush(colour))
        self.item.addItem(drawn)
        return Points(drawn)

    def image(self, colours: str = "viridis", label: str = "", bar: bool = True) -> Image:
        """A matrix as colours, `label` at its colour bar.

        colours : `SIGNED`, white at zero; "ink", black on white; or a colour map of PyQtGraph's
        """
        drawn = pyqtgraph.ImageItem(axisOrder="row-major")
        drawn.setZValue(-10)  # lines are drawn over it
        self.item.addItem(drawn)
        self.item.getViewBox().setDefaultPadding(0.0)
        shades = _shades(colours)
        drawn.setColorMap(shades)
        if colours == SIGNED:
            drawn.setBorder(FAINT)  # what is white would have no edge
        beside = None
        if bar:
            beside = _bar(shades, label)
            beside.setImageItem(drawn, insert_in=self.item)
        return Image(drawn, beside, is_signed=colours == SIGNED)

    def band(self, low: float, high: float, colour: str, name: str = "") -> Any:
        """A shaded interval of x, with its name at the top."""
        low, high = np.log10((low, high)) if self._is_log_x else (low, high)
        shade = pyqtgraph.LinearRegionItem((low, high), brush=_pale(colour), pen=None, movable=False)
        shade.setZValue(-20)
        for edge in shade.lines:
            edge.setPen(None)
        self.item.addItem(shade)
        middle = self.line((low + high) / 2.0, upright=True, name=name)
        middle.setPen(None)
        middle.label.setColor(colour)
        middle.label.setFont(_font())
        middle.label.orthoPos = 0.96
        middle.label.anchors = [(0.5, 0.5), (0.5, 0.5)]  # in the middle, on whichever side of the plot
        middle.label.updatePosition()
        return shade

    def logarithmic(self, *, x: bool = False, y: bool = False) -> None:
        """Which axes are logarithmic; steps that are set from now on begin at 1/2 or below what there is."""
        self.item.setLogMode(x=x, y=y)
        self._is_log_x = x
        for curve in self._counts:
            curve.on_logarithmic(y)

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height of what is between the axes."""
        area = self.item.getViewBox().screenGeometry()
        return max(area.width(), 1), max(area.height(), 1)

    def line(self, at: float, colour: str = FAINT, *, upright: bool = False, name: str = "") -> Any:
        """A dashed line at a value."""
        pen = pyqtgraph.mkPen(colour, style=QtCore.Qt.PenStyle.DashLine)
        drawn = pyqtgraph.InfiniteLine(pos=at, angle=90 if upright else 0, pen=pen, label=name or None)
        self.item.addItem(drawn)
        return drawn


class Bar:
    """A colour bar for several images, beside them; arguments as of `Plot.image`."""

    def __init__(self, colours: str, label: str) -> None:
        self.widget = pyqtgraph.GraphicsLayoutWidget()
        self.widget.setBackground(PAPER)
        self.widget.setFixedWidth(RIGHT + 40)
        self.drawn = _bar(_shades(colours), label)
        self.widget.addItem(self.drawn)

    def set(self, low: float, high: float) -> None:
        """What the ends of the colours stand for."""
        self.drawn.setLevels((low, high))


class Curve:
    """A line on a plot."""

    def __init__(self, drawn: Any, steps: bool) -> None:
        self.drawn, self._steps, self._is_log = drawn, steps, False

    def set(self, x: ArrayLike, y: ArrayLike) -> None:
        """New points: x (n,), y (n,); edges (n + 1,) where it has steps. Values that are not finite leave gaps."""
        x, y = np.asarray(x, float), np.asarray(y, float)
        if self._steps:
            floor = min(LEAST, float(y[y > 0].min(initial=1.0)) / 2.0) if self._is_log else 0.0
            self.drawn.setFillLevel(np.log10(floor) if floor else 0.0)
            self.drawn.setData(x, np.maximum(y, floor))
        else:
            self.drawn.setDownsampling(auto=len(x) > MANY, method="peak")
            self.drawn.setData(x, y, connect="finite")

    def on_logarithmic(self, on: bool) -> None:
        """Whether its axis is logarithmic, on which there is no 0 for steps to begin at."""
        self._is_log = on


class Points:
    """Dots on a plot."""

    def __init__(self, drawn: Any) -> None:
        self.drawn = drawn

    def set(self, x: ArrayLike, y: ArrayLike) -> None:
        """New dots: x (n,), y (n,)."""
        self.drawn.setData(np.asarray(x, float), np.asarray(y, float))


class Image:
    """A matrix on a plot, with its colour bar."""

    def __init__(self, drawn: Any, bar: Any, is_signed: bool) -> None:
        self.drawn, self.bar, self._is_signed = drawn, bar, is_signed

    def set(
        self, values: ArrayLike, rect: Sequence[float] | None = None, levels: tuple[float, float] | None = None
    ) -> None:
        """New values (y, x); `rect` is where: x, y, width, height; `levels` what the ends of the colours stand for."""
        values = np.asarray(values)
        if values.dtype == bool:
            values = values.view(np.uint8)
        low, high = levels_of(values, self._is_signed) if levels is None else levels
        self.drawn.setImage(values, autoLevels=False, levels=(low, high))
        self.drawn.setRect(QtCore.QRectF(*(rect or (-0.5, -0.5, values.shape[1], values.shape[0]))))
        if self.bar is not None:
            self.bar.setLevels((low, high))

    def cell(self, point: Any) -> tuple[int, int] | None:
        """(row, column) under a point of the scene, or None beside the matrix."""
        at = self.drawn.mapFromScene(point)
        row, column = int(np.floor(at.y())), int(np.floor(at.x()))
        shape = (0, 0) if self.drawn.image is None else self.drawn.image.shape
        return (row, column) if 0 <= row < shape[0] and 0 <= column < shape[1] else None


def limits(values: NDArray[Any]) -> tuple[float, float]:
    """The least and the most of what is finite; some room around a single value, 0 and 1 if there is none."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def levels_of(values: NDArray[Any], is_signed: bool) -> tuple[float, float]:
    """What the ends of the colours stand for; with 0 in the middle if values have signs."""
    if not is_signed:
        return limits(values)
    most = float(np.abs(values[np.isfinite(values)]).max(initial=0.0)) or 1.0
    return -most, most


def _shades(colours: str) -> Any:
    if colours == SIGNED:
        return pyqtgraph.ColorMap([0.0, 0.5, 1.0], [(33, 102, 172), (255, 255, 255), (178, 24, 43)])
    if colours == "ink":
        return pyqtgraph.ColorMap([0.0, 1.0], [(255, 255, 255), (20, 20, 20)])
    return pyqtgraph.colormap.get(colours)


def _font() -> Any:
    font = QtGui.QFont()
    font.setPointSize(TICKS)
    return font


def _style(axis: Any) -> None:
    axis.enableAutoSIPrefix(False)  # the unit stands in the label
    axis.setPen(FAINT)
    axis.setTextPen(INK)
    axis.setStyle(tickFont=_font())


def _bar(shades: Any, label: str) -> Any:
    bar = pyqtgraph.ColorBarItem(colorMap=shades, interactive=False, width=12)
    _style(bar.axis)
    bar.axis.setLabel(label, **LABEL)
    bar.axis.setWidth(RIGHT)
    return bar


def _pale(name: str) -> Any:
    shade = QtGui.QColor(name)
    shade.setAlpha(60)
    return pyqtgraph.mkBrush(shade)
