"""`Raster`: who fired when."""

from __future__ import annotations

import numpy as np

from fusion.gui.activity import fires
from fusion.gui.plots import colour
from fusion.gui.tab import LAST, Tab


class Raster(Tab):
    """The spikes of the last thousand iterations, a row for each neuron, and how many fired in each iteration."""

    title = "raster"

    def build(self) -> None:
        """An image of spikes, and the rate below it."""
        self._plot = self.plot(x="time (ms)", y="neuron", stretch=3)
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
        self.say("" if self._has_spikes else f"{group.tag!r} fires no spikes.")
        if self._has_spikes:
            self._events = self.record_events(group, "spike")
            self._plot.label(y=f"neuron of {group.tag}")
            self._plot.item.setYRange(-0.5, group.size - 0.5, padding=0.0)
            for i, neuron in enumerate(self.selection.neurons):
                self._lines.append(self._plot.line(float(neuron), colour(i)))

    def update(self) -> None:
        """The iterations up to now."""
        if not self._has_spikes:
            return
        group, network = self.selection.group, self.network
        events = self._events["spike", 0]
        first = max(network.iteration - LAST, self.since)
        fired = np.zeros((group.size, max(network.iteration - first, 1)), np.uint8)
        fired[events[:, 1], events[:, 0] - first - 1] = 1
        t0, dt = first * network.dt, network.dt
        self._image.set(fired, (t0 + dt / 2, -0.5, fired.shape[1] * dt, group.size), levels=(0.0, 1.0))
        t = t0 + dt * np.arange(1, fired.shape[1] + 1)
        self._curve.set(t, fired.sum(axis=0) / (group.size * dt / 1000.0))
