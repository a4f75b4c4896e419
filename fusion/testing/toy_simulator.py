"""The toy simulator: neurons, sources and synapses in NumPy, which know nothing of fusion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

NOBODY = np.empty(0, np.int64)


class ToySource:
    """`n` sources that fire what they are told: put indices into ``fired`` before a step.

    Attributes
    ----------
    fired : indices of those that fired in the step, ascending
    synapses : list of ToySynapses, those that start here
    """

    def __init__(self, n: int) -> None:
        self.n = n
        self.fired: NDArray[np.int64] = NOBODY
        self.synapses: list[ToySynapses] = []

    def update(self) -> None:
        """One dt."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.n})"


class ToyNeurons(ToySource):
    r"""`n` leaky integrate-and-fire neurons with an exponential current, integrated exactly.

    .. math::
        \dot v = (E_L - v) / \tau_m + (I + drive) / C, \quad \dot I = -I / \tau_{syn}

    A step goes: propagate, add what arrives to the current, compare with the threshold (>=), reset. After a spike v
    stays at the reset for `refractory` steps.

    Parameters
    ----------
    dt, tau_m, tau_syn : float, ms
    e_l, threshold, reset : float, mV
    capacitance : float, pF
    refractory : int, steps
    noise_rate, noise_weight : float, Hz and pA
        Poisson arrivals at each neuron.
    """

    def __init__(
        self,
        n: int,
        *,
        dt: float = 0.1,
        tau_m: float = 20.0,
        tau_syn: float = 2.0,
        e_l: float = -70.0,
        threshold: float = -55.0,
        reset: float = -65.0,
        capacitance: float = 250.0,
        refractory: int = 20,
        noise_rate: float = 0.0,
        noise_weight: float = 0.0,
    ) -> None:
        super().__init__(n)
        self.dt, self.e_l, self.reset, self.capacitance = dt, e_l, reset, capacitance
        self.refractory, self.noise_rate, self.noise_weight = refractory, noise_rate, noise_weight
        self.tau_m, self.tau_syn = np.full(n, float(tau_m)), np.full(n, float(tau_syn))
        self.threshold = np.full(n, float(threshold))
        self.v = np.full(n, float(e_l))
        self.current, self.drive, self.arriving = np.zeros(n), np.zeros(n), np.zeros(n)
        self.held = np.zeros(n, np.int64)
        self.rng = np.random.default_rng()
        self.owner: object = None
        self.prepare()

    def prepare(self) -> None:
        """Compute the propagators; needed after a time constant was changed."""
        self._keep, self._fade = np.exp(-self.dt / self.tau_m), np.exp(-self.dt / self.tau_syn)
        self._from_drive = self.tau_m / self.capacitance * (1.0 - self._keep)
        difference = 1.0 / self.tau_syn - 1.0 / self.tau_m
        self._from_current = (self._keep - self._fade) / (self.capacitance * difference)

    def variable(self, name: str) -> NDArray[Any]:
        """The array of a variable itself, not a copy."""
        array: NDArray[Any] = vars(self)[name]
        return array

    def update(self) -> None:
        """One dt; ``arriving`` (n,) pA has been filled by then and is zero afterwards."""
        if self.noise_rate:
            self.arriving += self.noise_weight * self.rng.poisson(self.noise_rate * self.dt / 1000.0, self.n)
        free = self.held == 0
        v = self.e_l + (self.v - self.e_l) * self._keep
        v += self.current * self._from_current + self.drive * self._from_drive
        self.v[free] = v[free]
        self.held[~free] -= 1
        self.current *= self._fade
        self.current += self.arriving
        self.arriving[:] = 0.0
        self.fired = np.flatnonzero(self.v >= self.threshold)
        self.v[self.fired] = self.reset
        self.held[self.fired] = self.refractory


class ToySynapses:
    """Synapses that add their weight to the target's current, `delay` after the source fired.

    Parameters
    ----------
    pre, post : (n,) int
    weight : float or (n,), pA
    delay : float or (n,), ms; a whole multiple of dt, at least one
    """

    def __init__(
        self,
        source: ToySource,
        target: ToyNeurons,
        pre: ArrayLike,
        post: ArrayLike,
        weight: ArrayLike,
        delay: ArrayLike = 1.0,
    ) -> None:
        self.source, self.target = source, target
        self.pre, self.post = np.array(pre, np.int64), np.array(post, np.int64)
        self.weights = np.broadcast_to(np.asarray(weight, float), self.pre.shape).copy()
        self.delays = np.broadcast_to(np.asarray(delay, float), self.pre.shape).copy()
        self._steps = np.rint(self.delays / target.dt).astype(np.int64)
        if (self._steps < 1).any():
            raise ValueError(f"The shortest delay is {self.delays.min():g} ms; it takes at least {target.dt:g} ms.")
        # Row 0 is due in the step that comes next.
        self.ring = np.zeros((self._steps.max(initial=1), target.n))
        source.synapses.append(self)

    def deliver(self) -> None:
        """Before a step: hand what is due in it to the target."""
        self.target.arriving += self.ring[0]

    def send(self) -> None:
        """After a step: take in what the source fired."""
        self.ring[:-1] = self.ring[1:]
        self.ring[-1] = 0.0
        hit = np.flatnonzero(np.isin(self.pre, self.source.fired))
        np.add.at(self.ring, (self._steps[hit] - 1, self.post[hit]), self.weights[hit])

    def variable(self, name: str) -> NDArray[Any]:
        """The array of a variable itself, not a copy."""
        array: NDArray[Any] = vars(self)[name]
        return array

    def __repr__(self) -> str:
        return f"ToySynapses({self.source!r}, {self.target!r}, {len(self.pre)} synapses)"


def step(populations: Sequence[ToySource]) -> None:
    """One dt of the populations and of the synapses that start at them."""
    synapses = [each for source in populations for each in source.synapses]
    for each in synapses:
        each.deliver()
    for population in populations:
        population.update()
    for each in synapses:
        each.send()
