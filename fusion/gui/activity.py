"""`Activity`: one picture per group, a square per neuron, to see who fires and to choose neurons."""

from __future__ import annotations

import logging
import traceback
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.core.neurons import NeuronGroup
from fusion.gui.plots import Plot, colour, limits
from fusion.gui.population import quantities, shape_of
from fusion.gui.qt import QtCore, QtWidgets, pyqtgraph
from fusion.gui.selection import Selection
from fusion.gui.watch import Watch
from fusion.recording.recorder import EventRecorder

LAST = 100  # iterations whose spikes are counted
SPIKES = "spikes"
SIDE = 190  # pixels


class Activity:
    """A group as a grid, in the shape that it has in space, or as square as can be.

    The colour is the rate of the last iterations, or a variable of the user's choice as it is now.
    """

    def __init__(self, group: NeuronGroup, selection: Selection) -> None:
        self.group, self._selection = group, selection
        self._width, self._height = shape_of(group)
        self._watch = Watch()
        self._events: EventRecorder | None = None
        self.box = QtWidgets.QGroupBox(f"{group.tag}  ({group.size})")
        self.error: Exception | None = None
        """What went wrong in it; it is not drawn any more."""
        layout = QtWidgets.QVBoxLayout(self.box)
        layout.setContentsMargins(4, 4, 4, 4)
        self._shown = QtWidgets.QComboBox()
        self._shown.addItems(quantities(group, SPIKES))
        # Long names are cut, in place of a column that is wider than its place.
        self._shown.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Fixed)
        self._shown.currentTextChanged.connect(self._change)
        layout.addWidget(self._shown)
        plot = self._axes()
        layout.addWidget(plot.widget)
        self.image = plot.image("inferno", bar=False)
        self._rings = pyqtgraph.ScatterPlotItem(symbol="s", pxMode=False, size=1.0, brush=None)
        plot.item.addItem(self._rings)
        plot.widget.scene().sigMouseClicked.connect(self._clicked)
        selection.changed.connect(self._mark)
        self._mark()
        self._change(self._shown.currentText())

    def draw(self) -> None:
        """What is there now; an error ends this picture, and says so below it."""
        if self.error is not None:
            return
        try:
            self._watch.open()
            self._draw()
        except Exception as error:
            self.error = error
            self._watch.close()
            self._shown.setEnabled(False)
            self.box.setTitle(f"{self.group.tag}: stopped")
            self.box.setToolTip("".join(traceback.format_exception(error)))
            logging.getLogger("fusion").error("The picture of %r stopped.", self.group.tag, exc_info=error)

    def rest(self) -> None:
        """Count no spikes until it is drawn again."""
        self._watch.close()

    def neuron_at(self, row: int, column: int) -> int | None:
        """The neuron of a square."""
        neuron = row * self._width + column
        return neuron if neuron < self.group.size else None

    def _values(self) -> NDArray[np.float64]:
        if self._events is not None:
            fired = self._events["spike.i", 0]
            return np.bincount(fired, minlength=self.group.size).astype(float)
        name = self._shown.currentText()
        if not name:
            return np.zeros(self.group.size)
        return np.asarray(self.group.read(name), float)

    def _draw(self) -> None:
        values = self._values()
        cells = np.full(self._width * self._height, np.nan)
        cells[: self.group.size] = values
        levels = limits(values) if self._events is None else (0.0, float(values.max()) or 1.0)
        self.image.set(cells.reshape(self._height, self._width), levels=levels)

    def _change(self, name: str) -> None:
        self._watch.forget()
        self._events = None
        if name == SPIKES:
            self._events = EventRecorder("spike", last=LAST)
            self._watch.add(self.group, self._events)
        what = f"spikes in the last {LAST} iterations" if name == SPIKES else name
        self.box.setToolTip(f"{self.group!r}\n\n{what}; click to choose a neuron, Ctrl-click for more")
        if self.box.isVisible():
            self.draw()

    def _axes(self) -> Plot:
        plot = Plot()
        plot.as_grid()
        plot.item.getViewBox().setMouseEnabled(False, False)
        plot.item.layout.setContentsMargins(0, 0, 0, 0)
        plot.widget.setFixedSize(SIDE, max(60, min(SIDE, round(SIDE * self._height / self._width))))
        return plot

    def _clicked(self, event: Any) -> None:
        cell = self.image.cell(event.scenePos())
        neuron = None if cell is None else self.neuron_at(*cell)
        if neuron is None:
            return
        if event.modifiers() & QtCore.Qt.KeyboardModifier.ControlModifier:
            self._selection.toggle(self.group, neuron)
        else:
            self._selection.choose(self.group, [neuron])

    def _mark(self) -> None:
        chosen = self._selection.neurons if self._selection.group is self.group else ()
        self._rings.setData(
            x=[neuron % self._width for neuron in chosen],
            y=[neuron // self._width for neuron in chosen],
            pen=[pyqtgraph.mkPen(colour(i), width=2) for i in range(len(chosen))],
        )
