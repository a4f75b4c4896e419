"""`RewardModulatedSTDP`: spike timing marks synapses, and dopamine changes those that are marked."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.plasticity.matrix import PlasticMatrix, carried
from fusion.behaviours.plasticity.stdp import STDP

SMALLEST = 1e-100  # of a unit in which numbers of any size still have all their digits


class RewardModulatedSTDP(STDP):
    r"""Spike-timing-dependent plasticity that takes effect where dopamine comes soon after.

    .. math::
        \dot c_{ij} = -\frac{c_{ij}}{\tau_c} + STDP_{ij}(t), \qquad \dot d = -\frac{d}{\tau_d} + DA(t), \qquad
        \dot W_{ij} = c_{ij} d

    STDP(t) are the jumps that `STDP` makes in a weight; here they are made in the eligibility c. The concentration d is
    the variable ``dopamine`` of the synapse group, 0 at first: ``synapses.dopamine += 0.5`` gives a reward. It is the
    exact solution for spikes and rewards at whole iterations; W at the end of one has all that c and d do until the
    next.
    While there is no dopamine only the neurons that fire cost anything, otherwise each synapse does.

    Reads ``spike`` of source and target and ``dopamine``. Writes ``dopamine`` and ``W`` (target.size, source.size), or
    the matrix named by `variable`. ``eligibility`` is c: an array as W, or along ``W.data`` where W is sparse.

    Raises
    ------
    InvalidValue, Unsupported
        As every `SynapseRule`.

    References
    ----------
    Izhikevich (2007), *Cereb. Cortex* 17, 2443-2452.
    """

    a_plus: float = 0.01  # jumps of c, in units of W per ms and unit of dopamine
    a_minus: float = 0.015
    tau_eligibility: float = 1000.0  # tau_c, ms
    tau_dopamine: float = 200.0  # tau_d, ms

    times = (*STDP.times, "tau_eligibility", "tau_dopamine")

    def initialize(self, owner: Any) -> None:
        """Start without eligibility; with dopamine if there is some already."""
        super().initialize(owner)
        if "dopamine" not in vars(owner):
            owner.dopamine = 0.0
        self._marks = PlasticMatrix(compiler=self.compiler)
        # All marks decay alike: it is the unit in which they are noted down that changes.
        self._unit = 1.0
        dt, together = owner.network.dt, 1.0 / (1.0 / self.tau_eligibility + 1.0 / self.tau_dopamine)
        self._decay = float(np.exp(-dt / self.tau_eligibility))
        self._dopamine_decay = float(np.exp(-dt / self.tau_dopamine))
        self._effect = together * float(-np.expm1(-dt / together))

    def _prepare(self, owner: Any) -> None:
        super()._prepare(owner)
        self._mark_as(self._matrix.values, owner)
        self._marks.prepare()

    def learn(self, owner: Any, matrix: PlasticMatrix, pre: NDArray[np.int64], post: NDArray[np.int64]) -> None:
        """Mark the synapses of the neurons that fired, then change all by their marks and the dopamine."""
        self._mark_as(matrix.values, owner)
        self._unit *= self._decay
        if self._unit < SMALLEST:
            self._marks.flat()[...] *= self._unit
            self._unit = 1.0
        self._pair(self._marks, pre, post, 1.0 / self._unit)
        if owner.dopamine:
            matrix.add(self._marks.flat() * (self._unit * self._effect * owner.dopamine))
            owner.dopamine = owner.dopamine * self._dopamine_decay

    @property
    def eligibility(self) -> NDArray[np.float64]:
        """C of each synapse, a copy."""
        marks: NDArray[np.float64] = self._marks.flat() * self._unit
        return marks

    def _mark_as(self, weights: Any, owner: Any) -> None:
        """Let the marks have the synapses of the weights, which may have been replaced."""
        if weights is not self._weights:
            is_first = self._marks.values is None
            self._marks.take(carried(weights if is_first else self._marks.values, weights), owner.shape, owner.tag)
            if is_first:
                self._marks.flat()[...] = 0.0
            self._weights = weights

    _weights: Any = None
