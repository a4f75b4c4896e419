"""Brian2 groups described but not yet made, for simulators that live elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any

from fusion.adapter.recipe import MORE, Recipe, check_plain
from fusion.core.clock import Clock
from fusion_brian2.quantities import is_constant, is_timed_array, packed, unpacked

_NAME = re.compile(r"[^\W\d]\w*")
_COMMENT = re.compile(r"#.*")


@dataclass(frozen=True, repr=False)
class Neurons(Recipe):
    """What a ``brian2.NeuronGroup`` is made of; `neurons` says what the fields mean."""

    usage = "fusion_brian2.neurons(size, equations, ...)"

    size: int
    equations: str
    threshold: str | None = None
    reset: str | None = None
    refractory: object = False
    method: str | None = None
    events: Mapping[str, str] | None = None
    namespace: Mapping[str, Any] | None = None
    name: str | None = None

    def described(self) -> dict[str, Any]:
        description = {field.name: vars(self)[field.name] for field in fields(self)}
        description["refractory"] = packed(self.refractory)
        if self.events is not None:
            description["events"] = dict(self.events)
        if self.namespace is not None:
            description["namespace"] = {name: packed(value) for name, value in self.namespace.items()}
        for name, value in description.items():
            check_plain(value, f"{name}= of neurons({self.size!r}, ...)", f"Give text, numbers, quantities; {MORE}")
        return description

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Neurons:
        namespace = description["namespace"]
        restored = {
            "refractory": unpacked(description["refractory"]),
            "namespace": namespace and {name: unpacked(value) for name, value in namespace.items()},
        }
        return cls(**{**description, **restored})

    def with_names(self, namespace: Mapping[str, Any]) -> Neurons:
        """As `Recipe.with_names`: numbers, arrays and quantities; what `namespace=` of the recipe holds comes first.

        A TimedArray comes along, too, so that `described` refuses it.
        """
        texts = [self.equations, self.threshold, self.reset, self.refractory, *(self.events or {}).values()]
        used = {name for text in texts if isinstance(text, str) for name in _NAME.findall(_COMMENT.sub("", text))}
        found = {
            name: namespace[name]
            for name in sorted(used & namespace.keys())
            if is_constant(namespace[name]) or is_timed_array(namespace[name])
        }
        return replace(self, namespace={**found, **(self.namespace or {})}) if found else self

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


@contextmanager
def default_clock(clock: Clock) -> Iterator[None]:
    """``brian2.defaultclock`` is another clock inside, with the network's dt; objects made there keep it.

    The user's clock and what is on it are not touched.
    """
    import brian2
    from brian2.devices.device import get_device

    device = get_device()
    theirs, device.defaultclock = device.defaultclock, brian2.Clock(dt=clock.dt * brian2.ms, name="fusion_clock*")
    try:
        yield
    finally:
        device.defaultclock = theirs
