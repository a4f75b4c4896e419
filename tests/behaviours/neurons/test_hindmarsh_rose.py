"""Hindmarsh's and Rose's neurons: an independent integrator, and the kinds of firing of the paper."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from fusion import Network, NeuronGroup, SynapseGroup
from fusion.behaviours import HindmarshRose
from fusion.errors import InvalidValue, Unsupported


def solved(bias, times):
    """x at these times, by a method of order 8 that adapts its steps."""

    def slopes(t, state):
        x, y, z = state
        return [y - x**3 + 3 * x**2 - z + bias, 1 - 5 * x**2 - y, 0.001 * (4 * (x + 1.6) - z)]

    start = [-1.6, 1 - 5 * 1.6**2, 0.0]
    return solve_ivp(slopes, (0, times[-1]), start, "DOP853", times, rtol=1e-11, atol=1e-11).y[0]


def test_it_follows_the_equations(simulate):
    """1e-4: the error of a step is of order 0.02**5, and upstrokes are steep."""
    found = simulate(HindmarshRose(bias=2.0, step=0.02), 2000)
    times = np.arange(1, 2001) * 0.1
    np.testing.assert_allclose(found["voltage"][:, 0], solved(2.0, times), rtol=0, atol=1e-4)
    assert len(found.spikes) > 5


@pytest.mark.slow
def test_more_current_makes_silence_bursts_and_regular_firing_of_it(simulate):
    found = simulate(HindmarshRose(r=0.005, bias=[0.4, 2.0, 4.0]), 30000, size=3)
    late = found.spikes[found.spikes[:, 0] > 10000]  # once the slow variable has settled
    silent, bursting, regular = (np.diff(late[late[:, 1] == neuron, 0]) * 0.1 for neuron in range(3))
    assert len(silent) == 0
    assert bursting.max() > 4 * np.median(bursting)  # three spikes, then a pause
    assert regular.max() < 1.2 * regular.min()
    assert len(regular) > 50


def test_what_makes_no_neuron_is_refused(simulate):
    with pytest.raises(InvalidValue, match=r"step is 0\.2 ms; above 0\.1 ms it is not stable"):
        simulate(HindmarshRose(step=0.2), 1)
    with pytest.raises(InvalidValue, match=r"HindmarshRose\.r is 0\.0; it must be positive"):
        simulate(HindmarshRose(r=0.0), 1)
    net = Network()
    cells = NeuronGroup(net, size=2, tag="cells")
    SynapseGroup(net, cells, cells, tag="synapses", behaviour={1: HindmarshRose()})
    with pytest.raises(Unsupported, match="'synapses' is none"):
        net.build()
