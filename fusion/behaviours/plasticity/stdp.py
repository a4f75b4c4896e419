"""`STDP`: the pair-based rule of spike-timing-dependent plasticity."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.plasticity.matrix import PlasticMatrix, SpikeTrace
from fusion.behaviours.plasticity.rule import PlasticityRule
from fusion.core.synapses import SynapseGroup


class STDP(PlasticityRule):
    r"""Pair-based spike-timing-dependent plasticity with exponential traces, all-to-all, event-driven.

    .. math::
        \tau_+ \dot x_j = -x_j + \sum \delta(t - t_j), \qquad \tau_- \dot y_i = -y_i + \sum \delta(t - t_i)

        \Delta W_{ij} = A_+ x_j \text{ when } i \text{ fires}, \qquad \Delta W_{ij} = -A_- y_i \text{ when } j
        \text{ fires}

    Attach it to a synapse group. Both ends count with the iteration in which they fire; two neurons that fire in the
    same one change nothing. Weights stay within [`w_min`, `w_max`]; a sparse ``W`` keeps its synapses.

    Reads ``spike`` of source and target. Writes ``W`` (target.size, source.size), or the matrix named by `variable`.

    Raises
    ------
    InvalidValue, Unsupported
        As every `SynapseRule`.

    References
    ----------
    Morrison, Diesmann, Gerstner (2008), *Biol. Cybern.* 98, 459-478, eqs. 5-8.
    """

    a_plus: float = 0.01  # in units of W
    a_minus: float = 0.012
    tau_plus: float = 20.0  # ms
    tau_minus: float = 20.0  # ms

    times: ClassVar[tuple[str, ...]] = ("tau_plus", "tau_minus")

    def initialize(self, owner: SynapseGroup) -> None:
        """Start with empty traces."""
        super().initialize(owner)
        self._pre = SpikeTrace(owner.source.size, self.tau_plus, owner.network.dt)
        self._post = SpikeTrace(owner.target.size, self.tau_minus, owner.network.dt)

    def learn(
        self, owner: SynapseGroup, matrix: PlasticMatrix, pre: NDArray[np.int64], post: NDArray[np.int64]
    ) -> None:
        """Change the synapses of the neurons that fired, then renew the traces."""
        self._pair(matrix, pre, post)

    def _pair(self, matrix: PlasticMatrix, pre: NDArray[np.int64], post: NDArray[np.int64], scale: float = 1.0) -> None:
        """Add `scale` times what the rule says to a matrix."""
        before, after = self._pre.decayed(), self._post.decayed()
        if len(pre):
            matrix.add_from(pre, -self.a_minus * scale * after)
        if len(post):
            matrix.add_onto(post, self.a_plus * scale * before)
        self._pre.add(pre)
        self._post.add(post)
