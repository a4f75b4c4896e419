"""The toy passes everything: what it shows is what the contract means."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.testing.conformance import Case, Conformance, Lif, Tolerance
from fusion.testing.toy import ToyAdapter, ToyNeurons, ToySource, ToySynapses


class ToyCase(Case):
    adapter = ToyAdapter
    spike_input = arrived = "current"
    nudge, kick, recovery = 100.0, 15000.0, 300
    state, shift = "v", 5.0
    sample_input = sample_seen = "drive"
    sample, drive = 50.0, 500.0
    lif = Lif(tau_m=10.0, tau_syn=0.5, e_l=-70.0, threshold=-55.0, reset=-70.0, capacitance=250.0, refractory=20)
    tolerance = Tolerance(1e-11, "rounding of 500 steps, each of about 1e-14 mV")

    def reset(self) -> None:
        """There is nothing but the objects themselves."""

    def quiet(self, n: int) -> ToyNeurons:
        return ToyNeurons(n, tau_m=10.0, tau_syn=0.5, reset=-70.0)

    def noisy(self, n: int) -> ToyNeurons:
        return ToyNeurons(n, noise_rate=1000.0, noise_weight=2000.0)

    def wrong_dt(self) -> ToyNeurons:
        return ToyNeurons(2, dt=2 * self.dt)

    def synapses(
        self, source: ToySource, target: ToyNeurons, weights: NDArray[np.float64], delays: NDArray[np.float64]
    ) -> ToySynapses:
        return ToySynapses(source, target, np.arange(source.n), np.arange(target.n), weights, delays)

    def sabotage(self, source: Any) -> None:
        source.threshold = "broken"


class TestToy(Conformance):
    case = ToyCase()
