"""Objects of simulators that cannot become a group, each an error on the line where it is declared."""

from __future__ import annotations

import builtins
import sys

import brian2
import fusion_brian2
import fusion_nest
import fusion_tensorflow
import nest
import numpy as np
import pytest
from brian2 import ms, mV

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.adapter import registry
from fusion.errors import (
    BelongsElsewhere,
    BuildFailed,
    ClockMismatch,
    ExpressionError,
    InvalidValue,
    KernelInUse,
    NothingToRun,
    OffGrid,
    ReadOnly,
    ShapeMismatch,
    SimulatorFailed,
    SimulatorMissing,
    UnitMismatch,
    UnknownName,
    UnknownObject,
    UnknownVariable,
    Unsupported,
)

# --- what is served


def test_an_object_of_no_simulator(net):
    with pytest.raises(UnknownObject, match=r"No adapter serves \{'a': 1\}.*brian2, nest, tensorflow"):
        NeuronGroup(net, {"a": 1})


def test_neither_a_number_nor_an_object(net):
    with pytest.raises(InvalidValue, match="number of neurons"):
        NeuronGroup(net)
    with pytest.raises(InvalidValue, match="whole number"):
        NeuronGroup(net, size=0)
    with pytest.raises(InvalidValue, match="whole number"):
        NeuronGroup(net, size=2.5)


def test_an_object_brings_its_own_size(net, make):
    with pytest.raises(InvalidValue, match=r"size=7.*its own"):
        NeuronGroup(net, make("nest"), size=7)


@pytest.mark.parametrize("argument", [{"every": 1.0}, {"at": 3.0}, {"also": [1]}], ids=str)
def test_what_only_groups_of_a_simulator_take(net, argument):
    with pytest.raises(InvalidValue, match=rf"{next(iter(argument))}= is for groups of a simulator"):
        NeuronGroup(net, size=3, **argument)


# --- simulators that are not installed

RECIPES = {
    "nest": ("nest", lambda: fusion_nest.nodes("iaf_psc_exp", 2)),
    "brian2": ("brian2", lambda: fusion_brian2.neurons(2, "v : 1")),
    "tensorflow": ("keras", lambda: fusion_tensorflow.layer("Dense", n_in=2, units=2)),
}


@pytest.mark.parametrize("simulator", RECIPES)
def test_a_simulator_that_is_not_installed(net, monkeypatch, simulator):
    module, recipe = RECIPES[simulator]
    real = builtins.__import__

    def without(name, *rest):
        if name.partition(".")[0] == module:
            raise ImportError(f"No module named {module!r}")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    for name in [name for name in sys.modules if name.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(SimulatorMissing, match=rf"pip install 'fusion-sim\[{simulator}\]'") as caught:
        NeuronGroup(net, recipe())
    monkeypatch.undo()
    assert isinstance(caught.value, ImportError)
    assert caught.value.simulator == simulator


def test_an_adapter_that_is_not_installed(net, make, monkeypatch):
    nodes = make("nest")
    monkeypatch.setattr(registry, "available", dict)
    with pytest.raises(SimulatorMissing, match=r"pip install 'fusion-sim\[nest\]'"):
        NeuronGroup(net, nodes)


# --- dt


def test_nest_with_another_resolution(make):
    way_out = r"0\.1 ms.*0\.5 ms.*nest\.resolution = 0\.5 before nest\.Create"
    with Network(dt=0.5, seed=1) as net, pytest.raises(ClockMismatch, match=way_out):
        NeuronGroup(net, make("nest"))


def test_brian2_with_another_clock(make):
    with Network(dt=0.5, seed=1) as net:
        with pytest.raises(ClockMismatch, match=r"0\.1 ms.*0\.5 ms.*brian2\.defaultclock\.dt = 0\.5\*ms"):
            NeuronGroup(net, make("brian2"))
        own = brian2.NeuronGroup(2, "v : 1", dt=0.2 * ms, name="own_clock")
        with pytest.raises(ClockMismatch, match=r"0\.2 ms.*'own_clock' with dt=0\.5\*ms"):
            NeuronGroup(net, own)


def test_fusion_changes_neither(make):
    with Network(dt=0.5, seed=1) as net:
        for simulator in ("nest", "brian2"):
            with pytest.raises(ClockMismatch):
                NeuronGroup(net, make(simulator))
    assert nest.resolution == 0.1
    assert brian2.defaultclock.dt == 0.1 * ms


def test_nest_that_has_settled_on_a_longer_delay_than_its_generators_need(net, make, monkeypatch):
    monkeypatch.setenv("FUSION_TIER", "nest")
    nodes = make("nest")
    nest.Connect(nodes, nodes, syn_spec={"delay": 1.0, "weight": 1.0})
    nest.Simulate(1.0)
    with pytest.raises(SimulatorFailed, match=r"1 ms.*Make the NeuronGroup before the first nest\.Simulate"):
        NeuronGroup(net, nodes)


@pytest.mark.parametrize("simulator", ["nest", "brian2"])
def test_a_simulator_of_spikes_has_no_slower_clock(net, make, simulator):
    with pytest.raises(Unsupported, match=rf"every=.*{simulator}"):
        NeuronGroup(net, make(simulator), every=1.0)


def test_every_is_a_multiple_of_dt(net):
    recipe = fusion_tensorflow.layer("Dense", n_in=2, units=2)
    with pytest.raises(OffGrid, match=r"every.*0\.25 ms"):
        NeuronGroup(net, recipe, every=0.25)
    with pytest.raises(InvalidValue, match="every"):
        NeuronGroup(net, recipe, every=0.0)


# --- whose is it


def test_nest_has_one_kernel_and_a_network_holds_it(net, make):
    NeuronGroup(net, make("nest"), tag="first")
    with Network(dt=0.1, seed=1) as other, pytest.raises(KernelInUse, match=r"one kernel per process.*close\(\)"):
        NeuronGroup(other, make("nest"), tag="second")


def test_a_node_is_in_one_group(net, make):
    nodes = make("nest", 4)
    NeuronGroup(net, nodes, tag="all")
    with pytest.raises(BelongsElsewhere, match=r"2 of the nodes of 'some' belong to 'all'"):
        NeuronGroup(net, nodes[2:], tag="some")


def test_a_brian2_group_is_in_one_network(net, make):
    cells = make("brian2")
    NeuronGroup(net, cells, tag="first")
    with pytest.raises(BelongsElsewhere, match=f"{cells.name!r}"):
        NeuronGroup(net, cells, tag="again")
    with Network(dt=0.1, seed=1) as other, pytest.raises(BelongsElsewhere, match=f"{cells.name!r}"):
        NeuronGroup(other, cells, tag="elsewhere")
    taken = make("brian2")
    elsewhere = brian2.Network(taken, name="somewhere_else")
    with pytest.raises(BelongsElsewhere, match="somewhere_else"):
        NeuronGroup(net, taken)
    assert taken in elsewhere.objects


def test_nodes_of_a_kernel_that_is_gone(net, make):
    nodes = make("nest")
    nest.ResetKernel()
    with pytest.raises((SimulatorFailed, InvalidValue), match="NEST"):
        NeuronGroup(net, nodes)


@pytest.mark.parametrize("device", ["multimeter", "spike_recorder"])
def test_a_recorder_is_no_population(net, device):
    with pytest.raises(Unsupported, match=rf"{device}.*EventRecorder"):
        NeuronGroup(net, nest.Create(device))


def test_nodes_of_several_models(net, make):
    with pytest.raises(InvalidValue, match=r"iaf_psc_alpha, iaf_psc_exp.*a NeuronGroup of each"):
        NeuronGroup(net, make("nest") + nest.Create("iaf_psc_alpha", 2))


def test_brian2_objects_that_are_no_neurons(net, make):
    cells = make("brian2")
    with pytest.raises(UnknownObject, match=r"also=\["):
        NeuronGroup(net, brian2.SpikeMonitor(cells))
    with pytest.raises(UnknownObject, match=r"SynapseGroup\(net"):
        NeuronGroup(net, brian2.Synapses(cells, cells))
    with pytest.raises(Unsupported, match=r"whole group.*\[1:2\]"):
        NeuronGroup(net, cells[1:2])


def test_a_recipe_that_nest_cannot_cook(net):
    with pytest.raises(UnknownName, match=r"'iaf_psc_ex'.*Did you mean 'iaf_psc_exp'"):
        NeuronGroup(net, fusion_nest.nodes("iaf_psc_ex", 2))
    with pytest.raises(UnknownName, match=r"'I_ee'.*'iaf_psc_exp'.*Did you mean 'I_e'"):
        NeuronGroup(net, fusion_nest.nodes("iaf_psc_exp", 2, I_ee=3.0))


# --- Brian2 objects that nobody runs


def test_a_brian2_object_left_behind(net, make):
    cells = make("brian2")
    noise = brian2.PoissonInput(cells, "v", 10, 100 * brian2.Hz, 1 * mV)
    group = NeuronGroup(net, cells, tag="thalamus")
    with pytest.raises(BelongsElsewhere, match=rf"{noise.name}.*also=\[{noise.name}\].*active = False"):
        net.run(1.0)
    noise.active = False
    net.run(1.0)
    assert group.v.shape == (3,)


def test_with_also_it_is_not_left_behind(net, make):
    cells = make("brian2")
    noise, monitor = brian2.PoissonInput(cells, "v", 10, 100 * brian2.Hz, 1 * mV), brian2.SpikeMonitor(cells)
    NeuronGroup(net, cells, also=[noise, monitor])
    net.run(1.0)


def test_synapses_left_behind_are_told_apart_from_adopted_ones(net, make):
    cells = make("brian2")
    synapses = brian2.Synapses(cells, cells, on_pre="v_post += 1*mV", name="forgotten")
    synapses.connect()
    group = NeuronGroup(net, cells, tag="thalamus")
    with pytest.raises(BelongsElsewhere, match="forgotten"):
        net.run(1.0)
    SynapseGroup(net, group, group, synapses)
    net.run(1.0)


def test_a_name_in_an_equation_that_stands_for_nothing(net):
    cells = brian2.NeuronGroup(2, "dv/dt = -v/taum : 1", name="nameless")
    taumm = 5 * ms
    NeuronGroup(net, cells, tag="thalamus")
    with pytest.raises(UnknownName, match=r"'taum'.*nameless.*Did you mean 'taumm'"):
        net.run(1.0)
    assert taumm


# --- Keras


def test_a_model_that_does_not_know_its_input(net):
    import keras

    with pytest.raises(InvalidValue, match=r"input size.*fusion_tensorflow\.layer\(.*n_in=.*keras\.Input"):
        NeuronGroup(net, keras.layers.Dense(3), tag="reader")


def test_a_layer_is_one_group(net):
    import keras

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    NeuronGroup(net, model, tag="reader")
    with pytest.raises(BelongsElsewhere, match=r"'reader'.*clone_model"):
        NeuronGroup(net, model, tag="again")


def test_a_keras_layer_that_is_not_there(net):
    with pytest.raises(UnknownName, match=r"'Dens'.*Did you mean 'Dense'"):
        NeuronGroup(net, fusion_tensorflow.layer("Dens", n_in=2, units=2))


# --- variables


@pytest.mark.parametrize(("tag", "wrong", "right"), [("cortex", "V_mm", "V_m"), ("thalamus", "currant", "current")])
def test_a_variable_that_a_foreign_group_lacks(mixed, net, tag, wrong, right):
    group = net[tag, 0]
    with pytest.raises(UnknownVariable, match=rf"'{wrong}' in {tag}.*Did you mean '{right}'") as caught:
        getattr(group, wrong)
    assert isinstance(caught.value, AttributeError)
    with pytest.raises(UnknownName, match=wrong):
        group.unit(wrong)
    with pytest.raises(UnknownVariable, match=wrong):
        getattr(group.subgroup([0]), wrong)


def test_a_recorder_of_what_is_not_there_is_told_with_its_line(mixed, net):
    net["cortex", 0].add_behaviour(10, Recorder("V_mm"))
    net["thalamus", 0].add_behaviour(10, EventRecorder("vv > 0"))
    with pytest.raises(BuildFailed) as caught:
        net.build()
    (first, one), (second, two) = caught.value.problems
    line = test_a_recorder_of_what_is_not_there_is_told_with_its_line.__code__.co_firstlineno
    assert f"test_groups.py:{line + 1}" in first
    assert "'V_mm'" in str(one)
    assert f"test_groups.py:{line + 2}" in second
    assert "'vv'" in str(two)


@pytest.mark.parametrize(
    "text", ["__import__('os')", "open('f')", "V_m.__class__", "lambda: 0", "V_m if 1 else 2 ==", "np.save"]
)
def test_a_recorder_of_more_than_an_expression(mixed, net, text):
    with pytest.raises(ExpressionError):
        Recorder(text)


@pytest.mark.parametrize("values", [[1.0, 2.0], np.ones((3, 1)), np.ones(4)], ids=str)
@pytest.mark.parametrize(("tag", "variable"), [("cortex", "V_m"), ("thalamus", "v")])
def test_values_of_another_shape(mixed, net, tag, variable, values):
    with pytest.raises(ShapeMismatch, match=rf"{tag}\.{variable}.*3 numbers, or one"):
        setattr(net[tag, 0], variable, values)


def test_a_value_with_another_unit(mixed, net):
    with pytest.raises(UnitMismatch, match=r"cortex\.V_m.*must be in mV"):
        mixed["nest"].V_m = 80 * brian2.pA
    with pytest.raises(UnitMismatch, match=r"thalamus\.v.*must be in V"):
        mixed["brian2"].v = 80 * brian2.pA
    mixed["nest"].V_m = -60 * mV
    mixed["brian2"].v = -60 * mV
    assert mixed["nest"].V_m[0] == pytest.approx(-60.0)
    assert mixed["brian2"].v[0] == pytest.approx(-60e-3)


def test_what_the_simulator_computes_cannot_be_set(mixed, net):
    with pytest.raises(ReadOnly, match=r"cortex\.t_spike"):
        mixed["nest"].t_spike = 3.0
    with pytest.raises(ReadOnly, match=r"thalamus\.spike"):
        mixed["brian2"].spikes = [1]
    with pytest.raises(ReadOnly, match="clock"):
        mixed["brian2"].t = 3.0


# --- behaviours


class Mine(Behaviour):
    """Does nothing."""

    rate: float = 1.0

    def iteration(self, neurons):
        """Nothing."""


def test_behaviours_are_checked_where_they_are_given(mixed, net):
    group = mixed["nest"]
    with pytest.raises(UnknownName, match="Did you mean 'rate'"):
        Mine(rte=2.0)
    with pytest.raises(InvalidValue, match=r"Mine\(\)"):
        group.add_behaviour(1, Mine)
    with pytest.raises(ShapeMismatch, match=r"Mine\.rate"):
        group.add_behaviour(1, Mine(rate=[1.0, 2.0]))
    mine = group.add_behaviour(1, Mine())
    with pytest.raises(BelongsElsewhere, match="'cortex'"):
        mixed["brian2"].add_behaviour(1, mine)
    with pytest.raises(InvalidValue, match="Key 1"):
        group.add_behaviour(1, Mine())


def test_a_wrong_behaviour_leaves_no_group_behind(net, make):
    nodes = make("nest")
    with pytest.raises(InvalidValue):
        NeuronGroup(net, nodes, tag="cortex", behaviour={1: Mine})
    NeuronGroup(net, nodes, tag="cortex", behaviour={1: Mine()})
    assert len(net["cortex"]) == 1


# --- running


def test_nothing_is_there_to_run(net):
    with pytest.raises(NothingToRun):
        net.run(1.0)
    NeuronGroup(net, size=3)
    with pytest.raises(NothingToRun):
        net.run(1.0)


@pytest.mark.parametrize("duration", [-1.0, 0.05, "long", None, np.nan], ids=str)
def test_a_duration_is_a_whole_number_of_ticks(mixed, net, duration):
    with pytest.raises((OffGrid, InvalidValue)):
        net.run(duration)


def test_iterations_are_a_whole_number(mixed, net):
    with pytest.raises(InvalidValue, match=r"1\.5 iterations.*run\(ms\)"):
        net.simulate(1.5)
