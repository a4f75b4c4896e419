"""Counts of spikes: their variance, and whose vary together."""

from __future__ import annotations

import numpy as np
import pytest

from fusion.analysis import Correlation, FanoFactor, Trains, correlation, fano_factor
from fusion.errors import OffGrid, ShapeMismatch, TooLittleData


def test_counts_of_a_poisson_process_vary_as_much_as_their_mean():
    counts = np.random.default_rng(1).poisson([1.0, 20.0], (40_000, 2))
    # The standard error is sqrt(2 / 40 000) = 0.007, a little more for few spikes.
    np.testing.assert_allclose(fano_factor(counts), 1.0, atol=0.025)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.8])
def test_a_source_that_is_shared_is_the_correlation(share):
    """Each neuron has a Poisson source of its own and one that all have: the correlation is the latter's share."""
    draw = np.random.default_rng(1)
    counts = draw.poisson(4 * (1 - share), (40_000, 5)) + draw.poisson(4 * share, (40_000, 1))
    matrix = correlation(counts)
    np.testing.assert_allclose(matrix[np.triu_indices(5, 1)], share, atol=0.02)  # standard error 0.005
    np.testing.assert_array_equal(np.diag(matrix), 1.0)


def test_numbers_are_those_of_elephant():
    """Of its version 1.2.1. Its bins are closed at their beginning, so spikes came half a millisecond earlier there."""
    t = np.concatenate([np.cumsum(1.0 + np.arange(60) * step % 13) for step in (5, 7, 8)])
    counts = Trains(t, np.repeat([0, 1, 2], 60), 3, 0.0, 200.0).counts(10.0)
    np.testing.assert_allclose(fano_factor(counts), [0.44655172, 0.23965517, 0.23965517], atol=1e-8)
    wanted = [0.20554519, -0.11067818, 0.42446043]
    np.testing.assert_allclose(correlation(counts)[np.triu_indices(3, 1)], wanted, atol=1e-8)


def test_modules_count_in_bins(fires):
    cells = fires([1, 2, 3, 4, 7, 8, 8], [0, 1, 0, 1, 0, 1, 0], 3)
    np.testing.assert_allclose(cells.attach(FanoFactor(width=1.0)).run(stop=4.0), [0.5, 0.25, np.nan])
    found = cells.attach(Correlation()).run(width=1.0, stop=4.0)
    one, other = [1, 1, 0, 2], [1, 1, 0, 1]
    assert found.pairs.tolist() == [pytest.approx(np.corrcoef(one, other)[0, 1])]
    assert found.mean == found.pairs[0]
    assert np.isnan(found.matrix[2]).all()


def test_wrong_uses_of_counts(fires):
    with pytest.raises(ShapeMismatch, match=r"give \(bins, neurons\)"):
        fano_factor([1, 2, 3])
    with pytest.raises(TooLittleData, match="1 bins are too few"):
        correlation([[1, 2]])
    with pytest.raises(OffGrid, match="width"):
        fires([1, 2], [0, 0], 1).attach(FanoFactor()).run(width=0.7)
