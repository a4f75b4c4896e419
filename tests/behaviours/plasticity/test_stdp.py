"""STDP against sums over all pairs of spikes."""

from __future__ import annotations

import numpy as np
import pytest
from behaviours.plasticity.trains import DT, FORMS, Trains, simulate, trains
from scipy import sparse

from fusion import Network, NeuronGroup, SynapseGroup
from fusion.behaviours import STDP


def over_all_pairs(initial, pre, post, a_plus, a_minus, tau_plus, tau_minus):
    """Morrison et al. (2008), eq. 3: each pair of spikes counts, those of one iteration do not."""
    weights = np.array(initial, dtype=float)
    for i in range(weights.shape[0]):
        for j in range(weights.shape[1]):
            for t_post in np.flatnonzero(post[:, i]):
                for t_pre in np.flatnonzero(pre[:, j]):
                    delta = (t_post - t_pre) * DT
                    if delta > 0:
                        weights[i, j] += a_plus * np.exp(-delta / tau_plus)
                    elif delta < 0:
                        weights[i, j] -= a_minus * np.exp(delta / tau_minus)
    return weights


def step_by_step(initial, pre, post, a_plus, a_minus, tau_plus, tau_minus, w_min, w_max):
    """One synapse after the other, clipped whenever it changes: first what depresses it, then what strengthens it."""
    weights = np.array(initial, dtype=float)
    for i in range(weights.shape[0]):
        for j in range(weights.shape[1]):
            x = y = 0.0
            for pre_fires, post_fires in zip(pre[:, j], post[:, i], strict=True):
                x *= np.exp(-DT / tau_plus)
                y *= np.exp(-DT / tau_minus)
                if pre_fires:
                    weights[i, j] = min(max(weights[i, j] - a_minus * y, w_min), w_max)
                if post_fires:
                    weights[i, j] = min(max(weights[i, j] + a_plus * x, w_min), w_max)
                x += pre_fires
                y += post_fires
    return weights


PARAMETERS = {"a_plus": 0.03, "a_minus": 0.02, "tau_plus": 10.0, "tau_minus": 25.0}
WIDE = {"w_min": -1e9, "w_max": 1e9}


@pytest.mark.parametrize("form", FORMS)
def test_each_pair_of_spikes_counts(form):
    pre, post = trains(150, 6, 1), trains(150, 5, 2)
    initial = np.random.default_rng(3).random((5, 6)) + 1
    weights = simulate(STDP(**PARAMETERS, **WIDE), FORMS[form](initial), pre, post)
    # A trace is a product of up to 150 rounded factors.
    np.testing.assert_allclose(weights, over_all_pairs(initial, pre, post, **PARAMETERS), rtol=0, atol=1e-12)
    assert np.abs(weights - initial).min() > 1e-3


def test_a_sparse_matrix_keeps_its_synapses():
    pre, post = trains(150, 6, 1), trains(150, 5, 2)
    mask = np.random.default_rng(4).random((5, 6)) < 0.4
    mask[2] = False  # one target and one source without synapses
    mask[:, 3] = False
    initial = np.where(mask, 1.0, 0.0)
    made = sparse.csc_array(initial)
    weights = simulate(STDP(**PARAMETERS, **WIDE), made, pre, post)
    wanted = np.where(mask, over_all_pairs(initial, pre, post, **PARAMETERS), 0.0)
    np.testing.assert_allclose(weights, wanted, rtol=0, atol=1e-12)
    assert made.nnz == mask.sum()


@pytest.mark.parametrize("form", FORMS)
def test_a_group_may_be_connected_to_itself(form):
    fires = trains(100, 5, 6)
    initial = np.ones((5, 5))
    weights = simulate(STDP(**PARAMETERS, **WIDE), FORMS[form](initial), fires, fires, same=True)
    np.testing.assert_allclose(weights, over_all_pairs(initial, fires, fires, **PARAMETERS), rtol=0, atol=1e-12)


@pytest.mark.parametrize("form", FORMS)
def test_weights_stay_within_their_bounds(form):
    pre, post = trains(300, 6, 1, 0.2), trains(300, 5, 2, 0.2)
    initial = np.random.default_rng(3).random((5, 6))
    rule = {**PARAMETERS, "a_plus": 0.2, "a_minus": 0.15, "w_min": 0.1, "w_max": 0.9}
    weights = simulate(STDP(**rule), FORMS[form](initial), pre, post)
    np.testing.assert_allclose(weights, step_by_step(initial, pre, post, **rule), rtol=0, atol=1e-12)
    assert (weights.min(), weights.max()) == (0.1, 0.9)


@pytest.mark.parametrize("lag", [1, 2, 10, 40])
@pytest.mark.parametrize("form", FORMS)
def test_one_pair_changes_a_weight_by_the_window(form, lag):
    first, then = np.zeros((60, 1), bool), np.zeros((60, 1), bool)
    first[5], then[5 + lag] = True, True
    causal = simulate(STDP(**PARAMETERS, **WIDE), FORMS[form](np.ones((1, 1))), first, then) - 1
    acausal = simulate(STDP(**PARAMETERS, **WIDE), FORMS[form](np.ones((1, 1))), then, first) - 1
    assert causal[0, 0] == pytest.approx(0.03 * np.exp(-lag * DT / 10.0), rel=1e-12)
    assert acausal[0, 0] == pytest.approx(-0.02 * np.exp(-lag * DT / 25.0), rel=1e-12)


@pytest.mark.parametrize("form", FORMS)
def test_two_that_fire_together_change_nothing(form):
    together = np.zeros((20, 2), bool)
    together[7] = True
    weights = simulate(STDP(), FORMS[form](np.full((2, 2), 0.5)), together, together)
    np.testing.assert_array_equal(weights, np.full((2, 2), 0.5))


def test_plasticity_works_on_parts_of_groups():
    pre, post = trains(100, 6, 1), trains(100, 5, 2)
    net = Network(dt=DT)
    source = NeuronGroup(net, size=6, behaviour={1: Trains(table=pre)})
    target = NeuronGroup(net, size=5, behaviour={1: Trains(table=post)})
    synapses = SynapseGroup(net, source[2:5], target[[4, 0]], weight=1.0, behaviour={2: STDP(**PARAMETERS, **WIDE)})
    net.simulate(100)
    wanted = over_all_pairs(np.ones((2, 3)), pre[:, 2:5], post[:, [4, 0]], **PARAMETERS)
    np.testing.assert_allclose(synapses.W, wanted, rtol=0, atol=1e-12)
