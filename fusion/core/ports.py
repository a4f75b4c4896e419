"""`InputPlace`: what a link needs to know of the place it ends at; `Arrivals`: what it brings there."""

from __future__ import annotations

from typing import Any, NamedTuple

from numpy.typing import NDArray


class InputPlace(NamedTuple):
    """A variable or receptor that arrivals go into.

    unit : str or None
        Unit of the weights; None takes plain numbers only.
    signed : bool
        Positive and negative weights are different channels.
    notice : int, ticks
        How much earlier than their effect arrivals must be handed over.
    scale : float
        What samples of a link without weights are multiplied by, to be in the unit of the place.
    """

    size: int
    unit: str | None = None
    spikes: bool = True
    samples: bool = True
    signed: bool = False
    notice: int = 0
    scale: float = 1.0


class Arrivals:
    """What arrives in one variable of a native group in this iteration.

    values : (n,) float, or None if nothing does
    """

    __slots__ = ("values",)

    def __init__(self) -> None:
        self.values: NDArray[Any] | None = None
