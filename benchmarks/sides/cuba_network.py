"""The CUBA network: its numbers, and no simulator.

T. P. Vogels and L. F. Abbott (2005), J. Neurosci. 25:10786-10795, as benchmark 2 of R. Brette et al. (2007), J. Comput.
Neurosci. 23:349-398, appendix 2; with the numbers and equations of Brian2's own example ``CUBA.py``. A spike arrives
after one step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

N, N_E, P, DT = 4000, 3200, 0.02, 0.1  # neurons, excitatory ones, probability of a synapse, ms
W_E, W_I = 0.00162, -0.009  # V

EQUATIONS = """
dv/dt = (ge + gi - (v - El))/taum : volt (unless refractory)
dge/dt = -ge/taue : volt
dgi/dt = -gi/taui : volt
"""
CONSTANTS = {"taum": 0.020, "taue": 0.005, "taui": 0.010}  # s
VOLTAGES = {"El": -0.049, "Vt": -0.050, "Vr": -0.060}  # V
EVENTS = {"threshold": "v > Vt", "reset": "v = Vr", "method": "exact"}
REFRACTORY = 5.0  # ms


@dataclass(frozen=True)
class Numbers:
    """First potentials (N,) V, and which pairs are connected: (source, target) of each synapse, by source."""

    start: NDArray[np.float64]
    pre: NDArray[np.int64]
    post: NDArray[np.int64]

    def weights(self, excitatory: bool) -> Any:
        """(N, N_E) or (N, N - N_E) V."""
        first, last, weight = (0, N_E, W_E) if excitatory else (N_E, N, W_I)
        chosen = (self.pre >= first) & (self.pre < last)
        values = np.full(np.count_nonzero(chosen), weight)
        return csc_array((values, (self.post[chosen], self.pre[chosen] - first)), shape=(N, last - first))


def draw(seed: int = 1) -> Numbers:
    """One network."""
    rng = np.random.default_rng(seed)
    pre, post = np.nonzero(rng.random((N, N)) < P)
    return Numbers(rng.uniform(VOLTAGES["Vr"], VOLTAGES["Vt"], N), pre, post)
