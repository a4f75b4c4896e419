"""STDP against sums over all pairs of spikes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from fusion import Behaviour, Network, NeuronGroup, SynapseGroup
from fusion.behaviours import STDP
from fusion.errors import BehaviourFailed, InvalidValue, Unsupported

DT = 0.5
FORMS = {"fortran": np.asfortranarray, "C": np.array, "csc": sparse.csc_array}


class Trains(Behaviour):
    """Fires as a table (iterations, neurons) says."""

    table: object

    def iteration(self, neurons):
        neurons.spike = self.table[neurons.iteration - 1]


def trains(n_iterations, n, seed, rate=0.08):
    return np.random.default_rng(seed).random((n_iterations, n)) < rate


def simulate(initial, pre, post, same=False, **parameters):
    """The weights that STDP leaves, after the spike trains `pre` and `post` (iterations, neurons)."""
    net = Network(dt=DT)
    source = NeuronGroup(net, size=pre.shape[1], tag="source", behaviour={1: Trains(table=pre)})
    target = source if same else NeuronGroup(net, size=post.shape[1], tag="target", behaviour={1: Trains(table=post)})
    synapses = SynapseGroup(net, source, target, behaviour={2: STDP(**parameters)})
    synapses.W = initial
    net.simulate(len(pre))
    assert synapses.W is initial
    return synapses.W.toarray() if sparse.issparse(initial) else synapses.W


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
    weights = simulate(FORMS[form](initial), pre, post, **PARAMETERS, **WIDE)
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
    weights = simulate(made, pre, post, **PARAMETERS, **WIDE)
    wanted = np.where(mask, over_all_pairs(initial, pre, post, **PARAMETERS), 0.0)
    np.testing.assert_allclose(weights, wanted, rtol=0, atol=1e-12)
    assert made.nnz == mask.sum()


@pytest.mark.parametrize("form", FORMS)
def test_a_group_may_be_connected_to_itself(form):
    fires = trains(100, 5, 6)
    initial = np.ones((5, 5))
    weights = simulate(FORMS[form](initial), fires, fires, same=True, **PARAMETERS, **WIDE)
    np.testing.assert_allclose(weights, over_all_pairs(initial, fires, fires, **PARAMETERS), rtol=0, atol=1e-12)


@pytest.mark.parametrize("form", FORMS)
def test_weights_stay_within_their_bounds(form):
    pre, post = trains(300, 6, 1, 0.2), trains(300, 5, 2, 0.2)
    initial = np.random.default_rng(3).random((5, 6))
    rule = {**PARAMETERS, "a_plus": 0.2, "a_minus": 0.15, "w_min": 0.1, "w_max": 0.9}
    weights = simulate(FORMS[form](initial), pre, post, **rule)
    np.testing.assert_allclose(weights, step_by_step(initial, pre, post, **rule), rtol=0, atol=1e-12)
    assert (weights.min(), weights.max()) == (0.1, 0.9)


@pytest.mark.parametrize("lag", [1, 2, 10, 40])
@pytest.mark.parametrize("form", FORMS)
def test_one_pair_changes_a_weight_by_the_window(form, lag):
    first, then = np.zeros((60, 1), bool), np.zeros((60, 1), bool)
    first[5], then[5 + lag] = True, True
    causal = simulate(FORMS[form](np.ones((1, 1))), first, then, **PARAMETERS, **WIDE) - 1
    acausal = simulate(FORMS[form](np.ones((1, 1))), then, first, **PARAMETERS, **WIDE) - 1
    assert causal[0, 0] == pytest.approx(0.03 * np.exp(-lag * DT / 10.0), rel=1e-12)
    assert acausal[0, 0] == pytest.approx(-0.02 * np.exp(-lag * DT / 25.0), rel=1e-12)


@pytest.mark.parametrize("form", FORMS)
def test_two_that_fire_together_change_nothing(form):
    together = np.zeros((20, 2), bool)
    together[7] = True
    np.testing.assert_array_equal(simulate(FORMS[form](np.full((2, 2), 0.5)), together, together), np.full((2, 2), 0.5))


def test_plasticity_works_on_parts_of_groups():
    pre, post = trains(100, 6, 1), trains(100, 5, 2)
    net = Network(dt=DT)
    source = NeuronGroup(net, size=6, behaviour={1: Trains(table=pre)})
    target = NeuronGroup(net, size=5, behaviour={1: Trains(table=post)})
    synapses = SynapseGroup(net, source[2:5], target[[4, 0]], weight=1.0, behaviour={2: STDP(**PARAMETERS, **WIDE)})
    net.simulate(100)
    wanted = over_all_pairs(np.ones((2, 3)), pre[:, 2:5], post[:, [4, 0]], **PARAMETERS)
    np.testing.assert_allclose(synapses.W, wanted, rtol=0, atol=1e-12)


def test_a_matrix_may_be_replaced_while_it_learns():
    pre, post = trains(100, 6, 1), trains(100, 5, 2)

    class Prunes(Behaviour):
        """Removes the weak synapses once, which makes a matrix of another structure."""

        def iteration(self, synapses):
            if net.iteration == 50:
                weak = synapses.W.toarray()
                weak[:, ::2] = 0.0
                synapses.W = sparse.csc_array(weak)

    net = Network(dt=DT)
    source = NeuronGroup(net, size=6, behaviour={1: Trains(table=pre)})
    target = NeuronGroup(net, size=5, behaviour={1: Trains(table=post)})
    synapses = SynapseGroup(net, source, target, behaviour={2: STDP(**PARAMETERS, **WIDE), 3: Prunes()})
    synapses.W = sparse.csc_array(np.ones((5, 6)))
    net.simulate(100)
    wanted = over_all_pairs(np.ones((5, 6)), pre, post, **PARAMETERS)
    wanted[:, ::2] = 0.0
    np.testing.assert_allclose(synapses.W.toarray(), wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("make", [sparse.csr_array, sparse.coo_array])
def test_a_format_that_it_would_read_wrongly_is_refused(make):
    with pytest.raises(BehaviourFailed, match=r"assign W\.tocsc\(\)"):
        simulate(make(np.ones((5, 6))), trains(3, 6, 1), trains(3, 5, 1))


def test_it_needs_weights_of_fusions_own():
    net = Network()
    cells = NeuronGroup(net, size=3, tag="cells", behaviour={1: Trains(table=trains(5, 3, 1))})
    cells.add_behaviour(2, STDP())
    with pytest.raises(Unsupported, match="STDP needs a synapse group with W; 'cells' has none"):
        net.build()
    cells.remove_behaviour("STDP")
    SynapseGroup(net, cells, cells, tag="bare", behaviour={2: STDP()})
    with pytest.raises(Unsupported, match="'bare' has none"):
        net.build()


@pytest.mark.parametrize("parameters", [{"tau_plus": 0.0}, {"tau_minus": -5.0}])
def test_time_constants_are_positive(parameters):
    (name,) = parameters
    with pytest.raises(InvalidValue, match=f"{name} is .*must be positive"):
        simulate(np.ones((1, 1)), trains(3, 1, 1), trains(3, 1, 1), **parameters)


@pytest.mark.parametrize("parameters", [{"a_plus": "uniform"}, {"tau_plus": np.full((5, 6), 10.0)}])
def test_parameters_are_numbers_the_same_for_all_synapses(parameters):
    (name,) = parameters
    with pytest.raises(InvalidValue, match=rf"STDP\.{name} is one number"):
        simulate(np.ones((5, 6)), trains(3, 6, 1), trains(3, 5, 1), **parameters)
