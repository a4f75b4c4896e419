"""Avalanches: cut out of activity, and those of a critical branching process."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import gammaln

from fusion.analysis import Avalanches, find_avalanches
from fusion.errors import InvalidValue, ShapeMismatch, TooLittleData, UnknownName


def test_avalanches_lie_between_two_silences():
    sizes, durations = find_avalanches([3, 0, 1, 4, 0, 0, 2, 0, 5, 1, 1, 0, 7])
    assert (sizes.tolist(), durations.tolist()) == ([5, 2, 7], [2, 1, 3])
    for nothing in ([], [0, 0], [1, 2], [0, 1], [1, 0]):
        assert find_avalanches(nothing)[0].size == 0


def branching_activity(m, avalanches, draw):
    """Each spike leads to a Poisson number of others with mean m; after the last of one the next begins."""
    activity = [0]
    for _ in range(avalanches):
        active = 1
        while active and len(activity) < 10**6:
            activity.append(active)
            active = draw.poisson(m * active)
        activity.append(0)
    return np.array(activity)


def test_sizes_of_a_branching_process_are_borel_distributed():
    """P(s) = exp(-m s) (m s)^(s - 1) / s!, which for m = 1 falls with the power 3/2."""
    sizes, durations = find_avalanches(branching_activity(0.8, 20_000, np.random.default_rng(1)))
    assert len(sizes) == 20_000
    s = np.arange(1, 6)
    wanted = np.exp(-0.8 * s + (s - 1) * np.log(0.8 * s) - gammaln(s + 1))
    np.testing.assert_allclose([np.mean(sizes == k) for k in s], wanted, atol=3 * np.sqrt(0.25 / 20_000))
    assert np.mean(durations == 1) == pytest.approx(np.exp(-0.8), abs=0.011)


def test_a_critical_group_has_the_exponent_of_branching_processes(fires):
    """Sizes fall with 3/2 (Otter 1949), from where the law of large avalanches holds."""
    activity = branching_activity(1.0, 400, np.random.default_rng(5))[:12_000]
    ticks = np.repeat(np.arange(len(activity)) + 1, activity)
    cells = fires(ticks, np.concatenate([np.arange(k) for k in activity]), int(activity.max()))
    result = cells.attach(Avalanches()).run(smallest=4)
    assert result.width == 0.5  # there are more spikes than steps
    assert result.size_law.exponent == pytest.approx(1.5, abs=3 * result.size_law.error)
    sizes, durations = find_avalanches(np.append(activity, 0))
    np.testing.assert_array_equal(result.sizes, sizes)
    np.testing.assert_array_equal(result.durations, durations)


def test_wrong_uses_of_avalanches(net, fires):
    with pytest.raises(ShapeMismatch, match=r"one count for each bin \(bins,\)"):
        find_avalanches([[1, 2]])
    for wrong in ([0, -1, 0], [0.5, 0.0]):
        with pytest.raises(InvalidValue, match="count nothing"):
            find_avalanches(wrong)
    module = fires([2, 9], [0, 0], 1).attach(Avalanches())
    with pytest.raises(TooLittleData, match="1 spikes are too few"):
        module.run(stop=2.0)
    with pytest.raises(TooLittleData, match="power law from 1"):
        module.run()
    with pytest.raises(UnknownName):
        net.attach(Avalanches(bins=3))
