"""The branching ratio, also of a network of which only a part is seen."""

from __future__ import annotations

import numpy as np
import pytest

from fusion.analysis import Branching, BranchingRatio, fit_branching, regression_slopes
from fusion.errors import InvalidValue, ShapeMismatch, TooLittleData


def branching_process(m, mean, n, draw):
    """Each spike leads to a Poisson number of others, and others come from outside: activity (n,)."""
    activity, active = np.empty(n, int), mean
    for k in range(n):
        active = draw.poisson(m * active + mean * (1 - m))
        activity[k] = active
    return activity


@pytest.mark.parametrize("m", [0.8, 0.97])
def test_the_branching_ratio_is_found_however_few_neurons_are_seen(m):
    """Seeing each spike with a chance p scales r_k = m^k by p v / (p v + mean (1 - p)), v the full variance."""
    draw = np.random.default_rng(3)
    activity = branching_process(m, 100, 60_000, draw)
    variance = 100 / (1 - m**2)
    for p in (1.0, 0.1, 0.03):
        slopes = regression_slopes(draw.binomial(activity, p), 60)
        found, b = fit_branching(slopes)
        assert found == pytest.approx(m, abs=0.02)
        assert b == pytest.approx(p * variance / (p * variance + 100 * (1 - p)), rel=0.15)
    assert slopes[0] < 0.6 * m  # what one step says of the last


@pytest.mark.parametrize(("m", "b"), [(0.3, 1.0), (0.95, 0.2), (0.999, 0.01), (1.05, 0.5)])
def test_a_decay_without_noise_is_fitted_exactly(m, b):
    assert fit_branching(b * m ** np.arange(1, 41)) == pytest.approx((m, b), rel=1e-6)


def test_numbers_are_those_of_the_toolbox_of_the_authors():
    """Of mrestimator 0.2.0: coefficients(method="sm"), fit(fitfunc=f_exponential), which minimizes to 1e-4."""
    activity = np.round(np.convolve(np.arange(4000) * 7919 % 101, 0.9 ** np.arange(60))[:4000])
    slopes = regression_slopes(activity, 30)
    np.testing.assert_allclose(slopes[:3], [0.63957273, 0.59135509, 0.49629911], atol=1e-8)
    assert fit_branching(slopes) == pytest.approx((0.7607067, 1.029593), abs=1e-4)


def test_a_module_counts_in_bins(fires):
    activity = branching_process(0.9, 3, 3000, np.random.default_rng(1))
    ticks = np.repeat(np.arange(len(activity)) + 1, activity)
    cells = fires(ticks, np.concatenate([np.arange(k) for k in activity]), int(activity.max()))
    found = cells.attach(BranchingRatio(lags=20)).run()
    np.testing.assert_allclose(found.slopes, regression_slopes(np.append(activity, 0), 20))
    assert found.m == pytest.approx(0.9, abs=0.05)
    assert found.naive == found.slopes[0]
    assert found.timescale == pytest.approx(-0.5 / np.log(found.m))  # dt is 0.5 ms
    assert Branching(1.0, 1.0, found.slopes, 1.0).timescale == np.inf


def test_wrong_uses_of_branching():
    with pytest.raises(ShapeMismatch, match="one count for each bin"):
        regression_slopes(np.ones((300, 2)))
    with pytest.raises(TooLittleData, match="299 bins are too few, at least 300"):
        regression_slopes(np.arange(299))
    with pytest.raises(InvalidValue, match="The activity is 2 in each bin"):
        regression_slopes(np.full(400, 2))
    for lags in (1, 2.5, True):
        with pytest.raises(InvalidValue, match="at least 2"):
            regression_slopes(np.arange(400), lags)
