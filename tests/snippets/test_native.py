"""The first code block of the design, section 2, word for word, run as a script would run it."""

from __future__ import annotations

import numpy as np
import pytest

import fusion

SNIPPET = '''
from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup

class LeakyNoise(Behaviour):
    """Leaky units kicked by noise."""
    leak: float = 0.9            # a parameter: a number, an array, "normal(0.9, 0.1)" or normal(0.9, 0.1)
    threshold: float = 0.5

    def initialize(self, neurons):
        neurons.voltage = neurons.vector()

    def iteration(self, neurons):
        neurons.spike = neurons.voltage > self.threshold
        neurons.voltage[neurons.spike] = 0.0
        neurons.voltage *= self.leak
        neurons.voltage += neurons.vector("uniform", density=0.01)

class Input(Behaviour):
    def initialize(self, neurons):
        for synapse in neurons.afferent["GLUTAMATE"]:
            synapse.W = synapse.matrix("uniform", density=0.1)          # (target.size, source.size)

    def iteration(self, neurons):
        for synapse in neurons.afferent["GLUTAMATE"]:
            neurons.voltage += synapse.W @ synapse.source.spike / synapse.source.size * 10

net = Network(dt=1.0, seed=1)                                           # ms
cells = NeuronGroup(net, size=100, tag="cells", behaviour={
    1: LeakyNoise(leak="normal(0.9, 0.02)"), 2: Input(),
    9: Recorder("voltage", "np.mean(voltage)"), 10: EventRecorder("spike")})
SynapseGroup(net, source=cells, target=cells, tag="GLUTAMATE")
net.simulate(1000)                                                      # iterations; net.run(1000.0) takes ms

net["cells", 0]; net["GLUTAMATE"]; cells["LeakyNoise", 0]               # tags: list, or item with an index
net["voltage", 0]                                                       # array (1000, 100)
net["spike.t", 0], net["spike.i", 0]                                    # ms, neuron index
'''


def run(seed=1, leak='"normal(0.9, 0.02)"', dt=1.0):
    program = SNIPPET.replace("seed=1)", f"seed={seed})").replace('"normal(0.9, 0.02)"', leak)
    program = program.replace("dt=1.0", f"dt={dt}")
    names = {"__name__": "snippet", "fusion": fusion}
    exec(compile(program, "snippet", "exec"), names)  # as a user's script, with the user's names
    return names["net"], names["cells"]


@pytest.fixture(scope="module")
def net():
    return run()[0]


def test_tags_give_lists_and_items(net):
    cells = net["cells", 0]
    assert cells is net.groups[0]
    assert net["GLUTAMATE"] == [net.synapses[0]]
    assert type(cells["LeakyNoise", 0]).__name__ == "LeakyNoise"


def test_recordings_have_the_shapes_that_it_says(net):
    assert net["voltage", 0].shape == (1000, 100)
    assert net["np.mean(voltage)", 0].shape == (1000,)
    np.testing.assert_allclose(net["np.mean(voltage)", 0], net["voltage", 0].mean(axis=1), rtol=1e-13)


def test_spikes_are_times_in_ms_and_indices(net):
    t, i = net["spike.t", 0], net["spike.i", 0]
    assert len(t) == len(i) > 100
    assert 1.0 <= t.min() <= t.max() <= 1000.0
    assert 0 <= i.min() <= i.max() < 100
    np.testing.assert_array_equal(net["spike", 0], np.column_stack([t, i]))


def test_half_the_dt_gives_half_the_times():
    net, _ = run(dt=0.5)
    assert net["spike.t", 0].max() <= 500.0
    assert net.t == 500.0


def test_the_dynamics_are_those_of_the_equations(net):
    # Neurons that fired are reset before the leak: what they have then is noise and input alone.
    voltage, spikes = net["voltage", 0], net["spike", 0]
    fired = np.zeros(voltage.shape, bool)
    fired[spikes[:, 0] - 1, spikes[:, 1]] = True
    np.testing.assert_array_equal(fired[1:], voltage[:-1] > 0.5)
    leak, weights = net["LeakyNoise", 0].leak, net["GLUTAMATE", 0].W
    before = np.where(fired[1:], 0.0, voltage[:-1])
    noise = voltage[1:] - leak * before - fired[1:] @ weights.T / 100 * 10
    kicked = noise > 1e-12
    # One percent of 99 900 draws, and no draw beyond 1.
    assert abs(kicked.sum() - 999) < 4 * np.sqrt(999)
    assert noise.max() <= 1.0 + 1e-12
    np.testing.assert_allclose(noise[~kicked], 0.0, atol=1e-12)


def test_leaks_are_drawn_once_for_each_neuron(net):
    leak = net["LeakyNoise", 0].leak
    assert leak.shape == (100,)
    assert abs(leak.mean() - 0.9) < 4 * 0.02 / np.sqrt(100)


@pytest.mark.parametrize("leak", ["0.9", "[0.9] * 100", '"normal(0.9, 0.1)"', "fusion.normal(0.9, 0.1)"])
def test_a_parameter_is_a_number_an_array_or_a_distribution(leak):
    net, cells = run(leak=leak)
    assert np.shape(cells["LeakyNoise", 0].leak) == (() if leak == "0.9" else (100,))
    assert net.iteration == 1000


def test_the_same_seed_gives_the_same_network_and_another_does_not(net):
    again, other = run()[0], run(seed=2)[0]
    np.testing.assert_array_equal(again["voltage", 0], net["voltage", 0])
    np.testing.assert_array_equal(again["spike", 0], net["spike", 0])
    assert not np.array_equal(other["voltage", 0], net["voltage", 0])
