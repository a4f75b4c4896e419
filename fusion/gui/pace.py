"""`Pace`: how often something costly is computed while the network runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

SHARE = 0.05  # of the time, at most


class Pace:
    """Says when it is time again, by what it took before."""

    def __init__(self) -> None:
        self._next = 0.0

    def is_due(self) -> bool:
        """Whether it is time."""
        return perf_counter() >= self._next

    @contextmanager
    def measured(self, least: float) -> Iterator[None]:
        """What is done within is not due again for `least` seconds, or twenty times what it took."""
        began = perf_counter()
        yield
        self._next = began + max(least, (perf_counter() - began) / SHARE)

    def hurry(self) -> None:
        """It is time now, whatever it took."""
        self._next = 0.0
