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
