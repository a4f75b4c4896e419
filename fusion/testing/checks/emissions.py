"""Spikes that leave: in their tick, in order, complete."""

from __future__ import annotations

import numpy as np

from fusion.testing.rig import MANY, Row, random_rows, rig
from fusion.testing.suite import Suite


class EmissionChecks(Suite):
    """What is pulled from a port for spikes."""

    def test_a_spike_has_the_tick_of_the_step_that_fired_it(self) -> None:
        """It can be pulled as soon as that step is computed, and the state shows the reset of that very step."""
        with rig(self.case, self.case.quiet) as cells:
            cells.start("spikes in", "spikes out")
            due = cells.last_late + 2
            cells.push(due - 1, [1], self.case.nudge)
            cells.push(due, [1], self.case.kick)
            before = cells.read(self.case.state)
            for tick in range(1, due + self.case.recovery):
                cells.advance(tick)
                batch, now = cells.spikes(), cells.read(self.case.state)
                if len(batch.ticks):
                    break
                assert now[1] >= before[1], f"the state fell to {now[1]} in tick {tick}, and no spike was given"
                before = now
            assert batch.ticks.tolist() == [tick], f"pulled after tick {tick}: ticks {batch.ticks}"
            assert batch.indices.tolist() == [1], f"neuron 1 was kicked, {batch.indices} fired"
            assert tick >= due + self.case.arrival_lag, f"kicked at tick {due}, it fired at {tick}"
            assert now[1] < before[1], f"the spike has tick {tick}, but in that step the state was not reset"

    def test_an_empty_window_says_how_far_it_is_complete(self) -> None:
        with rig(self.case, self.case.quiet) as cells:
            cells.start("spikes out")
            for until in (1, 2, 9):
                cells.advance(until)
                batch = cells.spikes()
                assert len(batch.ticks) == len(batch.indices) == len(batch.values) == 0, f"quiet neurons gave {batch}"
                assert batch.complete_until == until, f"complete until {batch.complete_until}, at tick {until}"

    def test_spikes_are_given_once_in_order_with_all_they_need(self) -> None:
        window, until = 8, 104
        # The first row makes all neurons fire in one step.
        rows = [Row(8, np.arange(MANY), np.full(MANY, self.case.kick)), *random_rows(self.case, MANY, until)]
        with rig(self.case, self.case.quiet, MANY) as cells:
            cells.start("spikes in", "spikes out")
            for row in rows:
                cells.adapter.push(cells.ports["spikes in"], row.batch())
            total = 0
            for stop in range(window, until + 1, window):
                cells.advance(stop)
                batch, again = cells.spikes(), cells.spikes()
                total += len(batch.ticks)
                assert len(again.ticks) == 0, f"pulled twice, {again} came again"
                kinds = [a.dtype for a in (batch.ticks, batch.indices, batch.values)]
                assert kinds == [np.int64, np.int64, np.float64], f"dtypes of ticks, indices, values: {kinds}"
                order = batch.ticks * MANY + batch.indices
                assert (np.diff(order) > 0).all(), f"not ascending, or doubled: {batch.ticks}, {batch.indices}"
                inside = (stop - window < batch.ticks) & (batch.ticks <= stop)
                assert inside.all(), f"ticks {batch.ticks} in the window ({stop - window}, {stop}]"
                assert (batch.values == 1.0).all(), f"values are {batch.values}; pulled spikes have ones"
        assert total > MANY, f"only {total} spikes: the kick of the case is too weak to test anything"

    def test_spikes_that_nobody_pulled_wait(self) -> None:
        until = 60
        counts = []
        for pulled in (True, False):
            with rig(self.case, self.case.quiet, MANY) as cells:
                cells.start("spikes in", "spikes out")
                total = 0
                for row in random_rows(self.case, MANY, until):
                    cells.adapter.push(cells.ports["spikes in"], row.batch())
                for tick in range(1, until + 1):
                    cells.advance(tick)
                    total += len(cells.spikes().ticks) if pulled else 0
                counts.append(total + len(cells.spikes().ticks))
        assert counts[0] == counts[1] > 0, f"pulled at each tick, and once at the end: {counts} spikes"
