"""The suite can fail: toys that are broken in what crosses their ports, and the checks that have to notice."""

from __future__ import annotations

import contextlib
import itertools
from typing import Any

import numpy as np
import pytest

from fusion.adapter.base import Adapter, Handle, Index, Port
from fusion.adapter.queues import Arrivals, Emissions
from fusion.core.batch import Samples, Spikes
from fusion.errors import LateInput
from fusion.testing.checks.arrivals import ArrivalChecks
from fusion.testing.checks.chunks import ChunkChecks
from fusion.testing.checks.emissions import EmissionChecks
from fusion.testing.checks.samples import SampleChecks
from fusion.testing.mutants import Mutants
from fusion.testing.toy import ToyAdapter
from fusion.testing.toy_case import ToyCase

mutants = Mutants(ToyCase, ArrivalChecks, EmissionChecks, ChunkChecks, SampleChecks)


# Arrivals


@mutants.caught_by(
    "test_an_arrival_shows_at_the_end_of_its_tick",
    "test_an_arrival_acts_in_the_step_that_takes_it_in",
    "test_an_arrival_in_time_is_taken_and_one_a_tick_later_is_an_error",
    "test_rows_that_wait_are_not_replaced_by_later_pushes",
    "test_one_push_may_hold_rows_of_several_ticks",
    "test_a_stand_in_fires_at_its_tick",
    "test_a_stand_in_acts_as_a_native_source_does",
    "test_ticks_go_on_after_cleanup",
    "test_a_kick_fires_when_the_exact_solution_reaches_the_threshold",
    "test_the_response_to_an_arrival_is_the_exact_solution",
)
class DeliversATickLate(ToyAdapter):
    def _deliver(self, tick: int) -> None:
        super()._deliver(tick - 1)


@mutants.caught_by("test_an_arrival_shows_at_the_end_of_its_tick", "test_an_arrival_acts_in_the_step_that_takes_it_in")
class DeliversATickEarly(ToyAdapter):
    def _deliver(self, tick: int) -> None:
        super()._deliver(tick + 1)


@mutants.caught_by("test_rows_that_wait_are_not_replaced_by_later_pushes", "test_pushing_early_does_not_change_results")
class ReplacesWhatWaits(ToyAdapter):
    def push(self, port: Port, batch: Spikes | Samples) -> None:
        if port.id in self._arrivals:
            self._arrivals[port.id] = self._arrivals[port.id][0], Arrivals("current")
        super().push(port, batch)


@mutants.caught_by(
    "test_an_arrival_in_time_is_taken_and_one_a_tick_later_is_an_error",
    "test_a_tick_that_is_given_twice_is_an_error",
    "test_a_late_sample_is_an_error",
    "test_ticks_go_on_after_cleanup",
)
class DropsWhatIsLate(ToyAdapter):
    def push(self, port: Port, batch: Spikes | Samples) -> None:
        with contextlib.suppress(LateInput):
            super().push(port, batch)


@mutants.caught_by("test_an_arrival_in_time_is_taken_and_one_a_tick_later_is_an_error")
class NeedsNoticeItDoesNotDeclare(ToyAdapter):
    def push(self, port: Port, batch: Spikes | Samples) -> None:
        if isinstance(batch, Spikes) and len(batch.ticks) and batch.ticks[0] == self._tick + 1:
            raise LateInput(f"tick {self._tick + 1} is too soon")
        super().push(port, batch)


@mutants.caught_by("test_an_empty_push_changes_nothing")
class TakesNoEmptyRow(ToyAdapter):
    def push(self, port: Port, batch: Spikes | Samples) -> None:
        if isinstance(batch, Spikes) and not len(batch.ticks):
            raise LateInput("nothing to push")
        super().push(port, batch)


@mutants.caught_by("test_positive_and_negative_weights_both_arrive")
class LosesTheSign(ToyAdapter):
    def push(self, port: Port, batch: Spikes | Samples) -> None:
        super().push(port, batch._replace(values=np.abs(batch.values)))


@mutants.caught_by("test_no_spike_is_lost_and_none_is_doubled")
class LosesEachFortiethRow(ToyAdapter):
    rows = itertools.count(1)

    def push(self, port: Port, batch: Spikes | Samples) -> None:
        if next(self.rows) % 40:
            super().push(port, batch)


@mutants.caught_by("test_one_push_may_hold_rows_of_several_ticks")
class TakesOneRowAPush(ToyAdapter):
    def push(self, port: Port, batch: Spikes | Samples) -> None:
        if isinstance(batch, Spikes):
            batch = batch._replace(ticks=np.full_like(batch.ticks, batch.ticks[0]))
        super().push(port, batch)


# Emissions


@mutants.caught_by(
    "test_a_spike_has_the_tick_of_the_step_that_fired_it",
    "test_a_kick_fires_when_the_exact_solution_reaches_the_threshold",
    "test_spikes_are_given_once_in_order_with_all_they_need",
)
class StampsTheStepBefore(ToyAdapter):
    def pull(self, port: Port) -> Spikes | Samples:
        batch = super().pull(port)
        return batch._replace(ticks=batch.ticks - 1) if isinstance(batch, Spikes) else batch


@mutants.caught_by(
    "test_a_spike_has_the_tick_of_the_step_that_fired_it", "test_adopted_synapses_deliver_after_their_delay"
)
class HandsSpikesOutAStepLate(ToyAdapter):
    def _collect(self) -> None:
        for group, emissions in self._emissions.values():
            emissions.add(self._tick, getattr(group, "kept", np.empty(0, np.int64)))
            group.kept = group.fired


@mutants.caught_by(
    "test_an_empty_window_says_how_far_it_is_complete",
    "test_a_port_that_is_opened_between_runs_starts_with_the_next_tick",
)
class SaysNotHowFarItIsComplete(ToyAdapter):
    def pull(self, port: Port) -> Spikes | Samples:
        batch = super().pull(port)
        return batch._replace(complete_until=0) if isinstance(batch, Spikes) else batch


@mutants.caught_by(
    "test_no_spike_is_lost_and_none_is_doubled", "test_spikes_are_given_once_in_order_with_all_they_need"
)
class DoublesSpikes(ToyAdapter):
    def _collect(self) -> None:
        super()._collect()
        for group, emissions in self._emissions.values():
            emissions.add(self._tick, group.fired)


@mutants.caught_by("test_spikes_are_given_once_in_order_with_all_they_need")
class GivesNeuronsInAnyOrder(ToyAdapter):
    def pull(self, port: Port) -> Spikes | Samples:
        batch = super().pull(port)
        return batch._replace(indices=batch.indices[::-1]) if isinstance(batch, Spikes) else batch


@mutants.caught_by("test_spikes_that_nobody_pulled_wait", "test_chunks_do_not_change_spikes_or_state")
class ForgetsSpikesNotPulled(ToyAdapter):
    def _collect(self) -> None:
        self._emissions = {key: (group, Emissions()) for key, (group, _) in self._emissions.items()}
        super()._collect()


# Chunks


@mutants.caught_by("test_chunks_do_not_change_spikes_or_state")
class MovesAtEachAdvance(ToyAdapter):
    def advance(self, until: int) -> None:
        self._groups[0].v -= 1e-12
        super().advance(until)


@mutants.caught_by(
    "test_chunks_do_not_change_what_is_random", "test_cleanup_between_chunks_does_not_change_what_is_random"
)
class DrawsAtEachChunk(ToyAdapter):
    def advance(self, until: int) -> None:
        self._groups[0].rng.random()
        super().advance(until)

    def prepare(self) -> None:
        super().prepare()
        self._groups[0].rng.random()


@mutants.caught_by("test_cleanup_between_chunks_does_not_change_results")
class ForgetsTheCurrentAtCleanup(ToyAdapter):
    def cleanup(self) -> None:
        super().cleanup()
        self._groups[0].current[:] = 0.0


@mutants.caught_by("test_reading_does_not_change_results")
class ReadingMoves(ToyAdapter):
    def read(self, handle: Any, name: str, index: Index = None) -> Any:
        self._groups[0].current[0] *= 0.5
        return super().read(handle, name, index)


@mutants.caught_by("test_a_subscription_does_not_change_results")
class SubscribingMoves(ToyAdapter):
    def port(self, handle: Handle, name: str, kind: str, index: Index = None) -> Port:
        if kind == "samples out":
            self._groups[0].v[0] += 1.0
        return super().port(handle, name, kind, index)


@mutants.caught_by("test_a_subscription_that_ends_leaves_the_others_alone")
class EndsAllSubscriptions(ToyAdapter):
    def unsubscribe(self, port: Port) -> None:
        for _, _, _, trace in self._traces.values():
            trace.take()
        super().unsubscribe(port)


@mutants.caught_by("test_starting_in_the_background_does_not_change_results")
class StartsATickTooFar(ToyAdapter):
    def start(self, until: int) -> None:
        super().advance(until + 1)


# Samples


@mutants.caught_by(
    "test_a_sample_acts_in_the_step_that_takes_it_in", "test_a_sample_can_be_seen_from_its_tick_until_the_next"
)
class SetsSamplesATickLate(ToyAdapter):
    def _set_levels(self) -> None:
        self._tick -= 1
        super()._set_levels()
        self._tick += 1


@mutants.caught_by(
    "test_a_sample_can_be_seen_from_its_tick_until_the_next", "test_a_constant_drive_gives_the_exact_rate"
)
class ForgetsASampleAfterOneTick(ToyAdapter):
    def _set_levels(self) -> None:
        self._groups[0].drive[:] = 0.0
        super()._set_levels()


@mutants.caught_by("test_chunks_do_not_change_what_samples_do")
class SetsSamplesOnceAChunk(ToyAdapter):
    def advance(self, until: int) -> None:
        self._until = until
        super().advance(until)

    def _set_levels(self) -> None:
        if self._tick == getattr(self, "_until", 0):
            super()._set_levels()


@mutants.caught_by("test_samples_leave_one_a_tick_without_gap_or_repetition")
class LosesARowAtEachChunk(ToyAdapter):
    def pull(self, port: Port) -> Spikes | Samples:
        batch = super().pull(port)
        return Samples(batch.t0, batch.values[:-1]) if isinstance(batch, Samples) else batch


@mutants.caught_by("test_samples_leave_one_a_tick_without_gap_or_repetition")
class KeepsViewsAsSamples(ToyAdapter):
    def _collect(self) -> None:
        for group, name, _, trace in self._traces.values():
            trace.add(group.variable(name))


@mutants.caught_by(
    "test_a_port_that_is_opened_between_runs_starts_with_the_next_tick",
    "test_a_port_that_is_opened_while_running_starts_with_the_next_tick",
)
class CountsSamplesFromTheStart(ToyAdapter):
    def port(self, handle: Handle, name: str, kind: str, index: Index = None) -> Port:
        reached, self._tick = self._tick, 0
        port = super().port(handle, name, kind, index)
        self._tick = reached
        return port


@pytest.mark.parametrize(("mutant", "check"), mutants.pairs)
def test_a_broken_adapter_is_caught(mutant: type[Adapter], check: str) -> None:
    mutants.assert_caught(mutant, check)


def test_every_check_catches_some_mutant() -> None:
    # The toy has no slower clock; test_tensorflow.py has a mutant for it.
    assert mutants.idle() == {"test_a_slower_clock_steps_at_its_own_ticks_only"}
