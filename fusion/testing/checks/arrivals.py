"""Spikes that arrive: they take effect at their tick, none is lost, late ones are errors."""

from __future__ import annotations

import numpy as np
import pytest

from fusion.core.batch import Spikes
from fusion.errors import LateInput
from fusion.testing.rig import MANY, Row, rig
from fusion.testing.suite import Suite


class ArrivalChecks(Suite):
    """What is pushed into an input for spikes."""

    def test_an_arrival_shows_at_the_end_of_its_tick(self) -> None:
        """Exactly its weight, no tick earlier or later, at its target alone; however far ahead it is pushed."""
        for ahead in (1, 7):
            with rig(self.case, self.case.quiet) as cells:
                cells.start("spikes in")
                rest = cells.read(self.case.arrived)
                due = cells.last_late + ahead
                cells.push(due, [1], self.case.nudge)
                seen_at = due + cells.adapter.capabilities.read_lag
                for tick in range(1, seen_at):
                    cells.advance(tick)
                    seen = cells.read(self.case.arrived)
                    assert np.array_equal(seen, rest), f"pushed for tick {due}, it shows at tick {tick}: {seen}"
                cells.advance(seen_at)
                change = cells.read(self.case.arrived) - rest
                assert np.array_equal(change, [0.0, self.case.nudge, 0.0]), f"at tick {due} there is {change}"

    def test_an_arrival_acts_in_the_step_that_takes_it_in(self) -> None:
        with rig(self.case, self.case.quiet) as cells:
            cells.start("spikes in")
            rest = cells.read(self.case.state)
            due = cells.last_late + 3
            cells.push(due, [1], self.case.nudge)
            cells.advance(due + self.case.arrival_lag - 1)
            assert np.array_equal(cells.read(self.case.state), rest), "it acts before its time"
            cells.advance(due + self.case.arrival_lag)
            changed = cells.read(self.case.state) != rest
            assert np.array_equal(changed, [False, True, False]), f"neurons that changed: {changed}"

    def test_an_arrival_in_time_is_taken_and_one_a_tick_later_is_an_error(self) -> None:
        """The declared notice is exact: the last legal moment is legal, and what comes after it is never dropped."""
        for reached in (0, 5):
            with rig(self.case, self.case.quiet) as cells:
                cells.start("spikes in")
                cells.advance(reached)
                rest = cells.read(self.case.arrived)
                for tick in {cells.last_late, reached, max(reached - 3, 0)}:
                    with pytest.raises(LateInput) as raised:
                        cells.push(tick, [0], self.case.nudge)
                    assert str(tick) in str(raised.value), f"the error does not name tick {tick}: {raised.value}"
                due = cells.last_late + 1
                cells.push(due, [1], self.case.nudge)
                cells.advance(due)
                change = cells.read(self.case.arrived) - rest
                assert np.array_equal(change, [0.0, self.case.nudge, 0.0]), f"at tick {due} there is {change}"

    def test_rows_that_wait_are_not_replaced_by_later_pushes(self) -> None:
        with rig(self.case, self.case.quiet, MANY) as cells:
            cells.start("spikes in")
            rest = cells.read(self.case.arrived)
            seen: dict[int, int] = {}
            pushes = {0: [(20, 0), (10, 1), (15, 2)], 4: [(12, 3)], 11: [(16, 4)]}
            for tick in range(1, 22):
                for due, neuron in pushes.get(tick - 1, []):
                    cells.push(due, [neuron], self.case.nudge)
                cells.advance(tick)
                for neuron in np.flatnonzero(cells.read(self.case.arrived) != rest):
                    seen.setdefault(int(neuron), tick)
        assert seen == {0: 20, 1: 10, 2: 15, 3: 12, 4: 16}, f"first seen, by neuron: {seen}"

    def test_one_push_may_hold_rows_of_several_ticks(self) -> None:
        with rig(self.case, self.case.quiet) as cells:
            cells.start("spikes in")
            rest, first = cells.read(self.case.arrived), cells.last_late + 2
            ticks = np.array([first, first, first + 3])
            batch = Spikes(ticks, np.array([0, 2, 1]), np.full(3, self.case.nudge), first + 3)
            cells.adapter.push(cells.ports["spikes in"], batch)
            cells.advance(first)
            early = cells.read(self.case.arrived) - rest
            assert np.array_equal(early, [self.case.nudge, 0.0, self.case.nudge]), f"at the first tick: {early}"
            cells.advance(first + 3)
            late = cells.read(self.case.arrived) - rest
            assert late[1] == self.case.nudge, f"at the second tick: {late}"

    def test_a_tick_that_is_given_twice_is_an_error(self) -> None:
        with rig(self.case, self.case.quiet) as cells:
            cells.start("spikes in")
            due = cells.last_late + 4
            cells.push(due, [1], self.case.nudge)
            with pytest.raises(LateInput, match=str(due)):
                cells.push(due, [2], self.case.nudge)

    def test_an_empty_push_changes_nothing(self) -> None:
        with rig(self.case, self.case.quiet) as cells:
            cells.start("spikes in")
            rest = cells.readable()
            cells.push(cells.last_late + 1, [], 0.0)
            cells.push(cells.last_late + 1, [1], 0.0)
            cells.advance(cells.last_late + 2)
            assert np.array_equal(cells.read(self.case.arrived), rest[self.case.arrived])

    def test_positive_and_negative_weights_both_arrive(self) -> None:
        """On an input with a channel for each sign, one neuron takes both in one tick."""
        with rig(self.case, self.case.quiet) as cells:
            cells.start("spikes in")
            rest = cells.read(self.case.state)
            due = cells.last_late + 1
            both = [1, 1] if cells.handle.inputs[self.case.spike_input].signed else []
            nudges = np.array([1.0, *([0.75, -0.25] if both else []), -1.0]) * self.case.nudge
            cells.push(due, [0, *both, 2], nudges)
            cells.advance(due + 1)
            change = cells.read(self.case.state) - rest
        assert change[0] * change[2] < 0, f"weights of opposite sign changed the state by {change[0]} and {change[2]}"
        if both:
            assert 0 < change[1] / change[0] < 1, f"0.75 and -0.25 nudges changed it by {change[1]}, one by {change[0]}"

    def test_no_spike_is_lost_and_none_is_doubled(self) -> None:
        """A kick makes one spike; kicks at random ticks make as many, each with the same latency."""
        last = 8 * self.case.recovery
        rng = np.random.default_rng(5)
        ticks = [np.cumsum(rng.integers(self.case.recovery, 2 * self.case.recovery, 8)) for _ in range(MANY)]
        kicks = sorted((int(tick), neuron) for neuron in range(MANY) for tick in ticks[neuron] if tick <= last)
        rows = []
        for tick in sorted({tick for tick, _ in kicks}):
            hit = np.array([neuron for at, neuron in kicks if at == tick])
            rows.append(Row(tick, hit, np.full(len(hit), self.case.kick)))
        with rig(self.case, self.case.quiet, MANY) as cells:
            cells.start("spikes in", "spikes out")
            outcome = cells.play(rows, last + self.case.recovery, 7)
        fired = list(zip(outcome.ticks.tolist(), outcome.indices.tolist(), strict=True))
        assert len(fired) == len(kicks), f"{len(kicks)} kicks in, {len(fired)} spikes out"
        latency = fired[0][0] - kicks[0][0]
        assert fired == [(tick + latency, neuron) for tick, neuron in kicks], f"latency {latency} at the first"
