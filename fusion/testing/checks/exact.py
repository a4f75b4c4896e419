"""The exact solution of a leaky integrate-and-fire neuron, as the measure of a simulator."""

from __future__ import annotations

import numpy as np

from fusion.core import units
from fusion.errors import Unsupported
from fusion.testing.case import Lif
from fusion.testing.rig import MANY, Rig, rig
from fusion.testing.suite import Suite


class ExactChecks(Suite):
    """Against mathematics; for a case with a `Lif`."""

    @property
    def lif(self) -> Lif:
        """The neuron's equation."""
        if self.case.lif is None:
            raise Unsupported(f"{self.case!r} has no equation of which the solution is known.")
        return self.case.lif

    def test_the_response_to_an_arrival_is_the_exact_solution(self) -> None:
        """From the tick of the arrival on, for as long as five membrane time constants."""
        lif = self.lif
        with rig(self.case, self.case.quiet) as cells:
            cells.start("spikes in", "samples out")
            due = cells.last_late + 1
            cells.push(due, [0], self.case.nudge)
            until = due + round(5 * lif.tau_m / self.case.dt)
            cells.advance(until)
            seen = cells.samples().values[due - 1 :, 0] * self._factor(cells, self.case.state, "mV")
            exact = lif.response(self._nudge(cells), self.case.dt * np.arange(until - due + 1))
            limit = self.case.tolerance.absolute * self._factor(cells, self.case.state, "mV")
            error = np.abs(seen - exact).max()
            assert error <= limit, f"{error:g} mV off; allowed are {limit:g} mV: {self.case.tolerance.reason}"
            height = np.ptp(exact)
            assert height > 1e3 * limit, f"a response of {height:g} mV cannot be judged to {limit:g} mV"

    def test_a_kick_fires_when_the_exact_solution_reaches_the_threshold(self) -> None:
        """For kicks of all sizes, weak ones included, which take long or do not reach it."""
        lif, sizes = self.lif, np.linspace(1.0, 0.5, MANY)
        with rig(self.case, self.case.quiet, MANY) as cells:
            cells.start("spikes in", "spikes out")
            due = cells.last_late + 1
            cells.push(due, range(MANY), self.case.kick * sizes)
            cells.advance(due + self.case.recovery)
            batch = cells.spikes()
            seen = dict(zip(batch.indices.tolist(), batch.ticks.tolist(), strict=True))
            exact, t = {}, self.case.dt * np.arange(self.case.recovery)
            for neuron, size in enumerate(sizes):
                kick = size * self.case.kick / self.case.nudge * self._nudge(cells)
                above = np.flatnonzero(lif.response(kick, t) >= lif.threshold)
                if len(above):
                    exact[neuron] = due + int(above[0])
            assert seen == exact, f"ticks by neuron, kicked at {due}: {seen}; exact are {exact}"

    def test_a_constant_drive_gives_the_exact_rate(self) -> None:
        """Each interval is the refractory period and the way from reset to threshold, rounded up to a tick."""
        lif = self.lif
        with rig(self.case, self.case.quiet) as cells:
            cells.start("samples in", "spikes out")
            unit = cells.handle.inputs[self.case.sample_input].unit
            assert unit is not None, "the input for samples has no unit"
            period = lif.period(self.case.drive * units.factor(unit, "pA"), self.case.dt)
            cells.push_samples(1, self.case.drive)
            cells.advance(8 * period)
            batch = cells.spikes()
            intervals = np.diff(batch.ticks[batch.indices == 0])
            assert len(intervals) > 3, f"only {len(intervals)} intervals in the time of eight"
            assert set(intervals.tolist()) == {period}, f"intervals of {intervals} ticks; {period} are exact"

    def _nudge(self, cells: Rig) -> float:
        unit = cells.handle.inputs[self.case.spike_input].unit
        assert unit is not None, "the input for spikes has no unit"
        return self.case.nudge * units.factor(unit, "pA")

    def _factor(self, cells: Rig, name: str, unit: str) -> float:
        own = cells.handle.variables[name].unit
        assert own is not None, f"{name} has no unit"
        return units.factor(own, unit)
