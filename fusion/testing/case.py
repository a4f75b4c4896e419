"""`Case`: what the conformance suite has to know of an adapter and its neurons."""

from __future__ import annotations

import abc
import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fusion.adapter.base import Adapter
from fusion.errors import InvalidValue, Unsupported
from fusion.host.host import Host, InProcess


class Tolerance(NamedTuple):
    """How far results may be from the exact ones, and why."""

    absolute: float
    reason: str


EQUAL = Tolerance(0.0, "equal")


@dataclass(frozen=True)
class Lif:
    r"""Leaky integrate-and-fire with an exponential current, of which the exact solution is known.

    .. math:: \dot v = (E_L - v) / \tau_m + (I + drive) / C, \quad \dot I = -I / \tau_{syn}

    Parameters
    ----------
    tau_m, tau_syn : ms
    e_l, threshold, reset : mV
    capacitance : pF
    refractory : int, steps that v stays at the reset after the step of a spike
    """

    tau_m: float
    tau_syn: float
    e_l: float
    threshold: float
    reset: float
    capacitance: float
    refractory: int

    def response(self, weight: float, t: NDArray[np.floating]) -> NDArray[np.float64]:
        """Potential (mV) at `t` (ms) after `weight` (pA) was added to the current of a neuron at rest."""
        scale = weight / (self.capacitance * (1.0 / self.tau_syn - 1.0 / self.tau_m))
        response: NDArray[np.float64] = np.exp(-t / self.tau_m) - np.exp(-t / self.tau_syn)
        return self.e_l + scale * response

    def period(self, drive: float, dt: float) -> int:
        """Ticks from spike to spike under a constant `drive` (pA)."""
        limit = self.e_l + drive * self.tau_m / self.capacitance
        rise = self.tau_m * math.log((limit - self.reset) / (limit - self.threshold))
        return self.refractory + math.ceil(rise / dt)


class Case(abc.ABC):
    """An adapter and its neurons, as the suite uses them; derive from it next to the tests of the adapter.

    Weights, samples and values are in the units that the handle reports.

    Attributes
    ----------
    adapter : the class under test
    host : where it runs; elsewhere than in this process `quiet` and the others give recipes
    dt : float, ms
    spike_input : name of an input for spikes
    arrived : name of the variable in which arrivals at `spike_input` stand at the end of their tick
    nudge : weight that changes a neuron and does not make it fire
    kick : weight that makes a neuron at rest fire exactly once
    recovery : int, ticks after a kick when a neuron is at rest again
    state : name of a variable that steps change and that can be written, such as the potential
    shift : change of `state` that does not make a neuron fire
    sample_input : name of an input for samples
    sample_seen : name of the variable in which samples stand
    sample : value that changes `state` and does not make a neuron fire
    arrival_lag, sample_lag : int, ticks
        From the tick of an arrival or a sample to the first at whose end `state` shows it: 1 where a step starts from
        the input of the tick before, 0 where it uses that of its own.
    lif : the neuron's equation, if it is this one
    drive : sample that makes the `lif` neuron fire regularly
    tolerance : of `state` against the exact solution, in its unit
    """

    adapter: type[Adapter]
    host: Host = InProcess()
    dt: float = 0.1
    spike_input: str
    arrived: str
    nudge: float
    kick: float
    recovery: int
    state: str
    shift: float
    sample_input: str
    sample_seen: str
    sample: float
    arrival_lag: int = 1
    sample_lag: int = 1
    lif: Lif | None = None
    drive: float = math.nan
    tolerance: Tolerance = EQUAL

    def __init__(self) -> None:
        if self.tolerance.absolute and not self.tolerance.reason.strip():
            raise InvalidValue(f"{type(self).__name__}.tolerance has no reason. Write why results may differ.")
        # The tiers that were opened, for the summary.
        self.tiers: set[str] = set()

    def make(self) -> Adapter:
        """An adapter of the class under test, on its host."""
        return self.host.place(self.adapter)()

    @abc.abstractmethod
    def reset(self) -> None:
        """Bring the simulator of this process to its beginning, as in a fresh script."""

    @abc.abstractmethod
    def quiet(self, n: int) -> Any:
        """`n` equal neurons at rest, which do nothing without input."""

    def noisy(self, n: int) -> Any:
        """`n` neurons that fire at random, without input."""
        raise Unsupported(f"{type(self).__name__}.noisy() makes no random neurons.")

    def wrong_dt(self) -> Any:
        """A population whose dt is twice the `dt` of the case."""
        raise Unsupported(f"{type(self).__name__}.wrong_dt() makes no neurons with another dt.")

    def synapses(self, source: Any, target: Any, weights: NDArray[np.float64], delays: NDArray[np.float64]) -> Any:
        """Native synapses, one to one, from neurons or a stand-in to as many neurons.

        What this returns is given to ``connect``, or kept as long as the stand-in is in use.

        weights : (n,), in the unit of `spike_input`
        delays : (n,), ms
        """
        raise Unsupported(f"{type(self).__name__}.synapses() makes no native synapses.")

    def sabotage(self, source: Any) -> None:
        """Make the next step of a `quiet` population, which is running, raise an exception."""
        raise Unsupported(f"{type(self).__name__}.sabotage() breaks nothing.")

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"
