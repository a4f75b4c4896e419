"""`Intervals`: how long neurons wait between spikes, how regular they are, and how often they fire."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fusion.analysis.isi import Intervals as Found
from fusion.analysis.isi import cv, intervals
from fusion.gui.plots import INK, Curve, Plot, colour
from fusion.gui.population import NO_SPIKES, fires, lacking
from fusion.gui.tab import Tab

LASTING = 10_000  # iterations that are looked at
BINS = 50


class Intervals(Tab):
    """Intervals between the spikes of the group and of the chosen neurons, and what rates and regularity neurons have.

    CV is the standard deviation of intervals over their mean: 0 for a clock, 1 for a Poisson process.
    """

    title = "intervals"

    def build(self) -> None:
        """A histogram of intervals above, those over neurons below."""
        self._bins, self._has_spikes = BINS, False
        with self.row():
            self.number("bins", self._bins, 2, 1000, self._divide)
            self.check("logarithmic shares", False, lambda on: self._plot.logarithmic(y=on))
            self.fill()
        self._plot = self.plot(x="interval (ms)", y="intervals (%)", stretch=3)
        self._facts = self.text()
        with self.row(2):
            self._rates = self.plot(x="mean rate (Hz)", y="neurons")
            self._cvs = self.plot(x="CV of the intervals", y="neurons")
        self._rate, self._cv = (plot.curve(steps=True) for plot in (self._rates, self._cvs))
        self._group: Curve | None = None
        self._single: list[Curve] = []

    def selected(self) -> None:
        """Record this group; each neuron that is chosen has a line."""
        group = self.selection.group
        self.forget()
        self._plot.clear()
        self._has_spikes = fires(group)
        self._facts.setVisible(self._has_spikes)
        self.say("" if self._has_spikes else lacking(group, NO_SPIKES))
        self._group = self._plot.curve(colour=INK, steps=True)
        self._single = [
            self._plot.curve(colour=colour(i), steps=True, filled=False) for i in range(len(self.selection.neurons))
        ]
        if self._has_spikes:
            self._events = self.record_events(group, "spike", last=LASTING)

    def update(self) -> None:
        """The last ten thousand iterations."""
        if self._has_spikes:
            self.seldom(self._show)

    def _show(self) -> None:
        trains = self.trains(self._events)
        found = Found(intervals(trains.t, trains.i, trains.size))
        pooled, span = found.pooled, trains.stop - trains.start
        self.say("" if len(pooled) else "No neuron has fired twice since this tab is seen.")
        self._show_intervals(found, pooled)
        if span > 0.0:
            self._count(self._rates, self._rate, np.bincount(trains.i, minlength=trains.size) / (span / 1000.0))
        regularity = found.cv
        self._count(self._cvs, self._cv, regularity[np.isfinite(regularity)])
        facts = [f"{len(pooled)} intervals", _told(f"all of {self.selection.group.tag}", INK, pooled)]
        for i, neuron in enumerate(self.selection.neurons):
            facts.append(_told(f"{neuron}", colour(i), found.each[neuron]))
        self._facts.setText(";&nbsp; ".join(facts))

    def _show_intervals(self, found: Found, pooled: NDArray[np.float64]) -> None:
        assert self._group is not None
        curves = [self._group, *self._single]
        edges = np.linspace(0.0, float(pooled.max(initial=0.0)) or 1.0, self._bins + 1)
        shown = [pooled, *(found.each[neuron] for neuron in self.selection.neurons)]
        for curve, values in zip(curves, shown, strict=True):
            curve.set(edges, np.histogram(values, edges)[0] * (100.0 / max(len(values), 1)))

    def _count(self, plot: Plot, curve: Curve, values: NDArray[np.float64]) -> None:
        curve.drawn.setVisible(len(values) > 0)
        plot.label(title=f"mean {values.mean():.3g}" if len(values) else " ")
        if len(values):
            edges = np.linspace(0.0, float(values.max()) or 1.0, min(self._bins, BINS) + 1)
            curve.set(edges, np.histogram(values, edges)[0])

    def _divide(self, bins: int) -> None:
        self._bins = bins


def _told(who: str, shade: str, values: NDArray[np.float64]) -> str:
    parts = [f"mean {values.mean():.4g} ms"] if len(values) else ["none"]
    if len(values) > 1:
        parts.append(f"CV {cv(values):.2f}")
    return f'<span style="color: {shade}">{who}: {", ".join(parts)}</span>'
