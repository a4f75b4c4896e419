"""`Spectrum`: in which rhythms a group is active."""

from __future__ import annotations

import numpy as np

from fusion.analysis.spectrum import PowerSpectrum, power_spectrum
from fusion.gui.plots import INK, colour
from fusion.gui.population import NO_SPIKES, NO_VARIABLES, lacking, quantities
from fusion.gui.signal import RATE, Signal, about
from fusion.gui.tab import Tab

BANDS = {"delta": (0.5, 4.0), "theta": (4.0, 8.0), "alpha": (8.0, 13.0), "beta": (13.0, 30.0), "gamma": (30.0, 100.0)}
"""Hz."""
MARKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200)
HIGHEST = 200.0  # Hz
SAMPLE = 1.0  # ms, which reaches to 500 Hz
LASTING = 10_000.0  # ms that are looked at
SEGMENT = 1000  # ms


class Spectrum(Tab):
    """The power spectrum of the rate of the group, or of the mean of a variable, over the last ten seconds.

    Segments of a second tell frequencies one Hz apart; longer ones tell finer, and are less smooth.
    """

    title = "spectrum"

    def build(self) -> None:
        """Boxes to choose, and the spectrum over its bands."""
        self._segment = SEGMENT
        self._signal: Signal | None = None
        with self.row():
            self._which = self.choice("of", (), lambda _: self.again())
            self.number("segments (ms)", self._segment, 10, int(LASTING), self._cut)
            self.check("logarithmic power", False, lambda on: self._plot.logarithmic(x=True, y=on))
            self.fill()
        self._plot = self.plot(x="frequency (Hz)", title=" ")
        self._plot.logarithmic(x=True)
        self._plot.item.getAxis("bottom").setTicks([[(np.log10(hertz), f"{hertz:g}") for hertz in MARKS]])
        for i, (name, (low, high)) in enumerate(BANDS.items()):
            self._plot.band(low, high, colour(i), name)
        self._curve = self._plot.curve(colour=INK)

    def selected(self) -> None:
        """Record this group."""
        group = self.selection.group
        self.forget()
        taken = self.offer(self._which, quantities(group, RATE))
        step = about(SAMPLE, self.network.dt)
        self._dt = step * self.network.dt
        self._signal = Signal(self, group, taken, about(LASTING, self._dt), step) if taken else None
        if self._signal is None:
            self.say(lacking(group, NO_SPIKES, NO_VARIABLES))
            return
        unit = self._signal.unit
        self._plot.label(y=f"power of the {self._signal.name} ({_squared(unit) if unit else '1'}/Hz)")

    def update(self) -> None:
        """The spectrum up to now."""
        if self._signal is not None:
            self.seldom(self._show)

    def _show(self) -> None:
        assert self._signal is not None
        _, values = self._signal.values()
        recorded = len(values) * self._dt
        self._curve.drawn.setVisible(len(values) > 1)
        if len(values) < 2 or not np.isfinite(values).all():
            self.say(
                "A spectrum needs some time: let the network run." if len(values) < 2 else "A value is not finite."
            )
            return
        found = PowerSpectrum(*power_spectrum(values, self._dt, float(self._segment)))
        shown = (found.frequencies > 0.0) & (found.frequencies <= HIGHEST)
        self._curve.set(found.frequencies[shown], found.power[shown])
        self._plot.item.setXRange(*np.log10((found.frequencies[1], min(HIGHEST, found.frequencies[-1]))), padding=0.0)
        self._plot.label(title=_shares(found) or " ")
        self.say("" if recorded >= self._segment else f"Only {recorded:g} ms are recorded by now, less than a segment.")

    def _cut(self, ms: int) -> None:
        self._segment = ms


def _shares(found: PowerSpectrum) -> str:
    """How the power is spread over the bands, as "delta 10 %, theta 60 %"."""
    total = float(found.power[1:].sum()) * (found.frequencies[1] - found.frequencies[0])
    parts = []
    for name, (low, high) in BANDS.items():
        if total and ((found.frequencies >= low) & (found.frequencies <= high)).any():
            parts.append(f"{name} {100.0 * found.band(low, high) / total:.0f} %")
    return ", ".join(parts)


def _squared(unit: str) -> str:
    return f"{unit}²" if unit.isalpha() else f"({unit})²"
