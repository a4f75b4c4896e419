"""A simulator's own synapses: adopted ones are shown as they are, and stand-ins drive them as native sources do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from numpy.typing import NDArray

from fusion.adapter.base import Edge, GroupSpec, Handle, Port
from fusion.core import units
from fusion.core.batch import Spikes
from fusion.errors import LateInput, Unsupported
from fusion.testing.rig import FEW, Rig, rig
from fusion.testing.suite import Suite


class SynapseChecks(Suite):
    """``connect`` and ``stand_in``."""

    @property
    def delays(self) -> NDArray[np.float64]:
        """Delays of the synapses, in ms: 1, 3 and 17 ticks."""
        return self.case.dt * np.array([1.0, 3.0, 17.0])

    @property
    def weights(self) -> NDArray[np.float64]:
        """Weights of the synapses; none makes a target fire."""
        return self.case.nudge * np.array([1.0, 0.5, 0.25])

    def test_adopted_synapses_show_what_they_are(self) -> None:
        with self._adopted() as (cells, _, edge):
            read = {name: cells.adapter.read(edge, name) for name in ("pre", "post", "weights", "delays")}
            order = np.argsort(read["pre"])
            assert edge.size == FEW
            assert read["pre"][order].tolist() == read["post"][order].tolist() == [0, 1, 2], f"one to one: {read}"
            assert edge.variables["delays"].unit is not None, "delays have no unit"
            ms = units.factor(edge.variables["delays"].unit, "ms")
            # A conversion of units rounds once or twice.
            np.testing.assert_allclose(read["weights"][order], self.weights, rtol=1e-14)
            np.testing.assert_allclose(read["delays"][order] * ms, self.delays, rtol=1e-14)

    def test_adopted_synapses_deliver_after_their_delay(self) -> None:
        """The spike of a source neuron has tick k: its weight stands in the input at the end of tick k + delay."""
        with self._adopted() as (cells, target, _):
            cells.start("spikes in", "spikes out")
            rest = cells.adapter.read(target, self.case.arrived)
            cells.push(cells.last_late + 1, range(FEW), self.case.kick)
            fired, arrived = [0] * FEW, [0] * FEW
            for tick in range(1, self.case.recovery + 20):
                cells.advance(tick)
                for i in cells.spikes().indices:
                    fired[i] = tick
                for i in np.flatnonzero(cells.adapter.read(target, self.case.arrived) != rest):
                    arrived[i] = arrived[i] or tick
            taken = np.subtract(arrived, fired)
            assert taken.tolist() == [1, 3, 17], f"fired at {fired}, arrived at {arrived}: delays {taken}"

    def test_weights_of_adopted_synapses_can_be_written(self) -> None:
        with self._adopted() as (cells, _, edge):
            before = cells.adapter.read(edge, "weights")
            cells.adapter.write(edge, "weights", 2.0 * before)
            np.testing.assert_array_equal(cells.adapter.read(edge, "weights"), 2.0 * before)
            cells.adapter.write(edge, "weights", before[1:], slice(1, None))
            np.testing.assert_array_equal(cells.adapter.read(edge, "weights"), [2.0 * before[0], *before[1:]])

    def test_a_stand_in_fires_at_its_tick(self) -> None:
        """What is pushed for tick t arrives over a native synapse at t + delay."""
        with self._stood_in() as (cells, port):
            cells.start()
            due, rest = cells.last_late + 2, cells.read(self.case.arrived)
            cells.adapter.push(port, Spikes(np.full(FEW, due), np.arange(FEW), np.ones(FEW), due))
            seen: dict[int, int] = {}
            for tick in range(1, due + 20):
                cells.advance(tick)
                for i in np.flatnonzero(cells.read(self.case.arrived) != rest):
                    seen.setdefault(int(i), tick)
        assert seen == {0: due + 1, 1: due + 3, 2: due + 17}, f"pushed for tick {due}, it arrives at {seen}"

    def test_a_stand_in_acts_as_a_native_source_does(self) -> None:
        """Told to fire when a native population fired, it leaves its targets in the same states."""
        with self._adopted() as (cells, target, _):
            cells.start("spikes in", "spikes out")
            cells.push(cells.last_late + 1, range(FEW), self.case.kick)
            cells.advance(60)
            batch = cells.spikes()
            native = cells.adapter.read(target, self.case.state)
        with self._stood_in() as (cells, port):
            cells.start()
            cells.adapter.push(port, Spikes(batch.ticks, batch.indices, batch.values, 60))
            cells.advance(60)
            stood_in = cells.read(self.case.state)
        np.testing.assert_array_equal(stood_in, native)

    def test_a_stand_in_fires_as_often_as_it_is_told(self) -> None:
        """As a relay does that two spikes reach in one step; or it is refused, never less."""
        once, twice = self._changed_by(1), self._changed_by(2)
        assert once is not None, "a spike is refused"
        assert once[0], "a spike of the stand-in changes nothing"
        if twice is not None:
            np.testing.assert_allclose(twice, 2.0 * once, rtol=1e-12)

    def _changed_by(self, times: int) -> NDArray[np.float64] | None:
        """What a source that fires so often in a step brings its targets; None if it is refused."""
        with self._stood_in() as (cells, port):
            cells.start()
            due, rest = cells.last_late + 1, cells.read(self.case.arrived)
            try:
                cells.adapter.push(port, Spikes(np.array([due]), np.array([0]), np.array([float(times)]), due))
            except Unsupported:
                return None
            cells.advance(due + 1)
            changed: NDArray[np.float64] = cells.read(self.case.arrived) - rest
            return changed

    def test_a_stand_in_that_is_told_too_late_is_an_error(self) -> None:
        """The last legal moment is that of any arrival: a spike that could not fire in time is never dropped."""
        with self._stood_in() as (cells, port):
            cells.start()
            cells.advance(5)
            for tick in {cells.last_late, 5, 2}:
                with pytest.raises(LateInput, match=str(tick)):
                    cells.adapter.push(port, Spikes(np.array([tick]), np.array([0]), np.ones(1), tick))
            due, rest = cells.last_late + 1, cells.read(self.case.arrived)
            cells.adapter.push(port, Spikes(np.array([due]), np.array([0]), np.ones(1), due))
            cells.advance(due + 1)
            changed = cells.read(self.case.arrived) != rest
            assert changed.tolist() == [True, False, False], f"told to fire at tick {due}, a tick later: {changed}"

    @contextmanager
    def _adopted(self) -> Iterator[tuple[Rig, Handle, Edge]]:
        self.case.reset()
        source, target = self.case.quiet(FEW), self.case.quiet(FEW)
        synapses = self.case.synapses(source, target, self.weights, self.delays)
        cells = Rig(self.case, source)
        try:
            cells.open()
            handle = cells.adapter.create(target, GroupSpec("target"))
            yield cells, handle, cells.adapter.connect(synapses, cells.handle, handle)
        finally:
            cells.adapter.close()

    @contextmanager
    def _stood_in(self) -> Iterator[tuple[Rig, Port]]:
        with rig(self.case, self.case.quiet, FEW) as cells:
            source, port = cells.adapter.stand_in(FEW, "elsewhere")
            # Simulators that find native synapses by themselves may hold them weakly.
            synapses = self.case.synapses(source, cells.source, self.weights, self.delays)
            yield cells, port
            del synapses
