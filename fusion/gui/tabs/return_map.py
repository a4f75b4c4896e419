"""`ReturnMap`: where the activity goes from where it is."""

from __future__ import annotations

import numpy as np

from fusion.gui.plots import FAINT, limits
from fusion.gui.population import NO_SPIKES, NO_VARIABLES, lacking, quantities
from fusion.gui.signal import RATE, Signal, about
from fusion.gui.tab import Tab

STEP = 1.0  # ms, unless the user says another
LASTING = 10_000  # iterations that are looked at


class ReturnMap(Tab):
    """How often the mean of a group was so much, and that of a group - itself, say - so much a step later.

    On the diagonal it stays as it is; a band across it is a fixed point that it returns to.
    """

    title = "return map"

    def build(self) -> None:
        """Boxes to choose, and the map."""
        self._step, self._bins = about(STEP, self.network.dt), 50
        self._signals: list[Signal] = []
        with self.row():
            self._which = self.choice("of", (), lambda _: self.again())
            self._next = self.choice("next", (), lambda _: self.again())
            self.number("step (iterations)", self._step, 1, LASTING // 10, self._stride)
            self.number("bins", self._bins, 2, 500, self._divide)
            self.fill()
        self._plot = self.plot()
        self._image = self._plot.image(label="times")
        self._diagonal = self._plot.curve(colour=FAINT)

    def selected(self) -> None:
        """Record this group, and the one that it is compared with."""
        group = self.selection.group
        self.forget()
        quantity = self.offer(self._which, quantities(group, RATE))
        others = [other for other in self.network.groups if other is not group and quantity in quantities(other, RATE)]
        by_name = {f"of {other.tag}": other for other in (group, *others)}
        other = by_name[self.offer(self._next, list(by_name))]
        self._signals = []
        if not quantity:
            self.say(lacking(group, NO_SPIKES, NO_VARIABLES))
            return
        last = max(LASTING // self._step, 2)
        self._signals = [Signal(self, one, quantity, last, self._step) for one in dict.fromkeys((group, other))]
        self._plot.label(
            x=f"{self._signals[0].label} of {group.tag}", y=f"{self._signals[-1].label} of {other.tag}, a step later"
        )

    def update(self) -> None:
        """The last ten thousand iterations."""
        if self._signals:
            self.seldom(self._show)

    def _show(self) -> None:
        means = [signal.values()[1] for signal in self._signals]
        now, then = means[0][:-1], means[-1][1:]
        finite = np.isfinite(now) & np.isfinite(then)
        seen = bool(finite.any())
        self._image.drawn.setVisible(seen)
        self._diagonal.drawn.setVisible(seen and len(means) == 1)
        self.say("" if seen else "A map needs two steps: let the network run.")
        if not seen:
            return
        now, then = now[finite], then[finite]
        x, y = (limits(each) for each in ((now, then) if len(means) > 1 else (means[0], means[0])))
        counts, _, _ = np.histogram2d(now, then, self._bins, (x, y))
        most = float(counts.max())
        counts[counts == 0] = np.nan  # paper
        self._image.set(counts.T, (x[0], y[0], x[1] - x[0], y[1] - y[0]), levels=(0.0, most))
        self._diagonal.set(x, x)

    def _stride(self, step: int) -> None:
        self._step = step
        self.again()

    def _divide(self, bins: int) -> None:
        self._bins = bins
