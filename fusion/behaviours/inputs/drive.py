"""`Drive`: what behaviours share that add to a variable of native neurons."""

from __future__ import annotations

from typing import Any

from fusion.behaviours.parameters import check_native
from fusion.core.behaviour import Behaviour
from fusion.core.neurons import NeuronGroup


class Drive(Behaviour):
    """Adds to the variable `into` (n,), which is zero when an iteration begins; under a smaller key than who reads it.

    Raises
    ------
    Unsupported
        If it is not attached to native neurons.
    """

    into: str = "current"

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self.reads = self.writes = (self.into,)  # type: ignore[misc]  # the name is the user's

    def initialize(self, owner: NeuronGroup) -> None:
        """Open the variable."""
        check_native(self, owner)
        owner.open_input(self.into)
