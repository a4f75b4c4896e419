"""Binary units compute what McCulloch and Pitts say, and recurrent ones what NumPy does."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.behaviours import Homeostasis, ThresholdUnits
from fusion.errors import InvalidValue, Unsupported


class Shows(Behaviour):
    """Adds row k of a table (ticks, n) to ``current`` in iteration k + 1."""

    table: object

    def iteration(self, neurons):
        neurons.current += self.table[neurons.iteration - 1]


def test_three_units_compute_exclusive_or():
    """x or y, x and y; the third fires for the first and not the second, two steps after the input."""
    inputs = np.array(list(itertools.product((0.0, 1.0), repeat=2)))
    table = np.vstack([inputs.sum(axis=1), inputs.sum(axis=1)]).T
    net = Network(dt=1.0)
    hidden = NeuronGroup(net, size=2, behaviour={1: Shows(table=table), 2: ThresholdUnits(threshold=[1.0, 2.0])})
    units = ThresholdUnits(threshold=1.0)
    out = NeuronGroup(net, size=1, behaviour={2: units, 9: Recorder("spike")})
    SynapseGroup(net, hidden, out, weight=np.array([[1.0, -1.0]]), into="current")
    hidden.behaviours[1].table = np.vstack([table, np.zeros((1, 2))])
    net.simulate(5)
    assert net["spike", 0][1:, 0].tolist() == [False, True, True, False]


def test_a_recurrent_network_is_the_recurrence():
    """Random weights, a bias and an input, 200 steps: every spike is NumPy's."""
    rng = np.random.default_rng(1)
    n, ticks = 50, 200
    weights, theta, drive = rng.normal(0, 1, (n, n)), rng.normal(0, 1, n), rng.normal(0, 1, (ticks, n))
    net = Network(dt=1.0)
    behaviour = {1: Shows(table=drive), 2: ThresholdUnits(threshold=theta, bias=0.25), 9: Recorder("spike")}
    cells = NeuronGroup(net, size=n, behaviour=behaviour)
    SynapseGroup(net, cells, cells, weight=weights, into="current")
    net.simulate(ticks)
    state, rows = np.zeros(n, bool), []
    for row in drive:
        state = weights @ state + row + 0.25 >= theta
        rows.append(state)
    np.testing.assert_array_equal(net["spike", 0], rows)
    assert 0.2 < np.mean(rows) < 0.8


def test_thresholds_are_a_variable_that_homeostasis_moves():
    """Gaussian input of 0 and 1: at a rate of 0.1 the threshold is its 90th percentile, 1.2816."""
    net = Network(dt=1.0, seed=1)
    drive = np.random.default_rng(1).normal(0, 1, (4000, 100))
    behaviour = {1: Shows(table=drive), 2: ThresholdUnits(threshold="uniform(0, 2)"),
                 3: Homeostasis(target=100.0, rate=1e-5), 9: EventRecorder("spike")}  # fmt: skip
    cells = NeuronGroup(net, size=100, behaviour=behaviour)
    net.simulate(4000)
    assert cells.threshold.mean() == pytest.approx(1.2816, abs=0.03)


def test_what_makes_no_unit_is_refused():
    net = Network()
    cells = NeuronGroup(net, size=2)
    SynapseGroup(net, cells, cells, tag="synapses", behaviour={1: ThresholdUnits()})
    with pytest.raises(Unsupported, match="'synapses' is none"):
        net.build()
    net = Network()
    NeuronGroup(net, size=2, behaviour={1: ThresholdUnits(every=10.0)})
    with pytest.raises(InvalidValue, match="its input counts for one iteration"):
        net.build()
