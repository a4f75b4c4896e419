"""`Hopfield`: units of two states that recall what their weights store."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fusion.behaviours.neurons.model import prepare
from fusion.core.behaviour import Behaviour
from fusion.core.neurons import NeuronGroup
from fusion.core.synapses import SynapseGroup
from fusion.errors import InvalidValue


class Hopfield(Behaviour):
    r"""Units of the states -1 and 1 that are updated one after the other, each once per iteration, in random order.

    .. math::
        s_i = \operatorname{sign}\Big(\sum_j W_{ij} s_j + I_i\Big), \qquad
        E = -\tfrac12 \sum_{ij} s_i W_{ij} s_j - \sum_i I_i s_i

    A unit whose field is 0 stays. With a symmetric W without a diagonal, as `hebbian` makes it, no update raises the
    energy. W is that of the synapses with the tag `synapses` from the group to itself, a dense array; they deliver
    nothing else.

    Reads ``current`` (n,), ``state``, and ``W`` (n, n). Writes ``state`` (n,), ``energy``, a number, and ``spike``
    (n,), where the state is 1.

    Raises
    ------
    Unsupported
        If the owner is no native neuron group.
    UnknownName
        If nobody bears the tag.
    InvalidValue
        If there is not exactly one such synapse group, or its W is not dense.

    References
    ----------
    Hopfield (1982), *Proc. Natl. Acad. Sci. USA* 79, 2554-2558. Amit, Gutfreund, Sompolinsky (1985), *Phys. Rev.
    Lett.* 55, 1530-1533: about 0.138 n random patterns can be stored.
    """

    synapses: str = "GLUTAMATE"  #: their tag
    initial: float = 1.0  #: its sign counts

    def initialize(self, owner: NeuronGroup) -> None:
        prepare(self, owner, ())
        owner.open_input("current")
        owner.set("state", np.where(np.broadcast_to(self.initial, owner.shape) < 0, -1.0, 1.0))
        owner.set("energy", 0.0)

    def verify(self, owner: NeuronGroup) -> None:
        self._weights(owner)

    def iteration(self, owner: NeuronGroup) -> None:
        """Update each unit once."""
        W, state, current = self._weights(owner), owner.state, owner.current
        field = W @ state + current
        order = owner.generator.permutation(owner.size)
        at = 0
        while at < len(order):
            # Up to the next unit that flips, updates change nothing, the fields neither.
            flips = field[order[at:]] * state[order[at:]] < 0
            skipped = int(flips.argmax())
            if not flips[skipped]:
                break
            at += skipped + 1
            unit = order[at - 1]
            state[unit] = -state[unit]
            field += W[:, unit] * (2.0 * state[unit])
        owner.set("energy", float(-0.5 * state @ (field + current)))
        owner.spike = state > 0

    def _weights(self, owner: NeuronGroup) -> NDArray[Any]:
        own = [group for group in owner.afferent[self.synapses] if group.source is owner and group.target is owner]
        if len(own) != 1:
            raise InvalidValue(f"Hopfield needs one synapse group {self.synapses!r} from {owner.tag!r} to itself.")
        (group,) = own
        W = group.W if isinstance(group, SynapseGroup) and "W" in vars(group) else None
        if not isinstance(W, np.ndarray) or W.shape != group.shape:
            raise InvalidValue(f"Hopfield needs {group.tag!r}.W to be a dense array of shape {group.shape}.")
        return W


def hebbian(patterns: ArrayLike) -> NDArray[np.float64]:
    r"""The weights (n, n) that store patterns (number, n) of -1 and 1.

    .. math:: W_{ij} = \frac1n \sum_\mu \xi_i^\mu \xi_j^\mu, \qquad W_{ii} = 0

    Raises
    ------
    InvalidValue
        If `patterns` is no such array.
    """
    rows = np.asarray(patterns, float)
    if rows.ndim != 2 or not np.isin(rows, (-1.0, 1.0)).all():
        raise InvalidValue("Patterns are an array (number, n) of -1 and 1.")
    weights: NDArray[np.float64] = rows.T @ rows / rows.shape[1]
    np.fill_diagonal(weights, 0.0)
    return weights
