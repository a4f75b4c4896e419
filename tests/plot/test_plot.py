"""Pictures show what was recorded, and say what is missing."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import FancyArrowPatch

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup, plot
from fusion.errors import InvalidValue, UnknownName


class Regular(Behaviour):
    """Neuron i fires every 20 + i iterations; the voltage counts up to it."""

    def initialize(self, neurons):
        neurons.voltage = neurons.vector()

    def iteration(self, neurons):
        neurons.voltage = neurons.voltage + 1.0
        neurons.spike = neurons.voltage >= 20 + np.arange(neurons.size)
        neurons.voltage[neurons.spike] = 0.0


@pytest.fixture
def net():
    """Two groups that fire regularly, and links."""
    with Network(dt=0.5, seed=1) as net:
        recorders = {8: Recorder("voltage", "np.mean(voltage)"), 9: EventRecorder("spike")}
        one = NeuronGroup(net, size=5, tag="one", behaviour={1: Regular(), **recorders})
        NeuronGroup(net, size=3, tag="other", behaviour={1: Regular(), 9: EventRecorder("spike")})
        NeuronGroup(net, size=3, tag="silent")
        SynapseGroup(net, one, "other", tag="up", weight=np.arange(15.0).reshape(3, 5), delay=2.0, into="input")
        SynapseGroup(net, one, one, tag="within", weight="normal(0, 1)", delay="uniform(1, 4)", into="input")
        SynapseGroup(net, one, "silent", tag="place")
        yield net.simulate(1000)


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def test_a_raster_has_a_mark_for_each_spike(net, ax):
    assert plot.raster(net["one", 0], ax=ax) is ax
    (marks,) = ax.lines
    np.testing.assert_array_equal(marks.get_xdata(), net["one", 0]["spike.t", 0])
    np.testing.assert_array_equal(marks.get_ydata(), net["one", 0]["spike.i", 0])
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_xlim()) == ("time (ms)", "one, neuron", (0.0, 500.0))


def test_groups_and_parts_stand_above_one_another_within_the_time_asked_for(net, ax):
    part = net["one", 0].subgroup([4, 2])
    plot.raster([part, net["other", 0]], start=100.0, stop=200.0, ax=ax)
    marks = [line for line in ax.lines if line.get_marker() == "|"]
    t, i = net["one", 0]["spike.t", 0], net["one", 0]["spike.i", 0]
    wanted = {(a, [4, 2].index(b)) for a, b in zip(t, i, strict=True) if b in (2, 4) and 100 <= a <= 200}
    assert set(zip(marks[0].get_xdata(), marks[0].get_ydata(), strict=True)) == wanted
    assert set(marks[1].get_ydata()) == {2, 3, 4}
    assert [label.get_text() for label in ax.get_yticklabels()] == ["one", "other"]


def test_the_rate_counts_every_spike_once(net, ax):
    plot.rate(net["one", 0], width=5.0, ax=ax)
    (steps,) = ax.patches
    hz, edges, _ = steps.get_data()
    np.testing.assert_allclose(edges, np.arange(0.0, 500.1, 5.0))
    assert np.sum(hz) * 5.0 / 1000.0 * 5 == pytest.approx(len(net["one", 0]["spike.t", 0]))
    # 10 ms after the start neuron 0 fires for the first time: in the bin that ends there.
    assert hz[:3].tolist() == [0.0, 1000.0 / 5 / 5, 4 * 1000.0 / 5 / 5]
    assert ax.get_ylabel() == "rate of one (Hz)"


def test_the_spectrum_has_its_peak_at_the_rhythm(net, ax):
    plot.spectrum(net["one", 0].subgroup([0]), ax=ax, highest=150.0)
    frequencies, power = ax.lines[0].get_data()
    assert frequencies[np.argmax(power)] == pytest.approx(100.0, abs=2.0)  # one spike in 10 ms; lines 2 Hz apart
    assert frequencies.max() <= 150.0


@pytest.mark.parametrize(
    ("columns", "chosen"), [(None, [0, 1, 2, 3, 4]), (3, [3]), ([0, 2], [0, 2]), (slice(3), [0, 1, 2])]
)
def test_traces_are_lines_over_time(net, ax, columns, chosen):
    plot.traces(net["one", 0], "voltage", columns=columns, ax=ax)
    assert len(ax.lines) == len(chosen)
    for line, column in zip(ax.lines, chosen, strict=True):
        np.testing.assert_array_equal(line.get_xdata(), 0.5 * np.arange(1, 1001))
        np.testing.assert_array_equal(line.get_ydata(), net["one", 0]["voltage", 0][:, column])


def test_a_row_may_be_one_number(net, ax):
    plot.traces(net["one", 0], "np.mean(voltage)", ax=ax)
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), net["np.mean(voltage)", 0])
    assert ax.get_ylabel() == "one: np.mean(voltage)"


def test_weights_are_an_image_or_a_histogram(net):
    figure, (ax, other) = plt.subplots(1, 2)
    plot.weights(net["up", 0], ax=ax)
    np.testing.assert_array_equal(ax.images[0].get_array(), np.arange(15.0).reshape(3, 5))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("source, one", "target, other")
    plot.weights(net["up", 0], kind="histogram", bins=7, ax=other)
    assert sum(bar.get_height() for bar in other.patches) == 14  # one of the weights is zero
    plot.weights(net["within", 0], ax=other)
    assert other.images[0].get_clim()[0] == -other.images[0].get_clim()[1]
    plt.close(figure)


def test_a_network_has_a_box_for_each_group_and_an_arrow_for_each_link(net, ax):
    plot.network(net, ax=ax)
    said = [text.get_text() for text in ax.texts]
    assert {"one\n5, native", "other\n3, native", "silent\n3, native", "up\n2 ms", "place"} <= set(said)
    assert any(text.startswith("within\n1 to ") for text in said)
    assert len([patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]) == 3


def test_without_ax_the_current_axes_are_used(net):
    figure, ax = plt.subplots()
    assert plot.raster(net["one", 0]) is ax
    plt.close(figure)


def test_what_was_not_recorded_is_told_with_what_to_attach(net, ax):
    with pytest.raises(UnknownName, match="'spike'") as caught:
        plot.raster(net["silent", 0], ax=ax)
    assert caught.value.__notes__ == ["Attach EventRecorder('spike') to 'silent' before the run."]
    with pytest.raises(UnknownName, match=r"'voltag'.*Did you mean 'voltage'"):
        plot.traces(net["one", 0], "voltag", ax=ax)


@pytest.mark.parametrize(
    ("draw", "says"),
    [
        (lambda net, ax: plot.raster([], ax=ax), "no group"),
        (lambda net, ax: plot.raster(net, ax=ax), "no group of neurons"),
        (lambda net, ax: plot.rate(net["one", 0], width=0.0, ax=ax), "width=0.0"),
        (lambda net, ax: plot.rate(net["one", 0], width=501.0, ax=ax), "fit into 500 ms"),
        (lambda net, ax: plot.rate(net["one", 0], start=600.0, ax=ax), "start=600 and stop=500"),
        (lambda net, ax: plot.traces(net["one", 0], "voltage", columns=7, ax=ax), "columns=7"),
        (lambda net, ax: plot.weights(net["one", 0], ax=ax), "no SynapseGroup"),
        (lambda net, ax: plot.weights(net["up", 0], kind="bars", ax=ax), "'matrix' or 'histogram'"),
        (lambda net, ax: plot.weights(net["place", 0], ax=ax), "has no weights"),
        (lambda net, ax: plot.network(Network(), ax=ax), "no groups of neurons"),
        (lambda net, ax: plot.network(net.groups[0], ax=ax), "is no network"),
    ],
)
def test_wrong_uses_say_what_is_wrong(net, ax, draw, says):
    with pytest.raises(InvalidValue, match=says):
        draw(net, ax)
