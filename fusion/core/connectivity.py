"""Rules that say which neurons are connected, for ``SynapseGroup(connect=)``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fusion.core.arrays import hits, is_number
from fusion.errors import InvalidValue, ShapeMismatch

Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True)
class FixedProbability:
    """Each pair is connected with probability `p`, independently of the others.

    autapses : whether a neuron may be connected to itself, where source and target are the same group.
    """

    p: float
    autapses: bool = True

    def pairs(self, generator: np.random.Generator, shape: tuple[int, int], same: bool) -> Pairs:
        """(targets, sources) of the synapses."""
        sources, targets = np.divmod(hits(generator, shape[0] * shape[1], self.p), shape[0])
        return _without_autapses(targets, sources, same and not self.autapses)


@dataclass(frozen=True)
class FixedInDegree:
    """Each target has synapses from exactly `n` different sources."""

    n: int

    def pairs(self, generator: np.random.Generator, shape: tuple[int, int], same: bool) -> Pairs:
        """(targets, sources) of the synapses; `InvalidValue` if there are fewer than `n` sources."""
        if self.n > shape[1]:
            raise InvalidValue(
                f"An in-degree of {self.n} is impossible with {shape[1]} source neurons. Give at most {shape[1]}.",
                n=self.n,
            )
        sources = [generator.choice(shape[1], self.n, replace=False) for _ in range(shape[0])]
        return np.repeat(np.arange(shape[0]), self.n), np.concatenate([*sources, np.empty(0, np.int64)])


@dataclass(frozen=True)
class FixedOutDegree:
    """Each source has synapses onto exactly `n` different targets."""

    n: int

    def pairs(self, generator: np.random.Generator, shape: tuple[int, int], same: bool) -> Pairs:
        """(targets, sources) of the synapses; `InvalidValue` if there are fewer than `n` targets."""
        if self.n > shape[0]:
            raise InvalidValue(
                f"An out-degree of {self.n} is impossible with {shape[0]} target neurons. Give at most {shape[0]}.",
                n=self.n,
            )
        sources, targets = FixedInDegree(self.n).pairs(generator, shape[::-1], same)
        return targets, sources


@dataclass(frozen=True)
class AllToAll:
    """Every pair is connected."""

    autapses: bool = True

    def pairs(self, generator: np.random.Generator, shape: tuple[int, int], same: bool) -> Pairs:
        """(targets, sources) of the synapses."""
        sources, targets = np.divmod(np.arange(shape[0] * shape[1]), shape[0])
        return _without_autapses(targets, sources, same and not self.autapses)


@dataclass(frozen=True)
class OneToOne:
    """Neuron i is connected to neuron i."""

    def pairs(self, generator: np.random.Generator, shape: tuple[int, int], same: bool) -> Pairs:
        """(targets, sources) of the synapses; `ShapeMismatch` if the groups differ in size."""
        if shape[0] != shape[1]:
            raise ShapeMismatch("A one-to-one connection", shape, "both groups need the same size")
        return np.arange(shape[0]), np.arange(shape[0])


def fixed_probability(p: float, *, autapses: bool = True) -> FixedProbability:
    """Connect each pair with probability `p`; `InvalidValue` if it does not lie between 0 and 1."""
    if not (is_number(p) and 0.0 <= p <= 1.0):
        raise InvalidValue(f"The probability is {p!r}; it must lie between 0 and 1.", p=p)
    return FixedProbability(float(p), autapses)


def fixed_indegree(n: int) -> FixedInDegree:
    """Connect each target to `n` different sources; `InvalidValue` if `n` is no whole number or negative."""
    return FixedInDegree(_degree("in", n))


def fixed_outdegree(n: int) -> FixedOutDegree:
    """Connect each source to `n` different targets; `InvalidValue` if `n` is no whole number or negative."""
    return FixedOutDegree(_degree("out", n))


def _degree(which: str, n: int) -> int:
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 0:
        raise InvalidValue(f"The {which}-degree is {n!r}; give a whole number that is not negative.", n=n)
    return int(n)


def all_to_all(*, autapses: bool = True) -> AllToAll:
    """Connect every pair."""
    return AllToAll(autapses)


def one_to_one() -> OneToOne:
    """Connect neuron i to neuron i."""
    return OneToOne()


def _without_autapses(targets: NDArray[np.int64], sources: NDArray[np.int64], drop: bool) -> Pairs:
    if not drop:
        return targets, sources
    kept = targets != sources
    return targets[kept], sources[kept]
