"""The suite can fail: toys that are broken in their state or their life, and the checks that have to notice."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fusion.adapter.base import Adapter, GroupSpec, Handle, Index, Port
from fusion.adapter.queues import Emissions
from fusion.errors import FusionError, UnknownName
from fusion.testing.checks.exact import ExactChecks
from fusion.testing.checks.lifecycle import LifecycleChecks
from fusion.testing.checks.synapses import SynapseChecks
from fusion.testing.checks.variables import VariableChecks
from fusion.testing.mutants import Mutants
from fusion.testing.toy import ToyAdapter, ToyNeurons
from fusion.testing.toy_case import ToyCase

mutants = Mutants(ToyCase, VariableChecks, SynapseChecks, LifecycleChecks, ExactChecks)


# Variables


@mutants.caught_by("test_what_is_read_is_a_copy", "test_what_was_read_stays_as_it_was")
class ReadsViews(ToyAdapter):
    def read(self, handle: Any, name: str, index: Index = None) -> Any:
        array = self._array(handle, name)
        return array if index is None else array[index]


@mutants.caught_by("test_a_part_can_be_read")
class ReadsTheFirstInsteadOfAPart(ToyAdapter):
    def read(self, handle: Any, name: str, index: Index = None) -> Any:
        whole = super().read(handle, name)
        return whole if index is None else whole[: len(whole[index])]


@mutants.caught_by("test_what_is_written_is_read_back", "test_weights_of_adopted_synapses_can_be_written")
class WritesTheWholeInsteadOfAPart(ToyAdapter):
    def write(self, handle: Any, name: str, values: Any, index: Index = None) -> None:
        super().write(handle, name, values if index is None else np.ravel(values)[0])


@mutants.caught_by("test_what_is_written_is_read_back", "test_every_variable_that_may_be_written_takes_its_own_value")
class WritesInAnotherUnit(ToyAdapter):
    def write(self, handle: Any, name: str, values: Any, index: Index = None) -> None:
        super().write(handle, name, np.multiply(values, 1e-3), index)


@mutants.caught_by("test_what_is_written_is_seen_by_the_next_step")
class ForgetsWhatIsWritten(ToyAdapter):
    def advance(self, until: int) -> None:
        self._groups[0].v[:] = self._groups[0].v[0]
        super().advance(until)


@mutants.caught_by("test_a_name_that_is_not_there_is_an_error")
class DoesNotListTheNames(ToyAdapter):
    def _array(self, handle: Any, name: str) -> Any:
        if name not in handle.variables:
            raise UnknownName("variable", name, [])
        return super()._array(handle, name)


@mutants.caught_by("test_the_handle_tells_what_there_is")
class MisstatesSizes(ToyAdapter):
    def create(self, source: ToyNeurons, spec: GroupSpec) -> Handle:
        return replace(super().create(source, spec), size=source.n + 1)


@mutants.caught_by("test_the_handle_tells_what_there_is", "test_what_is_not_declared_is_refused")
class DoesWhatItDoesNotDeclare(ToyAdapter):
    capabilities = replace(ToyAdapter.capabilities, samples_in=False, stand_ins=False)


@mutants.caught_by("test_two_populations_do_not_mix")
class MixesPopulations(ToyAdapter):
    def port(self, handle: Handle, name: str, kind: str, index: Index = None) -> Port:
        return super().port(replace(handle, id=0), name, kind, index)


# Synapses


@mutants.caught_by("test_adopted_synapses_show_what_they_are")
class ShowsDelaysInTicks(ToyAdapter):
    def read(self, handle: Any, name: str, index: Index = None) -> Any:
        values = super().read(handle, name, index)
        return values / self._clock.dt if name == "delays" else values


@mutants.caught_by("test_adopted_synapses_deliver_after_their_delay", "test_a_stand_in_fires_at_its_tick")
class AddsATickToSynapses(ToyAdapter):
    def prepare(self) -> None:
        super().prepare()
        for source in self._populations():
            for synapses in source.synapses:
                synapses.ring = np.zeros((40, synapses.target.n))
                synapses._steps = synapses._steps + 1


@mutants.caught_by("test_a_stand_in_fires_at_its_tick", "test_a_stand_in_acts_as_a_native_source_does")
class FiresStandInsATickLate(ToyAdapter):
    def push(self, port: Port, batch: Any) -> None:
        super().push(port, batch._replace(ticks=batch.ticks + 1) if port.handle.id < 0 else batch)


@mutants.caught_by("test_a_stand_in_fires_as_often_as_it_is_told")
class FiresStandInsOnce(ToyAdapter):
    def push(self, port: Port, batch: Any) -> None:
        super().push(port, batch._replace(values=np.sign(batch.values)) if port.handle.id < 0 else batch)


@mutants.caught_by("test_a_stand_in_that_is_told_too_late_is_an_error")
class DropsLateStandIns(ToyAdapter):
    def push(self, port: Port, batch: Any) -> None:
        if port.handle.id >= 0 or batch.ticks[0] > self._tick:
            super().push(port, batch)


# Lifecycle


@mutants.caught_by("test_an_adapter_serves_its_own_objects_only")
class ServesEverything(ToyAdapter):
    @classmethod
    def serves(cls, source: object) -> bool:
        return True


@mutants.caught_by("test_close_always_works_and_may_be_repeated")
class ClosesOnce(ToyAdapter):
    def close(self) -> None:
        super().close()
        if "closed" in vars(self):
            raise FusionError("closed already")
        self.closed = True


@mutants.caught_by(
    "test_an_object_is_taken_once", "test_ticks_count_from_the_first_prepare_whatever_the_simulator_did_before"
)
class KeepsItsClaim(ToyAdapter):
    def close(self) -> None:
        self.cleanup()


@mutants.caught_by("test_an_object_is_taken_once")
class TakesTwice(ToyAdapter):
    def create(self, source: ToyNeurons, spec: GroupSpec) -> Handle:
        source.owner = None
        return super().create(source, spec)


@mutants.caught_by("test_opened_again_it_does_the_same_again")
class CarriesOverFromTheRunBefore(ToyAdapter):
    runs = itertools.count()

    def open(self, clock: Any, seed: int) -> None:
        super().open(clock, seed)
        self._run = next(self.runs)

    def prepare(self) -> None:
        super().prepare()
        self._groups[0].drive[0] += 1e-9 * self._run


@mutants.caught_by("test_the_same_seed_gives_the_same_and_another_does_not")
class IgnoresTheSeed(ToyAdapter):
    def open(self, clock: Any, seed: int) -> None:
        super().open(clock, 1)


@mutants.caught_by("test_the_same_seed_gives_the_same_and_another_does_not")
class IsNotSeeded(ToyAdapter):
    def create(self, source: ToyNeurons, spec: GroupSpec) -> Handle:
        handle = super().create(source, spec)
        source.rng = np.random.default_rng()
        return handle


@mutants.caught_by("test_ticks_go_on_after_cleanup", "test_cleanup_between_chunks_does_not_change_results")
class CountsFromEachPrepare(ToyAdapter):
    def prepare(self) -> None:
        super().prepare()
        self._tick = 0


@mutants.caught_by("test_ticks_count_from_the_first_prepare_whatever_the_simulator_did_before")
class CountsFromTheSimulatorsStart(ToyAdapter):
    def prepare(self) -> None:
        super().prepare()
        self._tick = getattr(self._groups[0], "reached", 0)

    def cleanup(self) -> None:
        super().cleanup()
        self._groups[0].reached = self._tick


@mutants.caught_by("test_an_exception_inside_advance_leaves_it_closable")
class CannotBeCleanedUpAfterAnError(ToyAdapter):
    def advance(self, until: int) -> None:
        self._inside = True
        super().advance(until)
        self._inside = False

    def cleanup(self) -> None:
        if self._inside:
            raise FusionError("still running")
        super().cleanup()


@mutants.caught_by("test_as_many_may_be_open_as_is_declared")
class IsOpenedOnceOnly(ToyAdapter):
    capabilities = replace(ToyAdapter.capabilities, instances_per_process=1)


@mutants.caught_by("test_as_many_may_be_open_as_is_declared")
class SharesItsPorts(ToyAdapter):
    shared: dict[int, tuple[Any, Emissions]] = {}

    def __init__(self) -> None:
        super().__init__()
        self._emissions = self.shared


@mutants.caught_by("test_a_foreign_dt_is_an_error_that_names_both")
class TakesAnyDt(ToyAdapter):
    def create(self, source: ToyNeurons, spec: GroupSpec) -> Handle:
        source.dt = self._clock.dt
        return super().create(source, spec)


@mutants.caught_by("test_a_snapshot_restored_runs_on_as_if_nothing_had_been")
class SavesNoArrivals(ToyAdapter):
    def _waiting(self) -> dict[str, Any]:
        return {}


@mutants.caught_by("test_a_snapshot_restored_runs_on_as_if_nothing_had_been")
class SavesNoCurrent(ToyAdapter):
    def _state(self) -> dict[str, Any]:
        return {name: array for name, array in super()._state().items() if not name.startswith("current")}


# Mathematics


@mutants.caught_by(
    "test_the_response_to_an_arrival_is_the_exact_solution",
    "test_a_kick_fires_when_the_exact_solution_reaches_the_threshold",
    "test_a_constant_drive_gives_the_exact_rate",
)
class IntegratesByEuler(ToyAdapter):
    def prepare(self) -> None:
        super().prepare()
        for group in self._groups:
            group._keep = 1.0 - group.dt / group.tau_m
            group._from_current = group._from_drive = group.dt / group.capacitance


@mutants.caught_by("test_a_constant_drive_gives_the_exact_rate")
class IsRefractoryAStepTooShort(ToyAdapter):
    def create(self, source: ToyNeurons, spec: GroupSpec) -> Handle:
        source.refractory -= 1
        return super().create(source, spec)


@pytest.mark.parametrize(("mutant", "check"), mutants.pairs)
def test_a_broken_adapter_is_caught(mutant: type[Adapter], check: str) -> None:
    mutants.assert_caught(mutant, check)


def test_every_check_catches_some_mutant() -> None:
    assert mutants.idle() == set()
