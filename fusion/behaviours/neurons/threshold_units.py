"""`ThresholdUnits`: units that fire where what arrives reaches their threshold."""

from __future__ import annotations

import numpy as np

from fusion.behaviours.neurons.model import prepare, vector
from fusion.core.behaviour import Behaviour
from fusion.core.neurons import NeuronGroup


class ThresholdUnits(Behaviour):
    r"""Binary units without a memory: each fires in every iteration in which its input reaches its threshold.

    .. math:: s_i(k) = \Theta(I_i(k) + I_{bias} - \theta_i), \qquad \Theta(x) = 1 \text{ for } x \ge 0

    The thresholds are the variable ``threshold`` of the neurons, so that `Homeostasis` can move them. Units reach one
    another by links with ``into="current"``, one dt later. With `OneStepSTDP`, `Homeostasis` and
    `SynapticNormalization` they are the units of a self-organizing recurrent network.

    Reads ``current`` (n,) and ``threshold`` (n,), in one unit. Writes ``spike`` (n,), and ``threshold`` once, when it
    begins.

    Raises
    ------
    Unsupported
        If the owner is no native neuron group.

    References
    ----------
    McCulloch, Pitts (1943), *Bull. Math. Biophys.* 5, 115-133.
    Lazar, Pipa, Triesch (2009), *Front. Comput. Neurosci.* 3:23, eqs. 1 and 2.
    """

    threshold: float = 1.0  #: where ``threshold`` of the neurons begins, in the unit of ``current``
    bias: float = 0.0  #: in the unit of ``current``

    reads = ("current", "threshold")
    writes = ("spike",)

    def initialize(self, owner: NeuronGroup) -> None:
        prepare(self, owner, ())
        owner.open_input("current")
        owner.set("threshold", vector(self.threshold, owner))

    def iteration(self, owner: NeuronGroup) -> None:
        """Fire where it is enough."""
        owner.spike = np.greater_equal(owner.current + self.bias, owner.threshold)
