"""`Delivery`: synaptic transmission within the iteration, event-driven."""

from __future__ import annotations

from typing import Any

import numpy as np

from fusion.behaviours.parameters import check_neurons, check_variables
from fusion.core.behaviour import Behaviour
from fusion.core.neurons import NeuronGroup
from fusion.core.subgroup import NeuronSubGroup


class Delivery(Behaviour):
    r"""Adds what the spikes of this iteration bring over all afferent synapses with a tag.

    .. math:: x_i \mathrel{+}= scale \sum_j W_{ij} s_j

    Only the columns of the neurons that fired are touched, so that the cost grows with the spikes and not with the
    synapses. Attach it to the target, under a key after that of the behaviour that makes the source fire.

    Reads ``spike`` of the sources and ``W`` of the synapses. Writes the variable `into` (n,).
    """

    synapses: str = "GLUTAMATE"
    into: str = "voltage"
    scale: float = 1.0
    per_source: bool = False  # divide by the number of source neurons

    def verify(self, owner: NeuronGroup) -> None:
        """`Unsupported` on what has no neurons, `UnknownVariable` without `into`, `UnknownName` if no tag is found."""
        check_neurons(self, owner)
        check_variables(owner, self.into)
        self._groups(owner)

    def iteration(self, owner: NeuronGroup) -> None:
        """Add the arrivals."""
        for group in self._groups(owner):
            sources = group.source.spikes
            if len(sources):
                scale = self.scale / group.source.size if self.per_source else self.scale
                arrivals = group.transmit()
                index = group.target.index if isinstance(group.target, NeuronSubGroup) else None
                owner.set(self.into, owner.read(self.into, index) + np.multiply(arrivals, scale, out=arrivals), index)

    def _groups(self, owner: NeuronGroup) -> Any:
        return owner.afferent[self.synapses]
