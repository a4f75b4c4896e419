"""RewardModulatedSTDP against the solution of its equations, written out for whole matrices."""

from __future__ import annotations

import numpy as np
import pytest
from behaviours.plasticity.trains import DT, FORMS, connected, dense, trains
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from fusion import Behaviour
from fusion.behaviours import RewardModulatedSTDP

RULE = {"a_plus": 0.3, "a_minus": 0.2, "tau_plus": 10.0, "tau_minus": 25.0, "tau_eligibility": 40.0,
        "tau_dopamine": 15.0}  # fmt: skip
WIDE = {"w_min": -1e9, "w_max": 1e9}


class Rewards(Behaviour):
    """Adds to the dopamine in some iterations."""

    at: object

    def iteration(self, synapses):
        synapses.dopamine += self.at.get(synapses.network.iteration, 0.0)


def learn(initial, pre, post, rewards, same=False, **rule):
    """(synapses, behaviour) after the trains; rewards come before the rule's step."""
    synapses = connected(initial, pre, post, same)
    synapses.add_behaviour(2, Rewards(at=rewards))
    behaviour = synapses.add_behaviour(3, RewardModulatedSTDP(**rule))
    synapses.network.simulate(len(pre))
    return synapses, behaviour


def written_out(initial, pre, post, rewards, rule, w_min=-np.inf, w_max=np.inf):
    """(weights, eligibility, dopamine): all synapses in every iteration, c d integrated from each to the next."""
    weights, c = np.array(initial), np.zeros(np.shape(initial))
    x, y, d = np.zeros(pre.shape[1]), np.zeros(post.shape[1]), 0.0
    rate = 1.0 / rule["tau_eligibility"] + 1.0 / rule["tau_dopamine"]
    for k, (s_pre, s_post) in enumerate(zip(pre.astype(float), post.astype(float), strict=True), start=1):
        x, y = x * np.exp(-DT / rule["tau_plus"]), y * np.exp(-DT / rule["tau_minus"])
        c = c * np.exp(-DT / rule["tau_eligibility"])
        c = c + rule["a_plus"] * np.outer(s_post, x) - rule["a_minus"] * np.outer(y, s_pre)
        d += rewards.get(k, 0.0)
        weights = np.clip(weights + c * d * (1.0 - np.exp(-DT * rate)) / rate, w_min, w_max)
        d *= np.exp(-DT / rule["tau_dopamine"])
        x, y = x + s_pre, y + s_post
    return weights, c, d


@given(
    form=st.sampled_from(sorted(FORMS)),
    seed=st.integers(0, 2**32 - 1),
    density=st.floats(0.0, 0.5),
    rewards=st.dictionaries(st.integers(1, 60), st.floats(-2.0, 2.0), max_size=4),
    bounds=st.sampled_from([(-np.inf, np.inf), (0.4, 0.6)]),
)
def test_it_is_the_solution(form, seed, density, rewards, bounds):
    pre, post = trains(60, 4, seed, density), trains(60, 3, seed + 1, density)
    initial = np.random.default_rng(seed).uniform(0.4, 0.6, (3, 4))
    w_min, w_max = bounds
    synapses, behaviour = learn(FORMS[form](initial), pre, post, rewards, w_min=w_min, w_max=w_max, **RULE)
    weights, c, d = written_out(initial, pre, post, rewards, RULE, w_min, w_max)
    # 60 steps, each with a few roundings of numbers of size 1 to 10.
    np.testing.assert_allclose(dense(synapses.W), weights, rtol=0, atol=1e-12)
    marks = behaviour.eligibility if form != "csc" else behaviour.eligibility.reshape(4, 3).T
    np.testing.assert_allclose(marks, c, rtol=0, atol=1e-12)
    assert synapses.dopamine == pytest.approx(d, abs=1e-12)


def test_a_late_reward_strengthens_what_came_before_it():
    """Izhikevich (2007), fig. 1: the pair is 10 ms apart, the reward comes 1 s later."""
    pre, post = np.zeros((40000, 1), bool), np.zeros((40000, 1), bool)
    pre[99], post[119] = True, True
    rule = {"a_plus": 1.0, "tau_plus": 20.0, "tau_eligibility": 1000.0, "tau_dopamine": 200.0}
    synapses, _ = learn(np.zeros((1, 1)), pre, post, {2120: 0.5}, **WIDE, **rule)
    marked = np.exp(-10.0 / 20.0) * np.exp(-1000.0 / 1000.0)
    # All of the integral of c d; what is left after 19 s is below 1e-40.
    assert synapses.W[0, 0] == pytest.approx(marked * 0.5 / (1.0 / 1000.0 + 1.0 / 200.0), rel=1e-11)


def test_without_reward_nothing_changes():
    pre, post = trains(100, 6, 1), trains(100, 5, 2)
    synapses, behaviour = learn(np.full((5, 6), 0.5), pre, post, {})
    np.testing.assert_array_equal(synapses.W, np.full((5, 6), 0.5))
    assert np.abs(behaviour.eligibility).max() > 0.001


def test_marks_that_decay_for_long_keep_their_digits():
    """The unit in which marks are noted down is renewed about every 115 ms."""
    pre, post = trains(4000, 4, 1), trains(4000, 3, 2)
    rule = {**RULE, "tau_eligibility": 0.5}
    _, behaviour = learn(np.full((3, 4), 0.5), pre, post, {}, **rule)
    _, c, _ = written_out(np.full((3, 4), 0.5), pre, post, {}, rule)
    np.testing.assert_allclose(behaviour.eligibility, c, rtol=1e-9, atol=1e-15)
    assert np.abs(c).max() > 1e-6


@pytest.mark.parametrize("forms", [(a, b) for a in ("C", "csc") for b in ("C", "csc")], ids="-".join)
def test_marks_stay_when_the_matrix_is_replaced(forms):
    first, second = forms
    pre, post = trains(100, 6, 1), trains(100, 5, 2)
    pre[50:], post[50:] = False, False
    mask = np.random.default_rng(3).random((5, 6)) < 0.5
    old = np.where(np.random.default_rng(4).random((5, 6)) < 0.7, 0.5, 0.0)
    new = np.where(mask, 0.5, 0.0)

    class Replaces(Behaviour):
        def iteration(self, group):
            if group.network.iteration == 60:
                group.W = FORMS[second](new)

    synapses = connected(FORMS[first](old), pre, post)
    synapses.add_behaviour(2, Rewards(at={70: 1.0}))
    synapses.add_behaviour(3, RewardModulatedSTDP(**RULE, **WIDE))
    synapses.add_behaviour(1, Replaces())
    synapses.network.simulate(100)
    change = written_out(np.zeros((5, 6)), pre, post, {70: 1.0}, RULE)[0]
    was = old != 0 if first == "csc" else np.ones((5, 6), bool)
    has = new != 0 if second == "csc" else np.ones((5, 6), bool)
    np.testing.assert_allclose(dense(synapses.W), new + np.where(was & has, change, 0.0), rtol=0, atol=1e-13)
    assert np.abs(change[was & has]).max() > 1e-3


def test_a_matrix_without_synapses_may_get_some():
    pre, post = trains(60, 6, 1, 0.3), trains(60, 5, 2, 0.3)

    class Grows(Behaviour):
        def iteration(self, group):
            if group.network.iteration == 30:
                group.W = sparse.csc_array(np.full((5, 6), 0.5))

    synapses = connected(sparse.csc_array((5, 6)), pre, post)
    synapses.add_behaviour(2, Grows())
    behaviour = synapses.add_behaviour(3, RewardModulatedSTDP())
    synapses.network.simulate(60)
    assert np.count_nonzero(behaviour.eligibility) > 20
