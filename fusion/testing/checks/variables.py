"""Variables: read as copies at the tick reached, written in their unit, unknown names refused."""

from __future__ import annotations

import numpy as np
import pytest

from fusion.adapter.base import GroupSpec
from fusion.core import units
from fusion.core.batch import Spikes
from fusion.errors import UnknownName, Unsupported
from fusion.testing.rig import FEW, MANY, rig
from fusion.testing.suite import Suite


class VariableChecks(Suite):
    """``read`` and ``write``."""

    def test_the_handle_tells_what_there_is(self) -> None:
        with rig(self.case, self.case.quiet) as cells:
            handle = cells.handle
            assert handle.size == FEW
            assert handle.spikes == cells.adapter.capabilities.spikes_out
            for name, variable in handle.variables.items():
                assert cells.read(name).shape == (variable.size,), f"{name} has shape {cells.read(name).shape}"
            named = [(name, variable.unit) for name, variable in handle.variables.items()]
            for _, unit in named + [(name, place.unit) for name, place in handle.inputs.items()]:
                if unit is not None:
                    units.parse(unit)
            if handle.default_input is not None:
                assert handle.default_input in handle.inputs
            kinds = (cells.adapter.capabilities.spikes_in, cells.adapter.capabilities.samples_in)
            offered = [any(getattr(place, kind) for place in handle.inputs.values()) for kind in ("spikes", "samples")]
            assert tuple(offered) == kinds, f"the capabilities promise {kinds}, the inputs take {offered}"

    def test_what_is_read_is_a_copy(self) -> None:
        with rig(self.case, self.case.quiet) as cells:
            cells.start()
            for index in (None, slice(0, 2), np.array([0, 2])):
                first = cells.read(self.case.state, index)
                kept = first.copy()
                first[:] = first + 1.0
                np.testing.assert_array_equal(cells.read(self.case.state, index), kept, "what was read can be written")

    def test_what_was_read_stays_as_it_was(self) -> None:
        with rig(self.case, self.case.quiet) as cells:
            cells.start("spikes in")
            old = cells.read(self.case.state)
            kept = old.copy()
            cells.push(cells.last_late + 1, [0, 1, 2], self.case.nudge)
            cells.advance(cells.last_late + 4)
            np.testing.assert_array_equal(old, kept, "an array that was read changed when the simulator advanced")
            assert (cells.read(self.case.state) != kept).all(), "what is read does not follow the simulator"

    def test_a_part_can_be_read(self) -> None:
        with rig(self.case, self.case.quiet, MANY) as cells:
            cells.start("spikes in")
            cells.push(cells.last_late + 1, range(MANY), self.case.nudge * np.linspace(0.1, 1.0, MANY))
            cells.advance(cells.last_late + 4)
            whole = cells.read(self.case.state)
            assert len(np.unique(whole)) == MANY, f"{MANY} different inputs led to {whole}"
            for index in (slice(1, 4), slice(None, None, 2), np.array([3, 0])):
                part = cells.read(self.case.state, index)
                np.testing.assert_array_equal(part, whole[index], f"index {index}")

    def test_what_is_written_is_read_back(self) -> None:
        """While running, and between runs; the whole, one number for all, and parts."""
        with rig(self.case, self.case.quiet) as cells:
            for running in (False, True):
                if running:
                    cells.start()
                values = cells.read(self.case.state) + self.case.shift * np.array([0.0, 1.0, 0.5])
                write, handle, name = cells.adapter.write, cells.handle, self.case.state
                write(handle, name, values)
                np.testing.assert_array_equal(cells.read(name), values)
                write(handle, name, values[:2], slice(1, 3))
                write(handle, name, values[2:], np.array([0]))
                np.testing.assert_array_equal(cells.read(name), values[[2, 0, 1]])
                write(handle, name, values[1])
                np.testing.assert_array_equal(cells.read(name), values[[1, 1, 1]])

    def test_every_variable_that_may_be_written_takes_its_own_value(self) -> None:
        """Between runs all but the read-only ones, while running all but the fixed ones; in the unit it has."""
        with rig(self.case, self.case.quiet) as cells:
            for running in (False, True):
                if running:
                    cells.start()
                for name, variable in cells.handle.variables.items():
                    if variable.read_only or (running and variable.fixed_while_running):
                        continue
                    values = cells.read(name)
                    cells.adapter.write(cells.handle, name, values)
                    np.testing.assert_array_equal(cells.read(name), values, f"{name} changed by writing its value")

    def test_what_is_written_is_seen_by_the_next_step(self) -> None:
        with rig(self.case, self.case.quiet) as cells:
            cells.start()
            cells.advance(3)
            shifted = cells.read(self.case.state)[1] + self.case.shift
            cells.adapter.write(cells.handle, self.case.state, shifted, slice(1, 2))
            written = cells.read(self.case.state)
            cells.advance(4)
            after = cells.read(self.case.state)
            assert after[0] == after[2] == written[0], f"neurons at rest moved: {written} to {after}"
            assert after[1] != after[0], f"the step forgot the value that was written: {written} to {after}"

    def test_a_name_that_is_not_there_is_an_error(self) -> None:
        """The message lists the names that are."""
        with rig(self.case, self.case.quiet) as cells:
            for attempt in (
                lambda: cells.read("nonsense"),
                lambda: cells.adapter.write(cells.handle, "nonsense", 0.0),
                lambda: cells.adapter.port(cells.handle, "nonsense", "samples out"),
            ):
                with pytest.raises(UnknownName, match=rf"\b{self.case.state}\b"):
                    attempt()
            for kind, known in (("spikes in", self.case.spike_input), ("samples in", self.case.sample_input)):
                with pytest.raises(UnknownName, match=rf"\b{known}\b"):
                    cells.adapter.port(cells.handle, "nonsense", kind)

    def test_two_populations_do_not_mix(self) -> None:
        with rig(self.case, self.case.quiet) as cells:
            if cells.adapter.capabilities.groups_per_instance == 1:
                with pytest.raises(Unsupported):
                    cells.adapter.create(self.case.quiet(FEW), GroupSpec("other"))
                return
            other = cells.adapter.create(self.case.quiet(FEW), GroupSpec("other"))
            assert other.size == FEW
            assert other.id != cells.handle.id
            rest = cells.adapter.read(other, self.case.state)
            elsewhere = cells.adapter.port(other, "", "spikes out")
            cells.start("spikes in", "spikes out")
            cells.push(cells.last_late + 1, [0, 2], self.case.kick)
            cells.advance(cells.last_late + self.case.recovery)
            assert cells.spikes().indices.tolist() == [0, 2]
            silence = cells.adapter.pull(elsewhere)
            assert isinstance(silence, Spikes)
            assert len(silence.ticks) == 0, f"the other population fired: {silence}"
            np.testing.assert_array_equal(cells.adapter.read(other, self.case.state), rest, "the other changed")
