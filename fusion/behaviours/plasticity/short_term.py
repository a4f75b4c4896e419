"""`ShortTermPlasticity`: synapses that tire and facilitate."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.plasticity.matrix import check_floats
from fusion.behaviours.plasticity.rule import SynapseRule
from fusion.core import weights as weighing
from fusion.core.synapses import SynapseGroup
from fusion.errors import InvalidValue, ShapeMismatch


class ShortTermPlasticity(SynapseRule):
    r"""Depression and facilitation by the spikes of the source, event-driven.

    .. math::
        \dot x = \frac{1 - x}{\tau_{rec}}, \qquad \dot u = -\frac{u}{\tau_{fac}}; \qquad
        \text{when } j \text{ fires: } u \leftarrow u + U (1 - u), \quad W_{ij} = A_{ij} u x, \quad x \leftarrow x - u x

    A, the strength with all resources, is the variable ``strength`` of the synapse group: what ``W`` was when the
    behaviour began, unless there is one already. ``W`` is what the last spike of its source brings. So it takes part in
    any delivery: links read W at the end of the iteration in which a neuron fires, `Delivery` and ``transmit`` under a
    later key. Assign to ``W`` for another strength, or change ``strength``; rules of long-term plasticity on the same
    synapses take ``variable="strength"``, and are attached after this one where the network was built before. Between
    spikes of a source nothing is computed for it.

    Reads ``spike`` of the source and ``strength`` (target.size, source.size). Writes ``W``, of the same shape.
    ``utilization`` and ``resources`` (source.size,) are u and x at the last spike of each source.

    Parameters
    ----------
    utilization_increment : float
        U, above 0 and at most 1.
    tau_rec : float, ms
    tau_fac : float, ms
        0 is no facilitation.

    Raises
    ------
    InvalidValue, Unsupported
        As every `SynapseRule`; `Unsupported` too if another rule of the same synapses changes W.
    ShapeMismatch
        If a sparse ``strength`` has other synapses than W.

    References
    ----------
    Tsodyks, Pawelzik, Markram (1998), *Neural Comput.* 10, 821-835; with an instantaneous current.
    """

    utilization_increment: float = 0.5  # U
    tau_rec: float = 800.0  # ms
    tau_fac: float = 0.0  # ms

    times = ("tau_rec",)
    made_of = "strength"

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        if not 0.0 < self.utilization_increment <= 1.0:
            raise InvalidValue(
                f"utilization_increment is {self.utilization_increment}; it lies above 0 and not above 1.",
                parameter="utilization_increment",
            )
        if not self.tau_fac >= 0.0:
            raise InvalidValue(f"tau_fac is {self.tau_fac}; give a time (ms), or 0 for none.", parameter="tau_fac")

    def initialize(self, owner: Any) -> None:
        """Start with all resources."""
        super().initialize(owner)
        self._weights, self._strength = owner.W, None
        if "strength" not in vars(owner):
            owner.strength = _copy(owner.W)
        self.utilization, self.resources = np.zeros(owner.source.size), np.ones(owner.source.size)
        self._last = np.full(owner.source.size, -np.inf)  # ms

    def iteration(self, owner: SynapseGroup) -> None:
        """Give the synapses of those who fire the weight of this spike."""
        strength = self._current_strength(owner)
        pre = owner.source.spikes
        if len(pre):
            efficacy = self._released(pre, owner.network.iteration * owner.network.dt)
            if isinstance(strength, np.ndarray):
                owner.W[:, pre] = strength[:, pre] * efficacy
            else:
                at, counts = weighing.entries(strength, pre)
                owner.W.data[at] = strength.data[at] * np.repeat(efficacy, counts)

    def _released(self, pre: NDArray[np.int64], t: float) -> NDArray[np.float64]:
        """The part of the strength that each of those who fire now releases."""
        apart = t - self._last[pre]
        used, left = self.utilization[pre], self.resources[pre]
        facilitated = np.exp(-apart / self.tau_fac) if self.tau_fac > 0 else 0.0
        left = 1.0 + (left * (1.0 - used) - 1.0) * np.exp(-apart / self.tau_rec)
        used = used * facilitated
        used = used + self.utilization_increment * (1.0 - used)
        self.utilization[pre], self.resources[pre], self._last[pre] = used, left, t
        released: NDArray[np.float64] = used * left
        return released

    def _current_strength(self, owner: Any) -> Any:
        if owner.W is not self._weights:
            self._weights = owner.W
            owner.strength = _copy(owner.W)
        strength = vars(owner)["strength"]
        if strength is not self._strength:
            for matrix in (self._weights, strength):
                check_floats(matrix, owner.shape, owner.tag)
            _check_same_synapses(self._weights, strength)
            self._strength = strength
        return strength


def _copy(matrix: Any) -> Any:
    return matrix.copy(order="K") if isinstance(matrix, np.ndarray) else matrix.copy()


def _check_same_synapses(weights: Any, strength: Any) -> None:
    same = weighing.is_sparse(weights) == weighing.is_sparse(strength)
    if same and weighing.is_sparse(weights):
        pairs = ((weights.indptr, strength.indptr), (weights.indices, strength.indices))
        same = all(np.array_equal(one, other) for one, other in pairs)
    if not same:
        raise ShapeMismatch("strength", strength.shape, "it needs a synapse where W has one, dense or sparse as W is")
