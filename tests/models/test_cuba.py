"""Current-based synapses: the network of Vogels and Abbott fires as elsewhere, split or not."""

from __future__ import annotations

import pytest
from models import cuba
from models.statistics import disagreements, is_noticed


@pytest.mark.slow
def test_the_whole_network_fires_as_the_published_one():
    """One network here and there; ten had a standard deviation of 5 %, so that two differ by 7 % of the rate."""
    found = cuba.pure(1, cuba.FULL, skipped=0.0, duration=1000.0)
    assert found["rate E"] == pytest.approx(cuba.PUBLISHED, rel=0.15)
    assert found["rate I"] == pytest.approx(cuba.PUBLISHED, rel=0.15)


@pytest.fixture(scope="module")
def pure(over_seeds):
    return over_seeds(cuba.pure)


@pytest.mark.slow
def test_split_over_nest_and_brian2_it_is_the_same(over_seeds, pure):
    assert disagreements(pure, over_seeds(cuba.mixed)) == []


@pytest.mark.slow
def test_a_weight_of_one_link_that_is_a_fifth_too_large_is_noticed(over_seeds, pure):
    assert is_noticed(pure, over_seeds(cuba.mixed, inhibition=1.2))
