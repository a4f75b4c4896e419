"""The suite can fail: toys that are broken in ways that a user of networks meets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fusion.adapter.base import Adapter, GroupSpec, Handle, Index, Port, n_selected
from fusion.core.batch import Samples, Spikes
from fusion.errors import FusionError
from fusion.testing.checks.windows import WindowChecks
from fusion.testing.conformance import NetworkConformance
from fusion.testing.mutants import Mutants
from fusion.testing.toy import ToyAdapter, ToyNeurons
from fusion.testing.toy_case import ToyCase

# Both halves are toys here, so that a mutant would be compared with itself.
SPLIT = "test_a_network_that_is_split_with_the_toy_fires_the_same_spikes"

mutants = Mutants(ToyCase, NetworkConformance)


@mutants.caught_by("test_a_population_is_a_group_like_any_other")
class MisstatesItsSize(ToyAdapter):
    def create(self, source: ToyNeurons, spec: GroupSpec) -> Handle:
        handle = super().create(source, spec)
        return replace(handle, size=handle.size + 1)


@mutants.caught_by(
    "test_a_spike_enters_after_the_delay_of_its_link",
    "test_a_stand_in_fires_as_long_after_its_source_as_was_asked",
)
class DeliversATickLate(ToyAdapter):
    def _deliver(self, tick: int) -> None:
        super()._deliver(tick - 1)


@mutants.caught_by(
    "test_a_spike_leaves_with_the_delay_of_its_link",
    "test_spikes_and_mask_of_an_iteration_are_those_recorded",
)
class HandsOutNoIndices(ToyAdapter):
    def pull(self, port: Port) -> Spikes | Samples:
        batch = super().pull(port)
        return batch._replace(indices=0 * batch.indices) if isinstance(batch, Spikes) else batch


@mutants.caught_by("test_samples_enter_and_leave_with_the_delay_of_their_link")
class SetsSamplesATickLate(ToyAdapter):
    def _set_levels(self) -> None:
        self._tick -= 1
        super()._set_levels()
        self._tick += 1


@mutants.caught_by("test_recorders_write_one_row_an_iteration")
class ReadsTheFirstInsteadOfAPart(ToyAdapter):
    def read(self, handle: Any, name: str, index: Index = None) -> Any:
        whole = super().read(handle, name)
        return whole if index is None else whole[: len(whole[index])]

    def port(self, handle: Handle, name: str, kind: str, index: Index = None) -> Port:
        return super().port(handle, name, kind, slice(n_selected(handle.size, index)))


@mutants.caught_by("test_behaviours_see_the_state_of_their_iteration_and_change_the_next")
class ForgetsWhatIsWritten(ToyAdapter):
    def advance(self, until: int) -> None:
        self._groups[0].v[:] = self._groups[0].v[0]
        super().advance(until)


@mutants.caught_by("test_the_network_seed_decides_what_is_random")
class IgnoresTheSeed(ToyAdapter):
    def open(self, clock: Any, seed: int) -> None:
        super().open(clock, 1)


@mutants.caught_by("test_two_runs_are_one")
class LosesTheCurrentBetweenRuns(ToyAdapter):
    def cleanup(self) -> None:
        super().cleanup()
        self._groups[0].current[:] = 0.0


@mutants.caught_by("test_adopted_synapses_are_a_synapse_group")
class HalvesWeights(ToyAdapter):
    def read(self, handle: Any, name: str, index: Index = None) -> Any:
        values = super().read(handle, name, index)
        return values / 2 if name == "weights" else values


@mutants.caught_by("test_a_closed_network_leaves_its_objects_to_the_next")
class KeepsItsClaim(ToyAdapter):
    def close(self) -> None:
        self.cleanup()


@mutants.caught_by("test_a_behaviour_that_fails_leaves_what_was_recorded")
class CannotBeCleanedUp(ToyAdapter):
    def cleanup(self) -> None:
        raise FusionError("there is no way back")


@pytest.mark.parametrize(("mutant", "check"), mutants.pairs)
def test_a_broken_adapter_is_caught(mutant: type[Adapter], check: str) -> None:
    mutants.assert_caught(mutant, check)


def test_a_half_that_differs_is_caught() -> None:
    class Slower(ToyCase):
        def quiet(self, n: int) -> ToyNeurons:
            return ToyNeurons(n, tau_m=10.0, tau_syn=0.5, reset=-70.0, refractory=21)

    class SlowerInNetworks(NetworkConformance):
        case = Slower()

    with pytest.raises(AssertionError, match="the half that is here"):
        getattr(SlowerInNetworks(), SPLIT)()


def test_every_check_catches_some_mutant() -> None:
    # test_mutants_in_windows.py has those for the windows.
    assert mutants.idle() == {SPLIT, *WindowChecks.checks()}
