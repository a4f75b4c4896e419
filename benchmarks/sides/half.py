"""A part of the network of `lif_network` in NEST, which workers import and build."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.sides import lif_in_nest, lif_network
from benchmarks.sides.lif_network import Numbers


def numbers_of(n: int) -> Numbers:
    """The network in an order in which each half of it has its share of excitatory and inhibitory cells."""
    drawn = lif_network.draw(n)
    order = np.concatenate([np.arange(0, n, 2), np.arange(1, n, 2)])
    return Numbers(drawn.drive[order], drawn.start[order], drawn.weights.tocsr()[order][:, order].tocsc())


def part(n: int, first: int, last: int) -> Any:
    """Cells `first` to `last` of the network of `n`, and their synapses among themselves; a worker calls it."""
    return lif_in_nest.connected(numbers_of(n), slice(first, last))
