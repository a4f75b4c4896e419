"""`NeuronDimension`: neurons on a grid, with positions that scripts and receptive fields read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fusion.errors import InvalidValue
from fusion_pymonnto.behavior import Behavior


class NeuronDimension(Behavior):
    """Gives neurons ``x``, ``y`` and ``z`` (size,) on a grid, and ``width``, ``height`` and ``depth``.

    Parameters
    ----------
    width, height, depth : int
    centered : bool
        Whether the middle of the grid is the origin; otherwise its first neuron is.
    input_patterns : list
        Objects with ``get_pattern_dimension()``; the grid is at least as large as their patterns.
    """

    initialize_on_init = True

    neurons: Any = None

    @property
    def extent(self) -> tuple[int, int, int]:
        """(width, height, depth), also before there are neurons."""
        self.set_gene_variables()
        width, height, depth = (int(self.parameter(name, 1)) for name in ("width", "height", "depth"))
        for pattern in self.parameter("input_patterns", ()):
            *planes, rows, columns = (1, *pattern.get_pattern_dimension())[-3:]
            width, height, depth = max(width, columns), max(height, rows), max(depth, *planes, 1)
        if min(width, height, depth) < 1:
            raise InvalidValue(f"A grid of {width} x {height} x {depth} has no neurons.", extent=(width, height, depth))
        return width, height, depth

    @property
    def cells(self) -> int:
        """Number of neurons."""
        return math.prod(self.extent)

    def initialize(self, neurons: Any) -> None:
        """Place the neurons."""
        self.neurons = neurons
        self.width, self.height, self.depth = neurons.width, neurons.height, neurons.depth = self.extent
        if neurons.size != self.cells:
            raise InvalidValue(f"{self} has {self.cells} places for {neurons.size} neurons of {neurons.tag!r}.")
        self.set_positions(*self.extent)
        if self.parameter("centered", True, neurons):
            self.move(-(self.width - 1) / 2, -(self.height - 1) / 2, -(self.depth - 1) / 2)

    def set_positions(self, width: int = 1, height: int = 1, depth: int = 1) -> None:
        """Place the neurons row by row, plane by plane."""
        place = np.arange(self.neurons.size)
        dtype = self.neurons.def_dtype
        self.neurons.x = (place % width).astype(dtype)
        self.neurons.y = (place // width % height).astype(dtype)
        self.neurons.z = (place // (width * height)).astype(dtype)

    def get_area_mask(
        self, xmin: int = 0, xmax: int = -1, ymin: int = 0, ymax: int = -1, zmin: int = 0, zmax: int = -1
    ) -> NDArray[np.bool_]:
        """Who lies in a box of the grid (size,); a bound below 1 counts from the far end, -1 is all of it."""
        mask = np.zeros((self.depth, self.height, self.width), bool)
        box = [
            slice(low, high if high >= 1 else extent + high + 1)
            for low, high, extent in ((zmin, zmax, self.depth), (ymin, ymax, self.height), (xmin, xmax, self.width))
        ]
        mask[tuple(box)] = True
        return mask.ravel()

    def move(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Self:
        """Shift all neurons."""
        self.neurons.x += x
        self.neurons.y += y
        self.neurons.z += z
        return self

    def scale(self, x: float = 1.0, y: float = 1.0, z: float = 1.0) -> Self:
        """Multiply the positions."""
        self.neurons.x *= x
        self.neurons.y *= y
        self.neurons.z *= z
        return self

    def noise(self, x_noise: float = 1.0, y_noise: float = 1.0, z_noise: float = 1.0, centered: bool = True) -> Self:
        """Shift each neuron by uniform numbers of a given range."""
        for name, extent in (("x", x_noise), ("y", y_noise), ("z", z_noise)):
            shift = self.neurons.randomness.random(self.neurons.size) - (0.5 if centered else 0.0)
            position = getattr(self.neurons, name)  # one of x, y and z
            position += shift * extent
        return self

    def rotate(self, axis: Sequence[float], theta: float) -> Self:
        """Turn all neurons around an axis through the origin by `theta` radians."""
        turned = rotation_matrix(axis, theta) @ np.stack([self.neurons.x, self.neurons.y, self.neurons.z])
        self.neurons.x, self.neurons.y, self.neurons.z = turned.astype(self.neurons.def_dtype)
        return self

    def stretch_to_equal_size(self, target_neurons: Any) -> Self:
        """Scale the grid to the extent of another group's."""
        there, here = target_neurons, self.neurons
        return self.scale(there.width / here.width, there.height / here.height, there.depth / here.depth)


Grid = NeuronGrid = NeuronDimension


def get_squared_dim(number_of_neurons: int, depth: int = 1, round_up: bool = True) -> NeuronDimension:
    """The grid of so many neurons that is closest to a square: the width is the largest divisor below the root.

    `round_up` is taken, and changes nothing, as in PymoNNto.
    """
    width = math.isqrt(number_of_neurons)
    while width > 1 and number_of_neurons % width:
        width -= 1
    return NeuronDimension(width=width, height=number_of_neurons // max(width, 1), depth=depth)


getGrid = get_squared_dim


def rotation_matrix(axis: Sequence[float], theta: float) -> NDArray[np.float64]:
    """The matrix (3, 3) that turns around an axis by `theta` radians (Rodrigues)."""
    x, y, z = np.asarray(axis, float) / np.linalg.norm(axis)
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    turn: NDArray[np.float64] = np.eye(3) + math.sin(theta) * cross + (1.0 - math.cos(theta)) * cross @ cross
    return turn


def vec_to_mat(vec: NDArray[Any], repeat_count: int) -> NDArray[Any]:
    """The vector as each row of a matrix (repeat_count, size)."""
    return np.tile(vec, (repeat_count, 1))


def vec_to_mat_transposed(vec: NDArray[Any], repeat_count: int) -> NDArray[Any]:
    """The vector as each column of a matrix (size, repeat_count)."""
    return vec_to_mat(vec, repeat_count).T
