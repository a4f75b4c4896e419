"""`SynapticNormalization`: what a neuron's synapses sum up to is kept."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.parameters import check_neurons, check_positive
from fusion.behaviours.plasticity.matrix import check_floats
from fusion.core.behaviour import Behaviour
from fusion.core.neurons import NeuronGroup
from fusion.core.subgroup import NeuronSubGroup
from fusion.core.synapses import SynapseGroup
from fusion.errors import UnknownName, Unsupported

SIDES = ("afferent", "efferent")


class SynapticNormalization(Behaviour):
    r"""Scales the synapses of each neuron so that their sizes sum to a norm, over all groups with a tag together.

    .. math:: W_{ij} \leftarrow W_{ij} \, \frac{norm_i}{\sum_{groups} \sum_j |W_{ij}|}

    The norm is that of the synapses onto a neuron or, with ``side="efferent"``, of those from it. A neuron without
    synapses, or whose synapses are all zero, is left as it is. Attach it to neurons, of any simulator; with ``every=``
    it costs next to nothing.

    Reads and writes ``W`` (target.size, source.size) of the synapses, dense of floats or CSC.

    Parameters
    ----------
    synapses : str
        Tag of the synapse groups.
    norm : float, or (n,)
        In the unit of ``W``.
    side : "afferent" or "efferent"

    Raises
    ------
    InvalidValue
        If `norm` is not positive.
    UnknownName
        If `side` is something else, or nobody bears the tag.
    Unsupported
        If it is not attached to neurons, or a synapse group with the tag has no ``W`` of fusion's own.

    References
    ----------
    Lazar, Pipa, Triesch (2009), *Front. Comput. Neurosci.* 3:23.
    """

    synapses: str = "GLUTAMATE"
    norm: float = 1.0
    side: str = "afferent"

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        check_positive(self, norm="units of W")
        if self.side not in SIDES:
            raise UnknownName("side", str(self.side), SIDES, "SynapticNormalization")
        self.reads = self.writes = (f"{self.synapses}.W",)  # type: ignore[misc]

    def initialize(self, owner: NeuronGroup) -> None:
        """`Unsupported` if it is not attached to neurons."""
        check_neurons(self, owner)
        check_positive(self, norm="units of W")

    def verify(self, owner: NeuronGroup) -> None:
        """`Unsupported` if synapses have no weights to change."""
        for group in self._groups(owner):
            if "W" not in vars(group):
                raise Unsupported(f"SynapticNormalization needs synapse groups with W; {group.tag!r} has none.")

    def iteration(self, owner: NeuronGroup) -> None:
        """Sum over all groups, then scale them."""
        groups = self._groups(owner)
        sums = np.zeros(owner.size)
        for group in groups:
            check_floats(group.W, group.shape, group.tag)
            sums[self._neurons(group)] += self._sizes(group.W)
        factor = np.divide(self.norm, sums, out=np.ones(owner.size), where=sums > 0)
        for group in groups:
            self._scale(group.W, factor[self._neurons(group)])

    def _groups(self, owner: NeuronGroup) -> list[SynapseGroup]:
        found = owner.afferent if self._is_afferent else owner.efferent
        groups: list[SynapseGroup] = found[self.synapses]
        return groups

    @property
    def _is_afferent(self) -> bool:
        return self.side == "afferent"

    def _neurons(self, group: SynapseGroup) -> Any:
        end = group.target if self._is_afferent else group.source
        return end.index if isinstance(end, NeuronSubGroup) else slice(None)

    def _sizes(self, W: Any) -> NDArray[np.float64]:
        """The sum of the sizes of each neuron's synapses."""
        if isinstance(W, np.ndarray):
            return np.asarray(np.abs(W).sum(axis=1 if self._is_afferent else 0), dtype=float)
        n = W.shape[0 if self._is_afferent else 1]
        return np.bincount(self._neuron_of_each(W), np.abs(W.data), minlength=n).astype(float, copy=False)

    def _scale(self, W: Any, factor: NDArray[np.float64]) -> None:
        if isinstance(W, np.ndarray):
            W *= factor[:, None] if self._is_afferent else factor
        else:
            W.data *= factor[self._neuron_of_each(W)]

    def _neuron_of_each(self, W: Any) -> NDArray[np.int64]:
        """The neuron whose sum each entry of a sparse matrix belongs to."""
        if self._is_afferent:
            return np.asarray(W.indices)
        return np.repeat(np.arange(W.shape[1]), np.diff(W.indptr))
