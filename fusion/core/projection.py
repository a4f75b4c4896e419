"""`Projection`: the synapses of a link one by one, for the simulator that holds their weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fusion.errors import InvalidValue, ShapeMismatch


@dataclass(frozen=True, eq=False)
class Projection:
    """Synapses from one population to another: four contiguous arrays and an int, which any process can be sent.

    Synapses ascend by source, then by target.

    pre, post : (synapses,) int64
        Neuron of the source, from 0 to `n_sources` - 1, and neuron of the target group.
    weights : (synapses,) float64, in the unit of the input that they act on
    delays : (synapses,) int64, ticks, at least one
    n_sources : int
        Neurons of the source, with synapses or without.

    Raises
    ------
    ShapeMismatch
        If the arrays are not flat, or not of one length.
    InvalidValue
        If an array holds another kind of number, an index or a delay is out of range, or the order is another.
    """

    pre: NDArray[np.int64]
    post: NDArray[np.int64]
    weights: NDArray[np.float64]
    delays: NDArray[np.int64]
    n_sources: int

    def __post_init__(self) -> None:
        self._take("pre", np.int64)
        self._take("post", np.int64)
        self._take("weights", np.float64)
        self._take("delays", np.int64)
        if len(self) == 0:
            return
        if self.pre.min() < 0 or self.pre.max() >= self.n_sources or self.post.min() < 0:
            raise InvalidValue(
                f"A projection of {self.n_sources} sources goes from neurons {self.pre.min()} to {self.pre.max()}, and "
                f"arrives from neuron {self.post.min()} on. Count both from 0."
            )
        if self.delays.min() < 1:
            raise InvalidValue(f"A delay of a projection is {self.delays.min()} ticks; the shortest is one.")
        if not is_ascending(self.pre, self.post):
            raise InvalidValue("The synapses of a projection ascend by source, then by target; sort them.")

    @classmethod
    def identity(cls, size: int) -> Projection:
        """Each neuron to its own, over one tick and with a weight of one."""
        own = np.arange(size)
        return cls(own, own, np.ones(size), np.ones(size, np.int64), size)

    def _take(self, name: str, dtype: DTypeLike) -> None:
        """Make a field contiguous and of its type; no copy where it is."""
        given = np.asarray(vars(self)[name])
        if given.shape != np.shape(self.pre) or given.ndim != 1:
            raise ShapeMismatch(f"{name!r} of a projection", given.shape, "one entry for each synapse is needed")
        if not np.can_cast(given.dtype, dtype, "same_kind"):
            raise InvalidValue(f"{name!r} of a projection is {given.dtype}, and {np.dtype(dtype)} is needed.")
        object.__setattr__(self, name, np.ascontiguousarray(given, dtype))

    def __len__(self) -> int:
        return len(self.pre)

    @property
    def shortest(self) -> int:
        """The shortest delay, ticks; 1 without synapses."""
        return int(self.delays.min()) if len(self) else 1

    def joins_as(self, other: Projection) -> bool:
        """Whether the synapses are between the same neurons, in the same order."""
        return np.array_equal(self.pre, other.pre) and np.array_equal(self.post, other.post)


def is_ascending(pre: NDArray[np.int64], post: NDArray[np.int64]) -> bool:
    """Whether pairs ascend by the first, then by the second; a pair may come more than once."""
    same, further = pre[1:] == pre[:-1], pre[1:] > pre[:-1]
    return bool(np.all(further | (same & (post[1:] >= post[:-1]))))
