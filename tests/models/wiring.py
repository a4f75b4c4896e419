"""Random synapses between populations, drawn once: all forms of a model, in whatever simulators, are one network."""

from __future__ import annotations

from typing import NamedTuple

import nest
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from fusion.behaviours import FixedInDegree, FixedProbability


class Synapses(NamedTuple):
    """Synapses from one population to another, ``shape`` (targets, sources)."""

    pre: NDArray[np.int64]
    post: NDArray[np.int64]
    shape: tuple[int, int]

    @classmethod
    def drawn(
        cls, generator: np.random.Generator, rule: FixedInDegree | FixedProbability, targets: int, sources: int
    ) -> Synapses:
        """What the rule draws."""
        post, pre = rule.pairs(generator, (targets, sources), same=False)
        return cls(pre, post, (targets, sources))

    def matrix(self, weight: float | NDArray[np.float64]) -> csc_array:
        """The weights as a matrix (targets, sources)."""
        return csc_array((np.broadcast_to(weight, len(self.pre)), (self.post, self.pre)), self.shape)

    def connect_nest(
        self,
        sources: nest.NodeCollection,
        targets: nest.NodeCollection,
        weight: float | NDArray[np.float64],
        delay: float | NDArray[np.float64],
    ) -> None:
        """Make them in NEST; weight in the unit of the target's model, delay in ms."""
        ids = np.array(sources.tolist())[self.pre], np.array(targets.tolist())[self.post]
        synapse = {"weight": np.broadcast_to(weight, len(self.pre)), "delay": np.broadcast_to(delay, len(self.pre))}
        nest.Connect(*ids, "one_to_one", synapse)


class Drawn:
    """The synapses of a network of two populations; ``drawn["E", "I"]`` are those from E to I.

    Parameters
    ----------
    sizes : {"E": n, "I": n}
    rules : {"E": rule, "I": rule}
        By the population that they come from.
    """

    def __init__(self, seed: int, sizes: dict[str, int], rules: dict[str, FixedInDegree | FixedProbability]):
        generator = np.random.default_rng(seed)
        self._between = {
            (source, target): Synapses.drawn(generator, rules[source], sizes[target], sizes[source])
            for source in sizes
            for target in sizes
        }

    def __getitem__(self, ends: tuple[str, str]) -> Synapses:
        return self._between[ends]
