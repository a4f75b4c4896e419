"""Rules that say which neurons are connected."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fusion
from fusion import Network, NeuronGroup, SynapseGroup, fixed_indegree, fixed_outdegree
from fusion.errors import InvalidValue, ShapeMismatch

RULES = {
    "probability": fusion.fixed_probability(0.3),
    "probability without autapses": fusion.fixed_probability(0.3, autapses=False),
    "all": fusion.all_to_all(),
    "all without autapses": fusion.all_to_all(autapses=False),
    "indegree": fixed_indegree(2),
    "outdegree": fixed_outdegree(2),
    "one": fusion.one_to_one(),
}


def pairs(rule, shape, seed=1, same=False):
    targets, sources = rule.pairs(np.random.default_rng(seed), shape, same)
    return targets, sources


def matrix(rule, shape, seed=1, same=False):
    connected = np.zeros(shape, int)
    np.add.at(connected, pairs(rule, shape, seed, same), 1)
    return connected


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
@given(st.integers(2, 9), st.integers(2, 9), st.booleans(), st.integers(0, 99))
def test_each_pair_comes_once_and_lies_within(rule, n_targets, n_sources, same, seed):
    if same or rule is RULES["one"]:
        n_sources = n_targets
    targets, sources = pairs(rule, (n_targets, n_sources), seed, same)
    assert len(targets) == len(sources)
    assert np.issubdtype(targets.dtype, np.integer)
    assert matrix(rule, (n_targets, n_sources), seed, same).max(initial=0) <= 1


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_same_generator_gives_the_same_pairs(rule):
    for first, again in zip(pairs(rule, (20, 20)), pairs(rule, (20, 20)), strict=True):
        np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("p", [0.0, 0.02, 0.3, 0.5, 0.97, 1.0])
def test_a_probability_is_met_on_the_whole(p):
    shape = (300, 400)
    n = matrix(fusion.fixed_probability(p), shape).sum()
    # Four standard deviations of the binomial distribution.
    assert abs(n - p * 120_000) <= 4 * np.sqrt(120_000 * p * (1 - p))


def test_a_probability_is_met_for_each_target_and_each_source():
    connected = matrix(fusion.fixed_probability(0.2), (2000, 2000))
    for axis in (0, 1):
        degrees = connected.sum(axis=axis)
        variance = 2000 * 0.2 * 0.8
        assert abs(degrees.mean() - 400) < 4 * np.sqrt(variance / 2000)
        # The variance of 2000 binomial numbers has a relative standard deviation of sqrt(2 / 2000).
        assert abs(degrees.var() / variance - 1) < 4 * np.sqrt(2 / 2000)


def test_every_pair_is_equally_likely():
    rule, shape, n = fusion.fixed_probability(0.3), (5, 4), 4000
    generator = np.random.default_rng(1)
    counts = np.zeros(shape)
    for _ in range(n):
        counts[rule.pairs(generator, shape, False)] += 1
    assert np.abs(counts - n * 0.3).max() < 5 * np.sqrt(n * 0.3 * 0.7)


def test_another_seed_gives_other_pairs():
    rule = fusion.fixed_probability(0.5)
    assert not np.array_equal(matrix(rule, (20, 20), 1), matrix(rule, (20, 20), 2))


@pytest.mark.parametrize("rule", ["probability without autapses", "all without autapses"])
def test_autapses_are_left_out_where_both_ends_are_the_same(rule):
    assert matrix(RULES[rule], (50, 50), same=True).diagonal().sum() == 0
    assert matrix(RULES[rule], (50, 50), same=False).diagonal().sum() > 0


@pytest.mark.parametrize("rule", ["probability", "all"])
def test_autapses_are_made_unless_excluded(rule):
    assert matrix(RULES[rule], (50, 50), same=True).diagonal().sum() > 0


def test_without_autapses_the_others_are_as_likely():
    n = matrix(fusion.fixed_probability(0.3, autapses=False), (300, 300), same=True).sum()
    assert abs(n - 0.3 * 300 * 299) < 4 * np.sqrt(300 * 299 * 0.3 * 0.7)


def test_all_to_all_is_a_full_matrix():
    np.testing.assert_array_equal(matrix(fusion.all_to_all(), (3, 5)), np.ones((3, 5)))


def test_one_to_one_is_the_identity():
    np.testing.assert_array_equal(matrix(fusion.one_to_one(), (4, 4)), np.eye(4))


def test_one_to_one_needs_groups_of_one_size():
    with pytest.raises(ShapeMismatch, match="both groups need the same size"):
        pairs(fusion.one_to_one(), (4, 5))


@pytest.mark.parametrize("n", [0, 1, 7, 20])
def test_each_target_has_its_number_of_sources(n):
    connected = matrix(fixed_indegree(n), (50, 20))
    np.testing.assert_array_equal(connected.sum(axis=1), np.full(50, n))


def test_sources_of_an_indegree_are_equally_likely():
    outdegrees = matrix(fixed_indegree(10), (4000, 50)).sum(axis=0)
    assert np.abs(outdegrees - 800).max() < 5 * np.sqrt(4000 * 0.2 * 0.8)


@pytest.mark.parametrize("n", [0, 1, 7, 50])
def test_an_outdegree_is_met_by_each_source(n):
    connected = matrix(fixed_outdegree(n), (50, 20))
    assert (connected.sum(axis=0) == n).all()
    assert connected.max(initial=0) <= 1


def test_an_outdegree_cannot_be_larger_than_the_target():
    with pytest.raises(InvalidValue, match=r"out-degree of 6 is .* 5 target neurons\. Give at most 5"):
        pairs(fixed_outdegree(6), (5, 3))
    with pytest.raises(InvalidValue, match=r"out-degree is 1\.5"):
        fixed_outdegree(1.5)


def test_an_indegree_cannot_be_larger_than_the_source():
    with pytest.raises(InvalidValue, match=r"An in-degree of 6 is .* 5 source neurons\. Give at most 5"):
        pairs(fixed_indegree(6), (3, 5))


@pytest.mark.parametrize("connect", [0.1, "all", fusion.fixed_probability, np.ones((3, 3))])
def test_what_is_no_rule_is_told(connect):
    cells = NeuronGroup(Network(), size=3, tag="cells")
    for partition in (None, [slice(0, 3)]):
        with pytest.raises(InvalidValue, match=r"connect= is a \w+ and no rule\. Write connect=fixed_probability"):
            SynapseGroup(cells.network, cells, cells, connect=connect, weight=1.0, partition=partition)
    assert not cells.network.synapses


@pytest.mark.parametrize("p", [-0.1, 1.1, np.nan, "0.1", True])
def test_a_probability_lies_between_0_and_1(p):
    with pytest.raises(InvalidValue, match="between 0 and 1"):
        fusion.fixed_probability(p)


@pytest.mark.parametrize("n", [-1, 2.5, True, "3"])
def test_an_indegree_is_a_whole_number(n):
    with pytest.raises(InvalidValue, match="in-degree"):
        fixed_indegree(n)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_link_has_the_synapses_of_its_rule_by_columns(rule):
    net = Network(seed=3)
    a, b = (NeuronGroup(net, size=6, tag=tag) for tag in "ab")
    W = SynapseGroup(net, a, b, weight="uniform(1, 2)", connect=rule).W
    assert W.format == "csc"
    assert W.has_canonical_format
    assert W.shape == (6, 6)
    assert (W.data >= 1).all()


def test_rules_are_written_as_they_are_made():
    assert repr(fusion.fixed_probability(0.1)) == "FixedProbability(p=0.1, autapses=True)"
    assert fusion.fixed_probability(0.1) == fusion.fixed_probability(0.1)
