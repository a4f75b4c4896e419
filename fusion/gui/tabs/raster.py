"""`Raster`: who fired when."""

from __future__ import annotations

import numpy as np

from fusion.analysis.recorded import Trains
from fusion.gui.plots import colour
from fusion.gui.population import NO_SPIKES, fires, lacking
from fusion.gui.signal import about
from fusion.gui.tab import LAST, Tab

BIN = 1.0  # ms, in which spikes are counted for the rate
BLACK = 3  # spikes; so that one is still seen beside squares with many
FEWEST = 100  # squares of the image in each direction, where there are so many neurons or iterations


class Raster(Tab):
    """The spikes of the last thousand iterations, a row for each neuron, and the mean rate.

    Of more neurons or iterations than the screen has room for, several share a square, which is darker the more
    of them fired.
    """

    title = "raster"

    def build(self) -> None:
        """An image of spikes, and the rate below it."""
        self._plot = self.plot(y="neuron", stretch=3)
        self._image = self._plot.image("ink", bar=False)
        self._rate = self.plot(x="time (ms)", y="rate (Hz)")
        self._rate.item.setXLink(self._plot.item)
        self._curve = self._rate.curve(colour=colour(0))
        self._lines: list[object] = []

    def selected(self) -> None:
        """Record this group; the neurons that are chosen have a line."""
        group = self.selection.group
        self.forget()
        for line in self._lines:
            self._plot.item.removeItem(line)
        self._lines = []
        self._has_spikes = fires(group)
        self._image.drawn.setVisible(self._has_spikes)
        self._curve.drawn.setVisible(self._has_spikes)
        self.say("" if self._has_spikes else lacking(group, NO_SPIKES))
        if self._has_spikes:
            self._events = self.record_events(group, "spike", last=LAST)
            self._plot.label(y=f"neuron of {group.tag}")
            self._plot.item.setYRange(-0.5, group.size - 0.5, padding=0.0)
            for i, neuron in enumerate(self.selection.neurons):
                self._lines.append(self._plot.line(float(neuron), colour(i)))

    def update(self) -> None:
        """The iterations up to now."""
        if not self._has_spikes:
            return
        trains = self.trains(self._events)
        self._show_spikes(trains)
        width = float(self.network.clock.ms(about(BIN, self.network.dt)))
        if trains.stop - trains.start >= width:
            self._curve.set(trains.edges(width)[1:], trains.rate(width))

    def _show_spikes(self, trains: Trains) -> None:
        dt = self.network.dt
        iterations = max(round((trains.stop - trains.start) / dt), 1)
        across, down = self._plot.pixels
        wide, tall = -(-iterations // max(across, FEWEST)), -(-trains.size // max(down, FEWEST))
        rows, columns = -(-trains.size // tall), -(-iterations // wide)
        # A spike at tick k belongs to the iteration that ends there.
        at = (np.rint((trains.t - trains.start) / dt).astype(np.int64) - 1) // wide
        counts = np.bincount(trains.i // tall * columns + at, minlength=rows * columns).reshape(rows, columns)
        fired = np.minimum(counts, BLACK).astype(np.uint8)
        rect = (trains.start, -0.5, columns * wide * dt, rows * tall)
        self._image.set(fired, rect, levels=(0.0, float(max(fired.max(), 1))))
