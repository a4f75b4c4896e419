"""The digits network: of the demonstration, or written by hand; the command line says which.

roles : fusion, by_hand. Each shows the same ten images in each round, and learns from them.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from time import perf_counter

import numpy as np

from benchmarks.sides.serving import in_windows, serve

IMAGES = 10
AT_MOST = 100  # rounds that the retina is given images for


class Fusion:
    """`examples/digits.py`."""

    def __init__(self) -> None:
        from examples import digits

        images, labels, _ = digits.data(IMAGES, 0)
        self.net = digits.build(np.tile(images, (AT_MOST, 1)), np.tile(labels, AT_MOST))
        self.ticks = self.net.clock.ticks(digits.IMAGE)

    def round(self) -> list[float]:
        """Seconds per tick, image by image."""
        return in_windows(self.net, self.ticks, IMAGES)


class ByHand:
    """`digits_prototype.py`."""

    def __init__(self) -> None:
        from benchmarks import digits_prototype
        from examples import digits

        self.images, self.labels, _ = digits.data(IMAGES, 0)
        self.net = digits_prototype.Digits(1)
        self.ticks = round((digits_prototype.PRESENT + digits_prototype.BLANK) / digits_prototype.DT)

    def round(self) -> list[float]:
        """Seconds per tick, image by image."""
        stamps = [perf_counter()]
        for image, label in zip(self.images, self.labels, strict=True):
            self.net.show(image, int(label), learn=True)
            stamps.append(perf_counter())
        return [(after - before) / self.ticks for before, after in pairwise(stamps)]


sides: list[Fusion | ByHand] = []


def prepare() -> None:
    """Build the network, and run what is compiled at its first use."""
    sides.append({"fusion": Fusion, "by_hand": ByHand}[sys.argv[1]]())
    sides[0].round()


def measure() -> list[float]:
    """A round."""
    return sides[0].round()


if __name__ == "__main__":
    serve(prepare=prepare, round=measure)
