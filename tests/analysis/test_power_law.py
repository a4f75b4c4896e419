"""Exponents by maximum likelihood."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import zeta

from fusion.analysis import fit_power_law
from fusion.errors import InvalidValue, TooLittleData


@pytest.mark.parametrize("exponent", [1.5, 2.5])
def test_the_exponent_of_a_known_law_is_found_within_its_error(exponent):
    drawn = np.random.default_rng(1).zipf(exponent, 20_000)
    found = fit_power_law(drawn)
    assert found.exponent == pytest.approx(exponent, abs=3 * found.error)
    assert found.error < 0.02
    assert found.probability(1) == pytest.approx(1 / zeta(found.exponent))
    cut = fit_power_law(drawn[drawn <= 100], largest=100)
    assert cut.exponent == pytest.approx(exponent, abs=3 * cut.error)
    assert cut.probability(np.arange(1, 101)).sum() == pytest.approx(1.0)


def test_the_error_is_the_spread_of_estimates():
    draw = np.random.default_rng(1)
    fits = [fit_power_law(draw.zipf(2.5, 1000)) for _ in range(60)]
    # Sixty estimates leave a standard error of 9 % of the spread.
    assert np.std([fit.exponent for fit in fits]) == pytest.approx(fits[0].error, rel=0.27)


def test_numbers_are_those_of_the_package_powerlaw():
    """Of its version 2.0.0, which minimizes to 1e-4."""
    k = np.arange(1, 200)
    values = np.repeat(k, np.round(10_000 * k**-2.2).astype(int))
    for options, exponent in (({}, 2.218726), ({"smallest": 3}, 2.267611), ({"largest": 50}, 2.200269)):
        assert fit_power_law(values, **options).exponent == pytest.approx(exponent, abs=1e-4)
    assert fit_power_law(values).distance == pytest.approx(0.0038342, abs=1e-6)


def test_the_cut_off_is_where_the_law_begins():
    """Below ten as many of each number, from there on a law: the example of Clauset et al. in whole numbers."""
    law = np.arange(10, 100_000)
    draw = np.random.default_rng(1)
    tail = draw.choice(law, 5000, p=law**-2.5 / np.sum(law**-2.5))
    seen = []
    found = fit_power_law(
        np.concatenate([tail, draw.integers(1, 10, 5000)]), None, progress=lambda x: seen.append(x) or x
    )
    assert 9 <= found.smallest <= 14
    assert found.exponent == pytest.approx(2.5, abs=3 * found.error)
    assert len(seen[0]) > 10


def test_wrong_uses_of_power_laws():
    for values in ([1.5] * 60, [0, 1] * 60, np.ones((60, 2))):
        with pytest.raises(InvalidValue, match="whole numbers from 1"):
            fit_power_law(values)
    with pytest.raises(InvalidValue, match="All 60 values are 1"):
        fit_power_law([1] * 60)
    for smallest in (1, None):
        with pytest.raises(TooLittleData, match="49 values are too few, at least 50"):
            fit_power_law(np.arange(1, 50), smallest)
