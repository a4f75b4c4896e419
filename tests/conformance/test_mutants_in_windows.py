"""The suite can fail: toys that go wrong in windows, or with links whose weights they hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fusion.adapter.base import Adapter, Handle, Index, Port
from fusion.core.batch import Samples, Spikes
from fusion.core.projection import Projection
from fusion.errors import LateInput
from fusion.testing.checks.carrying import CarryChecks
from fusion.testing.checks.windows import WindowChecks
from fusion.testing.mutants import Mutants
from fusion.testing.toy import ToyAdapter
from fusion.testing.toy_case import ToyCase

mutants = Mutants(ToyCase, WindowChecks, CarryChecks)


class CarryingToy(ToyAdapter):
    """A toy that holds the weights of links."""

    capabilities = replace(ToyAdapter.capabilities, carries_links=True)

    def carry(self, handle: Handle, name: str, projection: Projection) -> Port:
        port = self._new_port(handle, name)
        self.carried = {port.id: (handle, projection, [(0, projection.weights)])}
        self.due: dict[int, Any] = {}
        return port

    def reweigh(self, port: Port, weights: Any) -> None:
        _, projection, versions = self.carried[port.id]
        # What left its source up to now arrives up to then.
        versions.append((self._tick + projection.shortest, weights))

    def push(self, port: Port, batch: Any) -> None:
        if port.id not in getattr(self, "carried", {}):
            super().push(port, batch)
            return
        handle, projection, versions = self.carried[port.id]
        for tick, source, times in zip(batch.ticks, batch.indices, batch.values, strict=True):
            if tick <= self._tick:
                raise LateInput(f"A spike of a carried link for tick {tick} came at {self._tick}.", tick=int(tick))
            weights = next(weights for last, weights in reversed(versions) if tick > last)
            hit = projection.pre == source
            ticks = tick + projection.delays[hit] - projection.shortest
            for due, target, weight in zip(ticks, projection.post[hit], weights[hit], strict=True):
                row = self.due.setdefault(int(due), np.zeros((len(self._groups), handle.size)))
                row[handle.id, target] += times * weight

    def _deliver(self, tick: int) -> None:
        super()._deliver(tick)
        row = getattr(self, "due", {}).pop(tick, None)
        if row is not None:
            for group, values in zip(self._groups, row, strict=True):
                group.arriving += values


class CarryingCase(ToyCase):
    adapter = CarryingToy


class TestCarryingToy(CarryChecks):
    case = CarryingCase()


# Windows


@mutants.caught_by("test_windows_do_not_change_spikes_or_recordings")
class MovesAtEachAdvance(ToyAdapter):
    def advance(self, until: int) -> None:
        self._groups[0].v -= 1e-12
        super().advance(until)


@mutants.caught_by("test_windows_do_not_change_spikes_or_recordings")
class LosesWhatFiresAtTheEndOfALongChunk(ToyAdapter):
    def pull(self, port: Port) -> Spikes | Samples:
        batch = super().pull(port)
        if isinstance(batch, Samples) or not len(batch.ticks) or batch.ticks[0] == self._tick:
            return batch
        kept = batch.ticks < self._tick
        return Spikes(batch.ticks[kept], batch.indices[kept], batch.values[kept], batch.complete_until)


@mutants.caught_by("test_the_longest_exact_window_is_taken_and_one_more_iteration_is_an_error")
class NeedsMoreNoticeThanItSays(ToyAdapter):
    def push(self, port: Port, batch: Any) -> None:
        if self._tick > 12 and isinstance(batch, Spikes) and len(batch.ticks) and batch.ticks[0] <= self._tick + 1:
            raise LateInput("a tick too late")
        super().push(port, batch)


@mutants.caught_by("test_windows_do_not_change_what_is_random")
class DrawsAtEachAdvance(ToyAdapter):
    def advance(self, until: int) -> None:
        self._groups[0].rng.random()
        super().advance(until)


@mutants.caught_by("test_every_variable_is_recorded_in_windows_as_in_lockstep")
class TracesOneVariableForAnother(ToyAdapter):
    def port(self, handle: Handle, name: str, kind: str, index: Index = None) -> Port:
        return super().port(handle, "tau_m" if (kind, name) == ("samples out", "tau_syn") else name, kind, index)


@mutants.caught_by("test_what_a_behaviour_writes_every_so_often_ends_a_window")
class ForgetsWhatIsWrittenInLongChunks(ToyAdapter):
    def write(self, handle: Any, name: str, values: Any, index: Index = None) -> None:
        self.before = self._groups[0].v.copy()
        super().write(handle, name, values, index)

    def advance(self, until: int) -> None:
        if until > self._tick + 1 and "before" in vars(self):
            self._groups[0].v[:] = self.before
        super().advance(until)


@mutants.caught_by("test_a_recorder_that_is_attached_between_runs_records_from_then_on")
class RepeatsTheFirstRow(ToyAdapter):
    def pull(self, port: Port) -> Spikes | Samples:
        batch = super().pull(port)
        return Samples(batch.t0, 0 * batch.values + batch.values[0]) if isinstance(batch, Samples) else batch


@mutants.caught_by("test_a_link_whose_weights_are_changed_between_runs_delivers_the_new_ones")
class WeakensWithEachRun(ToyAdapter):
    runs = 0

    def prepare(self) -> None:
        super().prepare()
        self.runs += 1

    def push(self, port: Port, batch: Any) -> None:
        super().push(port, batch._replace(values=batch.values / self.runs))


# Carried links


@mutants.caught_by("test_a_carried_link_is_the_summed_one")
class TakesEachDelayForTheShortest(CarryingToy):
    def carry(self, handle: Handle, name: str, projection: Projection) -> Port:
        shortest = np.full(len(projection), projection.shortest)
        return super().carry(handle, name, replace(projection, delays=shortest))


@mutants.caught_by("test_a_carried_link_takes_other_weights_between_runs")
class KeepsItsWeights(CarryingToy):
    def reweigh(self, port: Port, weights: Any) -> None:
        pass


@mutants.caught_by("test_a_carried_link_takes_other_weights_between_runs")
class ReweighsWhatIsOnItsWay(CarryingToy):
    def reweigh(self, port: Port, weights: Any) -> None:
        self.carried[port.id][2][:] = [(0, weights)]


@mutants.caught_by("test_a_source_of_a_carried_link_that_is_told_too_late_is_an_error")
class DropsLateSources(CarryingToy):
    def push(self, port: Port, batch: Any) -> None:
        if batch.ticks[0] > self._tick:
            super().push(port, batch)


@mutants.caught_by("test_a_carried_link_is_the_summed_one")
class CarriesWithoutSayingSo(CarryingToy):
    capabilities = ToyAdapter.capabilities


@pytest.mark.parametrize(("mutant", "check"), mutants.pairs)
def test_a_broken_adapter_is_caught(mutant: type[Adapter], check: str) -> None:
    mutants.assert_caught(mutant, check)


def test_every_check_catches_some_mutant() -> None:
    assert mutants.idle() == set()
