"""`HindmarshRose`: neurons that fire in bursts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.neurons.continuous import ContinuousModel
from fusion.core.neurons import NeuronGroup


class HindmarshRose(ContinuousModel):
    r"""Three equations that spike regularly, in bursts, or chaotically.

    .. math::
        \dot x &= y - a x^3 + b x^2 - z + I + I_{bias} \\
        \dot y &= c - d x^2 - y, \qquad \dot z = r (s (x - x_r) - z)

    All numbers are dimensionless, and a unit of the model's time is 1 ms. x is ``voltage``, y ``recovery``, z
    ``adaptation``. A neuron fires when x comes up to `threshold`. The classical Runge-Kutta method of order 4 takes
    steps of at most `step` ms.

    Reads ``current`` (n,), ``voltage``, ``recovery``, ``adaptation``. Writes ``voltage``, ``recovery``, ``adaptation``
    (n,), ``spike`` (n,).

    Raises
    ------
    InvalidValue
        If `r` or `step` is not positive, or `step` above 0.1 ms, where the method is not stable.

    References
    ----------
    Hindmarsh, Rose (1984), *Proc. R. Soc. Lond. B* 221, 87-102.
    """

    a: float = 1.0  #: dimensionless
    b: float = 3.0  #: dimensionless
    c: float = 1.0  #: dimensionless
    d: float = 5.0  #: dimensionless
    r: float = 0.001  #: 1/ms
    s: float = 4.0  #: dimensionless
    x_r: float = -1.6  #: dimensionless
    threshold: float = 0.0  #: dimensionless
    bias: float = 0.0  #: dimensionless
    initial: float = -1.6  #: dimensionless
    step: float = 0.05  #: ms

    variables = ("voltage", "recovery", "adaptation")
    positive = ("r",)
    longest = 0.1

    def beginning(self, owner: NeuronGroup) -> Iterator[Any]:
        yield self.c - self.d * owner.voltage**2  # where y stands still
        yield 0.0

    def slopes(self, state: NDArray[Any], out: NDArray[Any]) -> None:
        x, y, z = state
        squared = x * x
        np.multiply(self.b - self.a * x, squared, out=out[0])
        out[0] += y
        out[0] -= z
        out[0] += self._current
        out[0] += self.bias
        np.subtract(self.c - self.d * squared, y, out=out[1])
        np.subtract(self.s * (x - self.x_r), z, out=out[2])
        out[2] *= self.r
