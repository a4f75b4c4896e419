"""A population inside a network: a group like any other, with links, recorders and behaviours."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fusion.core import units
from fusion.core.neurons import NeuronGroup
from fusion.core.synapses import SynapseGroup
from fusion.errors import BehaviourFailed, NetworkBroken, UnknownVariable
from fusion.network import Network
from fusion.recording.recorder import EventRecorder, Recorder
from fusion.testing.checks.windows import WindowChecks
from fusion.testing.network_suite import ONE_TO_ONE
from fusion.testing.probes import Fails, Fires, Holds, Notes, Writes
from fusion.testing.rig import FEW, MANY
from fusion.testing.toy import ToyNeurons


class NetworkConformance(WindowChecks):
    """Uses an adapter as users do, through `fusion.Network`. Give `case`, and `unsupported` where it must be."""

    def test_a_population_is_a_group_like_any_other(self) -> None:
        with self._network() as net:
            cells = self._cells(net)
            assert net["cells", 0] is cells
            assert cells.size == FEW
            variable = cells.handle.variables[self.case.state]
            assert cells.unit(self.case.state) == variable.unit
            values = getattr(cells, self.case.state) + self.case.shift
            setattr(cells, self.case.state, values)
            np.testing.assert_array_equal(getattr(cells, self.case.state), values)
            with pytest.raises(UnknownVariable, match=rf"\b{self.case.state}\b"):
                _ = cells.nonsense

    def test_recorders_write_one_row_an_iteration(self) -> None:
        """Row k is the state at the end of iteration k; a slice of it, and a mean, are the same numbers."""
        name = self.case.state
        with self._network() as net:
            cells = self._cells(net, {9: Recorder(name, f"{name}[1:]", f"np.mean({name})"), 10: EventRecorder("spike")})
            self._source(net, cells, {3: [0, 2], 5: [1]}, self.case.kick)
            net.simulate(7)
            np.testing.assert_array_equal(net[name, 0][-1], getattr(cells, name))
            net.simulate(self.case.recovery)
            rows = net[name, 0]
            assert rows.shape == (7 + self.case.recovery, FEW), f"{rows.shape} rows and columns"
            np.testing.assert_array_equal(net[f"{name}[1:]", 0], rows[:, 1:])
            # A mean of rows may sum in another order than a mean of a row.
            np.testing.assert_allclose(net[f"np.mean({name})", 0], rows.mean(axis=1), rtol=1e-12)
            assert sorted(net["spike.i", 0].tolist()) == [0, 1, 2], f"three kicks, and the spikes {net['spike.i', 0]}"
            assert (np.diff(net["spike.t", 0]) >= 0).all()

    def test_a_spike_enters_after_the_delay_of_its_link(self) -> None:
        """Sent in iteration k, it stands in the input at the end of iteration k + delay, with its weight."""
        for delay in (1, 2, 7):
            with self._network() as net:
                cells = self._cells(net, {9: Recorder(self.case.arrived)})
                rest = getattr(cells, self.case.arrived)
                self._source(net, cells, {4: [1]}, self.case.nudge, delay)
                net.simulate(4 + delay)
                changes = net[self.case.arrived, 0] - rest
                assert not changes[:-1].any(), f"delay {delay}: it arrives before iteration {4 + delay}"
                assert changes[-1].tolist() == [0.0, self.case.nudge, 0.0], f"delay {delay}: there is {changes[-1]}"

    def test_a_spike_leaves_with_the_delay_of_its_link(self) -> None:
        for delay in (1, 2, 7):
            with self._network() as net:
                cells = self._cells(net, {10: EventRecorder("spike")})
                self._source(net, cells, {2: [1]}, self.case.kick)
                target = NeuronGroup(net, size=FEW, tag="target", behaviour={1: Notes(variable="arriving")})
                SynapseGroup(net, cells, target, weight=2.0 * ONE_TO_ONE, delay=delay * net.dt, into="arriving")
                net.simulate(self.case.recovery + 10)
                (fired,) = net.clock.rounded(net["spike.t", 0])
                notes = np.array(target["Notes", 0].notes)
                expected = np.zeros_like(notes)
                expected[fired + delay - 1, 1] = 2.0
                np.testing.assert_array_equal(notes, expected, f"fired in iteration {fired}, delay {delay}")

    def test_samples_enter_and_leave_with_the_delay_of_their_link(self) -> None:
        """The value at the end of iteration k stands in the target's input from iteration k + delay on."""
        for delay, window in itertools.product((1, 3), (1, 5, None)):
            with self._network(window=window) as net:
                cells = self._cells(net, {9: Recorder(self.case.sample_seen), 10: Recorder(self.case.state)})
                plan = {4: self.case.sample, 6: -self.case.sample}
                source = NeuronGroup(net, size=FEW, tag="source", behaviour={1: Holds(plan=plan)})
                target = NeuronGroup(net, size=FEW, tag="target", behaviour={1: Notes(variable="seen")})
                into, after = self.case.sample_input, delay * net.dt
                SynapseGroup(net, source, cells, signal="value", into=into, delay=after)
                SynapseGroup(net, cells, target, signal=self.case.state, into="seen", delay=after)
                net.simulate(12)
                inside, state = net[self.case.sample_seen, 0], net[self.case.state, 0]
                sent = [0.0] * 3 + [self.case.sample] * 2 + [-self.case.sample] * (7 - delay)
                np.testing.assert_array_equal(inside[delay:, 0], sent, f"in, delay {delay}, window {window}")
                notes = np.array(target["Notes", 0].notes)
                np.testing.assert_array_equal(notes[delay:], state[:-delay], f"out, delay {delay}, window {window}")

    def test_behaviours_see_the_state_of_their_iteration_and_change_the_next(self) -> None:
        name = self.case.state
        with self._network() as net:
            cells = self._cells(net, {9: Recorder(name), 1: Notes(variable=name)})
            shifted = getattr(cells, name) + self.case.shift * np.array([0.0, 1.0, 0.0])
            cells.add_behaviour(2, Writes(variable=name, values=shifted, when=3))
            net.simulate(6)
            seen, recorded = np.array(cells["Notes", 0].notes), net[name, 0]
            np.testing.assert_array_equal(seen[[0, 1, 3, 4, 5]], recorded[[0, 1, 3, 4, 5]])
            np.testing.assert_array_equal(seen[2], recorded[1], "before the write the neurons are at rest")
            np.testing.assert_array_equal(recorded[2], shifted, "what is written is there in the same iteration")
            moved = recorded[3] != recorded[1]
            assert moved.tolist() == [False, True, False], f"neurons that start from another state: {moved}"

    def test_spikes_and_mask_of_an_iteration_are_those_recorded(self) -> None:
        with self._network() as net:
            cells = self._cells(net, {9: Notes(variable="spike"), 10: EventRecorder("spike")}, n=MANY)
            plan = {k: [k % MANY, (3 * k + 1) % MANY] for k in range(1, 40)}
            source = NeuronGroup(net, size=MANY, tag="source", behaviour={1: Fires(plan=plan)})
            SynapseGroup(net, source, cells, weight=self.case.kick * np.eye(MANY), into=self.case.spike_input)
            net.simulate(60)
            noted = np.argwhere(cells["Notes", 0].notes)
            recorded = np.stack([net.clock.rounded(net["spike.t", 0]) - 1, net["spike.i", 0]], axis=1)
            assert len(noted) > MANY, f"only {len(noted)} spikes"
            np.testing.assert_array_equal(recorded, noted)

    def test_the_network_seed_decides_what_is_random(self) -> None:
        trains = []
        for seed in (3, 3, 4):
            with self._network(seed) as net:
                NeuronGroup(
                    net, self.case.noisy(MANY), tag="cells", behaviour={10: EventRecorder("spike")}, host=self.case.host
                )
                net.simulate(100)
                trains.append(net["spike", 0].tolist())
        assert trains[0] == trains[1], "seed 3 gives different spikes in two networks"
        assert trains[0] != trains[2], f"seeds 3 and 4 give the same {len(trains[0])} spikes"

    def test_two_runs_are_one(self) -> None:
        rows = []
        for runs in ((40,), (13, 27)):
            with self._network() as net:
                cells = self._cells(net, {9: Recorder(self.case.state)})
                self._source(net, cells, {2: [0], 11: [1], 12: [2], 13: [0]}, self.case.nudge, 3)
                for iterations in runs:
                    net.simulate(iterations)
                rows.append(net[self.case.state, 0])
        np.testing.assert_array_equal(rows[0], rows[1], "40 iterations, and 13 and 27")

    def test_a_behaviour_that_fails_leaves_what_was_recorded(self) -> None:
        with self._network() as net:
            self._cells(net, {9: Recorder(self.case.state)})
            NeuronGroup(net, size=2, tag="other", behaviour={10: Fails(when=5)})
            with pytest.raises(BehaviourFailed, match="iteration 5"):
                net.simulate(8)
            assert len(net[self.case.state, 0]) == 4, f"{len(net[self.case.state, 0])} of 4 whole iterations are kept"
            with pytest.raises(NetworkBroken):
                net.simulate(1)
        self.test_two_runs_are_one()

    def test_a_stand_in_fires_as_long_after_its_source_as_was_asked(self) -> None:
        """Its axonal delay and the delay of native synapses built on it add up."""
        with self._network() as net:
            cells = self._cells(net, {9: Recorder(self.case.arrived)})
            source = NeuronGroup(net, size=FEW, tag="source", behaviour={1: Fires(plan={4: [0, 1, 2]})})
            stand_in = net.stand_in(source, inside=cells, delay=3 * net.dt)
            delays = net.dt * np.array([1.0, 2.0, 5.0])
            # Simulators that find native synapses by themselves may hold them weakly.
            synapses = self.case.synapses(stand_in, cells.foreign, np.full(FEW, self.case.nudge), delays)
            net.simulate(14)
            first = 1 + np.argmax(net[self.case.arrived, 0] != 0, axis=0)
            assert first.tolist() == [8, 9, 12], f"fired in iteration 4, over {synapses!r} it arrives in {first}"

    def test_adopted_synapses_are_a_synapse_group(self) -> None:
        with self._network() as net:
            ends = self.case.quiet(FEW), self.case.quiet(FEW)
            weights, delays = self.case.nudge * np.array([1.0, 0.5, 0.25]), net.dt * np.array([1.0, 3.0, 2.0])
            synapses = self.case.synapses(*ends, weights, delays)
            source, target = (NeuronGroup(net, end, tag=tag) for end, tag in zip(ends, ("pre", "post"), strict=True))
            adopted = SynapseGroup(net, source, target, synapses, tag="native")
            assert net["native", 0] is adopted
            np.testing.assert_array_equal(np.sort(adopted.pre), [0, 1, 2])
            # A conversion of units rounds once or twice.
            np.testing.assert_allclose(adopted.W.toarray(), np.diag(weights), rtol=1e-14)

    def test_a_closed_network_leaves_its_objects_to_the_next(self) -> None:
        with self._network() as net:
            cells = self._cells(net)
            net.simulate(3)
            net.close()
            net.close()
            with Network(dt=self.case.dt, seed=1) as again:
                NeuronGroup(
                    again, cells.foreign, tag="cells", behaviour={9: Recorder(self.case.state)}, host=self.case.host
                )
                again.simulate(4)
                assert len(again[self.case.state, 0]) == 4

    def test_a_network_that_is_split_with_the_toy_fires_the_same_spikes(self) -> None:
        """One half in this simulator and one in the toy, against both halves in the toy; weights of both signs."""
        whole = self._recurrent(self._toy)
        for window in (None, 1):
            split = self._recurrent(self.case.quiet, window)
            for half, other, name in zip(split, whole, ("here", "in the toy"), strict=True):
                assert len(other) > 2 * MANY, f"only {len(other)} spikes in the half that is {name}"
                what = f"(iteration, neuron) of the half that is {name}, window {window}"
                np.testing.assert_array_equal(half, other, what)

    def _recurrent(self, make: Callable[[int], Any], window: int | None = None) -> list[NDArray[Any]]:
        rng = np.random.default_rng(11)
        with self._network(window=window) as net:
            halves = []
            for population, tag in ((make(MANY), "here"), (self._toy(MANY), "there")):
                host = None if isinstance(population, ToyNeurons) else self.case.host
                half = NeuronGroup(net, population, tag=tag, behaviour={10: EventRecorder("spike")}, host=host)
                # The toy calls it drive, the simulator under test may call it otherwise.
                drive = "drive" if isinstance(half.foreign, ToyNeurons) else self.case.sample_seen
                setattr(half, drive, rng.uniform(400.0, 600.0, MANY) * _from_pa(half, drive))
                halves.append(half)
            for source in halves:
                for target in halves:
                    into = "current" if isinstance(target.foreign, ToyNeurons) else self.case.spike_input
                    weights = rng.uniform(-1500.0, 1500.0, (MANY, MANY)) * _from_pa(target, into)
                    delays = net.dt * rng.integers(3, 20, (MANY, MANY))
                    SynapseGroup(net, source, target, weight=weights, delay=delays, into=into)
            net.simulate(600)
            return [half["spike", 0] for half in halves]


def _from_pa(group: NeuronGroup, name: str) -> float:
    unit = group.unit(name)
    assert unit is not None, f"{name} has no unit"
    return units.factor("pA", unit)
