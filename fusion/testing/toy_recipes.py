"""`cells`: toy neurons that are made where the network runs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fusion.adapter.recipe import MORE, Recipe, check_plain
from fusion.core.clock import Clock
from fusion.testing.toy_simulator import ToyNeurons


@dataclass(frozen=True, eq=False, repr=False)
class Cells(Recipe):
    """A call of `ToyNeurons`; `cells` writes one."""

    usage = "cells(n, **params)"

    n: int
    params: Mapping[str, Any]

    def described(self) -> dict[str, Any]:
        for name, value in self.params.items():
            check_plain(value, f"{name}= of {self!r}", f"Give a number; {MORE}")
        return {"n": self.n, "params": dict(self.params)}

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Cells:
        return cls(**description)

    def build(self, clock: Clock) -> ToyNeurons:
        """The neurons, with the network's dt."""
        return ToyNeurons(self.n, dt=clock.dt, **self.params)

    def __repr__(self) -> str:
        params = "".join(f", {name}={value!r}" for name, value in self.params.items())
        return f"cells({self.n!r}{params})"


def cells(n: int, **params: Any) -> Cells:
    """A recipe for `ToyNeurons`, which says what `params` are; dt is the network's."""
    return Cells(n, params)
