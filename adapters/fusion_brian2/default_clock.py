"""`DefaultClock`: Brian2's default clock with the network's dt, for what a recipe makes."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from fusion.core.clock import Clock


class DefaultClock:
    """A context in which ``brian2.defaultclock`` is a clock of our own; objects made inside keep it.

    The user's clock, its dt and the objects that are on it are not touched.
    """

    def __init__(self, clock: Clock) -> None:
        import brian2

        self._ours = brian2.Clock(dt=clock.dt * brian2.ms, name="fusion_clock*")
        self._theirs: Any = None

    def __enter__(self) -> None:
        from brian2.devices.device import get_device

        self._theirs, get_device().defaultclock = get_device().defaultclock, self._ours

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        from brian2.devices.device import get_device

        get_device().defaultclock, self._theirs = self._theirs, None
