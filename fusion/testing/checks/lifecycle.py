"""Opening, pausing, failing and closing; and the capabilities that are declared for it."""

from __future__ import annotations

import contextlib
from contextlib import AbstractContextManager

import pytest

from fusion.adapter.base import GroupSpec
from fusion.core.clock import Clock
from fusion.errors import BelongsElsewhere, ClockMismatch, KernelInUse, LateInput, Unsupported
from fusion.testing.rig import FEW, MANY, Outcome, Rig, assert_same, random_rows, rig
from fusion.testing.suite import Suite

UNTIL = 60


class LifecycleChecks(Suite):
    """From ``open`` to ``close``."""

    def test_an_adapter_serves_its_own_objects_only(self) -> None:
        self.case.reset()
        assert self.case.adapter.serves(self.case.quiet(FEW))
        for stranger in (3, "cells", object(), [1.0, 2.0]):
            assert not self.case.adapter.serves(stranger), f"it claims to serve {stranger!r}"

    def test_close_always_works_and_may_be_repeated(self) -> None:
        """Before ``open``, after it, while prepared, after a run."""
        self.case.reset()
        unopened = self.case.make()
        unopened.close()
        unopened.close()
        for steps in range(4):
            with rig(self.case, self.case.quiet) as cells:
                if steps > 0:
                    cells.start("spikes in", "spikes out")
                if steps > 1:
                    cells.advance(3)
                if steps > 2:
                    cells.adapter.cleanup()
                cells.adapter.close()
                cells.adapter.close()

    def test_opened_again_it_does_the_same_again(self) -> None:
        runs = []
        for _ in range(2):
            with rig(self.case, self.case.quiet, MANY) as cells:
                cells.start("spikes in", "spikes out")
                runs.append(cells.play(random_rows(self.case, MANY, UNTIL), UNTIL, 10))
        assert_same(runs[0], runs[1], "the first and the second run")

    def test_the_same_seed_gives_the_same_and_another_does_not(self) -> None:
        first, second, other = (self._noise(seed) for seed in (1, 1, 2))
        assert_same(first, second, "two runs with seed 1")
        same = first.ticks.tolist() == other.ticks.tolist() and first.indices.tolist() == other.indices.tolist()
        assert not same, f"seeds 1 and 2 give the same {len(first.ticks)} spikes"

    def _noise(self, seed: int) -> Outcome:
        with rig(self.case, self.case.noisy, MANY, seed) as cells:
            cells.start("spikes out")
            return cells.play([], UNTIL, 10)

    def test_ticks_go_on_after_cleanup(self) -> None:
        with rig(self.case, self.case.quiet) as cells:
            cells.start("spikes in", "spikes out")
            cells.advance(6)
            cells.adapter.cleanup()
            cells.adapter.prepare()
            with pytest.raises(LateInput):
                cells.push(6, [0], self.case.nudge)
            due, rest = cells.last_late + 1, cells.read(self.case.arrived)
            cells.push(due, [0], self.case.nudge)
            cells.advance(due)
            change = cells.read(self.case.arrived) - rest
            assert change.tolist() == [self.case.nudge, 0.0, 0.0], f"pushed for tick {due}, there is {change}"
            assert cells.spikes().complete_until == due

    def test_ticks_count_from_the_first_prepare_whatever_the_simulator_did_before(self) -> None:
        """The same objects, taken by a second adapter after the first was closed."""
        with rig(self.case, self.case.quiet) as earlier:
            earlier.start()
            earlier.advance(7)
            earlier.adapter.cleanup()
            earlier.adapter.close()
            cells = Rig(self.case, earlier.source)
            try:
                cells.open()
                cells.start("spikes in", "spikes out")
                due, rest = cells.last_late + 1, cells.read(self.case.arrived)
                cells.push(due, [0], self.case.nudge)
                cells.advance(due)
                change = cells.read(self.case.arrived) - rest
                assert change.tolist() == [self.case.nudge, 0.0, 0.0], f"pushed for tick {due}, there is {change}"
                cells.push(cells.last_late + 1, [1], self.case.kick)
                cells.advance(due + self.case.recovery)
                ticks = cells.spikes().ticks
                assert due < ticks[0] <= due + self.case.recovery, f"spikes have ticks {ticks}"
            finally:
                cells.adapter.close()

    def test_an_exception_inside_advance_leaves_it_closable(self) -> None:
        with rig(self.case, self.case.quiet) as cells:
            cells.start("spikes in")
            cells.advance(2)
            self.case.sabotage(cells.source)
            with pytest.raises(Exception):  # noqa: B017, PT011 - any that the simulator raises
                cells.advance(3)
            cells.adapter.cleanup()
            cells.adapter.close()
        self.test_opened_again_it_does_the_same_again()

    def test_an_object_is_taken_once(self) -> None:
        """And is free again when the adapter that took it is closed."""
        with rig(self.case, self.case.quiet) as cells:
            if cells.adapter.capabilities.groups_per_instance is None:
                with pytest.raises(BelongsElsewhere):
                    cells.adapter.create(cells.source, GroupSpec("again"))
            if cells.adapter.capabilities.instances_per_process is None:
                self._open_again(cells, pytest.raises(BelongsElsewhere))
            cells.adapter.close()
            self._open_again(cells, contextlib.nullcontext())

    def _open_again(self, cells: Rig, expected: AbstractContextManager[object]) -> None:
        again = Rig(self.case, cells.source)
        try:
            with expected:
                again.open()
        finally:
            again.adapter.close()

    def test_as_many_may_be_open_as_is_declared(self) -> None:
        with rig(self.case, self.case.quiet) as cells:
            if cells.adapter.capabilities.instances_per_process == 1:
                with pytest.raises(KernelInUse):
                    self.case.make().open(Clock(self.case.dt), 1)
                return
            other = Rig(self.case, self.case.quiet(FEW))
            try:
                other.open()
                for each in (cells, other):
                    each.start("spikes in", "spikes out")
                other.push(other.last_late + 1, [1], self.case.kick)
                for each in (cells, other):
                    each.advance(each.last_late + self.case.recovery)
                fired = [each.spikes().indices.tolist() for each in (cells, other)]
                assert fired == [[], [1]], f"only the second was kicked; fired: {fired}"
            finally:
                other.adapter.close()

    def test_a_foreign_dt_is_an_error_that_names_both(self) -> None:
        self.case.reset()
        adapter = self.case.make()
        source = self.case.wrong_dt()
        try:
            with pytest.raises(ClockMismatch) as raised:  # noqa: PT012 - either may notice
                adapter.open(Clock(self.case.dt), 1)
                adapter.create(source, GroupSpec("cells"))
            for dt in (self.case.dt, 2 * self.case.dt):
                assert f"{dt:g}" in str(raised.value), f"{dt:g} ms is not in: {raised.value}"
        finally:
            adapter.close()

    def test_a_snapshot_restored_runs_on_as_if_nothing_had_been(self) -> None:
        """State, streams of random numbers, and arrivals that waited."""
        with rig(self.case, self.case.quiet, MANY) as cells:
            cells.start("spikes in", "spikes out")
            for row in random_rows(self.case, MANY, UNTIL):
                cells.adapter.push(cells.ports["spikes in"], row.batch())
            self._assert_restored(cells)
        with rig(self.case, self.case.noisy, MANY) as cells:
            cells.start("spikes out")
            self._assert_restored(cells)

    def _assert_restored(self, cells: Rig) -> None:
        cells.play([], UNTIL // 2, 10)
        state = cells.adapter.snapshot()
        straight = cells.play([], UNTIL, 10)
        cells.adapter.restore(state)
        cells.tick = UNTIL // 2
        assert_same(cells.play([], UNTIL, 10), straight, "restored and straight")

    def test_what_is_not_declared_is_refused(self) -> None:
        with rig(self.case, self.case.quiet) as cells:
            can, adapter, handle = cells.adapter.capabilities, cells.adapter, cells.handle
            attempts = {
                "spikes_out": lambda: adapter.port(handle, "", "spikes out"),
                "spikes_in": lambda: adapter.port(handle, self.case.spike_input, "spikes in"),
                "samples_out": lambda: adapter.port(handle, self.case.state, "samples out"),
                "samples_in": lambda: adapter.port(handle, self.case.sample_input, "samples in"),
                "adopts_synapses": lambda: adapter.connect(object(), handle, handle),
                "stand_ins": lambda: adapter.stand_in(2, "elsewhere"),
                "snapshot": adapter.snapshot,
            }
            for name, attempt in attempts.items():
                if not getattr(can, name):
                    with pytest.raises(Unsupported, match=adapter.name):
                        attempt()
