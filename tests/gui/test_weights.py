"""`Weights` and `Distribution`: what is seen of synapses, however they are kept."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csc_array
from tabs import Rests, looking, points, silent, told

from fusion import Network, NeuronGroup, SynapseGroup
from fusion.analysis.weights import SEEN, each_synapse, overview
from fusion.gui import Distribution, Weights, default_tabs
from fusion.gui.tabs.weights import AFFERENT, ALL, EFFERENT

DRAWN = np.random.default_rng(5).uniform(1.0, 2.0, (6, 9)) * (np.random.default_rng(6).random((6, 9)) < 0.5)


def linked(weight=DRAWN, **options):
    """Nine neurons that reach six."""
    net = Network(dt=1.0, seed=1)
    source, target = (
        NeuronGroup(net, size=9, tag="retina", behaviour={1: Rests()}),
        NeuronGroup(net, size=6, tag="cortex"),
    )
    synapses = SynapseGroup(net, source, target, tag="up", weight=weight, **options)
    return net, source, target, synapses


def show(tab, way):
    tab._way.setCurrentText(way)
    return [each.drawn.image for each in tab._images]


@pytest.mark.parametrize("weight", [DRAWN, csc_array(DRAWN)], ids=["dense", "sparse"])
def test_a_matrix_and_single_neurons_are_seen_whether_weights_are_dense_or_sparse(weight):
    net, _, target, _ = linked(weight)
    tab = Weights()
    with looking(net, tab, group=target, neurons=(4, 1)):
        (matrix,) = show(tab, ALL)
        assert np.array_equal(matrix, DRAWN)
        onto4, onto1 = show(tab, AFFERENT)
        assert np.array_equal(onto4.ravel(), DRAWN[4])
        assert np.array_equal(onto1.ravel(), DRAWN[1])
        assert show(tab, EFFERENT) == []
        assert told(tab) == "'cortex' has no synapses with W here."


def test_a_group_sees_what_leaves_it_and_ends_that_are_parts_of_groups_stand_where_they_are():
    net = Network(dt=1.0, seed=1)
    source, target = NeuronGroup(net, size=5, tag="a", behaviour={1: Rests()}), NeuronGroup(net, size=9, tag="b")
    weights = np.arange(1.0, 13.0).reshape(4, 3)
    SynapseGroup(net, source[2:], target[[0, 2, 4, 8]], tag="part", weight=weights)
    tab = Weights()
    with looking(net, tab, group=source, neurons=(3, 0)):
        onto, nothing = show(tab, EFFERENT)
        seen = np.full(9, np.nan)
        seen[[0, 2, 4, 8]] = weights[:, 1]
        np.testing.assert_array_equal(onto, seen.reshape(3, 3))
        assert np.isnan(nothing).all()
        assert told(tab) == "Neuron 0 has none of these synapses."


def test_blocks_are_seen_as_the_whole():
    net, _, target, synapses = linked(csc_array(DRAWN), partition=[slice(0, 3), slice(3, 6)])
    tab = Weights()
    with looking(net, tab, group=target):
        assert list(tab._found.values()) == [(synapses, "W")]
        assert np.array_equal(show(tab, ALL)[0], DRAWN)


def test_weights_follow_and_other_names_are_found():
    net, cells = silent(3)
    synapses = SynapseGroup(net, cells, cells, tag="own")
    synapses.efficacy = synapses.matrix("ones")
    synapses.trace = np.zeros(3)  # of the targets, and no matrix
    tab = Weights(("W", "efficacy", "trace"))
    with looking(net, tab) as window:
        synapses.efficacy[1, 2] = -4.0
        window.simulate(1)
        assert tab._images[0].drawn.image[1, 2] == -4.0
        synapses.W = synapses.matrix("zeros")
        window.draw()
        assert len(tab._found) == 2
        tab._which.setCurrentText("W of own, cells to cells")
        synapses.W[0, 1] = np.inf
        assert show(tab, AFFERENT)[0][0, 1] == np.inf


@pytest.mark.parametrize("make", [np.asfortranarray, csc_array])
def test_from_afar_each_square_is_the_mean_of_its_pairs(make):
    matrix = np.random.default_rng(1).random((7, 11)) * (np.random.default_rng(2).random((7, 11)) < 0.4)
    seen = overview(make(matrix), most=4)
    assert (seen.values.shape, seen.tall, seen.wide, seen.every) == ((4, 4), 2, 3, 1)
    expected = [[matrix[y : y + 2, x : x + 3].mean() for x in range(0, 11, 3)] for y in range(0, 7, 2)]
    np.testing.assert_allclose(seen.values, expected, rtol=1e-12)


def test_of_a_huge_matrix_a_part_is_seen_and_the_tab_says_so():
    n = 3000
    huge = np.broadcast_to(np.arange(n, dtype=np.float32), (n, n))  # takes no memory
    seen = overview(huge)
    assert seen.every == -(-n * n // SEEN) == 3
    assert seen.values.shape == (375, 334)
    np.testing.assert_allclose(seen.values[0], [np.arange(n)[::3][i : i + 3].mean() for i in range(0, 1000, 3)])
    net, cells = silent(n)
    SynapseGroup(net, cells, cells, tag="own").W = huge
    tab = Weights()
    with looking(net, tab):
        assert told(tab) == (
            "Each square is the mean of 8 x 3 pairs, 0 where there is no synapse. Of 3 source neurons one is looked at."
        )


def test_a_distribution_counts_synapses_that_there_are_and_neurons():
    net, _, target, synapses = linked()
    target.v = np.array([0.0, 0.0, 1.0, 1.0, 1.0, np.nan])
    tab = Distribution()
    there = DRAWN[DRAWN != 0]
    with looking(net, tab, group=target) as window:
        tab._bins = 7
        window.draw()
        edges, counts = points(tab._curve)
        expected = np.histogram(there, 7)
        np.testing.assert_array_equal(counts, expected[0])
        np.testing.assert_allclose(edges, expected[1])
        assert tab._mean.value() == pytest.approx(there.mean())
        assert f"mean {there.mean():.4g}, standard deviation {there.std():.4g}" in tab._plot.item.titleLabel.text
        tab._which.setCurrentText("v")
        assert points(tab._curve)[1].sum() == 5
        assert tab._mean.value() == pytest.approx(0.6)
        assert told(tab) == "1 of 6 values are not finite, and left out."
    synapses.connected = np.ones((6, 9), bool)
    assert len(each_synapse(synapses)) == 54


def test_logarithmic_counts_stand_on_a_half_so_that_no_synapse_is_told_from_one():
    net, cells = silent(4)
    cells.v = np.array([0.0, 0.0, 0.0, 2.0])
    tab = Distribution()
    with looking(net, tab):
        tab._bins = 4
        tab._plot.logarithmic(y=True)
        tab.update()
        assert points(tab._curve)[1].tolist() == [3.0, 0.5, 0.5, 1.0]
        assert tab._curve.drawn.opts["fillLevel"] == np.log10(0.5)


@pytest.mark.parametrize("tab", [Weights(), Distribution()], ids=repr)
def test_without_anything_to_see_a_tab_says_so(tab):
    net, _ = silent()
    with looking(net, tab, iterations=3):
        assert "'cells' has n" in told(tab)


def test_the_tabs_that_come_with_the_window_take_the_names_of_weights():
    assert [tab.variables for tab in default_tabs(weights=["efficacy"]) if isinstance(tab, Weights)] == [("efficacy",)]


@pytest.mark.slow
def test_synapses_of_a_simulator_are_seen_with_their_unit():
    brian2 = pytest.importorskip("brian2", reason="Brian2 is not installed")
    brian2.prefs.codegen.target = "numpy"
    neurons = brian2.NeuronGroup(4, "v : volt", threshold="v > 1*volt", reset="v = 0*volt", name="relay")
    own = brian2.Synapses(neurons, neurons, "w : volt", on_pre="v_post += w", name="own")
    own.connect(i=[0, 1, 1], j=[2, 3, 3])
    own.w = [1.0, 2.0, 4.0] * brian2.mV
    net = Network(dt=0.1, seed=1)
    relay = NeuronGroup(net, neurons, tag="relay")
    SynapseGroup(net, relay, relay, own, tag="own")
    tab = Weights(["W", "w", "delays", "unknown"])
    with looking(net, tab):
        assert list(tab._found) == [f"{name} of own, relay to relay" for name in ("W", "w", "delays")]
        matrix = show(tab, ALL)[0]
        assert (matrix[2, 0], matrix[3, 1]) == (pytest.approx(1e-3), pytest.approx(6e-3))  # multapses are summed
        assert tab._images[0].bar.axis.labelText == "weight (V)"
        tab._which.setCurrentText("w of own, relay to relay")
        assert np.array_equal(tab._images[0].drawn.image, matrix)
