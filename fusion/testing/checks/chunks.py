"""Chunks: how time is cut must not change what happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fusion.errors import Unsupported
from fusion.testing.rig import MANY, Outcome, Rig, Row, assert_same, random_rows, rig
from fusion.testing.suite import Suite

UNTIL = 100


class ChunkChecks(Suite):
    """``advance(a)`` then ``advance(b)`` equals ``advance(b)``."""

    windows = 7, UNTIL

    def test_chunks_do_not_change_spikes_or_state(self) -> None:
        rows = random_rows(self.case, MANY, UNTIL)
        single = self._played(self.case.quiet, rows, 1)
        assert len(single.ticks) > MANY, f"only {len(single.ticks)} spikes: the kick of the case is too weak"
        for window in self.windows:
            assert_same(self._played(self.case.quiet, rows, window), single, f"window {window} and window 1")

    def test_chunks_do_not_change_what_is_random(self) -> None:
        single = self._played(self.case.noisy, [], 1)
        assert len(single.ticks) > 0, "no spike: the noise of the case is too weak"
        for window in self.windows:
            assert_same(self._played(self.case.noisy, [], window), single, f"window {window} and window 1")

    def test_pushing_early_does_not_change_results(self) -> None:
        rows = random_rows(self.case, MANY, UNTIL)
        in_time = self._played(self.case.quiet, rows, 5)
        assert_same(self._played(self.case.quiet, rows, 5, early=UNTIL), in_time, "pushed early and in time")

    def test_cleanup_between_chunks_does_not_change_results(self) -> None:
        rows = random_rows(self.case, MANY, UNTIL)
        straight = self._played(self.case.quiet, rows, 10)
        assert_same(self._played(self.case.quiet, rows, 10, pause=4), straight, "with pauses and without")

    def test_cleanup_between_chunks_does_not_change_what_is_random(self) -> None:
        straight = self._played(self.case.noisy, [], 10)
        assert_same(self._played(self.case.noisy, [], 10, pause=4), straight, "with pauses and without")

    def test_reading_does_not_change_results(self) -> None:
        rows = random_rows(self.case, MANY, UNTIL)
        unread = self._played(self.case.quiet, rows, 5)
        assert_same(self._played(self.case.quiet, rows, 5, after=Rig.readable), unread, "read and not read")

    def test_a_subscription_does_not_change_results(self) -> None:
        rows = random_rows(self.case, MANY, UNTIL)
        plain = self._played(self.case.quiet, rows, 5)
        with rig(self.case, self.case.quiet, MANY) as cells:
            cells.start("spikes in", "spikes out", "samples out")
            assert_same(cells.play(rows, UNTIL, 5), plain, "with a port for samples and without")

    def test_starting_in_the_background_does_not_change_results(self) -> None:
        rows = random_rows(self.case, MANY, UNTIL)
        waited_for = self._played(self.case.quiet, rows, 5)
        with rig(self.case, self.case.quiet, MANY) as cells:
            cells.start("spikes in", "spikes out")
            started = cells.play(rows, UNTIL, 5, before=cells.adapter.start)
        assert_same(started, waited_for, "started and not started")

    def test_a_slower_clock_steps_at_its_own_ticks_only(self) -> None:
        """What arrives between two steps is taken in by the next, together; the state stands in between."""
        every = 4
        with rig(self.case, self.case.quiet, every=every) as cells:
            if not cells.adapter.capabilities.slower_clock:
                raise Unsupported(f"{cells.adapter.name} advances in each iteration.")
            cells.start("spikes in", "spikes out")
            for tick, neurons in ((2, [1]), (3, [1]), (4, [0, 1, 2])):
                cells.push(tick, neurons, self.case.nudge)
            states = [cells.read(self.case.state)]
            for tick in range(1, 13):
                cells.advance(tick)
                states.append(cells.read(self.case.state))
                assert cells.spikes().complete_until == tick
        moved = [tick for tick in range(1, 13) if (states[tick] != states[tick - 1]).any()]
        assert moved, "three arrivals changed nothing"
        assert all(tick % every == 0 for tick in moved), f"steps every {every} ticks, and the state moved at {moved}"
        one, three, _ = states[moved[0]] - states[0]
        assert three == 3 * one, f"three nudges between two steps moved the state by {three}, one by {one}"

    def _played(self, make: Callable[[int], Any], rows: list[Row], window: int, **how: Any) -> Outcome:
        with rig(self.case, make, MANY) as cells:
            cells.start(*(["spikes in"] if rows else []), "spikes out")
            return cells.play(rows, UNTIL, window, **how)
