"""Spikes from nowhere: Poisson processes, and trains that are given."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.inputs.drive import Drive
from fusion.behaviours.parameters import check_native, check_not_negative
from fusion.core.arrays import hits
from fusion.core.behaviour import Behaviour
from fusion.core.clock import MS_PER_S
from fusion.core.neurons import NeuronGroup
from fusion.core.units import plain
from fusion.errors import InvalidValue, ShapeMismatch


class PoissonSpikes(Behaviour):
    r"""Makes each neuron a Poisson process of its own, cut into steps.

    A neuron fires in a step with the probability :math:`1 - e^{-\lambda \, dt}` that the process does; more than one
    spike in a step counts as one. ``rate`` may be changed at any time, an array in place too. Where all have one small
    rate, only spikes are drawn, and not who does not fire.

    With `variable` the rate of each neuron is that variable (n,) Hz in place of `rate`. It is zero when an iteration
    begins; links, `Images` or `Patterns` with the same ``into=`` add to it.

    Reads `variable`, if it is given. Writes ``spike`` (n,).

    Raises
    ------
    InvalidValue
        If the rate is negative.
    Unsupported
        If it is not attached to native neurons.
    """

    rate: float = 10.0  # Hz
    variable: str | None = None

    reads: ClassVar[tuple[str, ...]] = ()
    writes = ("spike",)

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        if self.variable is not None:
            self.reads = (self.variable,)  # type: ignore[misc]  # the name is the user's

    def initialize(self, owner: NeuronGroup) -> None:
        """Nobody has fired yet."""
        check_native(self, owner)
        if self.variable is not None:
            owner.open_input(self.variable)
        self._probability()

    def iteration(self, owner: NeuronGroup) -> None:
        """Draw who fires."""
        if self.variable is not None:
            self.rate = owner.read(self.variable)
        p, generator = self._probability(), owner.generator
        spike = np.zeros(owner.size, bool)
        if np.ndim(p):
            np.less(generator.random(owner.size), p, out=spike)
        else:
            spike[hits(generator, owner.size, p)] = True
        owner.spike = spike

    def _probability(self) -> Any:
        """Of a spike in a step: a number, or (n,)."""
        # An array may have been changed in place.
        if self.rate is not self._checked_rate or np.ndim(self.rate):
            check_not_negative(self, rate="Hz")
            self._checked_rate = self.rate
            dt = self.owner.network.dt if self.owner is not None else 0.0
            p = -np.expm1(-np.asarray(self.rate, float) * dt / MS_PER_S)
            self._p = p if p.ndim else float(p)
        return self._p

    _checked_rate: Any = None
    _p: Any = 0.0


class PoissonInput(Drive):
    r"""Adds to a variable what many independent Poisson sources bring, as if each neuron had `sources` of its own.

    .. math:: x_i \mathrel{+}= w \, n_i, \qquad n_i \sim \mathrm{Poisson}(sources \cdot \lambda \, dt)

    Attach it under a key smaller than that of the behaviour that reads the variable. `rate` and `weight` may be changed
    at any time.

    Reads and writes the variable `into` (n,), which is zero when an iteration begins.

    Raises
    ------
    InvalidValue
        If the rate is negative, or `sources` is no whole number above 0.
    Unsupported
        If it is not attached to native neurons.
    """

    rate: float = 10.0  # Hz, of one source
    weight: float = 1.0  # in the unit of the variable
    sources: int = 1
    into: str = "input"

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        if isinstance(self.sources, bool) or not isinstance(self.sources, int | np.integer) or self.sources < 1:
            raise InvalidValue(f"sources is {self.sources!r}; give a whole number, at least 1.", parameter="sources")

    def initialize(self, owner: NeuronGroup) -> None:
        """Open the variable."""
        super().initialize(owner)
        check_not_negative(self, rate="Hz")

    def iteration(self, owner: NeuronGroup) -> None:
        """Draw how often the sources fired."""
        mean = np.multiply(self.rate, self.sources * owner.network.dt / MS_PER_S)
        arrived = owner.read(self.into)
        arrived += self.weight * owner.generator.poisson(mean, owner.size)


class SpikePlayback(Behaviour):
    """Fires neurons at given times, rounded to the grid.

    A neuron that is named twice in a step fires once. Times after the end of a run are played in the next one.

    Writes ``spike`` (n,).

    Parameters
    ----------
    t : (n_spikes,) ms, above 0
    i : (n_spikes,) neurons

    Raises
    ------
    ShapeMismatch
        If there are not as many times as neurons.
    InvalidValue
        If a time is not finite or lies before the first step, or a neuron is not there.
    Unsupported
        If it is not attached to native neurons.
    """

    t: object
    i: object

    reads = ()
    writes = ("spike",)

    def initialize(self, owner: NeuronGroup) -> None:
        """Sort the spikes by step."""
        check_native(self, owner)
        t, i = plain(self.t, "ms", "SpikePlayback.t"), np.asarray(self.i)
        if t.shape != i.shape or t.ndim != 1:
            raise ShapeMismatch("The neurons of SpikePlayback", i.shape, f"there are times {t.shape}; one for each")
        if len(i) and (i.dtype.kind not in "iu" or i.min() < 0 or i.max() >= owner.size):
            raise InvalidValue(f"SpikePlayback.i names neurons that {owner.tag!r} has not: give 0 to {owner.size - 1}.")
        if not np.isfinite(t).all():
            raise InvalidValue("A time of SpikePlayback is not finite.", parameter="t")
        ticks = owner.network.clock.rounded(t)
        if len(ticks) and ticks.min() < 1:
            raise InvalidValue(
                f"SpikePlayback.t begins at {t.min():g} ms; the first step ends at {owner.network.dt:g} ms.",
                parameter="t",
            )
        order = np.argsort(ticks, kind="stable")
        self._ticks, self._indices = ticks[order], i[order].astype(np.int64)

    def iteration(self, owner: NeuronGroup) -> None:
        """Fire those whose time it is."""
        spike = np.zeros(owner.size, bool)
        spike[self._due(owner.iteration)] = True
        owner.spike = spike

    def _due(self, tick: int) -> NDArray[np.int64]:
        first, last = self._ticks.searchsorted([tick, tick + 1])
        due: NDArray[np.int64] = self._indices[first:last]
        return due
