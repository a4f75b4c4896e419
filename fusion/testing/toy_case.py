"""`ToyCase`: the case of the toy, as an example of what the author of an adapter writes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.testing.case import Case, Lif, Tolerance
from fusion.testing.toy import ToyAdapter, ToyNeurons, ToySource, ToySynapses, cells
from fusion.testing.toy_recipes import Cells


class ToyCase(Case):
    """Neurons with short synaptic currents, so that a kick makes one spike."""

    adapter = ToyAdapter
    spike_input = arrived = "current"
    nudge, kick, recovery = 100.0, 15000.0, 150
    state, shift = "v", 5.0
    sample_input = sample_seen = "drive"
    sample, drive = 50.0, 1000.0
    lif = Lif(tau_m=10.0, tau_syn=0.5, e_l=-70.0, threshold=-55.0, reset=-70.0, capacitance=250.0, refractory=20)
    tolerance = Tolerance(1e-11, "each of 500 steps rounds by about 1e-14 mV")

    def reset(self) -> None:
        """Nothing to do: the toy has no state beside its objects."""

    def quiet(self, n: int) -> Any:
        return ToyNeurons(n, tau_m=10.0, tau_syn=0.5, reset=-70.0)

    def noisy(self, n: int) -> Any:
        return ToyNeurons(n, noise_rate=1000.0, noise_weight=2000.0)

    def wrong_dt(self) -> ToyNeurons:
        return ToyNeurons(2, dt=2 * self.dt)

    def synapses(
        self, source: ToySource, target: ToyNeurons, weights: NDArray[np.float64], delays: NDArray[np.float64]
    ) -> ToySynapses:
        return ToySynapses(source, target, np.arange(source.n), np.arange(target.n), weights, delays)

    def sabotage(self, source: Any) -> None:
        source.v = None


class ToyRecipeCase(ToyCase):
    """The same neurons by recipe, as a simulator in another process gets them: the objects are out of reach."""

    synapses, sabotage = Case.synapses, Case.sabotage

    def quiet(self, n: int) -> Cells:
        return cells(n, tau_m=10.0, tau_syn=0.5, reset=-70.0)

    def noisy(self, n: int) -> Cells:
        return cells(n, noise_rate=1000.0, noise_weight=2000.0)
