"""Pictures of what analyses found."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from fusion import plot
from fusion.analysis import (
    AvalancheSizes,
    Branching,
    Classes,
    Correlations,
    Intervals,
    fit_power_law,
    principal_components,
)
from fusion.errors import InvalidValue, ShapeMismatch, TooLittleData


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def test_intervals_are_a_histogram_of_all(ax):
    plot.intervals(Intervals((np.array([1.0, 3.0]), np.array([2.0]), np.array([]))), bins=3, ax=ax)
    (steps,) = ax.patches
    assert steps.get_xy()[:, 1].max() == 1
    assert (ax.get_title(), ax.get_xlabel()) == ("CV 0.50", "interval between spikes (ms)")


def test_avalanches_are_densities_with_their_law(ax):
    sizes = np.random.default_rng(1).zipf(2.0, 5000)
    law = fit_power_law(sizes)
    plot.avalanches(AvalancheSizes(sizes, sizes, 1.0, law, law), ax=ax)
    dots, line = ax.lines
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    k, density = dots.get_data()
    assert k[0] == 1
    assert density[0] == np.mean(sizes == 1)
    np.testing.assert_allclose(density[:8], np.interp(k[:8], *line.get_data()), rtol=0.25)
    assert ax.get_legend().get_texts()[0].get_text() == f"exponent {law.exponent:.2f} ± {law.error:.2f}"


def test_slopes_of_branching_lie_on_their_fit(ax):
    plot.branching(Branching(0.9, 0.5, 0.5 * 0.9 ** np.arange(1, 11), 2.0), ax=ax)
    dots, line = ax.lines
    np.testing.assert_allclose(dots.get_data(), line.get_data())
    assert dots.get_xdata()[-1] == 20.0


def test_the_shares_of_components_are_bars_and_their_sum(ax):
    found = principal_components(np.random.default_rng(1).normal(size=(20, 4)))
    plot.variance(found, ax=ax)
    np.testing.assert_allclose([bar.get_height() for bar in ax.patches], found.share)
    assert ax.lines[0].get_ydata()[-1] == pytest.approx(1.0)


def test_correlations_are_a_histogram_of_pairs(ax):
    plot.correlations(Correlations(np.array([[1.0, 0.2, np.nan], [0.2, 1.0, np.nan], [np.nan] * 3]), 5.0), ax=ax)
    assert ax.lines[0].get_xdata()[0] == pytest.approx(0.2)
    assert ax.get_xlabel() == "correlation of counts in 5 ms"
    with pytest.raises(TooLittleData, match="0 pairs"):
        plot.correlations(Correlations(np.full((2, 2), np.nan), 5.0), ax=ax)


def test_neurons_of_a_class_stand_beside_one_another(ax):
    plot.classes(Classes(np.array([1, 0, 1, -1]), np.arange(8.0).reshape(4, 2)), ax=ax)
    np.testing.assert_array_equal(ax.images[0].get_array()[:, 0], [6.0, 2.0, 0.0, 4.0])
    assert [text.get_text() for text in ax.get_yticklabels()] == ["none", "0", "1"]


def test_receptive_fields_are_images_with_gaps(ax):
    fields = np.arange(18.0).reshape(3, 6)
    plot.receptive_fields(fields, (2, 3), ax=ax)
    shown = ax.images[0].get_array()
    assert shown.shape == (5, 7)
    np.testing.assert_array_equal(shown[:2, 4:], fields[1].reshape(2, 3))
    assert ax.images[0].get_clim() == (-17.0, 17.0)
    with pytest.raises(ShapeMismatch, match=r"for images of 2 x 2 give \(neurons, 4\)"):
        plot.receptive_fields(fields, (2, 2), ax=ax)


@pytest.mark.parametrize("draw", ["intervals", "avalanches", "branching", "correlations", "variance", "classes"])
def test_what_is_no_result_of_the_analysis_is_told(draw):
    with pytest.raises(InvalidValue, match="the result of an analysis"):
        getattr(plot, draw)(np.ones(3))
