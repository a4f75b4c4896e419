"""Behaviours in PymoNNto's words on groups of fusion: native ones, and those of any simulator."""

from __future__ import annotations

import numpy as np
import pytest
from fusion_pymonnto import Behavior, Behaviour
from fusion_pymonnto import network as script
from fusion_pymonnto.neurons import NeuronGroup as ScriptGroup
from fusion_pymonnto.recorder import Recorder as ScriptRecorder
from fusion_pymonnto.words import afferent, efferent

from fusion import EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.errors import InvalidValue, ShapeMismatch
from fusion.testing.toy import cells


class Kicked(Behavior):
    """3.x: pushes a variable of the simulator, and counts beside it."""

    def initialize(self, neurons):
        self.strength = self.parameter("strength", 1.0, neurons)
        neurons.count = neurons.vector()

    def iteration(self, neurons):
        neurons.count += 1
        neurons.v += self.strength * neurons.vector("uniform", density=0.5)


class Lateral(Behaviour):
    """1.x: adds what arrives through synapses that it makes."""

    def set_variables(self, neurons):
        self.add_tag("lateral")
        neurons.arriving = neurons.get_neuron_vec()
        for synapses in neurons.afferent_synapses["LATERAL"]:
            synapses.W = synapses.get_synapse_mat("uniform", density=0.5)
            synapses.enabled = synapses.W > 0

    def new_iteration(self, neurons):
        neurons.arriving.fill(0)
        for synapses in neurons.afferent_synapses["LATERAL"]:
            neurons.arriving += synapses.W @ synapses.src.count


def mixed(group, seed=4):
    """A network whose group, of whatever simulator, has both."""
    net = Network(dt=0.1, seed=seed)
    behaviour = {1: Kicked(strength="normal(0.2, 0.01)"), 2: Lateral(), 9: Recorder("v", "count", "arriving")}
    cells = NeuronGroup(net, group, tag="cells", behaviour=behaviour)
    SynapseGroup(net, cells, cells, tag="LATERAL")
    return net


def check(net, n):
    cells, synapses = net["cells", 0], net["LATERAL", 0]
    before = np.array(cells.v)
    net.simulate(30)
    np.testing.assert_array_equal(net["count", 0], np.repeat(np.arange(1.0, 31.0), n).reshape(30, n))
    np.testing.assert_allclose(net["arriving", 0], net["count", 0] @ synapses.W.T, rtol=1e-12)
    assert net["lateral", 0] is cells["Lateral", 0]
    assert net["Kicked", 0].strength.shape == (n,)
    assert (synapses.enabled == (synapses.W > 0)).all()
    assert not np.array_equal(net["v", 0][-1], before)


class Variables(Behavior):
    def initialize(self, neurons):
        neurons.v = neurons.vector()


def test_on_a_native_group():
    net = Network(dt=0.1, seed=4)
    behaviour = {0: Variables(), 1: Kicked(), 2: Lateral(), 9: Recorder("v", "count", "arriving")}
    group = NeuronGroup(net, size=6, tag="cells", behaviour=behaviour)
    SynapseGroup(net, group, group, tag="LATERAL")
    net.simulate(10)
    np.testing.assert_allclose(net["arriving", 0], net["count", 0] @ net["LATERAL", 0].W.T, rtol=1e-12)
    # Each kick is U(0, 1) with probability 1/2: the mean is 1/4.
    assert 0.0 < net["v", 0].mean() / net["count", 0].mean() < 0.5


@pytest.mark.usefixtures("toy")
def test_on_a_group_of_the_toy_simulator():
    check(mixed(cells(5)), 5)


@pytest.mark.slow
def test_on_a_group_of_brian2():
    import brian2

    brian2.prefs.codegen.target = "numpy"
    group = brian2.NeuronGroup(5, "dv/dt = -v/(10*ms) : 1", threshold="v > 1", reset="v = 0", method="exact")
    net = mixed(group)
    net["cells", 0].add_behaviour(10, EventRecorder("spike"))
    check(net, 5)
    assert len(net["spike", 0]) > 0


@pytest.mark.slow
def test_on_nodes_of_nest():
    import nest

    nest.ResetKernel()
    nest.resolution = 0.1
    net = Network(dt=0.1, seed=4)
    nodes = NeuronGroup(net, nest.Create("iaf_psc_exp", 4, params={"I_e": 300.0}), tag="nodes")

    class Fatigue(Behavior):
        def initialize(self, neurons):
            neurons.tired = neurons.vector()

        def iteration(self, neurons):
            neurons.tired = 0.9 * neurons.tired + (neurons.V_m > -65.0)

    nodes.add_behaviour(1, Fatigue())
    nodes.add_behaviour(9, ScriptRecorder(["n.tired", "n.V_m"]))
    net.simulate(100)
    above = net["n.V_m", 0] > -65.0
    assert above.any()
    assert not above.all()
    tired, wanted = net["n.tired", 0], np.zeros(4)
    for row, fires in zip(tired, above, strict=True):
        wanted = 0.9 * wanted + fires
        np.testing.assert_array_equal(row, wanted)
    nest.ResetKernel()


@pytest.mark.usefixtures("toy")
def test_the_seed_of_the_network_covers_what_is_drawn():
    runs = [mixed(cells(5), seed) for seed in (4, 4, 5)]
    one, same, other = (np.array(net.simulate(20)["v", 0]) for net in runs)
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


@pytest.mark.usefixtures("toy")
def test_what_is_seen_of_groups_and_synapses():
    seen = {}

    class Looks(Behavior):
        def initialize(self, n):
            (synapses,) = n.synapses(afferent, "LATERAL")
            seen.update(
                src=synapses.src == n,
                shape=synapses.matrix_dim(),
                leaving=n.synapses(efferent, "All") == [synapses],
                dtype=n.def_dtype,
                ids=n.id.tolist(),
                whole=n.group_without_subGroup() == n,
                keys=list(n.behavior),
                found=n["Looks", 0] is self,
                combined=n.get_combined_synapse_shape("LATERAL"),
                buffer=n.vector_buffer(2).shape,
            )
            n.require_synapses("GABA", warning=False)
            seen["none"] = n.afferent_synapses["GABA"]

    net = Network()
    group = NeuronGroup(net, cells(3), tag="cells", behaviour={1: Looks()})
    SynapseGroup(net, group, group, tag="LATERAL")
    net.build()
    assert seen == {
        "src": True, "shape": (3, 3), "leaving": True, "dtype": np.float64, "ids": [0, 1, 2], "whole": True,
        "keys": [1], "found": True, "combined": (3, 3), "buffer": (2, 3), "none": [],
    }  # fmt: skip


def test_a_behaviour_of_fusion_goes_onto_a_script_s_group():
    from fusion.behaviours import LIF

    net = script.Network(dt=0.1)
    group = ScriptGroup(net, 4, {1: LIF(), 9: Recorder("voltage")}, tag="cells")
    net.initialize()
    net.simulate_iterations(5, measure_block_time=False)
    assert net["voltage", 0].shape == (5, 4)
    assert group["LIF", 0].owner is group


@pytest.mark.usefixtures("toy")
def test_a_group_of_a_simulator_stands_in_a_script_s_network():
    net = script.Network(dt=0.1)
    NeuronGroup(net, cells(3), tag="toy", behaviour={1: Kicked()})
    net.initialize()
    net.simulate_iterations(4, measure_block_time=False)
    np.testing.assert_array_equal(net.toy.count, np.full(3, 4.0))


@pytest.mark.usefixtures("toy")
def test_watching_what_it_touches_leaves_it_as_it_was():
    net = Network()
    group = NeuronGroup(net, cells(3), tag="cells", behaviour={1: Kicked()})
    (seen,) = net.flow_chart(2).steps
    assert (set(seen.reads), set(seen.writes)) == ({"cells.v", "cells.count"}, {"cells.v", "cells.count"})
    net.simulate(3)
    np.testing.assert_array_equal(group.count, np.full(3, 5.0))


@pytest.mark.usefixtures("toy")
def test_parts_of_it_come_and_go_while_the_network_is_built():
    net = Network()
    group = NeuronGroup(net, cells(3), tag="cells", behaviour={1: Kicked()})
    net.simulate(2)
    (kicked,) = group["Kicked"]
    group.remove_behaviour(kicked)
    net.simulate(2)
    np.testing.assert_array_equal(group.count, np.full(3, 2.0))
    other = NeuronGroup(net, cells(2), tag="others")
    other.add_behaviour(1, kicked)
    net.simulate(3)
    np.testing.assert_array_equal(other.count, np.full(2, 3.0))
    np.testing.assert_array_equal(group.count, np.full(3, 2.0))


class Takes(Behavior):
    def initialize(self, n):
        self.key = "a name of its own"

    def iteration(self, n):
        n.v = self.key


def test_a_name_that_fusion_needs_is_refused():
    net = Network()
    NeuronGroup(net, size=2, behaviour={1: Takes()})
    with pytest.raises(InvalidValue, match=r"Takes takes self\.key .* rename it"):
        net.build()
    with pytest.raises(InvalidValue, match=r"self\.start"):
        type("Starts", (Behavior,), {"start": lambda self, n: None})


@pytest.mark.usefixtures("toy")
def test_parameters_that_fit_no_group_are_refused():
    net = Network()
    NeuronGroup(net, cells(3), behaviour={1: Kicked(strength="nothing(1)")})
    with pytest.raises(LookupError, match="No distribution is named 'nothing'"):
        net.build()
    net = Network()
    group = NeuronGroup(net, cells(3))
    with pytest.raises(ShapeMismatch):
        group.v = np.zeros(4)
