"""Izhikevich's neurons one by one; his network is in ``tests/models``."""

from __future__ import annotations

import numpy as np
import pytest
from models.izhikevich import moved

from fusion import Network, NeuronGroup, SynapseGroup
from fusion.behaviours import Izhikevich
from fusion.errors import InvalidValue, Unsupported

KINDS = {
    "regular": {},
    "bursting": {"c": -55.0, "d": 4.0},
    "chattering": {"c": -50.0, "d": 2.0},
    "fast": {"a": 0.1, "d": 2.0},
}
"""Parameters of figure 2 of the paper."""


def test_a_step_is_that_of_the_papers_program(simulate):
    """From each state to the next. 1e-10 mV: the order of the operations differs, numbers are 1e3 at most."""
    rng = np.random.default_rng(1)
    table = rng.normal(4.0, 5.0, (400, 20))
    a, b = rng.uniform(0.02, 0.1, 20), rng.uniform(0.2, 0.25, 20)
    c, d = rng.uniform(-65.0, -50.0, 20), rng.uniform(2.0, 8.0, 20)
    found = simulate(Izhikevich(a=a, b=b, c=c, d=d), 400, dt=1.0, size=20, table=table,
                     variables=("voltage", "recovery"))  # fmt: skip
    start = np.full((1, 20), -65.0)
    v, u = moved(np.vstack([start, found["voltage"][:-1]]), np.vstack([b * start, found["recovery"][:-1]]), table, a, b)
    fired = v >= 30.0
    np.testing.assert_allclose(found["voltage"], np.where(fired, c, v), rtol=0, atol=1e-10)
    np.testing.assert_allclose(found["recovery"], np.where(fired, u + d, u), rtol=0, atol=1e-10)
    assert found.spikes.tolist() == np.column_stack([fired.nonzero()[0] + 1, fired.nonzero()[1]]).tolist()
    assert len(found.spikes) > 50


def intervals(simulate, kind):
    found = simulate(Izhikevich(bias=10.0, **KINDS[kind]), 10000, dt=0.1)
    return np.diff(found.spikes[:, 0]) * 0.1


def test_kinds_of_neurons_fire_as_in_the_paper(simulate):
    regular, fast = intervals(simulate, "regular"), intervals(simulate, "fast")
    assert regular[0] < regular[-1]  # adapts
    assert fast.max() < regular[-1] / 2
    assert np.ptp(fast[2:]) <= 2  # ms; hardly adapts
    bursting, chattering = intervals(simulate, "bursting"), intervals(simulate, "chattering")
    assert (bursting[:2] <= 10).all()
    assert bursting[5:].min() > 10  # one burst, then single spikes
    assert (chattering <= 10).sum() > 2 * (chattering > 20).sum() > 20  # one burst after the other


def test_below_its_rheobase_it_rests_at_the_fixed_point(simulate):
    """0.04 v² + 5 v + 140 - b v + I = 0 has its lower root at rest, -70 mV without a current."""
    found = simulate(Izhikevich(bias=[0.0, 3.0]), 3000, dt=1.0, size=2)
    rest = [(-4.8 - np.sqrt(4.8**2 - 0.16 * (140.0 + bias))) / 0.08 for bias in (0.0, 3.0)]
    np.testing.assert_allclose(found["voltage"][-1], rest, rtol=0, atol=1e-6)
    assert len(found.spikes) == 0


def test_half_the_dt_gives_half_the_error(simulate):
    """On the way to rest: the method is of first order."""

    def after(dt):
        return simulate(Izhikevich(initial=-75.0), round(4.0 / dt), dt=dt)["voltage"][-1, 0]

    exact = after(0.001)
    assert (after(0.5) - exact) / (after(0.25) - exact) == pytest.approx(2.0, rel=0.1)


def test_what_makes_no_neuron_is_refused(simulate):
    with pytest.raises(InvalidValue, match="steps of 1 ms or less; dt is 2 ms"):
        simulate(Izhikevich(), 1, dt=2.0)
    with pytest.raises(InvalidValue, match="below the peak of 30 mV"):
        simulate(Izhikevich(c=30.0), 1)
    with pytest.raises(InvalidValue, match=r"Izhikevich\.a is 0\.0; it must be positive"):
        simulate(Izhikevich(a=0.0), 1)
    net = Network()
    cells = NeuronGroup(net, size=2, tag="cells")
    SynapseGroup(net, cells, cells, tag="synapses", behaviour={1: Izhikevich()})
    with pytest.raises(Unsupported, match="'synapses' is none"):
        net.build()
