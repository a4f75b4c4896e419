"""Weights of synapse groups as matrices of whole neuron groups, as lists of synapses, and from afar."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fusion.core.neurons import NeuronGroup
from fusion.core.subgroup import NeuronSubGroup
from fusion.core.synapses import AdoptedSynapseGroup, SynapseGroup
from fusion.core.weights import is_sparse
from fusion.coupling.natives import group_of
from fusion.errors import UnknownName

SEEN = 4_000_000  # synapses that are looked at, of a matrix seen from afar


class Overview(NamedTuple):
    """A matrix of weights from afar.

    Attributes
    ----------
    values : (rows, columns) float, each the mean of `tall` x `wide` pairs of neurons, 0 where there is no synapse
    tall : int, target neurons in a row
    wide : int, source neurons in a column
    every : int, of the source neurons only every so many-th was looked at
    """

    values: NDArray[np.float64]
    tall: int
    wide: int
    every: int


def overview(weights: Any, most: int = 400) -> Overview:
    """A matrix (target.size, source.size), dense or CSC, as at most `most` rows and columns; no copy is made of it.

    Of more than four million synapses it takes a part.
    """
    sparse = is_sparse(weights)
    every = max(1, -(-(weights.nnz if sparse else weights.size) // SEEN))
    seen = weights[:, ::every]
    tall, wide = (max(1, -(-n // most)) for n in seen.shape)
    rows, columns = (np.arange(0, n, step) for n, step in zip(seen.shape, (tall, wide), strict=True))
    if sparse:
        entries = seen.tocoo()
        cells = entries.row.astype(np.int64) // tall * len(columns) + entries.col // wide
        sums = np.bincount(cells, entries.data, len(rows) * len(columns)).reshape(len(rows), len(columns))
    elif tall == wide == 1:
        sums = np.array(seen, float)
    else:
        # Of a matrix in Fortran order the synapses of a source lie side by side: those are added last.
        sums = np.add.reduceat(np.add.reduceat(seen.T, columns, axis=0, dtype=float), rows, axis=1).T
    heights, widths = (np.diff(first, append=n) for first, n in zip((rows, columns), seen.shape, strict=True))
    return Overview(sums / np.outer(heights, widths), tall, wide * every, every)


def is_matrix(synapses: SynapseGroup, name: str) -> bool:
    """Whether a variable has a value for each synapse, which `matrix_of` gives."""
    if isinstance(synapses, AdoptedSynapseGroup):
        known = synapses.edge.variables
        return name == "W" or (name in known and known[name].size == synapses.edge.size)
    if synapses.blocks:
        return name in synapses.variable_names()
    return bool(np.shape(vars(synapses).get(name, 0.0)) == synapses.shape)


def matrix_of(synapses: SynapseGroup, name: str = "W") -> Any:
    """A variable of synapses (target.size, source.size): an array, which is no copy, or CSC."""
    if isinstance(synapses, AdoptedSynapseGroup) and name != "W":
        return synapses.spread(name)
    values = synapses.read(name)
    return values.tocsc() if is_sparse(values) else values


def each_synapse(synapses: SynapseGroup, name: str = "W") -> NDArray[Any]:
    """One value for each synapse (synapses,); in a dense matrix that is without ``connected``, what is not zero."""
    values = synapses.read(name)
    if is_sparse(values):
        return np.asarray(values.data)
    values = np.asarray(values)
    if values.ndim < 2:
        return values.ravel()
    return values[synapses.connected if "connected" in synapses.variable_names() else values.nonzero()]


def afferent_weights(synapses: SynapseGroup, matrix: Any, neuron: int) -> NDArray[np.float64] | None:
    """Weights onto a neuron of the whole target group, from each of the whole source group (source.size,).

    matrix : what `matrix_of` gives for the synapses

    0 where there is no synapse, NaN for neurons that are not among the sources; None if the neuron is no target.
    """
    at = np.flatnonzero(_index(synapses.target) == neuron)
    return _spread(matrix[at], synapses.source) if len(at) else None


def efferent_weights(synapses: SynapseGroup, matrix: Any, neuron: int) -> NDArray[np.float64] | None:
    """Weights from a neuron of the whole source group, onto each of the whole target group; as `afferent_weights`."""
    at = np.flatnonzero(_index(synapses.source) == neuron)
    return _spread(matrix[:, at], synapses.target) if len(at) else None


def _spread(weights: Any, end: NeuronGroup | NeuronSubGroup) -> NDArray[np.float64]:
    values = np.asarray(weights.toarray() if is_sparse(weights) else weights, float).ravel()
    if not isinstance(end, NeuronSubGroup):
        return values
    whole = np.full(end.base.size, np.nan)
    whole[end.index] = values
    return whole


def dense(synapses: SynapseGroup) -> NDArray[np.float64]:
    """Weights between the whole groups at both ends (target.size, source.size); `UnknownName` if there are none."""
    if "W" not in synapses.variable_names():
        error = UnknownName("variable", "W", synapses.variable_names(), repr(synapses))
        error.add_note("Give the synapse group weight=, or a behaviour that sets W and run it first.")
        raise error
    weights = synapses.W
    inner = np.asarray(weights.toarray() if is_sparse(weights) else weights, float)
    source, target = group_of(synapses.source), group_of(synapses.target)
    if source is synapses.source and target is synapses.target:
        return inner
    matrix = np.zeros((target.size, source.size))
    matrix[np.ix_(_index(synapses.target), _index(synapses.source))] = inner
    return matrix


def those_with(synapses: Iterable[SynapseGroup], tag: str | None) -> list[SynapseGroup]:
    """The synapse groups that bear a tag; all of those with weights if it is None."""
    found = [each for each in synapses if (tag is None and "W" in each.variable_names()) or (tag and each.bears(tag))]
    # Blocks stand for the whole that was cut into them.
    return list(dict.fromkeys(each.whole or each for each in found))


def _index(end: NeuronGroup | NeuronSubGroup) -> NDArray[np.int64]:
    return end.index if isinstance(end, NeuronSubGroup) else np.arange(end.size)
