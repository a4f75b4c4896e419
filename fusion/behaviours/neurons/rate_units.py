"""`RateUnits`: units with a rate instead of spikes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.neurons.model import prepare, typed, vector
from fusion.core.behaviour import Behaviour
from fusion.core.neurons import NeuronGroup
from fusion.errors import UnknownName


class RateUnits(Behaviour):
    r"""Units that relax to a function of their input, exactly for an input that is constant within the step.

    .. math:: \tau \dot r = -r + f(g \, (I + I_{bias} - \theta))

    f is `transfer`: "linear", "relu" (0 below 0), "sigmoid" (0 to 1) or "tanh" (-1 to 1). Units reach one another by
    links that carry the rate, ``SynapseGroup(..., signal="rate", weight=W, into="current")``, one dt later.

    Reads ``current`` (n,), ``rate``. Writes ``rate`` (n,).

    Raises
    ------
    Unsupported
        If the owner is no native neuron group.
    InvalidValue
        If `tau` is not positive.
    UnknownName
        If there is no such function.

    References
    ----------
    Wilson, Cowan (1972), *Biophys. J.* 12, 1-24.
    """

    tau: float = 10.0  #: ms
    gain: float = 1.0  #: dimensionless
    theta: float = 0.0  #: in the unit of ``current``
    bias: float = 0.0  #: in the unit of ``current``
    initial: float = 0.0  #: the first rate
    transfer: str = "relu"  #: name of f

    reads = ("current", "rate")
    writes = ("rate",)

    def initialize(self, owner: NeuronGroup) -> None:
        prepare(self, owner, ("tau",))
        if self.transfer not in TRANSFER:
            raise UnknownName("function", self.transfer, TRANSFER, "RateUnits.transfer")
        self._transfer = TRANSFER[self.transfer]
        self._relaxed = typed(-np.expm1(-owner.network.dt / self.tau), owner)
        owner.open_input("current")
        owner.set("rate", vector(self.initial, owner))

    def iteration(self, owner: NeuronGroup) -> None:
        """Relax."""
        rate = owner.rate
        drive = owner.current + self.bias
        drive -= self.theta
        drive *= self.gain
        change = self._transfer(drive)
        change -= rate
        change *= self._relaxed
        np.add(rate, change, out=rate)


def _sigmoid(x: NDArray[Any]) -> NDArray[Any]:
    """1 / (1 + exp(-x)), which overflows nowhere in this form."""
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * x))


TRANSFER: Mapping[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
    "linear": np.positive,
    "relu": lambda x: np.maximum(x, 0.0),
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
}
