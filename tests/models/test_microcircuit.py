"""The microcircuit of Potjans and Diesmann nears its published rates, and has the same whether it is split or not."""

from __future__ import annotations

import numpy as np
import pytest
from models import microcircuit
from models.statistics import disagreements, is_noticed


def test_weights_and_currents_are_those_of_the_paper():
    assert microcircuit.current_of(0.15) == pytest.approx(87.8, abs=0.05)  # pA, table 5
    assert microcircuit.n_synapses().sum() == pytest.approx(0.299e9, rel=0.005)  # "about 0.3 billion"


@pytest.mark.slow
def test_rates_near_the_published_ones_as_the_network_grows():
    """A fifth of the network, 12 million synapses, is the largest that is affordable here; the whole has 25 times more.

    What is missing is known, see ``microcircuit.py``, and shrinks with the size: the slow populations of layer 2/3 have
    70 % of their rate at a fifth, and all others at least 85 %.
    """
    small, large = (
        np.array(list(microcircuit.larger(1, scale, 150.0, 550.0).values())) / microcircuit.PUBLISHED
        for scale in (0.05, 0.2)
    )
    assert (np.abs(large - 1.0) < np.abs(small - 1.0)).all()
    tolerance = np.array([0.4, 0.25, 0.15, 0.15, 0.15, 0.15, 0.15, 0.15])
    assert (np.abs(large - 1.0) < tolerance).all(), large


@pytest.fixture(scope="module")
def pure(over_seeds):
    return over_seeds(microcircuit.pure)


@pytest.mark.slow
@pytest.mark.timeout(900)  # twenty runs of the largest model here
def test_split_over_nest_and_brian2_it_is_the_same(over_seeds, pure):
    assert disagreements(pure, over_seeds(microcircuit.mixed)) == []


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_weights_of_one_link_that_are_a_fifth_too_large_are_noticed(over_seeds, pure):
    assert is_noticed(pure, over_seeds(microcircuit.mixed, inhibition=1.2))
