"""`Weights`: the matrices of the synapses of a group, and those of single neurons as the other group sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from fusion.analysis.recorded import whole
from fusion.analysis.weights import Overview, afferent_weights, efferent_weights, matrix_of, overview
from fusion.core.synapses import SynapseGroup
from fusion.gui.matrices import Matrix, matrices
from fusion.gui.plots import SIGNED, Bar, Image, levels_of
from fusion.gui.population import shape_of, square
from fusion.gui.tab import Tab, checked_names

ALL = "all weights of the group"
AFFERENT = "weights onto the chosen neurons"
EFFERENT = "weights from the chosen neurons"
ROW = 4  # pictures side by side


class Weights(Tab):
    """The weights of the group that is chosen as a matrix, or those of the chosen neurons, each a picture.

    A large matrix is seen from afar: a square of the picture is the mean of many pairs of neurons.

    variables : names of the synapses' variables
    """

    title = "weights"

    def __init__(self, variables: Sequence[str] = ("W",), title: str | None = None) -> None:
        super().__init__(title)
        self.variables = checked_names(variables, "variables")
        self._found: dict[str, Matrix] = {}
        self._matrix: Matrix | None = None
        self._images: list[Image] = []

    def build(self) -> None:
        """Two boxes to choose; pictures come with the synapses."""
        with self.row():
            self._way = self.choice("show", (ALL, AFFERENT, EFFERENT), lambda _: self.again())
            self._which = self.choice("", (), lambda _: self.again())
            self.fill()
        self._area = self.area()

    def selected(self) -> None:
        """The synapses of this group, and room for what is to be seen of them."""
        group, way = self.selection.group, self._way.currentText()
        self._found = self._find()
        taken = self.offer(self._which, list(self._found))
        self._matrix = self._found.get(taken)
        self._images = []
        with self.refill(self._area):
            if self._matrix is not None and way == ALL:
                self._images = [self._whole_picture(self._matrix)]
            elif self._matrix is not None:
                self._images = self._pictures(self._matrix)
        self.say("" if self._found else f"{group.tag!r} has no synapses with {' or '.join(self.variables)} here.")

    def update(self) -> None:
        """The weights as they are now."""
        if self._find().keys() != self._found.keys():
            self.selected()  # a behaviour has made them by now
        if self._matrix is not None:
            self.seldom(self._show_all if self._way.currentText() == ALL else self._show_neurons)

    def _find(self) -> dict[str, Matrix]:
        group = self.selection.group
        ends: dict[str, Iterable[SynapseGroup]] = {
            ALL: (*group.afferent, *group.efferent), AFFERENT: group.afferent, EFFERENT: group.efferent
        }  # fmt: skip
        return matrices(ends[self._way.currentText()], self.variables)

    def _whole_picture(self, matrix: Matrix) -> Image:
        synapses = matrix.synapses
        plot = self.plot(x=f"source, neuron of {synapses.source.tag}", y=f"target, neuron of {synapses.target.tag}")
        return plot.image(_colours(self._seen().values), label=matrix.label)

    def _pictures(self, matrix: Matrix) -> list[Image]:
        neurons = self.selection.neurons
        colours = _colours(self._seen().values)
        images = []
        with self.row(1):
            with self.column(1):
                for first in range(0, len(neurons), ROW):
                    with self.row(1):
                        for neuron in neurons[first : first + ROW]:
                            plot = self.plot(title=f"neuron {neuron}")
                            plot.as_grid()
                            images.append(plot.image(colours, bar=False))
                            plot.item.getViewBox().setDefaultPadding(0.01)  # for its frame
            self._bar = Bar(colours, matrix.label)
            self.place(self._bar.widget)
        return images

    def _seen(self) -> Overview:
        assert self._matrix is not None
        return overview(matrix_of(*self._matrix))

    def _show_all(self) -> None:
        assert self._matrix is not None
        values, tall, wide, every = self._seen()
        self._images[0].set(values, (-0.5, -0.5, values.shape[1] * wide, values.shape[0] * tall))
        parts = []
        if tall * wide > every:
            parts.append(f"Each square is the mean of {tall} x {wide // every} pairs, 0 where there is no synapse.")
        if every > 1:
            parts.append(f"Of {every} source neurons one is looked at.")
        self.say(" ".join(parts))

    def _show_neurons(self) -> None:
        assert self._matrix is not None
        synapses, matrix = self._matrix.synapses, matrix_of(*self._matrix)
        is_afferent = self._way.currentText() == AFFERENT
        weigh: Callable[..., NDArray[np.float64] | None] = afferent_weights if is_afferent else efferent_weights
        found = [weigh(synapses, matrix, neuron) for neuron in self.selection.neurons]
        other = whole(synapses.source if is_afferent else synapses.target)
        there = [values for values in found if values is not None]
        numbers = np.concatenate([np.zeros(1), *there])
        levels = levels_of(numbers, _colours(numbers) == SIGNED)  # the same for all pictures
        self._bar.set(*levels)
        for image, values in zip(self._images, found, strict=True):
            size = other.size if values is None else len(values)
            columns, rows = shape_of(other) if size == other.size else square(size)
            cells = np.full(columns * rows, np.nan)
            cells[:size] = np.nan if values is None else values
            image.set(cells.reshape(rows, columns), levels=levels)
        lacking = [str(neuron) for neuron, values in zip(self.selection.neurons, found, strict=True) if values is None]
        self.say(f"Neuron {', '.join(lacking)} has none of these synapses." if lacking else "")


def _colours(values: NDArray[np.float64]) -> str:
    return SIGNED if (values < 0).any() else "viridis"
