"""Windows: participants that meet rarely do what they do in lockstep, in all bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fusion.core.neurons import NeuronGroup
from fusion.core.synapses import SynapseGroup
from fusion.errors import BuildFailed
from fusion.network import Network
from fusion.recording.recorder import EventRecorder, Recorder
from fusion.testing.network_suite import ONE_TO_ONE, NetworkSuite
from fusion.testing.probes import Answers, Fires, Pushes
from fusion.testing.rig import FEW, MANY

Recorded = dict[str, NDArray[Any]]


class WindowChecks(NetworkSuite):
    """``Network(window=)`` from one iteration to as many as are exact."""

    def test_windows_do_not_change_spikes_or_recordings(self) -> None:
        """Rows of the whole, of parts and of means, and events; over several runs that no window divides."""
        lockstep = self._in_a_loop(1)
        assert len(lockstep["spike"]) > MANY, f"only {len(lockstep['spike'])} spikes: the kick of the case is too weak"
        assert len(lockstep[self.case.state]) == sum(self.runs), "rows are missing"
        for window in (2, 5, self._bound(), None):
            assert_equal(self._in_a_loop(window), lockstep, f"window {window} and window 1")

    runs = 23, 1, 40
    delay_back, delay_in = 3, 12

    def _in_a_loop(self, window: int | None, seed: int = 1) -> Recorded:
        """A population that drives native relays, which kick it in turn; and random kicks from outside."""
        name, rng = self.case.state, np.random.default_rng(7)
        plan = {k: np.flatnonzero(rng.random(MANY) < 0.06) for k in range(1, 60)}
        with self._network(seed, window) as net:
            expressions = [name, f"{name}[1:]", f"{name}[::3]", self.case.arrived, f"{self.case.arrived}[:2]"]
            cells = self._cells(net, {9: Recorder(*expressions), 10: EventRecorder("spike")}, MANY)
            source = NeuronGroup(net, size=MANY, tag="source", behaviour={1: Fires(plan=plan)})
            self._kick(net, source, cells, "kicks", 1 + cells.adapter.capabilities.notice)
            relays = NeuronGroup(net, size=MANY, tag="relays", behaviour={5: Answers(), 9: Recorder("input")})
            SynapseGroup(net, cells, relays, tag="back", weight=1.0, delay=self.delay_back * net.dt)
            self._kick(net, relays, cells, "in", self.delay_in)
            for iterations in self.runs:
                net.simulate(iterations)
            return {each: net[each, 0] for each in (*expressions, "spike", "input")}

    def _kick(self, net: Network, source: NeuronGroup, cells: Any, tag: str, delay: int) -> None:
        weight = self.case.kick * np.eye(MANY)
        SynapseGroup(net, source, cells, tag=tag, weight=weight, delay=delay * net.dt, into=self.case.spike_input)

    def _bound(self) -> int:
        """The longest window of the loop: the longer of its two links runs back, less the notice of its receiver."""
        with self._network() as net:
            return max(self.delay_back, self.delay_in - int(self._cells(net).adapter.capabilities.notice))

    def test_the_longest_exact_window_is_taken_and_one_more_iteration_is_an_error(self) -> None:
        """The error names the link that forbids it."""
        bound = self._bound()
        self._in_a_loop(bound)
        with pytest.raises(
            BuildFailed, match=rf"'in' allows windows of at most {bound} iterations.*for .* {bound + 1}"
        ):
            self._in_a_loop(bound + 1)

    def test_windows_do_not_change_what_is_random(self) -> None:
        def outcome(window: int | None) -> Recorded:
            with self._network(3, window) as net:
                cells = NeuronGroup(
                    net, self.case.noisy(MANY), tag="cells", behaviour={10: EventRecorder("spike")}, host=self.case.host
                )
                target = NeuronGroup(net, size=MANY, tag="target", behaviour={9: Recorder("input")})
                SynapseGroup(net, cells, target, weight=1.0, delay=2 * net.dt)
                for iterations in (41, 60):
                    net.simulate(iterations)
                return {name: net[name, 0] for name in ("spike", "input")}

        lockstep = outcome(1)
        assert len(lockstep["spike"]) > 0, "no spike: the noise of the case is too weak"
        for window in (2, 7, None):
            assert_equal(outcome(window), lockstep, f"window {window} and window 1")

    def test_every_variable_is_recorded_in_windows_as_in_lockstep(self) -> None:
        """Of whatever type; in windows they leave through ports, in lockstep they are read."""

        def outcome(window: int | None) -> Recorded:
            with self._network(window=window) as net:
                cells = self._cells(net)
                names = sorted(cells.handle.variables)
                cells.add_behaviour(9, Recorder(*names))
                self._source(net, cells, {2: [0], 4: [2]}, self.case.kick)
                for iterations in (9, 14):
                    net.simulate(iterations)
                return {name: net[name, 0] for name in names}

        lockstep, windows = outcome(1), outcome(None)
        assert_equal(windows, lockstep, "windows and lockstep")
        for name, rows in windows.items():
            assert rows.dtype == lockstep[name].dtype, f"{name} is {rows.dtype}, in lockstep {lockstep[name].dtype}"

    def test_what_a_behaviour_writes_every_so_often_ends_a_window(self) -> None:
        """Seen in the same iteration by those that come later, and by the next step."""
        name = self.case.state

        def outcome(window: int | None) -> Recorded:
            with self._network(window=window) as net:
                cells = self._cells(net, {9: Recorder(name), 1: Recorder(f"{name}[1:]")})
                pushes = Pushes(of=cells, variable=name, by=self.case.shift / 4, every=4 * net.dt)
                NeuronGroup(net, size=1, tag="hand", behaviour={5: pushes})
                for iterations in (10, 1, 20):
                    net.simulate(iterations)
                return {each: net[each, 0] for each in (name, f"{name}[1:]")}

        lockstep = outcome(1)
        moved = 1 + np.flatnonzero(np.diff(lockstep[name][:, 0]))
        assert {3, 7, 11} <= set(moved), f"pushed in iterations 4, 8 and so on, it moved in {moved + 1}"
        for window in (3, None):
            assert_equal(outcome(window), lockstep, f"window {window} and window 1")

    def test_a_recorder_that_is_attached_between_runs_records_from_then_on(self) -> None:
        name = self.case.state

        def outcome(window: int | None) -> Recorded:
            with self._network(window=window) as net:
                cells = self._cells(net)
                self._source(net, cells, {k: [k % FEW] for k in range(2, 30)}, self.case.nudge)
                net.simulate(7)
                cells.add_behaviour(9, Recorder(name))
                net.simulate(16)
                return {name: net[name, 0]}

        lockstep = outcome(1)
        assert lockstep[name].shape == (16, FEW)
        assert_equal(outcome(None), lockstep, "windows and lockstep")

    def test_a_link_whose_weights_are_changed_between_runs_delivers_the_new_ones(self) -> None:
        """Whether the receiver holds them or not; spikes on their way keep the weight that they had."""
        name = self.case.arrived

        def outcome(window: int | None) -> Recorded:
            with self._network(window=window) as net:
                cells = self._cells(net, {9: Recorder(name)})
                self._source(net, cells, {4: [0], 9: [0], 15: [1], 24: [2]}, self.case.nudge, 6)
                link = net["source_to_cells", 0]
                for factor in (1.0, 0.5, 0.25):
                    link.W = factor * self.case.nudge * ONE_TO_ONE
                    net.simulate(12)
                return {name: net[name, 0]}

        lockstep = outcome(1)
        rest = lockstep[name][0]
        jumps = [lockstep[name][k + 5, i] - rest[i] for k, i in ((4, 0), (15, 1), (24, 2))]
        expected = self.case.nudge * np.array([1.0, 0.5, 0.5])
        np.testing.assert_array_equal(jumps, expected, "sent in runs with 1, 1/2 and 1/2 nudge")
        for window in (5, None):
            assert_equal(outcome(window), lockstep, f"window {window} and window 1")


def assert_equal(one: Recorded, other: Recorded, what: str) -> None:
    """Fail unless all recordings are equal in all bits."""
    for name, rows in other.items():
        np.testing.assert_array_equal(one[name], rows, f"{what}: {name} differs")
