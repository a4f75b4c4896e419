"""Brian2 groups described but not yet made, for simulators that live elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from fusion.core.clock import Clock


@dataclass(frozen=True, repr=False)
class Neurons:
    """What a ``brian2.NeuronGroup`` is made of; `neurons` says what the fields mean."""

    size: int
    equations: str
    threshold: str | None = None
    reset: str | None = None
    refractory: object = False
    method: str | None = None
    events: Mapping[str, str] | None = None
    namespace: Mapping[str, Any] | None = None
    name: str | None = None

    def build(self, clock: Clock) -> Any:
        """Make the group; its time step is the network's, whatever ``brian2.defaultclock`` says."""
        import brian2

        return brian2.NeuronGroup(self.size, self.equations, dt=clock.dt * brian2.ms, **self._given())

    def _given(self) -> dict[str, Any]:
        defaults = {field.name: field.default for field in fields(self)[2:]}
        return {name: vars(self)[name] for name, default in defaults.items() if vars(self)[name] is not default}

    def __repr__(self) -> str:
        options = "".join(f", {name}={value!r}" for name, value in self._given().items())
        return f"neurons({self.size!r}, {self.equations!r}{options})"


def neurons(
    size: int,
    equations: str,
    *,
    threshold: str | None = None,
    reset: str | None = None,
    refractory: object = False,
    method: str | None = None,
    events: Mapping[str, str] | None = None,
    namespace: Mapping[str, Any] | None = None,
    name: str | None = None,
) -> Neurons:
    """A recipe for a ``brian2.NeuronGroup``, to be given in its place.

    The group is made when the network takes it in, with the network's time step and the network's random numbers.

    Parameters
    ----------
    size : int
        Number of neurons.
    equations, threshold, reset, refractory, method, events, namespace, name
        As ``brian2.NeuronGroup`` takes them. Names in equations are looked up in `namespace`, then where the
        recipe is given to the network.
    """
    return Neurons(size, equations, threshold, reset, refractory, method, events, namespace, name)
