"""Measuring side by side: the sides take turns, and each stretch of a run is judged by its quickest round."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import fmean, median
from time import perf_counter

FELL = 0.99  # a minimum that falls below this share of itself was not reached before
CALM = 4  # rounds without such a fall that end a comparison

Round = Callable[[], list[float]]


@dataclass
class Times:
    """The rounds of one side; each is a list of its stretches, in order, s per step."""

    rounds: list[list[float]] = field(default_factory=list)

    @property
    def best(self) -> float:
        """The mean over the stretches, each in its quickest round.

        A disturbance by others is short, or hits but some rounds; what the run itself does at a stretch, such as
        copying all it has recorded, it does in every round.
        """
        return fmean(map(min, zip(*self.rounds, strict=True)))

    @property
    def typical(self) -> float:
        """The median round, disturbances included."""
        return median(map(fmean, self.rounds))


@dataclass(frozen=True)
class Effort:
    """How long to measure, and whom to tell.

    quick : a rough look, for trying out
    tell : called with what is being measured, and with "." after each round
    """

    quick: bool
    tell: Callable[[str], None]

    def compare(
        self, title: str, sides: Mapping[str, Round], at_least: int = 6, seconds: float = 30.0, at_most: int = 1000
    ) -> list[Times]:
        """The times of the sides, which take turns until no minimum falls any more, or `seconds` have gone.

        at_least, at_most : rounds
        """
        self.tell(title)
        if self.quick:
            at_least, seconds = 2, 0.0
        times = [Times() for _ in sides]
        turns = list(zip(sides.values(), times, strict=True))
        best, calm, start = float("inf"), 0, perf_counter()
        while (n := len(times[0].rounds)) < at_most and (
            n < at_least or (calm < CALM and perf_counter() - start < seconds)
        ):
            for side, taken in turns:
                taken.rounds.append(side())
            # Every other round begins at the other end, so that nobody always follows the same one.
            turns.reverse()
            before, best = best, sum(taken.best for taken in times)
            calm = calm + 1 if best > before * FELL else 0
            self.tell(".")
        return times
