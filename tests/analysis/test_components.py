"""Principal components of points whose covariance is known."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Recorder
from fusion.analysis import PCA, principal_components
from fusion.errors import InvalidValue, ShapeMismatch, TooLittleData


def test_axes_of_a_constructed_covariance_are_found():
    draw = np.random.default_rng(1)
    axes, _ = np.linalg.qr(draw.normal(size=(3, 3)))
    axes *= np.sign(axes[np.argmax(np.abs(axes), axis=0), range(3)])
    # Whitened, so that the covariance of these very points is exact.
    raw = draw.normal(size=(200, 3))
    white = np.linalg.qr(raw - raw.mean(axis=0))[0] * np.sqrt(199)
    points = white * np.sqrt([9.0, 4.0, 1.0]) @ axes.T + [1.0, 2.0, 3.0]
    found = principal_components(points)
    np.testing.assert_allclose(found.variance, [9.0, 4.0, 1.0])
    np.testing.assert_allclose(found.share, np.array([9.0, 4.0, 1.0]) / 14)
    np.testing.assert_allclose(found.directions, axes.T)
    np.testing.assert_allclose(found.mean, [1.0, 2.0, 3.0])
    np.testing.assert_allclose(found.projections @ found.directions + found.mean, points)
    assert found.dimension == pytest.approx(14**2 / (81 + 16 + 1))


def test_the_first_components_share_all_variance():
    points = np.random.default_rng(1).normal(size=(50, 8)) * np.arange(1, 9)
    few, every = principal_components(points, 2), principal_components(points)
    np.testing.assert_array_equal(few.share, every.share[:2])
    assert few.projections.shape == (50, 2)
    assert every.share.sum() == pytest.approx(1.0)
    assert principal_components(points[:4]).variance.shape == (3,)  # a mean takes one


def test_modules_see_counts_and_what_was_recorded(net, fires):
    """Neurons 0 and 1 fire together, neuron 2 at other times: two components."""
    cells = fires([2, 2, 4, 6, 6, 10, 14, 14], [0, 1, 2, 0, 1, 2, 0, 1], 3)
    found = cells.attach(PCA()).run(width=1.0, stop=8.0)
    np.testing.assert_allclose(found.share[2:], 0.0, atol=1e-30)
    assert found.directions[0][0] == pytest.approx(found.directions[0][1])
    cells.add_behaviour(10, Recorder("np.where(spike, 1.0, 0.0)"))
    net.simulate(3)
    with pytest.raises(InvalidValue, match="Nothing varies"):
        cells["PCA", 0].run(expression="np.where(spike, 1.0, 0.0)")


def test_wrong_uses_of_components():
    with pytest.raises(ShapeMismatch, match=r"give \(points, columns\)"):
        principal_components([1.0, 2.0])
    with pytest.raises(TooLittleData, match="1 points"):
        principal_components([[1.0, 2.0]])
    for n in (0, 3, 1.0, True):
        with pytest.raises(InvalidValue, match="give a whole number from 1 to 2"):
            principal_components(np.eye(3), n)
