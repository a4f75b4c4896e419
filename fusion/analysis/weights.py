"""Weights of synapse groups as matrices of whole neuron groups, for analyses that look at them together."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from fusion.core.neurons import NeuronGroup
from fusion.core.subgroup import NeuronSubGroup
from fusion.core.synapses import SynapseGroup
from fusion.core.weights import is_sparse
from fusion.coupling.natives import group_of
from fusion.errors import UnknownName


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
