"""`InputPlace`: what a link needs to know of the place it ends at."""

from __future__ import annotations

from typing import NamedTuple


class InputPlace(NamedTuple):
    """A variable or receptor that arrivals go into.

    unit : str or None
        Unit of the weights; None takes plain numbers only.
    signed : bool
        Positive and negative weights are different channels.
    notice : int, ticks
        How much earlier than their effect arrivals must be handed over.
    """

    size: int
    unit: str | None = None
    spikes: bool = True
    samples: bool = True
    signed: bool = False
    notice: int = 0
