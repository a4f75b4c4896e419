"""Neurons in space: positions in one to three dimensions, and rules that connect what is near."""

from __future__ import annotations

import abc
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.core.arrays import is_number
from fusion.core.connectivity import Pairs
from fusion.core.foreign import ForeignNeuronGroup
from fusion.errors import InvalidValue, ShapeMismatch

AXES = ("x", "y", "z")
PLANES = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}
"""What turns around each axis: from the first to the second."""
CLOSE = 1e-9
"""By how much of a reach rounding may carry a neuron beyond it."""
CHUNK = 2000
"""Sources whose pairs are looked at together; what is drawn does not depend on it."""


@dataclass(frozen=True, eq=False)
class Positions:
    """Points (n, 3) in any unit of length; each method gives new ones.

    Raises `ShapeMismatch` or `InvalidValue` if these are no finite points.
    """

    points: NDArray[np.float64]

    def __post_init__(self) -> None:
        points = np.array(self.points, float)
        if points.ndim != 2 or points.shape[1] != len(AXES):
            raise ShapeMismatch("Positions", points.shape, "(n, 3) is needed: x, y and z of each neuron")
        if not np.isfinite(points).all():
            raise InvalidValue("A position is not finite.")
        object.__setattr__(self, "points", points)

    def __len__(self) -> int:
        return len(self.points)

    def __repr__(self) -> str:
        return f"Positions of {len(self)} neurons"

    def moved(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Positions:
        """All of them, by as much."""
        return Positions(self.points + np.array([x, y, z]))

    def scaled(self, x: float = 1.0, y: float = 1.0, z: float = 1.0) -> Positions:
        """All of them, as seen from the origin."""
        return Positions(self.points * np.array([x, y, z]))

    def rotated(self, degrees: float, axis: str = "z") -> Positions:
        """All of them, counterclockwise around an axis through the origin that points at the one who looks."""
        if axis not in PLANES:
            raise InvalidValue(f"axis={axis!r}: give one of {', '.join(AXES)}.", axis=axis)
        first, second = PLANES[axis]
        cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
        points = self.points.copy()
        points[:, first] = cos * self.points[:, first] - sin * self.points[:, second]
        points[:, second] = sin * self.points[:, first] + cos * self.points[:, second]
        return Positions(points)

    def jittered(self, sigma: float, seed: int | None = None) -> Positions:
        """Each of them, by normally distributed steps along all axes along which they differ."""
        if not sigma >= 0:
            raise InvalidValue(f"sigma is {sigma}; it must not be negative.", sigma=sigma)
        steps = np.random.default_rng(seed).normal(0.0, sigma, self.points.shape)
        return Positions(self.points + steps * (np.ptp(self.points, axis=0) > 0))

    def place(self, group: Any) -> Any:
        """Give a group, of any simulator, the variables ``x``, ``y`` and ``z`` (n,); returns the group.

        Raises `ShapeMismatch` if it has another number of neurons, `InvalidValue` if its simulator has a variable of
        such a name: positions that stand there already are used as they are.
        """
        if group.size != len(self):
            raise ShapeMismatch(f"Positions for {group.tag!r}", (len(self),), f"it has {group.size} neurons")
        if isinstance(group, ForeignNeuronGroup):
            taken = [axis for axis in AXES if axis in group.handle.variables]
            if taken:
                raise InvalidValue(
                    f"{', '.join(taken)} of {group.tag!r} belong to {group.adapter.name}, which computes with them. If "
                    "they are positions, rules by distance take them as they are; else rename them in the model."
                )
        for axis, column in zip(AXES, self.points.T, strict=True):
            setattr(group, axis, column.copy())  # variables of the group
        return group


def grid(width: int, height: int = 1, depth: int = 1, *, spacing: float = 1.0) -> Positions:
    """A grid with its centre at the origin; neuron i stands at x = i % width, y = i // width % height and so on.

    Raises `InvalidValue` if a size is no whole number above 0, or the spacing is not positive.
    """
    sizes = (width, height, depth)
    if any(isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1 for n in sizes):
        raise InvalidValue(f"A grid of {width} x {height} x {depth}: give whole numbers, at least 1.", sizes=sizes)
    if not spacing > 0:
        raise InvalidValue(f"The spacing is {spacing}; it must be positive.", spacing=spacing)
    z, y, x = np.unravel_index(np.arange(width * height * depth), sizes[::-1])
    centre = (np.array(sizes) - 1) / 2
    return Positions((np.stack([x, y, z], axis=1) - centre) * spacing)


def positions_of(neurons: Any) -> Positions:
    """Where the neurons of a group, or of a part of one, are; axes that it lacks are 0.

    Raises `InvalidValue` if it has no ``x``.
    """
    columns = [getattr(neurons, axis, None) for axis in AXES]  # variables of the group
    if columns[0] is None:
        raise InvalidValue(
            f"{neurons.tag!r} has no positions. Place it first, as in grid(10, 10).place(group), or set its x, y and z."
        )
    return Positions(np.stack([np.zeros(neurons.size) if c is None else np.asarray(c) for c in columns], axis=1))


class Spatial(abc.ABC):
    """A rule by where two neurons are; both groups need positions when they are connected."""

    autapses: bool

    @abc.abstractmethod
    def reach(self) -> tuple[float, float, float]:
        """How far along each axis a source may be from its target."""

    @abc.abstractmethod
    def chosen(self, steps: NDArray[np.float64], generator: np.random.Generator) -> NDArray[np.bool_]:
        """Which pairs are connected (pairs,), by the steps from target to source (pairs, 3), all within reach."""

    def between(self, source: Any, target: Any) -> Near:
        """The rule for two groups where they are now."""
        return Near(self, positions_of(source), positions_of(target))


@dataclass(frozen=True)
class Near:
    """A spatial rule, and where the neurons of two groups are."""

    rule: Spatial
    sources: Positions
    targets: Positions

    def pairs(self, generator: np.random.Generator, shape: tuple[int, int], same: bool) -> Pairs:
        """(targets, sources) of the synapses; the memory that it takes grows with the synapses."""
        from scipy.spatial import cKDTree

        # In units of the reach everything near lies in a cube.
        reach = np.maximum(self.rule.reach(), CLOSE)
        tree = cKDTree(self.targets.points / reach)
        chunks = [
            self._onto_all(tree, reach, first, generator, same) for first in range(0, max(len(self.sources), 1), CHUNK)
        ]
        targets, sources = zip(*chunks, strict=True)
        return np.concatenate(targets), np.concatenate(sources)

    def _onto_all(self, tree: Any, reach: Any, first: int, generator: np.random.Generator, same: bool) -> Pairs:
        """As `pairs`, from some sources that stand side by side."""
        from scipy.spatial import cKDTree

        some = cKDTree(self.sources.points[first : first + CHUNK] / reach)
        found = tree.sparse_distance_matrix(some, 1.0 + CLOSE, p=np.inf, output_type="ndarray")
        targets, sources = found["i"].astype(np.int64), found["j"].astype(np.int64) + first
        order = np.lexsort((targets, sources))  # so that what is drawn does not depend on the tree
        targets, sources = targets[order], sources[order]
        kept = self.rule.chosen(self.sources.points[sources] - self.targets.points[targets], generator)
        if same and not self.rule.autapses:
            kept &= targets != sources
        return targets[kept], sources[kept]


@dataclass(frozen=True)
class Box(Spatial):
    """Sources at most `x`, `y` and `z` away along the axes."""

    x: float
    y: float
    z: float
    autapses: bool

    def reach(self) -> tuple[float, float, float]:
        return self.x, self.y, self.z

    def chosen(self, steps: NDArray[np.float64], generator: np.random.Generator) -> NDArray[np.bool_]:
        return np.ones(len(steps), bool)


@dataclass(frozen=True)
class Ring(Spatial):
    """Sources farther away than `inner`, and at most `outer`; a circle, or a ball, without `inner`."""

    inner: float
    outer: float
    autapses: bool

    def reach(self) -> tuple[float, float, float]:
        return self.outer, self.outer, self.outer

    def chosen(self, steps: NDArray[np.float64], generator: np.random.Generator) -> NDArray[np.bool_]:
        distances = np.linalg.norm(steps, axis=1)
        within: NDArray[np.bool_] = distances <= self.outer * (1 + CLOSE)
        return within if self.inner < 0 else within & (distances > self.inner * (1 + CLOSE))


@dataclass(frozen=True)
class Gaussian(Spatial):
    r"""Each pair with probability :math:`p \, e^{-d^2 / 2 \sigma^2}` of its distance d, up to `cutoff` sigma."""

    sigma: float
    p: float
    cutoff: float
    autapses: bool

    def reach(self) -> tuple[float, float, float]:
        return (self.cutoff * self.sigma,) * 3

    def chosen(self, steps: NDArray[np.float64], generator: np.random.Generator) -> NDArray[np.bool_]:
        squares = np.sum((steps / self.sigma) ** 2, axis=1)
        drawn: NDArray[np.bool_] = generator.random(len(steps)) < self.p * np.exp(-squares / 2)
        near: NDArray[np.bool_] = squares <= (self.cutoff * (1 + CLOSE)) ** 2
        return drawn & near


def box(x: float, y: float | None = None, z: float | None = None, *, autapses: bool = True) -> Box:
    """Connect each target to the sources at most so far away along each axis; `y` and `z` are as `x` unless given."""
    y = x if y is None else y
    sizes = (x, y, y if z is None else z)
    if not all(is_number(size) and 0 <= size < np.inf for size in sizes):
        raise InvalidValue(f"The ranges of the box are {sizes}; they must not be negative.", sizes=sizes)
    return Box(float(sizes[0]), float(sizes[1]), float(sizes[2]), autapses)


def circle(radius: float, *, autapses: bool = True) -> Ring:
    """Connect each target to the sources at most `radius` away, in two dimensions or three."""
    return Ring(-1.0, _length("radius", radius), autapses)


def ring(inner: float, outer: float, *, autapses: bool = True) -> Ring:
    """Connect each target to the sources that are farther away than `inner`, and at most `outer`."""
    if not (is_number(inner) and is_number(outer) and 0 <= inner < outer):
        raise InvalidValue(f"A ring from {inner} to {outer}: the outer radius is larger, and none is negative.")
    return Ring(float(inner), _length("outer radius", outer), autapses)


def gaussian(sigma: float, p: float = 1.0, *, cutoff: float = 4.0, autapses: bool = True) -> Gaussian:
    """Connect pairs at random, the fewer the farther: with ``p * exp(-d**2 / (2 * sigma**2))`` at a distance d.

    cutoff : in units of sigma; farther pairs are left out, at 4 one in some thousand synapses of a plane
    """
    if not (is_number(p) and 0.0 <= p <= 1.0):
        raise InvalidValue(f"The probability is {p!r}; it must lie between 0 and 1.", p=p)
    return Gaussian(_length("sigma", sigma), float(p), _length("cutoff", cutoff), autapses)


def _length(what: str, value: float) -> float:
    if not (is_number(value) and 0 < value < np.inf):
        raise InvalidValue(f"The {what} is {value!r}; it must be positive.")
    return float(value)
