"""`Outlet`: the spikes that a group has fired in an iteration, read once, when it is over."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fusion.core.neurons import NeuronGroup
from fusion.errors import InvalidValue, ShapeMismatch, UndeclaredAccess

_NONE = np.empty(0, np.int64)


class Fired(Protocol):
    """A participant, as far as it tells who fired."""

    def fired(self, group: NeuronGroup, tick: int) -> NDArray[np.int64]: ...


class Outlet:
    """What leaves a group; links of one source share it.

    A foreign group's spikes are the simulator's. A native group's are what ``spike`` holds: a new array that was
    assigned in this iteration, or one that a behaviour fills in place and declares so. If nobody wrote it, none.
    """

    def __init__(self, group: NeuronGroup, simulator: Fired | None) -> None:
        self.group, self._simulator = group, simulator
        self._tick = 0
        self._spikes = _NONE
        self._seen: NDArray[np.bool_] | None = None
        self._before = _NONE

    def spikes(self, tick: int) -> NDArray[np.int64]:
        """Indices of the neurons that fired at `tick`, ascending; `tick` is the iteration that is ending."""
        if tick != self._tick:
            self._tick = tick
            self._spikes = self._native() if self._simulator is None else self._simulator.fired(self.group, tick)
        return self._spikes

    def has_changed(self) -> bool:
        """Whether the spikes were written again after they had been read in this iteration."""
        if self._simulator is not None:
            return False
        mask = self.group.__dict__.get("spike")
        return mask is not self._seen or (mask is not None and not np.array_equal(mask.nonzero()[0], self._before))

    def _native(self) -> NDArray[np.int64]:
        mask = self.group.__dict__.get("spike")
        if mask is None:
            return _NONE
        if not isinstance(mask, np.ndarray):
            raise InvalidValue(f"{self.group.tag}.spike is a {type(mask).__name__}; assign an array, one per neuron.")
        if mask.shape != self.group.shape:
            raise ShapeMismatch(f"{self.group.tag}.spike", mask.shape, f"{self.group.shape} is needed, one per neuron")
        spikes = mask.nonzero()[0]
        if mask is self._seen and not self._filled_in_place():
            if not np.array_equal(spikes, self._before):
                raise UndeclaredAccess(
                    f"The spikes of {self.group.tag!r} were changed in place by a behaviour that does not say so. "
                    'Assign a new array (neurons.spike = ...), or declare writes = ("spike",) in its class.',
                    group=self.group,
                )
            return _NONE
        self._seen, self._before = mask, spikes
        return spikes

    def _filled_in_place(self) -> bool:
        return any(
            behaviour.enabled and behaviour.writes is not None and "spike" in behaviour.writes
            for behaviour in self.group.behaviours.values()
        )
