"""`Components`: the few directions in which the activity of many neurons varies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fusion.analysis.components import principal_components
from fusion.analysis.recorded import Trains
from fusion.errors import InvalidValue, TooLittleData
from fusion.gui.plots import INK, colour
from fusion.gui.population import NO_SPIKES, NO_VARIABLES, lacking, quantities
from fusion.gui.signal import about
from fusion.gui.tab import Tab
from fusion.plot.axes import labelled
from fusion.recording.recorder import EventRecorder, Recorder

SPIKES = "spike counts"
OVER_TIME = 3  # components
SHARES = 20  # components whose variance is shown
MOST = 300  # neurons that are looked at
PAUSE = 1.0  # s between two computations
BIN = 10  # ms


class Components(Tab):
    """Principal components of spike counts or a variable: their share of the variance, and the first ones over time.

    Of more than 300 neurons it takes some at even distances. While the network runs it computes once in a second at
    most, or when the button is pressed.
    """

    title = "components"

    def build(self) -> None:
        """Boxes to choose, shares above, the course below."""
        self._bin, self._every = BIN, 1
        self._events: EventRecorder | None = None
        self._recorder: Recorder | None = None
        with self.row():
            self._which = self.choice("of", (), lambda _: self.again())
            self.number("bins of spikes (ms)", self._bin, 1, 1000, self._count)
            self.button("Compute now", lambda: None)  # whatever the user does is answered at once
            self.fill()
        self._variance = self.plot(x="component", y="variance (%)", title=" ")
        self._shares = self._variance.curve(steps=True)
        self._sum = self._variance.curve("all up to here", INK)
        self._course = self.plot(x="time (ms)")
        self._curves = [self._course.curve(f"component {i + 1}", colour(i)) for i in range(OVER_TIME)]

    def selected(self) -> None:
        """Record this group."""
        group = self.selection.group
        self.forget()
        self._events = self._recorder = None
        name = self.offer(self._which, quantities(group, SPIKES))
        self._every = -(-group.size // MOST)
        if name == SPIKES:
            self._events = self.record_events(group, "spike")
        elif name:
            self._expression = f"{name}[::{self._every}]"
            self._recorder = self.record(group, self._expression)
        self._course.label(
            y="projection (spikes)" if name == SPIKES else f"projection of {labelled(group, name)}" if name else ""
        )

    def update(self) -> None:
        """The last thousand iterations."""
        self.seldom(self._show, least=PAUSE)

    def _show(self) -> None:
        drawn = [curve.drawn for curve in (self._shares, self._sum, *self._curves)]
        try:
            t, rows = self._rows()
            found = principal_components(rows)
        except (TooLittleData, InvalidValue) as error:
            for each in drawn:
                each.setVisible(False)
            self.say(str(error))
            return
        for each in drawn:
            each.setVisible(True)
        percent = 100.0 * found.share[:SHARES]
        self._shares.set(0.5 + np.arange(len(percent) + 1), percent)
        self._sum.set(1 + np.arange(len(percent)), percent.cumsum())
        self._variance.label(title=f"{found.dimension:.1f} components share the variance (participation ratio)")
        for i, curve in enumerate(self._curves):
            there = i < found.projections.shape[1]
            curve.set(t if there else [], found.projections[:, i] if there else [])
        self.say("" if self._every == 1 else f"One neuron in {self._every} is looked at.")

    def _rows(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Times (n,), ms, and values (n, neurons); `TooLittleData` if there is nothing yet."""
        group = self.selection.group
        if self._recorder is not None:
            rows = np.asarray(self._recorder[self._expression, 0], float)
            if len(rows) < 2:
                raise TooLittleData("Principal components", len(rows), 2, "iterations")
            return self._recorder.t, rows
        if self._events is None:
            raise InvalidValue(lacking(group, NO_SPIKES, NO_VARIABLES))
        trains = self.trains(self._events)
        clock = self.network.clock
        width = float(clock.ms(about(self._bin, self.network.dt)))
        n = int((trains.stop - trains.start) / width + 1e-9)
        if n < 2:
            raise TooLittleData("Principal components", n, 2, f"bins of {width:g} ms")
        some = trains.i % self._every == 0
        size = -(-trains.size // self._every)
        # The newest bins are whole, the oldest is cut.
        start = trains.stop - n * width
        seen = Trains(trains.t[some], trains.i[some] // self._every, size, start, trains.stop)
        return seen.edges(width)[1:], seen.counts(width).astype(float)

    def _count(self, ms: int) -> None:
        self._bin = ms
