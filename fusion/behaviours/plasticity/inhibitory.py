"""`InhibitorySTDP`: plasticity of inhibition that holds the rate of its targets."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.plasticity.matrix import PlasticMatrix, SpikeTrace
from fusion.behaviours.plasticity.rule import PlasticityRule
from fusion.core.clock import MS_PER_S
from fusion.core.synapses import SynapseGroup
from fusion.errors import InvalidValue


class InhibitorySTDP(PlasticityRule):
    r"""Symmetric spike-timing-dependent plasticity with depression by each presynaptic spike, event-driven.

    .. math::
        \tau \dot x_j = -x_j + \sum \delta(t - t_j), \qquad \tau \dot x_i = -x_i + \sum \delta(t - t_i)

        \Delta W_{ij} = \eta (x_i - \alpha) \text{ when } j \text{ fires}, \qquad \Delta W_{ij} = \eta x_j \text{ when }
        i \text{ fires}, \qquad \alpha = 2 \rho_0 \tau

    On average a synapse grows where its target fires more often than with :math:`\rho_0`, and shrinks where less. A
    pair in one iteration counts once, with :math:`\eta`. W is the size of the inhibition; on a link whose weights are
    negative give a negative `eta`, and bounds to match.

    Reads ``spike`` of source and target. Writes ``W`` (target.size, source.size), or the matrix named by `variable`.

    Raises
    ------
    InvalidValue
        If `rho` is negative; else with `Unsupported` as every `SynapseRule`.

    References
    ----------
    Vogels, Sprekeler, Zenke, Clopath, Gerstner (2011), *Science* 334, 1569-1573.
    """

    eta: float = 0.005  # in units of W
    rho: float = 5.0  # rate of the targets, Hz
    tau: float = 20.0  # ms
    w_max: float = 10.0

    times = ("tau",)

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        if not self.rho >= 0:
            raise InvalidValue(f"rho is {self.rho}; a rate is not negative (Hz).", parameter="rho")

    def initialize(self, owner: SynapseGroup) -> None:
        """Start with empty traces."""
        super().initialize(owner)
        self._alpha = 2.0 * self.rho * self.tau / MS_PER_S
        self._pre = SpikeTrace(owner.source.size, self.tau, owner.network.dt)
        self._post = SpikeTrace(owner.target.size, self.tau, owner.network.dt)

    def learn(
        self, owner: SynapseGroup, matrix: PlasticMatrix, pre: NDArray[np.int64], post: NDArray[np.int64]
    ) -> None:
        """Change the synapses of the neurons that fired; what the sources did counts before what the targets did."""
        before, after = self._pre.decayed(), self._post.decayed()
        self._pre.add(pre)
        if len(pre):
            matrix.add_from(pre, self.eta * (after - self._alpha))
        if len(post):
            matrix.add_onto(post, self.eta * before)
        self._post.add(post)
