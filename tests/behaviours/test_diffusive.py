"""DiffusiveHomeostasis against matrix exponentials, and what diffusion does to the rates of neurons."""

from __future__ import annotations

import numpy as np
import pytest
from behaviours.plasticity.trains import Trains, trains
from scipy.linalg import expm

from fusion import Behaviour, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.behaviours import DiffusiveHomeostasis
from fusion.errors import BuildFailed, InvalidValue, ShapeMismatch, Unsupported

DT = 0.5
RULE = {"spacing": 2.0, "diffusion": 1.5, "decay": 0.02, "calcium_per_spike": 0.7, "tau_calcium": 8.0,
        "tau_synthase": 30.0}  # fmt: skip


class Begins(Behaviour):
    """Gives the neurons a threshold."""

    def initialize(self, neurons):
        neurons.threshold = neurons.vector(1.0)


def laplacian(rows, columns):
    """Each neuron and its four neighbours on a torus, one after the other."""
    matrix = np.zeros((rows * columns, rows * columns))
    for y in range(rows):
        for x in range(columns):
            for dy, dx in ((0, 1), (0, -1), (1, 0), (-1, 0)):
                matrix[y * columns + x, (y + dy) % rows * columns + (x + dx) % columns] += 1.0
                matrix[y * columns + x, y * columns + x] -= 1.0
    return matrix


@pytest.mark.parametrize("shape", [(3, 4), (4, 3), (5, 5), (1, 6), (6, 1), (2, 2), (1, 1)])
def test_it_is_the_solution_of_its_equations(shape):
    rows, columns = shape
    n, fires = rows * columns, trains(60, rows * columns, 1, 0.1)
    net = Network(dt=DT)
    behaviour = DiffusiveHomeostasis(width=columns, target=0.4, rate=0.03, **RULE)
    cells = NeuronGroup(net, size=n, tag="cells", behaviour={1: Trains(table=fires), 2: Begins(), 3: behaviour})
    cells.add_behaviour(9, Recorder("calcium", "synthase", "nitric_oxide", "threshold"))
    net.simulate(60)
    spreading = RULE["diffusion"] / RULE["spacing"] ** 2 * laplacian(rows, columns) - RULE["decay"] * np.eye(n)
    # The source is a variable that stands: one exponential of twice the size solves both.
    both = expm(np.block([[spreading, np.eye(n)], [np.zeros((n, 2 * n))]]) * DT)
    calcium, synthase, oxide, threshold = np.zeros(n), np.zeros(n), np.zeros(n), np.ones(n)
    for k, fired in enumerate(fires):
        calcium = calcium * np.exp(-DT / RULE["tau_calcium"]) + RULE["calcium_per_spike"] * fired
        active = calcium**3 / (1.0 + calcium**3)
        synthase = active + (synthase - active) * np.exp(-DT / RULE["tau_synthase"])
        oxide = both[:n] @ np.concatenate([oxide, synthase])
        threshold = threshold + DT * 0.03 * (oxide - 0.4) / 0.4
        for name, wanted in (("calcium", calcium), ("synthase", synthase), ("nitric_oxide", oxide),
                             ("threshold", threshold)):  # fmt: skip
            # 60 steps of transforms of numbers of size 1.
            np.testing.assert_allclose(net[name, 0][k], wanted, rtol=0, atol=1e-12)
    assert oxide.max() > 0.05


class Noisy(Behaviour):
    """Fires where noise around a drive of each neuron's own is above the threshold."""

    def initialize(self, neurons):
        neurons.drive = neurons.vector("normal(0, 0.3)")
        neurons.threshold = neurons.vector(1.5)

    def iteration(self, neurons):
        neurons.spike = neurons.drive + neurons.vector("normal(0, 1)") > neurons.threshold


def rates_with(diffusion):
    """(rates that 100 neurons settle at (Hz), their mean nitric oxide, the range of their drives)."""
    net = Network(dt=1.0, seed=4)
    behaviour = DiffusiveHomeostasis(
        width=10, target=5.0, rate=5e-4, diffusion=diffusion, decay=5e-3, calcium_per_spike=0.8
    )
    cells = NeuronGroup(net, size=100, tag="cells", behaviour={1: Noisy(), 2: behaviour})
    net.simulate(5000)
    cells.add_behaviour(9, Recorder("spike", "nitric_oxide"))
    net.simulate(4000)
    return net["spike", 0].mean(axis=0) * 1000.0, net["nitric_oxide", 0].mean(), np.ptp(cells.drive)


@pytest.mark.slow
def test_without_diffusion_each_neuron_is_held_alone_and_with_it_all_together():
    """As Sweeney et al. (2015) find: rates stay as different as their drives, and the mean is what is held."""
    alone, oxide_alone, _ = rates_with(0.0)
    together, oxide_together, drives = rates_with(5000.0)
    assert drives > 1.0
    # By the rule the mean over 4 s differs from the target by its share: the change of the threshold / (5e-4 4000), and
    # thresholds still move by less than 0.1.
    assert oxide_alone == pytest.approx(5.0, rel=0.05)
    assert oxide_together == pytest.approx(5.0, rel=0.05)
    # 50 spikes or so of each neuron are known to 14 % if they come at random, and better as they are held.
    assert alone.std() / alone.mean() < 0.15
    assert together.std() / together.mean() > 0.5


@pytest.mark.parametrize(
    "wrong",
    [{"width": 0}, {"width": 2.5}, {"target": 0.0}, {"decay": -1.0}, {"spacing": 0.0}, {"diffusion": -1.0},
     {"tau_calcium": 0.0}, {"tau_synthase": -1.0}, {"calcium_per_spike": 0.0}, {"rate": [1.0, 2.0]},
     {"target": "uniform(0, 1)"}, {"every": 5.0}],
    ids=str,
)  # fmt: skip
def test_parameters_that_mean_nothing(wrong):
    with pytest.raises(InvalidValue, match=next(iter(wrong))):
        DiffusiveHomeostasis(**{"width": 3, "target": 1.0, **wrong})


def test_the_neurons_fill_the_grid():
    net = Network()
    NeuronGroup(net, size=10, tag="cells", behaviour={1: DiffusiveHomeostasis(width=4, target=1.0)})
    with pytest.raises(ShapeMismatch, match="a whole multiple of width=4"):
        net.build()


def test_it_belongs_on_neurons_with_the_variable():
    net = Network()
    cells = NeuronGroup(net, size=4, tag="cells", behaviour={1: DiffusiveHomeostasis(width=2, target=1.0)})
    with pytest.raises(BuildFailed, match="No variable is named 'threshold'"):
        net.build()
    SynapseGroup(net, cells, cells, behaviour={1: DiffusiveHomeostasis(width=2, target=1.0)})
    with pytest.raises(Unsupported, match="belongs on neurons"):
        net.build()
