"""`DiffusiveHomeostasis`: a signal that spreads between neighbours holds their activity together."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.parameters import (
    check_each_iteration,
    check_neurons,
    check_positive,
    check_single,
    check_variables,
)
from fusion.core.behaviour import Behaviour
from fusion.core.neurons import NeuronGroup
from fusion.errors import InvalidValue, ShapeMismatch


class DiffusiveHomeostasis(Behaviour):
    r"""Homeostasis by nitric oxide, which active neurons make and which diffuses over a grid with periodic borders.

    .. math::
        \dot c = -\frac{c}{\tau_c} + c_1 \sum \delta(t - t_i), \qquad
        \tau_s \dot s = \frac{c^3}{c^3 + 1} - s, \qquad
        \dot n = D \nabla^2 n - \lambda n + s, \qquad
        \dot a = \eta \, \frac{n - n_0}{n_0}

    c is calcium in units of the concentration of half activation, s the active synthase, n nitric oxide, a the variable
    `adjusted`. Neurons lie on a grid, `width` of them in a row, row after row; :math:`\nabla^2` is that of four
    neighbours. Calcium decays exactly; s and n are exact for what drives them constant over a step, whatever D is; a
    is of first order in dt. It follows every spike, so that it takes no ``every=``.

    Reads ``spike`` and `adjusted` (n,). Writes `adjusted`, ``calcium``, ``synthase`` and ``nitric_oxide`` (n,), which
    begin with 0 unless they are there already.

    Parameters
    ----------
    width : int
        Neurons in a row; their number is a whole multiple of it.
    target : float
        n0, in units of s ms.
    adjusted : str
        A variable of the neurons.
    rate : float
        Eta, in the unit of `adjusted` per ms; negative for a gain.
    spacing : float, um
        Between neighbours.
    diffusion : float, um^2 / ms
        D; with 0 each neuron is held alone.
    decay : float, 1 / ms
        Lambda.
    calcium_per_spike : float
        c1.
    tau_calcium, tau_synthase : float, ms

    Raises
    ------
    InvalidValue
        If a parameter is an array or has the wrong sign.
    ShapeMismatch
        If the neurons fill no grid of that width.
    UnknownVariable
        If the neurons lack `adjusted` when the network is built.
    Unsupported
        If it is not attached to neurons.

    References
    ----------
    Sweeney, Hellgren Kotaleski, Hennig (2015), *PLoS Comput. Biol.* 11(7): e1004389.
    """

    width: int
    target: float
    adjusted: str = "threshold"
    rate: float = 1e-4
    spacing: float = 10.0  # um
    diffusion: float = 1.0  # um^2 / ms
    decay: float = 1e-3  # 1 / ms
    calcium_per_spike: float = 1.0
    tau_calcium: float = 10.0  # ms
    tau_synthase: float = 100.0  # ms

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        check_single(self, *(name for name in self._fields if name not in ("adjusted", "every")))
        check_positive(self, width="neurons", target="s ms", spacing="um", decay="1 / ms", calcium_per_spike="of c",
                       tau_calcium="ms", tau_synthase="ms")  # fmt: skip
        if isinstance(self.width, bool) or not isinstance(self.width, int | np.integer):
            raise InvalidValue(f"width is {self.width!r}; give a whole number of neurons.", parameter="width")
        if not self.diffusion >= 0:
            raise InvalidValue(f"diffusion is {self.diffusion}; it is not negative (um^2 / ms).", parameter="diffusion")
        check_each_iteration(self)
        variables = (self.adjusted, "calcium", "synthase", "nitric_oxide")
        self.reads, self.writes = ("spike", *variables), variables  # type: ignore[misc]

    def initialize(self, owner: NeuronGroup) -> None:
        """Lay the grid; begin without any calcium, synthase or nitric oxide."""
        check_neurons(self, owner)
        if owner.size % self.width:
            raise ShapeMismatch(repr(owner.tag), owner.shape, f"a whole multiple of width={self.width} is needed")
        for name in ("calcium", "synthase", "nitric_oxide"):
            if not owner.variable(name):
                owner.set(name, np.zeros(owner.size))
        dt = owner.network.dt
        self._calcium_decay = float(np.exp(-dt / self.tau_calcium))
        self._synthase_decay = float(np.exp(-dt / self.tau_synthase))
        # Each wave on the grid decays on its own, so that the step is exact and never unstable.
        self._grid = (owner.size // self.width, self.width)
        losses = self.decay + self.diffusion / self.spacing**2 * _bending(self._grid)
        self._shares = np.stack([np.exp(-losses * dt), -np.expm1(-losses * dt) / losses])

    def verify(self, owner: NeuronGroup) -> None:
        """`UnknownVariable` if there is nothing to adjust."""
        check_variables(owner, self.adjusted)

    def iteration(self, owner: NeuronGroup) -> None:
        """Let spikes bring calcium, calcium the synthase, the synthase nitric oxide; then adjust."""
        calcium = owner.read("calcium") * self._calcium_decay
        calcium[owner.spikes] += self.calcium_per_spike
        cubed = calcium**3
        active = cubed / (cubed + 1.0)
        synthase = active + (owner.read("synthase") - active) * self._synthase_decay
        oxide = self._spread(owner.read("nitric_oxide"), synthase)
        move = self.rate * owner.network.dt * (oxide / self.target - 1.0)
        for name, values in (("calcium", calcium), ("synthase", synthase), ("nitric_oxide", oxide)):
            owner.set(name, values)
        owner.set(self.adjusted, owner.read(self.adjusted) + move)

    def _spread(self, oxide: NDArray[Any], made: NDArray[Any]) -> NDArray[np.float64]:
        """Nitric oxide one dt later."""
        waves = np.fft.rfft2(np.reshape((oxide, made), (2, *self._grid)))
        return np.fft.irfft2((waves * self._shares).sum(axis=0), s=self._grid).ravel()


def _bending(grid: tuple[int, int]) -> NDArray[np.float64]:
    """What the negative Laplacian of four neighbours makes of each wave of `rfft2`; 0 along a side of one neuron."""
    rows, columns = (2.0 - 2.0 * np.cos(2.0 * np.pi * np.arange(n) / n) for n in grid)
    return np.asarray(rows[:, None] + columns[None, : grid[1] // 2 + 1])
