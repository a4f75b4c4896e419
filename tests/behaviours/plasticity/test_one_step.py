"""OneStepSTDP against its formula, written out for whole matrices."""

from __future__ import annotations

import numpy as np
import pytest
from behaviours.plasticity.trains import FORMS, simulate, trains
from hypothesis import given
from hypothesis import strategies as st

from fusion.behaviours import OneStepSTDP


def written_out(initial, pre, post, rate, coincidence, w_min, w_max):
    """All synapses in every iteration, as the formula says."""
    weights = np.array(initial)
    pre_before, post_before = np.zeros(pre.shape[1]), np.zeros(post.shape[1])
    for s_pre, s_post in zip(pre.astype(float), post.astype(float), strict=True):
        change = np.outer(s_post, pre_before) - np.outer(post_before, s_pre) + coincidence * np.outer(s_post, s_pre)
        weights = np.clip(weights + rate * change, w_min, w_max)
        pre_before, post_before = s_pre, s_post
    return weights


@given(
    form=st.sampled_from(sorted(FORMS)),
    shape=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    seed=st.integers(0, 2**32 - 1),
    density=st.floats(0.0, 1.0),
    coincidence=st.sampled_from([0.0, 0.5, 1.0, -1.0]),
)
def test_it_is_the_formula(form, shape, seed, density, coincidence):
    pre, post = trains(40, shape[1], seed, density), trains(40, shape[0], seed + 1, density)
    initial = np.random.default_rng(seed).uniform(0.2, 0.8, shape)
    # Large steps between narrow bounds, so that weights run into both.
    rule = {"rate": 0.13, "coincidence": coincidence, "w_min": 0.1, "w_max": 0.9}
    weights = simulate(OneStepSTDP(**rule), FORMS[form](initial), pre, post)
    # Each of 40 steps adds the same terms in another order: 1e-16 each.
    np.testing.assert_allclose(weights, written_out(initial, pre, post, **rule), rtol=0, atol=1e-14)


@pytest.mark.parametrize("form", FORMS)
def test_a_group_may_be_connected_to_itself(form):
    fires = trains(60, 5, 6, 0.3)
    rule = {"rate": 0.01, "coincidence": 1.0, "w_min": 0.0, "w_max": 10.0}
    weights = simulate(OneStepSTDP(**rule), FORMS[form](np.ones((5, 5))), fires, fires, same=True)
    np.testing.assert_allclose(weights, written_out(np.ones((5, 5)), fires, fires, **rule), rtol=0, atol=1e-14)
    assert np.abs(weights - 1.0).max() > 0.05


@pytest.mark.parametrize(("lag", "change"), [(-2, 0.0), (-1, -1.0), (0, 0.4), (1, 1.0), (2, 0.0)])
def test_its_window_is_one_iteration(lag, change):
    pre, post = np.zeros((10, 1), bool), np.zeros((10, 1), bool)
    pre[4], post[4 + lag] = True, True
    weights = simulate(OneStepSTDP(rate=0.1, coincidence=0.4), np.ones((1, 1)), pre, post)
    assert weights[0, 0] == pytest.approx(1.0 + 0.1 * change, abs=1e-15)
