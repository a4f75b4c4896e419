"""The tabs that come with the window: what they show is what was recorded."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import EventRecorder, Network, NeuronGroup, Recorder
from fusion.gui import Groups, Raster, Traces, default_tabs
from fusion.gui.qt import pyqtgraph


def curves(tab):
    """All lines on the plots of a page that are seen, as pairs of x and y."""
    found = []
    for plot in tab.page.findChildren(pyqtgraph.PlotWidget):
        found += [curve.getData() for curve in plot.getPlotItem().listDataItems()]
    return found


def test_traces_are_those_of_the_chosen_neurons(net, opened):
    cells = net["cells", 0]
    cells.add_behaviour(9, Recorder("voltage"))
    tab = Traces(["voltage"])
    window = opened(net, [tab])
    window.selection.choose(cells, [3, 7])
    window.simulate(40)
    (x3, y3), (x7, y7) = curves(tab)
    for x in (x3, x7):
        np.testing.assert_allclose(x, 0.5 * np.arange(1, 41))
    np.testing.assert_array_equal(np.stack([y3, y7], axis=1), cells["voltage", 0][:, [3, 7]])
    assert tab.error is None


@pytest.mark.parametrize("size", [12, 300])  # a whole variable is recorded, and single neurons of it
def test_traces_and_groups_show_expressions(noisy, opened, size):
    net = Network(seed=1)
    cells = NeuronGroup(net, size=size, tag="cells", behaviour={1: noisy()})
    texts = ["voltage - count", "np.nothing(voltage)", "np.mean(voltage)"]  # the last two are none per neuron
    traces, groups = Traces(texts), Groups(texts)
    window = opened(net, [traces, groups])
    window.selection.choose(cells, [3])
    window.simulate(9)
    ((_, y),) = curves(traces)
    assert y[-1] == cells.voltage[3] - cells.count[3]
    window.open("groups")
    window.simulate(9)
    means = curves(groups)[-1][1]
    assert means[-1] == pytest.approx((cells.voltage - cells.count).mean())
    assert traces.error is groups.error is None


def test_traces_of_another_group_take_the_place_of_those_before(net, opened):
    tab = Traces()
    window = opened(net, [tab])
    window.selection.choose(net["others", 0], [8])
    window.simulate(5)
    assert len(curves(tab)) == 2  # of `voltage`, which is the likely one, and of `count`
    assert curves(tab)[0][1][-1] == net["others", 0].voltage[8]


def test_the_raster_has_a_mark_for_each_spike(net, opened):
    cells = net["cells", 0]
    cells.add_behaviour(9, EventRecorder("spike"))
    tab = Raster()
    window = opened(net, [tab])
    window.simulate(30)
    expected = np.zeros((12, 30))
    k, i = cells["spike", 0].T
    expected[i, k - 1] = 1
    (image,) = [item for item in tab._plot.item.items if isinstance(item, pyqtgraph.ImageItem)]
    np.testing.assert_array_equal(image.image, expected)
    assert len(k) > 5
    assert tab.error is None


@pytest.mark.parametrize("size", [1, 10_000])
def test_any_size_of_group_before_and_after_the_first_iteration(noisy, opened, size):
    net = Network(seed=1)
    NeuronGroup(net, size=size, tag="cells", behaviour={1: noisy()})
    window = opened(net)
    for tab in window.tabs:
        window.open(tab.title)
        window.simulate(3)
        net.clear_recordings()
        window.draw()
        assert tab.error is None


def test_what_is_missing_is_said(noisy, opened):
    net = Network()
    NeuronGroup(net, size=3, tag="steps", behaviour={1: noisy()})
    NeuronGroup(net, size=3, tag="bare")
    window = opened(net, default_tabs())
    window.selection.choose(net["bare", 0])
    window.open("traces")
    assert "no variable" in window.tabs[0]._note.text()
    window.selection.choose(net["steps", 0])
    assert window.tabs[0]._note.text() == ""


@pytest.mark.parametrize("whole", [256, 0], ids=["a small group", "a large group"])
def test_traces_and_their_mean_are_right_however_they_are_recorded(net, opened, monkeypatch, whole):
    monkeypatch.setattr("fusion.gui.tabs.traces.WHOLE", whole)
    cells = net["cells", 0]
    cells.add_behaviour(9, Recorder("voltage"))
    tab = Traces(["voltage"])
    window = opened(net, [tab])
    tab._show_means(True)
    window.selection.choose(cells, [3])
    window.simulate(20)
    window.selection.choose(cells, [7, 11])
    window.simulate(20)
    voltage = cells["voltage", 0]
    kept = voltage if whole else voltage[20:]  # neurons recorded one by one begin anew
    (_, y7), (_, y11), (_, mean) = curves(tab)
    np.testing.assert_array_equal(np.stack([y7, y11], axis=1), kept[:, [7, 11]])
    np.testing.assert_allclose(mean, kept.mean(axis=1), rtol=1e-12)  # sums of twelve numbers
    assert tab.error is None
