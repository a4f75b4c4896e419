"""Synaptic plasticity: rules that change ``W`` of a synapse group, whatever simulates its two ends."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.core import weights as weighing
from fusion.core.behaviour import Behaviour
from fusion.core.synapses import SynapseGroup
from fusion.errors import InvalidValue, Unsupported


class STDP(Behaviour):
    r"""Pair-based spike-timing-dependent plasticity with exponential traces, all-to-all, event-driven.

    .. math::
        \tau_+ \dot x_j = -x_j + \sum \delta(t - t_j), \qquad \tau_- \dot y_i = -y_i + \sum \delta(t - t_i)

        \Delta W_{ij} = A_+ x_j \text{ when } i \text{ fires}, \qquad \Delta W_{ij} = -A_- y_i \text{ when } j
        \text{ fires}

    Attach it to a synapse group. Both ends count with the iteration in which they fire; two neurons that fire in the
    same one change nothing. Weights stay within [`w_min`, `w_max`]; a sparse ``W`` keeps its synapses.

    Reads ``spike`` of source and target. Writes ``W`` (target.size, source.size).

    References
    ----------
    Morrison, Diesmann, Gerstner (2008), *Biol. Cybern.* 98, 459-478, eqs. 5-8.
    """

    a_plus: float = 0.01  # in units of W
    a_minus: float = 0.012
    tau_plus: float = 20.0  # ms
    tau_minus: float = 20.0  # ms
    w_min: float = 0.0
    w_max: float = 1.0

    def initialize(self, owner: SynapseGroup) -> None:
        """Start with empty traces; `Unsupported` where there is no ``W`` of fusion's own to change."""
        if not isinstance(owner, SynapseGroup) or "W" not in owner.__dict__:
            raise Unsupported(f"STDP needs a synapse group with W; {owner.tag!r} has none.")
        for name in ("a_plus", "a_minus", "tau_plus", "tau_minus", "w_min", "w_max"):
            if np.ndim(getattr(self, name)):  # a declared parameter, here and below
                raise InvalidValue(f"STDP.{name} is one number, the same for all synapses.", parameter=name)
        for name in ("tau_plus", "tau_minus"):
            if not getattr(self, name) > 0:
                raise InvalidValue(f"{name} is {getattr(self, name)}; it must be positive (ms).", parameter=name)
        dt = owner.network.dt
        self._decay_pre, self._decay_post = (
            float(np.exp(-dt / self.tau_plus)),
            float(np.exp(-dt / self.tau_minus)),
        )
        self.trace_pre = np.zeros(owner.source.size)
        self.trace_post = np.zeros(owner.target.size)

    def iteration(self, owner: SynapseGroup) -> None:
        """Change the synapses of the neurons that fired, then renew the traces."""
        pre, post = owner.source.spikes, owner.target.spikes
        self.trace_pre *= self._decay_pre
        self.trace_post *= self._decay_post
        weights = owner.W
        if weights is not self._checked:
            weighing.check(weights, owner.shape, owner.tag)
            self._checked = weights
        if isinstance(weights, np.ndarray):
            self._change_dense(weights, pre, post)
        else:
            self._change_sparse(weights, pre, post)
        self.trace_pre[pre] += 1.0
        self.trace_post[post] += 1.0

    def _change_dense(self, W: NDArray[Any], pre: NDArray[np.int64], post: NDArray[np.int64]) -> None:
        if len(pre):
            columns = W[:, pre] - self.a_minus * self.trace_post[:, None]
            W[:, pre] = np.clip(columns, self.w_min, self.w_max)
        if len(post):
            rows = W[post] + self.a_plus * self.trace_pre
            W[post] = np.clip(rows, self.w_min, self.w_max)

    def _change_sparse(self, W: Any, pre: NDArray[np.int64], post: NDArray[np.int64]) -> None:
        if len(pre):
            at, _ = weighing.entries(W, pre)
            W.data[at] = np.clip(W.data[at] - self.a_minus * self.trace_post[W.indices[at]], self.w_min, self.w_max)
        if len(post):
            at, columns = self._of_targets(W, post)
            W.data[at] = np.clip(W.data[at] + self.a_plus * self.trace_pre[columns], self.w_min, self.w_max)

    def _of_targets(self, W: Any, post: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Positions in ``W.data`` of the synapses onto `post`, and their sources."""
        if self._by_target is None or self._structure is not W.indices:
            order = np.argsort(W.indices, kind="stable")
            starts = np.searchsorted(W.indices[order], np.arange(W.shape[0] + 1))
            columns = np.repeat(np.arange(W.shape[1]), np.diff(W.indptr))[order]
            self._by_target, self._structure = (order, starts, columns), W.indices
        order, starts, columns = self._by_target
        counts = starts[post + 1] - starts[post]
        ends = np.cumsum(counts)
        at = np.repeat(starts[post] - ends + counts, counts) + np.arange(int(ends[-1]))
        return order[at], columns[at]

    _by_target: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]] | None = None
    _structure: Any = None
    _checked: Any = None
