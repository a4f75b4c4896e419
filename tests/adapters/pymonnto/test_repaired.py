"""What PymoNNto 3.0.6 breaks on, measured there, and what is right instead."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from fusion_pymonnto.behavior import Behavior
from fusion_pymonnto.fields import Box_Receptive_Fields, Circle_Receptive_Fields, Partition, Remove_Autapses
from fusion_pymonnto.matrices import (
    get_partitioned_synapse_matrix,
    get_single_neuron_combined_partition_matrix,
    set_partitioned_synapse_matrix,
)
from fusion_pymonnto.mechanisms import (
    CreateWeights,
    NOX_Diffusion,
    normalize_synapse_attr,
    normalize_synapse_attr_efferent,
)
from fusion_pymonnto.network import Network, SxD
from fusion_pymonnto.neurons import NeuronGroup
from fusion_pymonnto.recorder import EventRecorder, Recorder
from fusion_pymonnto.space import NeuronDimension, get_squared_dim
from fusion_pymonnto.synapses import SynapseGroup
from fusion_pymonnto.words import afferent

from fusion.errors import BuildFailed


class Spread(Behavior):
    """Sums what arrives into a variable of its own."""

    def initialize(self, n):
        n.v, n.I = n.vector("uniform"), n.vector()
        for s in n.synapses(afferent, "GLU"):
            s.W = s.matrix(1.0)

    def iteration(self, n):
        n.I.fill(0)
        for s in n.synapses(afferent, "GLU"):
            s.dst.I += (s.W * s.enabled) @ s.src.v / 100
        n.v = n.v / 2 + n.I


def grid(behavior, side=15):
    net = Network()
    cells = NeuronGroup(net, get_squared_dim(side * side), {1: Spread(), 9: Recorder("v")}, tag="cells")
    SynapseGroup(net, cells, cells, tag="GLU", behavior=behavior)
    net.initialize()
    return net


def distances(cells):
    return [np.subtract.outer(getattr(cells, name), getattr(cells, name)) for name in "xyz"]


def test_receptive_fields():
    box, circle = (
        grid({1: Box_Receptive_Fields(range=2)}),
        grid({1: Circle_Receptive_Fields(radius=2.5, remove_autapses=True)}),
    )
    dx, dy, dz = distances(box.cells)
    np.testing.assert_array_equal(box.GLU.enabled, (abs(dx) <= 2) & (abs(dy) <= 2) & (abs(dz) <= 2))
    wanted = (np.sqrt(dx**2 + dy**2) <= 2.5) & ~np.eye(225, dtype=bool)
    np.testing.assert_array_equal(circle.GLU.enabled, wanted)
    alone = grid([Remove_Autapses()], side=3)
    np.testing.assert_array_equal(alone.GLU.enabled, ~np.eye(9, dtype=bool))


def test_a_partition_computes_what_the_whole_does():
    np.random.seed(1)  # noqa: NPY002 - what scripts do
    whole = grid({1: Box_Receptive_Fields(range=2)})
    np.random.seed(1)  # noqa: NPY002 - what scripts do
    parts = grid({1: Box_Receptive_Fields(range=2), 2: Partition(split_size=[3, 3, 1])})
    assert [(s.dst.size, s.src.size) for s in parts["partitioned"]][:2] == [(25, 49), (25, 63)]
    # Every synapse is in one part.
    assert sum(s.enabled.sum() for s in parts["partitioned"]) == whole.GLU.enabled.sum()
    for net in (whole, parts):
        net.simulate_iterations(5, measure_block_time=False)
    # Sums over parts are taken in another order, in single precision.
    np.testing.assert_allclose(parts["v", 0], whole["v", 0], rtol=1e-5)


def test_the_matrix_of_a_partition_is_that_of_the_whole():
    net = grid({1: Box_Receptive_Fields(range=2), 2: Partition(split_size=[3, 3, 1])})
    matrix = np.arange(225.0 * 225).reshape(225, 225) * get_partitioned_synapse_matrix(net.cells, "GLU", "enabled")
    set_partitioned_synapse_matrix(net.cells, "GLU", "W", matrix)
    np.testing.assert_array_equal(get_partitioned_synapse_matrix(net.cells, "GLU", "W"), matrix)
    row = get_single_neuron_combined_partition_matrix(net.cells, "GLU", "W", 17)
    np.testing.assert_array_equal(row, matrix[17].reshape(15, 15))


def test_small_groups_are_not_partitioned():
    net = grid({1: Partition()}, side=5)
    assert net["partitioned"] == []
    assert len(net["GLU"]) == 1


class Reads(Behavior):
    def initialize(self, n):
        self.values = [self.parameter(name, 1.0, n) for name in ("quarter", "gapped")]


def test_percent_strings_and_gaps():
    net = Network()
    cells = NeuronGroup(net, 500, [Reads(quarter="25%", gapped="uniform_gap(2, 10)")], tag="cells")
    net.initialize()
    quarter, gapped = cells.Reads.values
    assert quarter == 0.25
    assert (gapped >= 1.8).all()
    assert (gapped <= 2.2).all()
    assert gapped.std() == pytest.approx(0.4 / np.sqrt(12), rel=0.1)  # of a uniform distribution


class Output(Behavior):
    def initialize(self, n):
        n.output_new = (n.x + 10 * n.y).astype(n.def_dtype)


def test_nox_is_the_mean_around_each_block():
    net = Network()
    size = NeuronDimension(width=20, height=20, centered=False)
    cells = NeuronGroup(net, size, {1: Output(), 2: NOX_Diffusion(th_nox=0, eta_nox=0.5)}, tag="cells")
    net.initialize()
    net.simulate_iterations(1)
    # Positions 0..3, 4..7, ... are a block, and 5 on each side of it are around it.
    low, high = np.clip(cells.x // 4 * 4 - 5, 0, 19), np.clip(cells.x // 4 * 4 + 8, 0, 19)
    down, up = np.clip(cells.y // 4 * 4 - 5, 0, 19), np.clip(cells.y // 4 * 4 + 8, 0, 19)
    np.testing.assert_allclose(cells.nox, 0.5 * ((low + high) / 2 + 10 * (down + up) / 2), rtol=1e-5)


@pytest.mark.parametrize("transposed", [False, True])
def test_normalization_of_what_arrives_and_of_what_leaves(transposed):
    net = Network(settings={"dtype": np.float64, **({"syn_dim": SxD} if transposed else {})})
    a, b = (NeuronGroup(net, size, tag=tag) for tag, size in (("a", 5), ("b", 3)))
    groups = [SynapseGroup(net, a, b, tag="GLU"), SynapseGroup(net, b, b, tag="GLU")]
    net.initialize()
    for synapses in groups:
        synapses.W = synapses.matrix("uniform")
    assert groups[0].W.shape == ((5, 3) if transposed else (3, 5))
    normalize_synapse_attr("W", "W", 2.0, b, "GLU")
    arriving = sum(s.ignore_transpose_mode(s.W).sum(axis=1) for s in groups)
    np.testing.assert_allclose(arriving, 2.0, rtol=1e-12)
    normalize_synapse_attr_efferent("W", "W", 3.0, a, "GLU")
    np.testing.assert_allclose(groups[0].ignore_transpose_mode(groups[0].W).sum(axis=0), 3.0, rtol=1e-12)


def test_weights_of_neurons_without_synapses_stay_zero():
    net = Network()
    a = NeuronGroup(net, get_squared_dim(9), tag="a")
    synapses = SynapseGroup(net, a, a, behavior={1: Circle_Receptive_Fields(radius=0), 2: CreateWeights()})
    synapses.enabled[4] = False
    net.initialize()
    np.testing.assert_allclose(synapses.W, np.diag(np.arange(9) != 4), atol=1e-6)
    assert synapses.get_random_synapse_mat_fixed(3).astype(bool).sum(axis=1).tolist() == [3] * 9


class Grows(Behavior):
    def initialize(self, n):
        n.v, n.spike = n.vector(), n.vector(bool)

    def iteration(self, n):
        n.v += 1
        n.spike = n.id == n.iteration % n.size


def test_searches_and_recorders_are_never_stale():
    net = Network()
    a = NeuronGroup(net, 3, {1: Grows(), 9: Recorder("n.v"), 10: EventRecorder("spike")}, tag="a,cells")
    assert net["cells"] == [a]
    assert net["later"] == []
    assert net["later", 0] is None
    later = NeuronGroup(net, 2, tag="later,cells")
    assert net["cells"] == [a, later]
    assert net["later", 0] is net.later is later
    net.initialize()
    net.simulate_iterations(5)
    assert net["v", 0, "np"].shape == (5, 3)
    np.testing.assert_array_equal(net["spike"][0], [[1, 1], [2, 2], [3, 0], [4, 1], [5, 2]])
    a["Recorder", 0].reset()
    net.simulate_iterations(2)
    np.testing.assert_array_equal(net["n.v", 0], [[6, 6, 6], [7, 7, 7]])
    net.clear_recorder()
    assert len(net["spike.t", 0]) == len(net["v", 0]) == 0


def test_a_misspelt_variable_is_said():
    net = Network()
    NeuronGroup(net, 3, {1: Grows(), 9: Recorder("volts")})
    with pytest.raises(BuildFailed, match="No variable is named 'volts'"):
        net.initialize()


def test_a_grid_turns_and_its_neurons_have_numbers():
    net = Network()
    cells = NeuronGroup(net, NeuronDimension(width=3, height=1), tag="cells")
    cells.NeuronDimension.rotate([0, 0, 1], np.pi / 2).move(z=1.0)
    np.testing.assert_allclose([cells.x, cells.y, cells.z], [[0, 0, 0], [-1, 0, 1], [1, 1, 1]], atol=1e-6)
    assert cells.id.tolist() == [0, 1, 2]
    assert cells.NeuronDimension.get_area_mask(xmin=1).tolist() == [False, True, True]


def test_the_flow_chart_runs_nothing():
    net = Network()
    cells = NeuronGroup(net, 3, {1: Grows(), 2: Spread(), 9: Recorder("v")}, tag="cells")
    cells.visualize_module(show_recorder=False)
    shown = {text.get_text() for text in plt.gcf().axes[0].texts}
    rows = [label.get_text() for label in plt.gcf().axes[0].get_yticklabels()]
    plt.close("all")
    assert shown == {"v", "spike", "I", "W"}
    assert rows == ["1  Grows\ncells", "2  Spread\ncells"]
    assert net.iteration == 0
    assert not cells.Grows.is_started
