"""`Blocks`: neurons in space, cut into rectangular blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.space import AXES, CLOSE, positions_of
from fusion.core.arrays import is_number
from fusion.errors import InvalidValue

NEURONS = 100
"""In a block unless its size is given; fewer cost more calls, more of them matrices with more zeros."""


@dataclass(frozen=True)
class Blocks:
    """A partition by place, for ``SynapseGroup(partition=)``.

    sizes : of each block along x, y and z; None for some hundred neurons in each
    """

    sizes: tuple[float, float, float] | None

    def of(self, neurons: Any) -> list[NDArray[np.int64]]:
        """The indices of the neurons of each block, x first; `InvalidValue` if they have no positions."""
        points = positions_of(neurons).points
        sizes = _fitting(points) if self.sizes is None else np.array(self.sizes)
        steps = np.floor((points - points.min(axis=0)) / sizes * (1 + CLOSE) + CLOSE).astype(np.int64)
        order = np.lexsort(steps.T)
        ends = np.flatnonzero(np.diff(steps[order], axis=0).any(axis=1)) + 1
        return [np.sort(block) for block in np.split(order, ends)]


def blocks(x: float | None = None, y: float | None = None, z: float | None = None) -> Blocks:
    """Blocks of a size in the unit of the positions; `y` is as `x` unless given, and `z` as `y`.

    Without any size blocks have some hundred neurons each, which is quick for any reach. ``inf`` does not cut.

    Raises
    ------
    InvalidValue
        If a size is not positive, or only some are given without x.
    """
    if x is None:
        if y is not None or z is not None:
            raise InvalidValue("blocks() without x takes neither y nor z.")
        return Blocks(None)
    y = x if y is None else y
    sizes = (x, y, y if z is None else z)
    if not all(is_number(size) and size > 0 for size in sizes):
        raise InvalidValue(f"The sizes of the blocks are {sizes}; they must be positive.", sizes=sizes)
    return Blocks((float(sizes[0]), float(sizes[1]), float(sizes[2])))


def _fitting(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sizes that share the space among equal blocks, as near to cubes as it goes."""
    levels = np.array([len(np.unique(column)) for column in points.T])
    wide = levels > 1
    # On a grid each neuron takes a cell; of points anywhere there are so many that it does not matter.
    lengths = np.ptp(points, axis=0)[wide] * levels[wide] / (levels[wide] - 1)
    sizes = np.full(len(AXES), np.inf)
    if wide.any():
        side = (np.prod(lengths) * NEURONS / len(points)) ** (1 / wide.sum())
        sizes[wide] = lengths / np.maximum(np.round(lengths / side), 1)
    return sizes
