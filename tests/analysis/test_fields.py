"""Receptive fields, through weights and before spikes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from fusion import Behaviour, EventRecorder, NeuronGroup, Recorder, SynapseGroup
from fusion.analysis import ReceptiveFields, SpikeTriggeredAverage, receptive_fields, spike_triggered_average
from fusion.errors import InvalidValue, ShapeMismatch, TooLittleData, UnknownName, Unsupported


def test_fields_through_layers_are_what_linear_neurons_respond_to():
    draw = np.random.default_rng(1)
    layers = [draw.normal(size=(5, 8)), draw.normal(size=(4, 5)), draw.normal(size=(2, 4))]
    image = draw.normal(size=8)
    np.testing.assert_allclose(receptive_fields(layers) @ image, layers[2] @ (layers[1] @ (layers[0] @ image)))


def test_the_fields_of_a_group_sum_over_all_ways_from_the_inputs(net):
    r"""retina - up -> middle - top -> cells, retina - past -> cells, and cells - back -> middle, which is no way."""
    draw = np.random.default_rng(1)
    sizes = {"retina": 4, "middle": 3, "cells": 2}
    groups = {tag: NeuronGroup(net, size=size, tag=tag) for tag, size in sizes.items()}
    W = {}
    for tag, source, target in (
        ("up", "retina", "middle"), ("top", "middle", "cells"), ("past", "retina", "cells"),
        ("back", "cells", "middle"), ("within", "cells", "cells"),
    ):  # fmt: skip
        W[tag] = draw.normal(size=(sizes[target], sizes[source]))
        SynapseGroup(net, source, target, tag=tag, weight=W[tag], into="input")
    SynapseGroup(net, "retina", "cells", tag="place")
    fields = groups["cells"].attach(ReceptiveFields(inputs="retina"))
    np.testing.assert_allclose(fields.run(), W["top"] @ W["up"] + W["past"])
    np.testing.assert_allclose(fields.run(synapses="past"), W["past"])
    np.testing.assert_array_equal(net["top", 0].attach(ReceptiveFields()).run(), W["top"])
    with pytest.raises(InvalidValue, match="No synapses with weights lead from 'cells' to 'middle'"):
        groups["middle"].attach(ReceptiveFields()).run(inputs="cells", synapses="up")
    with pytest.raises(InvalidValue, match="give inputs='tag'"):
        groups["middle"]["ReceptiveFields", 0].run()
    with pytest.raises(InvalidValue, match="'top' is one layer"):
        net["top", 0]["ReceptiveFields", 0].run(inputs="retina")
    with pytest.raises(Unsupported, match="'Network' is none"):
        net.attach(ReceptiveFields()).run()


def test_the_average_before_spikes_is_the_filter_of_a_linear_neuron():
    """It fires where k . s > theta, s white and Gaussian, k of length one: the mean before them is k phi / Q(theta)."""
    draw = np.random.default_rng(1)
    filters = draw.normal(size=(3, 4))  # lags, values
    filters /= np.linalg.norm(filters)
    stimulus = draw.normal(size=(50_000, 4))
    drive = sum(stimulus[2 - lag : len(stimulus) - lag] @ filters[lag] for lag in range(3))
    counts = np.zeros((len(stimulus), 2), int)
    counts[2:, 0] = drive > 1.0
    average, spikes = spike_triggered_average(stimulus, counts, 3)
    assert spikes.tolist() == [counts.sum(), 0]
    # The standard error of each entry is 1 / sqrt(spikes) = 0.011.
    np.testing.assert_allclose(average[0], filters * norm.pdf(1.0) / norm.sf(1.0), atol=0.045)
    assert np.isnan(average[1]).all()


class Echo(Behaviour):
    """Fires neuron j two iterations after value j of the lamp was largest."""

    def initialize(self, neurons):
        self.seen = [0, 0]

    def iteration(self, neurons):
        self.seen.append(int(np.argmax(neurons.network["lamp", 0].light)))
        neurons.spike = np.arange(neurons.size) == self.seen[-3]


class Light(Behaviour):
    def iteration(self, neurons):
        neurons.light = neurons.vector("normal(0, 1)")


def test_a_module_sees_rows_and_spikes_of_the_same_time(net):
    lamp = NeuronGroup(net, size=3, tag="lamp", behaviour={1: Light(), 2: Recorder("light")})
    cells = NeuronGroup(net, size=3, tag="cells", behaviour={3: Echo(), 4: EventRecorder("spike")})
    net.simulate(300)
    found = cells.attach(SpikeTriggeredAverage()).run(expression="light", of="lamp", before=1.5)
    np.testing.assert_array_equal(found.lags, [0.0, 0.5, 1.0, 1.5])
    light = lamp["light", 0]
    np.testing.assert_allclose(found.mean, light.mean(axis=0))
    for neuron in range(3):
        before = [row for row in range(1, 298) if np.argmax(light[row]) == neuron]
        assert found.n_spikes[neuron] == len(before)
        np.testing.assert_allclose(found.average[neuron, 2], light[before].mean(axis=0))


def test_wrong_uses_of_fields(net, fires):
    with pytest.raises(InvalidValue, match="no weights"):
        receptive_fields([])
    with pytest.raises(ShapeMismatch, match=r"a layer has \(target.size, 2\)"):
        receptive_fields([np.ones((2, 3)), np.ones((4, 3))])
    with pytest.raises(ShapeMismatch, match="give the same bins"):
        spike_triggered_average(np.ones((5, 2)), np.ones((4, 1)))
    with pytest.raises(InvalidValue, match="lags=0"):
        spike_triggered_average(np.ones((5, 2)), np.ones((5, 1)), 0)
    with pytest.raises(TooLittleData, match="0 spikes with 2 bins up to them"):
        spike_triggered_average(np.ones((5, 2)), np.eye(5)[:, :1], 2)
    with pytest.raises(UnknownName) as told:
        fires([1], [0], 1).attach(SpikeTriggeredAverage()).run(expression="light")
    assert told.value.__notes__ == ["Attach Recorder('light') to 'cells' before the run."]
