"""Intervals between spikes: known processes, and the numbers of another implementation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta

from fusion.analysis import ISI, cv, cv2, intervals, lv
from fusion.errors import InvalidValue, ShapeMismatch, TooLittleData

N = 40_000


@pytest.mark.parametrize("order", [1, 4, 16])
def test_a_gamma_process_has_the_variation_of_its_order(order):
    """Order 1 is Poisson. CV2 is the mean of |2 B - 1| * 2, B the share of one of two neighbours: beta distributed."""
    drawn = np.random.default_rng(1).gamma(order, 5.0, N)
    # Standard errors are below 1.2 / sqrt(N) = 0.006 for all three and all orders.
    assert cv(drawn) == pytest.approx(1 / np.sqrt(order), abs=0.018)
    assert lv(drawn) == pytest.approx(3 / (2 * order + 1), abs=0.018)
    assert cv2(drawn) == pytest.approx(2 * beta(order, order).expect(lambda b: abs(2 * b - 1)), abs=0.018)


def test_slow_changes_of_rate_raise_the_cv_alone():
    drawn = np.random.default_rng(1).gamma(16, 1.0, N) * np.repeat([1.0, 5.0], N // 2)
    assert cv(drawn) > 0.6
    assert cv2(drawn) == pytest.approx(2 * beta(16, 16).expect(lambda b: abs(2 * b - 1)), abs=0.018)


def test_numbers_are_those_of_elephant():
    """Of its version 1.2.1."""
    some = 1.0 + np.arange(40) * 7 % 11
    assert cv(some) == pytest.approx(0.5316947142633663, rel=1e-14)
    assert cv2(some) == pytest.approx(0.9215425600040982, rel=1e-14)
    assert lv(some) == pytest.approx(0.7279392419505512, rel=1e-14)


def test_a_module_finds_the_intervals_of_each_neuron(fires):
    cells = fires([1, 2, 3, 5, 9, 11], [0, 1, 0, 0, 0, 1], 3)
    found = cells.attach(ISI()).run()
    assert [one.tolist() for one in found.each] == [[1.0, 1.0, 2.0], [4.5], []]
    assert sorted(found.pooled) == [1.0, 1.0, 2.0, 4.5]
    np.testing.assert_allclose(found.mean, [4 / 3, 4.5, np.nan])
    for measured, wanted in ((found.cv, cv), (found.cv2, cv2), (found.lv, lv)):
        np.testing.assert_allclose(measured, [wanted([1.0, 1.0, 2.0]), np.nan, np.nan])


def test_wrong_uses_of_intervals(fires):
    with pytest.raises(ShapeMismatch, match="one index for each"):
        intervals([1.0, 2.0], [0], 1)
    with pytest.raises(InvalidValue, match="Indices reach from 0 to 5; there are 2"):
        intervals([1.0, 2.0], [0, 5], 2)
    with pytest.raises(ShapeMismatch, match="those of one neuron"):
        cv([[1.0, 2.0]])
    with pytest.raises(TooLittleData, match=r"1 intervals are too few, at least 2 are needed\. Run the network for"):
        lv([1.0])
    with pytest.raises(TooLittleData, match="one neuron of 'cells': 1 intervals"):
        fires([1, 2, 3], [0, 1, 0], 2).attach(ISI()).run()
