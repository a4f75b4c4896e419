"""`Raster`, `Intervals`, `Components` and `Traces`: single neurons, and all of them at a glance."""

from __future__ import annotations

import numpy as np
import pytest
from tabs import Follows, looking, points, silent, told

from fusion import Network, NeuronGroup
from fusion.analysis import cv, principal_components
from fusion.behaviours import SpikePlayback
from fusion.errors import InvalidValue
from fusion.gui import Components, Distribution, Groups, Intervals, Raster, Traces, Weights
from fusion.gui.tabs.components import MOST


def firing(ticks, who, size, dt=0.5):
    """A group that fires as it is told."""
    net = Network(dt=dt, seed=1)
    NeuronGroup(net, size=size, tag="cells", behaviour={1: SpikePlayback(i=np.array(who), t=np.array(ticks) * dt)})
    return net


def test_a_raster_has_a_square_for_each_spike_and_the_rate_below():
    tab = Raster()
    with looking(firing([2, 5, 5], [0, 1, 2], 4), tab, iterations=6):
        image = tab._image.drawn.image
        assert image.shape == (4, 6)
        assert np.argwhere(image).tolist() == [[0, 1], [1, 4], [2, 4]]
        t, rate = points(tab._curve)
        np.testing.assert_allclose(t, [1.0, 2.0, 3.0])
        np.testing.assert_allclose(rate, [250.0, 0.0, 500.0])  # Hz, in bins of 1 ms


def test_where_several_share_a_square_of_a_raster_it_is_darker_the_more_fired():
    n = 100_000
    tab = Raster()
    with looking(firing([1, 2, 2, 3, 3, 3, 3], [0, 0, 1, 0, 1, 2, 3], n), tab, iterations=3):
        assert tab._image.drawn.image[0].tolist() == [1, 2, 3]
        assert tuple(tab._image.drawn.levels) == (0.0, 3.0)


def test_in_a_raster_of_thousands_no_spike_is_lost():
    n = 5000
    ticks = np.arange(1, 1001)
    who = (ticks * 37) % n
    tab = Raster()
    with looking(firing(ticks, who, n), tab, iterations=1000, neurons=(4000,)):
        image = tab._image.drawn.image
        tall, wide = -(-n // image.shape[0]), -(-1000 // image.shape[1])
        assert tall > 1
        expected = np.zeros(image.shape, np.uint8)
        expected[who // tall, (ticks - 1) // wide] = 1
        assert np.array_equal(image, expected)


def test_intervals_are_those_of_the_group_and_of_the_chosen_neurons():
    trains = {0: [2, 6, 10, 14, 18], 1: [3, 4, 9, 19], 2: [7]}
    ticks = [tick for each in trains.values() for tick in each]
    who = [neuron for neuron, each in trains.items() for _ in each]
    order = np.argsort(ticks, kind="stable")
    tab = Intervals()
    with looking(firing(np.array(ticks)[order], np.array(who)[order], 3), tab, neurons=(1, 2)) as window:
        assert told(tab) == "No neuron has fired twice since this tab is seen."
        tab._bins = 5
        window.simulate(20)
        edges, shares = points(tab._group)
        np.testing.assert_allclose(edges, np.arange(6.0))  # ms; the longest waits for 10 iterations
        np.testing.assert_allclose(shares, np.array([1, 0, 5, 0, 1]) * 100.0 / 7.0)
        np.testing.assert_allclose(points(tab._single[0])[1], np.array([1, 0, 1, 0, 1]) * 100.0 / 3.0)
        assert not points(tab._single[1])[1].any()
        assert f">1: mean 2.667 ms, CV {cv([0.5, 2.5, 5.0]):.2f}<" in tab._facts.text()
        assert ">2: none<" in tab._facts.text()
        rates, counts = points(tab._rate)
        assert (rates[-1], counts.sum()) == (500.0, 3)  # five spikes in 10 ms
        assert points(tab._cv)[1].sum() == 2
        assert told(tab) == ""


def test_components_are_those_of_the_variable_and_of_counts():
    rng = np.random.default_rng(3)
    course = rng.normal(size=(60, 2)) @ rng.normal(size=(2, 5))
    net = firing([1], [0], 1, dt=1.0)
    cells = NeuronGroup(net, size=5, tag="two", behaviour={1: Follows("v", lambda k: course[(k - 1) % 60])})
    tab = Components()
    with looking(net, tab, group=cells) as window:
        assert "Principal components" in told(tab)
        tab._which.setCurrentText("v")
        window.simulate(60)
        found = principal_components(course)
        np.testing.assert_allclose(points(tab._shares)[1], 100.0 * found.share, atol=1e-9)
        assert points(tab._sum)[1][1] == pytest.approx(100.0)
        for i in range(2):
            t, projection = points(tab._curves[i])
            np.testing.assert_allclose(t, np.arange(1.0, 61.0))
            np.testing.assert_allclose(projection, found.projections[:, i], atol=1e-9)
        window.selection.choose(net.groups[0])
        window.simulate(40)
        assert told(tab) == "Nothing varies: all points are the same."


def test_of_many_neurons_components_take_some_at_even_distances_and_say_so():
    n = 2 * MOST + 1
    ticks = np.repeat(np.arange(1, 101), 5)
    who = np.random.default_rng(1).integers(0, n, 500)
    who = np.concatenate([np.random.default_rng(k).choice(n, 5, replace=False) for k in range(100)])
    tab = Components()
    with looking(firing(ticks, who, n, dt=1.0), tab, iterations=100):
        assert told(tab) == "One neuron in 3 is looked at."
        counts = np.zeros((10, n))
        np.add.at(counts, ((ticks - 1) // 10, who), 1.0)
        found = principal_components(counts[:, ::3])
        np.testing.assert_allclose(points(tab._shares)[1], 100.0 * found.share, atol=1e-9)


def test_traces_follow_the_chosen_neurons_and_leave_nothing_of_those_before():
    net = Network(dt=1.0, seed=1)
    slope = np.arange(4.0)
    NeuronGroup(net, size=4, tag="cells", behaviour={
        1: Follows("a", lambda k: -slope * k), 2: Follows("voltage", lambda k: slope * k)})  # fmt: skip
    tab = Traces()
    with looking(net, tab, iterations=3, neurons=(1, 3)) as window:
        assert list(tab._curves) == [("voltage", 1), ("voltage", 3), ("a", 1), ("a", 3)]
        window.selection.choose(net.groups[0], (2,))
        window.simulate(3)
        assert tab._area.layout().count() == 1
        np.testing.assert_allclose(points(tab._curves["voltage", 2]), [np.arange(1.0, 7.0), 2.0 * np.arange(1.0, 7.0)])


@pytest.mark.parametrize("tab", [Traces(), Components()], ids=repr)
def test_a_group_without_variables_is_told(tab):
    net, _ = silent()
    with looking(net, tab, iterations=2):
        assert told(tab)


@pytest.mark.parametrize("make", [Traces, Groups, Weights, Distribution])
def test_names_are_given_in_a_list(make):
    with pytest.raises(InvalidValue, match=r"=\['voltage'\]"):
        make("voltage")
    with pytest.raises(InvalidValue, match="give a list of names"):
        make([3])
    with pytest.raises(InvalidValue, match="give a list of names"):
        make(3)
