"""Populations of the toy for workers that something happens to."""

import os
import time

from fusion.testing.toy import ToyNeurons


class Slow(ToyNeurons):
    """Each step takes a while."""

    def update(self):
        time.sleep(0.05)
        super().update()


def slow(n):
    print("slow cells are made")  # noqa: T201 - for the log
    return Slow(n)


def crashing(n):
    """The process ends as after a mistake in compiled code."""
    print("about to crash", flush=True)  # noqa: T201 - for the log
    os.abort()


def with_strays(n):
    """NEST nodes, and two more that belong to nobody."""
    import nest

    nest.Create("iaf_psc_exp", 2)
    return nest.Create("iaf_psc_exp", n)


def failing(n):
    """The fourth step raises."""
    return Failing(n)


class Failing(ToyNeurons):
    """Steps three times."""

    steps = 0

    def update(self):
        self.steps += 1
        if self.steps == 4:
            raise ZeroDivisionError("as planned")
        super().update()
