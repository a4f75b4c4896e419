"""Objects of our own inside a Brian2 network. Importing this module imports Brian2."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from brian2.core.base import BrianObject
from brian2.core.spikesource import SpikeSource
from brian2.core.variables import Variables
from brian2.groups.group import Group
from brian2.groups.neurongroup import to_start_stop
from brian2.groups.subgroup import Subgroup

from fusion.adapter.queues import Arrivals, check_once
from fusion.core.batch import Spikes
from fusion_brian2.ports import Now, SpikesIn

# Brian2's pathways have the orders -1 and 1 within their slot.
AFTER_ALL_SYNAPSES = 10**6


class Deliveries(BrianObject):  # type: ignore[misc] # Brian2 is not typed
    """Adds arrivals to variables right after Brian2's own synapses, so that resets see both alike."""

    invalidates_magic_network = False

    def __init__(self, clock: Any) -> None:
        super().__init__(clock=clock, when="synapses", order=AFTER_ALL_SYNAPSES, name="fusion_deliveries*")
        self.ports: list[SpikesIn] = []

    def run(self) -> None:
        for port in self.ports:
            port.deliver()

    def __del__(self) -> None:
        """Brian2's own warns of objects that no network held; this one is nobody's loss."""


class StandIn(Group, SpikeSource):  # type: ignore[misc] # Brian2 is not typed
    """A source that fires what is pushed to it, like a group whose neurons cross threshold in that step."""

    invalidates_magic_network = False

    def __init__(self, size: int, name: str, now: Now, clock: Any) -> None:
        name = re.sub(r"\W", "_", name)
        Group.__init__(self, clock=clock, when="thresholds", name=f"stand_in_{name}*")
        self._arrivals, self._now = Arrivals(name), now
        self.events = {"spike": None}
        self.start, self.stop = 0, size
        self.codeobj_class = None
        self.variables = Variables(self)
        self.variables.create_clock_variables(self._clock)
        self.variables.add_constant("N", value=size)
        self.variables.add_arange("i", size, constant=True, read_only=True)
        self.variables.add_array("_spikespace", size=size + 1, dtype=np.int32)
        self._space = self.variables["_spikespace"].get_value()
        self._space[-1] = 0
        self._enable_group_attributes()

    @property
    def spikes(self) -> Any:
        """Indices of what fires in this step, as Brian2's own sources have it."""
        return self._space[: self._space[-1]]

    def push(self, batch: Spikes, now: int) -> None:
        check_once(self._arrivals.name, batch)
        self._arrivals.push(batch, now)

    def run(self) -> None:
        row = self._arrivals.take(self._now.tick)
        if row is None:
            self._space[-1] = 0
            return
        indices = row[0]
        self._space[: len(indices)] = indices
        self._space[-1] = len(indices)

    def before_run(self, run_namespace: Any) -> None:
        """There is no code to generate."""

    def after_run(self) -> None:
        self._space[-1] = 0

    def __getitem__(self, item: Any) -> Any:
        return Subgroup(self, *to_start_stop(item, self.stop))

    def __len__(self) -> int:
        return int(self.stop)

    def __del__(self) -> None:
        """As `Deliveries.__del__`."""
