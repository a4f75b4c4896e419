"""`Homeostasis` and `AveragedHomeostasis`: a variable moves until another one is where it should be."""

from __future__ import annotations

from typing import Any

import numpy as np

from fusion.behaviours.parameters import check_neurons, check_positive, check_variables
from fusion.core.behaviour import Behaviour
from fusion.core.clock import MS_PER_S
from fusion.core.distributions import Distribution
from fusion.core.neurons import NeuronGroup
from fusion.errors import InvalidValue


class Homeostasis(Behaviour):
    r"""Intrinsic plasticity: a variable rises while another one is too high, and falls while it is too low.

    .. math:: \dot a = \eta \left[ \max(m - high, 0) - \max(low - m, 0) \right]

    m is the variable `measured` in this iteration, a the variable `adjusted`, such as a threshold, an adaptation, or
    with a negative `rate` a gain. ``measured="spike"`` is the rate in this iteration: 1000 / dt (Hz) where a neuron
    fires, else 0. As long as no bound of `adjusted` is reached, the mean of m over a time T differs from a `target` by
    no more than the change of a over :math:`\eta T`.

    Attach it to neurons of any simulator; on foreign ones ``every=`` lets windows be longer than one iteration. It then
    sees what is measured only in the iterations in which it steps, and moves as far as if it had stood still since.

    Reads `measured` and `adjusted` (n,). Writes `adjusted` (n,).

    Parameters
    ----------
    measured, adjusted : str
        Variables of the neurons.
    target : float or (n,), in the unit of `measured`, Hz for "spike"
        In place of `low` and `high`, if both are the same.
    low, high : float or (n,), in the unit of `measured`, Hz for "spike"
        Between them nothing changes; one of them alone is a bound on one side.
    rate : float or (n,)
        Eta, in the unit of `adjusted`, per unit of `measured` and ms.
    lowest, highest : float or (n,), in the unit of `adjusted`
        Bounds of `adjusted`.

    Raises
    ------
    InvalidValue
        If there is neither a target nor a bound, or both, or `low` is above `high`.
    UnknownVariable
        If the neurons lack a variable when the network is built.
    Unsupported
        If it is not attached to neurons.
    ReadOnly
        In a run, if the simulator does not let `adjusted` be written then, as NEST does not with parameters.

    References
    ----------
    Desai, Rutherford, Turrigiano (1999), *Nat. Neurosci.* 2, 515-520, for the phenomenon.
    Vieth, Stöber, Triesch (2021), *Front. Neuroinform.* 15:715131, for the rule.
    """

    measured: str = "spike"
    adjusted: str = "threshold"
    target: float | None = None
    low: float | None = None
    high: float | None = None
    rate: float = 1e-5
    lowest: float = -np.inf
    highest: float = np.inf

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        is_bounded = self.low is not None or self.high is not None
        if (self.target is None) != is_bounded:
            raise InvalidValue(f"{type(self).__name__} needs either target= or low= and high=, or one of the two.")
        self._check_order()
        self.reads = tuple(dict.fromkeys((self.measured, self.adjusted)))  # type: ignore[misc]
        self.writes = (self.adjusted,)  # type: ignore[misc]

    def initialize(self, owner: NeuronGroup) -> None:
        """`Unsupported` if it is not attached to neurons."""
        check_neurons(self, owner)
        self._check_order()
        self._elapsed = owner.network.dt if self.every is None else self.every

    def verify(self, owner: NeuronGroup) -> None:
        """`UnknownVariable` if there is nothing to measure or to adjust."""
        check_variables(owner, self.measured, self.adjusted)

    def iteration(self, owner: NeuronGroup) -> None:
        """Measure, then adjust."""
        value = self.value(owner)
        low, high = self._bounds()
        error = np.maximum(value - high, 0.0) - np.maximum(low - value, 0.0)
        moved = owner.read(self.adjusted) + self.rate * self._elapsed * error
        owner.set(self.adjusted, np.clip(moved, self.lowest, self.highest))

    def value(self, owner: NeuronGroup) -> Any:
        """What should lie between the bounds, (n,)."""
        if self.measured != "spike":
            return owner.read(self.measured)
        rates = np.zeros(owner.size)
        rates[owner.spikes] = MS_PER_S / owner.network.dt
        return rates

    def _bounds(self) -> tuple[Any, Any]:
        if self.target is not None:
            return self.target, self.target
        return -np.inf if self.low is None else self.low, np.inf if self.high is None else self.high

    def _check_order(self) -> None:
        low, high = self._bounds()
        for least, most, names in ((low, high, "low and high"), (self.lowest, self.highest, "lowest and highest")):
            if not (isinstance(least, Distribution) or isinstance(most, Distribution)) and np.any(least > most):
                raise InvalidValue(f"{names} of {type(self).__name__} are {least!r} and {most!r}; exchange them.")


class AveragedHomeostasis(Homeostasis):
    r"""As `Homeostasis`, of a mean over the recent past in place of the value of one iteration.

    .. math:: \tau \dot{\bar m} = m - \bar m, \qquad
        \dot a = \eta \left[ \max(\bar m - high, 0) - \max(low - \bar m, 0) \right]

    The mean begins between the bounds, as near to 0 as they allow. The larger `rate` times `tau`, the more the two
    variables swing around where they settle.

    Reads, writes and raises as `Homeostasis`; `InvalidValue` too if `tau` is not positive. ``average`` (n,) is the
    mean.
    """

    tau: float = 1000.0  # ms

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        check_positive(self, tau="ms")

    def initialize(self, owner: NeuronGroup) -> None:
        """Begin with the mean between the bounds."""
        super().initialize(owner)
        check_positive(self, tau="ms")
        self._decay = np.exp(-self._elapsed / np.asarray(self.tau))
        self.average = np.clip(np.zeros(owner.size), *self._bounds())

    def value(self, owner: NeuronGroup) -> Any:
        """The mean, one step later."""
        now = super().value(owner)
        self.average = now + (self.average - now) * self._decay
        return self.average
