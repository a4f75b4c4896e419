"""Samples: analog values that enter at their tick and leave one a tick."""

from __future__ import annotations

import numpy as np
import pytest

from fusion.core.batch import Samples
from fusion.errors import LateInput
from fusion.testing.rig import FEW, MANY, Rig, random_rows, rig
from fusion.testing.suite import Suite

UNTIL = 30


class SampleChecks(Suite):
    """What is pushed into an input for samples, and pulled from a variable."""

    def test_a_sample_acts_in_the_step_that_takes_it_in(self) -> None:
        """Pushed early or at the last moment, for all neurons."""
        for reached, ahead in ((0, 0), (4, 0), (0, 1), (2, 9)):
            with rig(self.case, self.case.quiet) as cells:
                cells.start("samples in")
                rest = cells.read(self.case.state)
                cells.advance(reached)
                acts = reached + 1 + ahead
                cells.push_samples(acts - self.case.sample_lag, self.case.sample)
                cells.advance(acts - 1)
                assert np.array_equal(cells.read(self.case.state), rest), f"it acts before step {acts}"
                cells.advance(acts)
                changed = cells.read(self.case.state) != rest
                assert changed.all(), f"it does not act in step {acts}: {changed}"

    def test_a_sample_can_be_seen_from_its_tick_until_the_next(self) -> None:
        with rig(self.case, self.case.quiet) as cells:
            cells.start("samples in")
            first, values = 2, self.case.sample * np.array([1.0, -0.5, 0.25])
            cells.push_samples(first, *values)
            cells.push_samples(first + 6, 0.0)
            expected = {first: values[0], first + 1: values[1], first + 2: values[2]}
            expected |= {first + 3: values[2], first + 5: values[2], first + 6: 0.0, first + 8: 0.0}
            for tick, value in expected.items():
                cells.advance(tick)
                seen = cells.read(self.case.sample_seen)
                assert np.array_equal(seen, [value] * FEW), f"at tick {tick} stands {seen}, not {value}"

    def test_a_late_sample_is_an_error(self) -> None:
        with rig(self.case, self.case.quiet) as cells:
            cells.start("samples in")
            cells.advance(5)
            for tick in (4, 1):
                with pytest.raises(LateInput, match=str(tick)):
                    cells.push_samples(tick, self.case.sample)

    def test_chunks_do_not_change_what_samples_do(self) -> None:
        until, values = 60, self.case.sample * np.random.default_rng(2).uniform(-1.0, 1.0, 60)
        ends = []
        for window in (1, 7, until):
            with rig(self.case, self.case.quiet) as cells:
                cells.start("samples in")
                cells.push_samples(1, *values)
                for stop in [*range(window, until, window), until]:
                    cells.advance(stop)
                ends.append(cells.read(self.case.state))
        for end in ends[1:]:
            np.testing.assert_array_equal(end, ends[0], "the state at the end differs between windows")

    def test_samples_leave_one_a_tick_without_gap_or_repetition(self) -> None:
        """Row k is what ``read`` gives at the end of tick k, however time is cut."""
        traces = []
        for window in (1, 5, UNTIL):
            batches = self._pulled(window)
            starts = [batch.t0 for batch in batches]
            assert starts == list(range(1, UNTIL + 1, window)), f"chunks of {window} ticks start at {starts}"
            traces.append(np.concatenate([batch.values for batch in batches]))
        for trace in traces:
            assert trace.shape == (UNTIL, MANY), f"{trace.shape} rows and columns in {UNTIL} ticks of {MANY} neurons"
            assert trace.dtype == np.float64, f"samples are {trace.dtype}"
            np.testing.assert_array_equal(trace, traces[0], "samples differ between windows")

    def _pulled(self, window: int) -> list[Samples]:
        batches: list[Samples] = []

        def pull(cells: Rig) -> None:
            batch, again = cells.samples(), cells.samples()
            assert len(again.values) == 0, f"pulled twice, {len(again.values)} rows came again"
            assert batch.complete_until == cells.tick, f"complete until {batch.complete_until} at tick {cells.tick}"
            now = cells.read(self.case.state)
            np.testing.assert_array_equal(batch.values[-1], now, f"row {cells.tick} is not what read gives")
            batches.append(batch)

        with rig(self.case, self.case.quiet, MANY) as cells:
            cells.start("spikes in", "spikes out", "samples out")
            cells.play(random_rows(self.case, MANY, UNTIL), UNTIL, window, after=pull)
        return batches

    def test_a_port_that_is_opened_between_runs_starts_with_the_next_tick(self) -> None:
        with rig(self.case, self.case.quiet) as cells:
            cells.start()
            cells.advance(6)
            cells.adapter.cleanup()
            cells.start("samples out", "spikes out")
            cells.advance(9)
            batch = cells.samples()
            assert (batch.t0, len(batch.values)) == (7, 3), f"opened at tick 6, pulled at 9: {batch}"
            assert cells.spikes().complete_until == 9

    def test_a_port_that_is_opened_while_running_starts_with_the_next_tick(self) -> None:
        """For the whole and for parts, row by row what ``read`` gives, while ports that were there go on."""
        with rig(self.case, self.case.quiet, MANY) as cells:
            cells.start("spikes in", "samples out")
            for row in random_rows(self.case, MANY, UNTIL):
                cells.adapter.push(cells.ports["spikes in"], row.batch())
            cells.advance(11)
            cells.samples()
            selections = (None, slice(1, None, 3), np.array([4, 0]))
            name = self.case.state
            ports = [cells.adapter.port(cells.handle, name, "samples out", index) for index in selections]
            cells.advance(12)
            read = [cells.read(name, index) for index in selections]
            cells.advance(UNTIL)
            whole = cells.samples()
            for index, port, now in zip(selections, ports, read, strict=True):
                batch = cells.adapter.pull(port)
                assert isinstance(batch, Samples)
                assert batch.t0 == 12, f"opened at tick 11, its first row is of tick {batch.t0}"
                np.testing.assert_array_equal(batch.values[0], now, f"index {index}: row 12 is not what read gives")
                rows = whole.values if index is None else whole.values[:, index]
                np.testing.assert_array_equal(batch.values, rows, f"index {index}: not a part of the whole")

    def test_a_subscription_that_ends_leaves_the_others_alone(self) -> None:
        with rig(self.case, self.case.quiet, MANY) as cells:
            cells.start("spikes in", "samples out")
            for row in random_rows(self.case, MANY, UNTIL):
                cells.adapter.push(cells.ports["spikes in"], row.batch())
            other = cells.adapter.port(cells.handle, self.case.state, "samples out", slice(1, None))
            cells.advance(7)
            cells.adapter.unsubscribe(other)
            cells.advance(UNTIL)
            batch = cells.samples()
            assert (batch.t0, len(batch.values)) == (1, UNTIL), f"of {UNTIL} ticks it tells {batch}"
            np.testing.assert_array_equal(batch.values[-1], cells.read(self.case.state))
