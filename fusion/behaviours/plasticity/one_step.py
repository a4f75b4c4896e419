"""`OneStepSTDP`: plasticity of spikes in neighbouring iterations."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.plasticity.matrix import PlasticMatrix
from fusion.behaviours.plasticity.rule import PlasticityRule
from fusion.core.synapses import SynapseGroup


class OneStepSTDP(PlasticityRule):
    r"""Spike-timing-dependent plasticity whose window is one iteration, event-driven.

    .. math::
        \Delta W_{ij}(k) = \eta \left[ s_i(k) s_j(k-1) - s_i(k-1) s_j(k) + c \, s_i(k) s_j(k) \right], \qquad
        W_{ij} \leftarrow \min(\max(W_{ij} + \Delta W_{ij}, w_{min}), w_{max})

    with :math:`s(k)` = 1 where a neuron fires in iteration k: the rule of self-organizing recurrent networks, and with
    c = 1 the one that PymoNNto's examples use. Its window is as long as dt, whatever dt is.

    Reads ``spike`` of source and target. Writes ``W`` (target.size, source.size), or the matrix named by `variable`.

    Raises
    ------
    InvalidValue, Unsupported
        As every `SynapseRule`.

    References
    ----------
    Lazar, Pipa, Triesch (2009), *Front. Comput. Neurosci.* 3:23, for c = 0.
    Vieth, Stöber, Triesch (2021), *Front. Neuroinform.* 15:715131, for c = 1.
    """

    rate: float = 0.001  # eta, in units of W
    coincidence: float = 1.0  # c, for two that fire in the same iteration
    w_max: float = 10.0

    def initialize(self, owner: SynapseGroup) -> None:
        """Start as if nobody had fired."""
        super().initialize(owner)
        self._pre, self._post = np.zeros(owner.source.size, np.uint8), np.zeros(owner.target.size, np.uint8)

    def learn(
        self, owner: SynapseGroup, matrix: PlasticMatrix, pre: NDArray[np.int64], post: NDArray[np.int64]
    ) -> None:
        """Change each synapse once, so that bounds act on the sum of the three terms."""
        self._pre, self._post = advanced(self._pre, pre), advanced(self._post, post)
        now, before = KINDS
        fires = self.rate * now[:, None]
        change = self.coincidence * fires - self.rate * before[:, None]
        matrix.add_by_kind(self._post, self._pre, change * now + fires * before)


KINDS = np.array([[0.0, 1.0, 0.0, 1.0], [0.0, 0.0, 1.0, 1.0]])
"""Whether a neuron of kind 0 to 3 fires in this iteration, and whether it did in the last one."""


def advanced(kinds: NDArray[np.uint8], fires: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The kinds of neurons (n,) one iteration later, in which `fires` fire."""
    later: NDArray[np.uint8] = (kinds & np.uint8(1)) << np.uint8(1)
    later[fires] |= np.uint8(1)
    return later
