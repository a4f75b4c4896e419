"""`Attached`: what hangs on a network, a group or synapses, and is found there by tag."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fusion.core.location import Location, here
from fusion.core.tags import Tagged

if TYPE_CHECKING:
    from fusion.core.parts import Part


class Attached(Tagged):
    """What is attached to a part: behaviours, which step under a key, and what takes no step."""

    is_hidden = False
    """Whether only those find it who have it: not tags, nor pictures of what is there."""

    def __init__(self, tag: str | None) -> None:
        super().__init__(tag)
        self.location: Location = here()
        self.owner: Part | None = None

    def _warm(self, found: list[Any]) -> None:
        if self.owner is not None:
            self.owner.network.keep_warm(self, found)

    def _structure_changed(self) -> None:
        if self.owner is not None:
            self.owner.network.structure_changed()

    def _exists(self, tag: str) -> bool:
        return self.owner is not None and tag in self.owner.network
