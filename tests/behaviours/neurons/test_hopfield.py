"""Recall from a Hopfield network: capacity, energy, and the rule of its updates."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from scipy.special import erf

from fusion import Behaviour, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.behaviours import Hopfield, hebbian
from fusion.errors import BuildFailed, InvalidValue, Unsupported

N = 400


def patterns(number, n=N):
    return np.where(np.random.default_rng(7).random((number, n)) < 0.5, -1.0, 1.0)


def memory(weights, cue, seed=1):
    """A group with these weights, in the state of a cue, that records its energy."""
    net = Network(seed=seed)
    cells = NeuronGroup(net, size=len(cue), tag="cells", behaviour={1: Hopfield(initial=cue), 2: Recorder("energy")})
    SynapseGroup(net, cells, cells, tag="GLUTAMATE").W = weights
    return net, cells


def overlaps(load, flipped=0.1, n=N):
    """Of what is recalled with what was stored, for ten cues in which some units are wrong."""
    stored = patterns(round(load * n), n)
    weights, found = hebbian(stored), []
    for number, pattern in enumerate(stored[:10]):
        cue = np.where(np.random.default_rng(number).random(n) < flipped, -pattern, pattern)
        net, cells = memory(weights, cue)
        net.simulate(30)
        found.append(cells.state @ pattern / n)
    return np.array(found)


def test_it_recalls_below_its_capacity_and_not_above():
    """0.138 n patterns; at 0.05 n theory gives an overlap of 1 but for 1e-5, beyond the capacity 0.35 or so."""
    assert overlaps(0.05).min() > 0.99
    assert overlaps(0.20).mean() < 0.7


def overlap_in_theory(load):
    """That of Amit, Gutfreund, Sompolinsky (1985) for many units, from their equations for m, r and C."""
    m, c = 1.0, 0.1
    for _ in range(2000):
        noise = np.sqrt(load) / (1.0 - c)
        m, c = erf(m / (np.sqrt(2.0) * noise)), np.sqrt(2.0 / np.pi) / noise * np.exp(-((m / noise) ** 2) / 2.0)
    return m


@pytest.mark.parametrize("load", [0.10, 0.12])
def test_what_it_recalls_near_its_capacity_is_as_wrong_as_theory_says(load):
    """1000 units, from each of ten patterns itself; 0.998 and 0.993 in theory, which holds for infinitely many."""
    found = overlaps(load, flipped=0.0, n=1000)
    assert found.mean() == pytest.approx(overlap_in_theory(load), abs=0.004)


def test_no_update_raises_the_energy():
    rng = np.random.default_rng(3)
    weights = rng.normal(size=(N, N))
    weights += weights.T
    np.fill_diagonal(weights, 0.0)
    net, cells = memory(weights, np.where(rng.random(N) < 0.5, -1.0, 1.0))
    net.simulate(40)
    energy = net["energy", 0]
    # Sums of 160 000 terms of size 1 round by 1e-9 or so.
    assert np.diff(energy).max() < 1e-8
    assert energy[-1] == pytest.approx(-0.5 * cells.state @ weights @ cells.state)
    assert energy[-1] < energy[0]


def test_it_ends_where_each_unit_agrees_with_its_field():
    weights = hebbian(patterns(40))
    net, cells = memory(weights, patterns(50)[-1])
    net.simulate(50)
    assert (cells.state * (weights @ cells.state) >= 0).all()
    before = cells.state.copy()
    net.simulate(5)
    np.testing.assert_array_equal(cells.state, before)
    np.testing.assert_array_equal(cells.spike, before > 0)


def test_an_iteration_updates_each_unit_once_one_after_the_other():
    """Two units that inhibit each other would flip for ever if they did so together."""
    weights = np.array([[0.0, -1.0], [-1.0, 0.0]])
    for seed in range(5):
        net, cells = memory(weights, np.array([1.0, 1.0]), seed)
        net.simulate(1)
        assert sorted(cells.state.tolist()) == [-1.0, 1.0]


def test_a_current_is_part_of_the_field():
    net, cells = memory(np.zeros((2, 2)), np.array([1.0, -1.0]))

    class Pushes(Behaviour):
        def iteration(self, neurons):
            neurons.current += [-1.0, 0.0]

    cells.add_behaviour(0, Pushes())
    net.simulate(1)
    assert cells.state.tolist() == [-1.0, -1.0]
    assert net["energy", 0][-1] == -1.0


def test_patterns_are_of_two_values():
    np.testing.assert_array_equal(hebbian([[1, -1], [1, 1]]), np.zeros((2, 2)))
    for wrong in ([1.0, -1.0], [[0.0, 1.0]]):
        with pytest.raises(InvalidValue, match="of -1 and 1"):
            hebbian(wrong)


def test_it_needs_a_dense_matrix_of_its_own_group():
    net, cells = memory(sparse.csc_array(np.eye(2)), np.ones(2))
    with pytest.raises(BuildFailed, match=r"'GLUTAMATE'\.W to be a dense array of shape \(2, 2\)"):
        net.build()
    SynapseGroup(net, cells, cells, tag="GLUTAMATE")
    with pytest.raises(BuildFailed, match="one synapse group 'GLUTAMATE' from 'cells' to itself"):
        net.build()
    net, cells = memory(np.eye(2), np.ones(2))
    SynapseGroup(net, cells, cells, tag="others", behaviour={1: Hopfield()})
    with pytest.raises(Unsupported, match="'others' is none"):
        net.build()
