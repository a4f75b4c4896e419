"""Measuring side by side: the sides take turns, and each is judged by its quickest round."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median
from typing import NamedTuple

MORE_MAY_COME = 0.01  # a round that is quicker by this share shows that the minimum was not reached
QUIET_ROUNDS = 4


class Times(NamedTuple):
    """What the rounds of one side took, s per step."""

    rounds: list[float]

    @property
    def best(self) -> float:
        """The quickest round: what it costs when nobody else is at work on the machine."""
        return min(self.rounds)

    @property
    def median(self) -> float:
        """The median of the rounds."""
        return median(self.rounds)


def alternate(
    sides: Mapping[str, Callable[[], float]], at_least: int = 5, at_most: int = 25, progress: Callable[[], None] = int
) -> dict[str, Times]:
    """Let the sides take turns until no minimum has fallen for some rounds.

    Parameters
    ----------
    sides : {name: a call that runs one round and returns seconds per step}
    at_least, at_most : rounds
    progress : called after each round
    """
    times = {name: Times([]) for name in sides}
    quiet = 0
    for n in range(at_most):
        fell = False
        # Every other round begins at the other end, so that nobody always follows the same one.
        for name in list(sides)[:: 1 if n % 2 == 0 else -1]:
            rounds = times[name].rounds
            before = min(rounds, default=float("inf"))
            rounds.append(sides[name]())
            fell |= rounds[-1] < before * (1.0 - MORE_MAY_COME)
        progress()
        quiet = 0 if fell else quiet + 1
        if n + 1 >= at_least and quiet >= min(QUIET_ROUNDS, at_least - 1):
            break
    return times
