"""`Budget`: when to draw, so that the window takes no more than its share of the time."""

from __future__ import annotations

MOST_FRAMES = 30  # per second; the eye sees no more of it
MEMORY = 0.8  # of what was measured before, in the mean


class Budget:
    """Says when the next frame is due, by what the frames before it took.

    share : float
        Of the time that passes, what drawing may take; between 0 and 1.
    """

    def __init__(self, share: float) -> None:
        self.share = share
        self.taken = 0.0
        """The share that drawing took, a running mean."""
        self._next = 0.0
        self._before: tuple[float, float] | None = None

    def is_due(self, now: float) -> bool:
        """Whether a frame may begin, at `now` (s)."""
        return now >= self._next

    def drew(self, began: float, ended: float) -> None:
        """Told the times of a frame (s), from its beginning until it was on the screen."""
        cost = ended - began
        self._next = began + max(1.0 / MOST_FRAMES, cost / self.share)
        if self._before is not None and began > self._before[0]:
            # A frame is paid for by the time that follows it.
            since, paid = self._before
            self.taken += (1.0 - MEMORY) * (min(paid / (began - since), 1.0) - self.taken)
        self._before = (began, cost)

    def rest(self) -> None:
        """Told when the simulation pauses, so that the pause is not taken for time between two frames."""
        self._before = None
        self._next = 0.0
