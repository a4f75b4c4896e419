"""`Distribution`: how weights, or a variable of the neurons, are spread now."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fusion.analysis.weights import each_synapse
from fusion.gui.matrices import Matrix, matrices
from fusion.gui.plots import INK
from fusion.gui.population import vectors
from fusion.gui.tab import Tab, checked_names
from fusion.plot.axes import labelled

BINS = 50


class Distribution(Tab):
    """A histogram of the weights of a synapse group at either side of the group, or of a variable of its neurons.

    weights : names of the synapses' variables
    """

    title = "distribution"

    def __init__(self, weights: Sequence[str] = ("W",), title: str | None = None) -> None:
        super().__init__(title)
        self.weights = checked_names(weights, "weights")
        self._matrices: dict[str, Matrix] = {}
        self._bins, self._is_logarithmic = BINS, False

    def build(self) -> None:
        """Boxes to choose, and the histogram with its mean."""
        with self.row():
            self._which = self.choice("of", (), lambda _: self.again())
            self.number("bins", self._bins, 2, 1000, self._divide)
            self.check("logarithmic counts", self._is_logarithmic, self._change_scale)
            self.fill()
        self._plot = self.plot(title=" ")
        self._curve = self._plot.curve(steps=True)
        self._mean = self._plot.line(0.0, INK, upright=True)

    def selected(self) -> None:
        """What there is to see of this group."""
        group = self.selection.group
        self._matrices = matrices((*group.afferent, *group.efferent), self.weights)
        name = self.offer(self._which, [*self._matrices, *vectors(group)])
        matrix = self._matrices.get(name)
        label = matrix.label if matrix else labelled(group, name) if name else ""
        self._plot.label(x=f"{label}, {name}" if matrix else label, y="synapses" if matrix else "neurons")
        unit = label.partition(" (")[2].rstrip(")")
        self._unit = f" {unit}" if unit else ""

    def update(self) -> None:
        """The values as they are now."""
        if not self._which.count():
            self.selected()  # a behaviour may have made some by now
        self.seldom(self._show)

    def _show(self) -> None:
        values = self._values()
        finite = values[np.isfinite(values)]
        self._curve.drawn.setVisible(len(finite) > 0)
        self._mean.setVisible(len(finite) > 0)
        self.say(self._lacking(len(values), len(finite)))
        if not len(finite):
            return
        counts, edges = np.histogram(finite, self._bins)
        self._curve.set(edges, counts)
        mean, spread = float(finite.mean()), float(finite.std())
        self._mean.setPos(mean)
        self._plot.label(title=f"mean {mean:.4g}{self._unit}, standard deviation {spread:.4g}{self._unit}")

    def _values(self) -> NDArray[np.float64]:
        name = self._which.currentText()
        if name in self._matrices:
            return np.asarray(each_synapse(*self._matrices[name]), float)
        return np.asarray(self.selection.group.read(name), float) if name else np.empty(0)

    def _lacking(self, n: int, finite: int) -> str:
        if not self._which.currentText():
            return f"{self.selection.group.tag!r} has neither variables of its neurons nor weights."
        if not n:
            return "There is no synapse: all weights are 0."
        return f"{n - finite} of {n} values are not finite, and left out." if finite < n else ""

    def _divide(self, bins: int) -> None:
        self._bins = bins

    def _change_scale(self, on: bool) -> None:
        self._is_logarithmic = on
        self._plot.logarithmic(y=on)
