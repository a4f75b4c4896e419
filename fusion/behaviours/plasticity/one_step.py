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
        self._pre_before, self._post_before = np.zeros(owner.source.size, bool), np.zeros(owner.target.size, bool)

    def learn(
        self, owner: SynapseGroup, matrix: PlasticMatrix, pre: NDArray[np.int64], post: NDArray[np.int64]
    ) -> None:
        """Change each synapse once, so that bounds act on the sum of the three terms."""
        pre_now, post_now = np.zeros_like(self._pre_before), np.zeros_like(self._post_before)
        pre_now[pre], post_now[post] = True, True
        if len(pre):
            targets = (post_now | self._post_before).nonzero()[0]
            fires = self.rate * post_now[targets]
            change = self.coincidence * fires - self.rate * self._post_before[targets]
            matrix.add_between(targets, pre, change[:, None] + fires[:, None] * self._pre_before[pre])
        if len(post):
            # Those of sources that fire now as well have changed.
            sources = (self._pre_before & ~pre_now).nonzero()[0]
            matrix.add_between(post, sources, np.full((len(post), len(sources)), self.rate))
        self._pre_before, self._post_before = pre_now, post_now
