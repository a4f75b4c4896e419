"""Links between simulators that cannot be: each is an error on the line where it is declared."""

from __future__ import annotations

import brian2
import nest
import numpy as np
import pytest
from brian2 import ms, mV, nS, pA, second
from scipy.sparse import csc_array

from fusion import Network, NeuronGroup, SynapseGroup, exponential, fixed_indegree, fixed_probability, one_to_one
from fusion.behaviours import STDP
from fusion.errors import (
    BelongsElsewhere,
    BuildFailed,
    DelayTooShort,
    InvalidValue,
    OffGrid,
    ShapeMismatch,
    UnitMismatch,
    UnknownName,
    Unsupported,
)

# --- units


@pytest.mark.parametrize("weight", [80 * mV, 80 * nS, [80, 81] * mV, 80 * second], ids=str)
def test_a_potential_is_no_weight_of_a_current(net, mixed, weight):
    if np.ndim(weight):
        weight = np.ones((3, 2)) * mV
    with pytest.raises(UnitMismatch, match=r"(?s)weight.*must be in pA"):
        SynapseGroup(net, "native", "cortex", weight=weight)


def test_a_list_of_quantities_would_lose_its_unit(net, mixed):
    with pytest.raises(UnitMismatch, match=r"list of quantities.*\* mV"):
        SynapseGroup(net, "native", "cortex", weight=[[80 * pA] * 2] * 3)


def test_a_current_is_converted_to_the_unit_of_the_place(net, mixed):
    up = SynapseGroup(net, "native", "cortex", weight=80 * pA)
    down = SynapseGroup(net, "native", "thalamus", weight=80 * pA, into="current")
    assert mixed["nest"].unit("spikes") == "pA"
    np.testing.assert_allclose(up.W, np.full((3, 2), 80.0), rtol=1e-15)
    assert mixed["brian2"].unit("current") == "A"
    np.testing.assert_allclose(down.W, np.full((3, 2), 80e-12), rtol=1e-15)


def test_a_current_is_no_jump_of_a_brian2_potential(net, mixed):
    with pytest.raises(UnitMismatch, match=r"must be in V"):
        SynapseGroup(net, "native", "thalamus", weight=80 * pA, into="v")


def test_a_delay_is_a_time(net, mixed):
    with pytest.raises(UnitMismatch, match=r"delay.*must be in ms"):
        SynapseGroup(net, "native", "cortex", weight=80.0, delay=1 * mV)
    assert SynapseGroup(net, "native", "cortex", weight=80.0, delay=1.5 * ms).delay == pytest.approx(1.5)


def test_a_quantity_needs_a_unit_that_is_known(net, make):
    """A model that the tables do not know takes plain numbers."""
    nodes = nest.Create("pp_cond_exp_mc_urbanczik", 2)
    group = NeuronGroup(net, nodes, tag="odd")
    source = NeuronGroup(net, size=2, tag="source")
    into = sorted(group.handle.inputs)[0]
    with pytest.raises(UnitMismatch, match="not known; give a plain number"):
        SynapseGroup(net, source, group, weight=80 * pA, into=into)


# --- where arrivals go


def test_a_brian2_target_needs_into(net, mixed):
    with pytest.raises(InvalidValue, match=r"'thalamus' needs into=, one of: current, v"):
        SynapseGroup(net, "cortex", "thalamus", weight=1e-12)


@pytest.mark.parametrize(
    ("target", "into", "hint"), [("thalamus", "curent", "'current'"), ("cortex", "spike", "'spikes'")]
)
def test_an_input_that_is_not_there(net, mixed, target, into, hint):
    with pytest.raises(UnknownName, match=rf"{into}.*{target}.*Did you mean {hint}"):
        SynapseGroup(net, "native", target, weight=1.0, into=into)


def test_a_receptor_that_a_nest_model_lacks(net, mixed):
    nodes = nest.Create("iaf_psc_exp_multisynapse", 2, {"tau_syn": [2.0, 5.0]})
    group = NeuronGroup(net, nodes, tag="receptors")
    with pytest.raises(UnknownName, match=r"receptor 3.*receptor 1, receptor 2"):
        SynapseGroup(net, "native", group, weight=1.0, into="receptor 3")
    with pytest.raises(InvalidValue, match=r"'receptors' needs into=, one of: .*receptor 1, receptor 2"):
        SynapseGroup(net, "native", group, weight=1.0)


def test_samples_do_not_go_where_spikes_go(net, mixed):
    with pytest.raises(Unsupported, match=r"cortex\.spikes takes no samples"):
        SynapseGroup(net, "native", "cortex", signal="rate", weight=np.ones((3, 2)))
    with pytest.raises(Unsupported, match=r"cortex\.I_e takes no spikes"):
        SynapseGroup(net, "native", "cortex", weight=1.0, into="I_e")


# --- delays


@pytest.mark.parametrize("delay", [0, 0.0, -1.5, 0.04])
@pytest.mark.parametrize("target", ["native", "cortex", "thalamus"])
def test_no_spike_arrives_in_less_than_a_tick(net, mixed, target, delay):
    into = "current" if target == "thalamus" else None
    with pytest.raises((DelayTooShort, OffGrid, InvalidValue), match=r"delay.*\d ms"):
        SynapseGroup(net, "cortex", target, weight=1.0, delay=delay, into=into)


def test_zero_delay_says_what_to_do_instead(net, mixed):
    with pytest.raises(DelayTooShort, match=r"0 ms.*one dt \(0\.1 ms\).*behaviour on a SynapseGroup without weight="):
        SynapseGroup(net, "cortex", "native", weight=1.0, delay=0)


def test_a_delay_lies_on_the_grid(net, mixed):
    with pytest.raises(OffGrid, match=r"1\.55 ms"):
        SynapseGroup(net, "native", "cortex", weight=1.0, delay=1.55)
    delays = np.full((3, 2), 1.5)
    delays[1, 1] = 1.57
    with pytest.raises(OffGrid, match=r"1\.57 ms"):
        SynapseGroup(net, "native", "cortex", weight=1.0, delay=delays)


def test_a_distribution_of_delays_is_rounded_and_never_negative(net, mixed):
    link = SynapseGroup(net, "native", "cortex", weight=1.0, delay="uniform(0.01, 2)")
    assert link.min_delay >= 1
    with pytest.raises(DelayTooShort, match="negative"):
        SynapseGroup(net, "native", "cortex", weight=1.0, delay="normal(0, 1)")


# --- weights

NAN = np.full((3, 2), np.nan)


@pytest.mark.parametrize(
    "given",
    [
        {"weight": np.nan},
        {"weight": NAN},
        {"weight": csc_array(NAN)},
        {"weight": NAN * pA},
        {"weight": np.nan, "connect": fixed_probability(0.5)},
    ],
    ids=["number", "dense", "sparse", "quantity", "connect"],
)
@pytest.mark.parametrize("target", ["native", "cortex", "thalamus"])
def test_a_weight_is_a_number(net, mixed, target, given):
    if target == "native" and "connect" not in given and np.ndim(given["weight"]):
        given = {"weight": np.full((2, 2), np.nan)}
    into = "current" if target == "thalamus" else None
    with pytest.raises(InvalidValue, match="NaN"):
        SynapseGroup(net, "native", target, into=into, **given)


@pytest.mark.parametrize(
    "weight", [np.ones((2, 3)), np.ones(3), csc_array(np.ones((2, 3))), np.ones((3, 2, 1))], ids=str
)
def test_a_matrix_is_target_by_source(net, mixed, weight):
    with pytest.raises(ShapeMismatch, match=r"\(target\.size, source\.size\) = \(3, 2\)"):
        SynapseGroup(net, "native", "cortex", weight=weight)


def test_delays_have_the_shape_of_the_weights(net, mixed):
    with pytest.raises(ShapeMismatch, match=r"\(3, 2\)"):
        SynapseGroup(net, "native", "cortex", weight=1.0, delay=np.ones((2, 3)))


def test_rules_of_connectivity_that_cannot_be(net, mixed):
    with pytest.raises(ShapeMismatch, match="same size"):
        SynapseGroup(net, "native", "cortex", weight=1.0, connect=one_to_one())
    with pytest.raises(InvalidValue, match="in-degree of 9"):
        SynapseGroup(net, "native", "cortex", weight=1.0, connect=fixed_indegree(9))


@pytest.mark.parametrize(("target", "into"), [("thalamus", "current"), ("cortex", None)])
def test_a_matrix_that_replaces_the_weights_holds_no_nan_either(net, mixed, target, into):
    """It would end up in the simulator, where everything turns to NaN in silence."""
    link = SynapseGroup(net, "cortex", target, weight=1e-12, into=into, delay=0.5)
    net.run(1.0)
    link.W = np.full((3, 3), np.nan)
    mixed["nest"].V_m = -50.0  # all fire
    with pytest.raises(InvalidValue, match="NaN"):
        net.run(2.0)


@pytest.mark.parametrize(("target", "into"), [("thalamus", "current"), ("cortex", None), ("native", None)])
@pytest.mark.parametrize("weights", [np.ones((4, 3)), csc_array(np.ones((4, 3))), [[1.0] * 3] * 3], ids=type)
def test_a_matrix_that_replaces_the_weights_fits(net, mixed, target, into, weights):
    link = SynapseGroup(net, "cortex", target, tag="on", weight=1e-12, into=into, delay=0.5)
    net.run(1.0)
    link.W = weights
    mixed["nest"].V_m = -50.0
    with pytest.raises((InvalidValue, ShapeMismatch), match="W of 'on'"):
        net.run(2.0)


# --- what links do not do


@pytest.mark.parametrize("argument", [{"delay": 1.0}, {"into": "current"}, {"connect": fixed_probability(0.1)}])
def test_a_place_for_behaviours_delivers_nothing(net, mixed, argument):
    with pytest.raises(InvalidValue, match=r"does nothing without weight="):
        SynapseGroup(net, "native", "thalamus", **argument)


def test_a_filter_is_an_exponential(net, mixed):
    with pytest.raises(InvalidValue, match=r"give exponential\(tau\)"):
        SynapseGroup(net, "native", "native", filter="uniform")
    with pytest.raises(InvalidValue, match="not both"):
        SynapseGroup(net, "native", "native", filter=exponential(5.0), signal="rate")


def test_only_samples_are_held(net, mixed):
    with pytest.raises(InvalidValue, match="coupling='hold' is for samples"):
        SynapseGroup(net, "native", "cortex", weight=1.0, coupling="hold")
    with pytest.raises(UnknownName, match=r"No coupling is named 'liner'\. Did you mean 'linear'\?"):
        SynapseGroup(net, "native", "cortex", signal="rate", into="I_e", coupling="liner")


def test_a_signal_that_nobody_has_is_told_at_build_with_its_line(net, mixed):
    SynapseGroup(net, "thalamus", "cortex", tag="analog", signal="vv", into="I_e")
    with pytest.raises(
        BuildFailed, match=r"test_links\.py:\d+.*analog.*No variable is named 'vv' in thalamus"
    ) as caught:
        net.build()
    assert len(caught.value.problems) == 1


def test_a_source_that_fires_no_spikes(net, mixed):
    poisson = NeuronGroup(net, nest.Create("poisson_generator", 1, {"rate": 100.0}), tag="poisson")
    SynapseGroup(net, poisson, "native", weight=1.0, tag="from a device")
    silent = NeuronGroup(net, brian2.NeuronGroup(1, "v : 1"), tag="silent")
    SynapseGroup(net, silent, "native", weight=1.0, tag="from the silent")
    with pytest.raises(BuildFailed) as caught:
        net.build()
    (first, one), (second, two) = caught.value.problems
    assert "from a device" in first
    assert "'poisson'" in str(one)
    assert "from the silent" in second
    assert "'silent'" in str(two)


def test_plasticity_needs_weights(net, mixed):
    SynapseGroup(net, "cortex", "thalamus", behaviour={4: STDP()})
    with pytest.raises(Unsupported, match="STDP needs a synapse group with W"):
        net.build()


def test_plasticity_of_fusions_own_is_not_for_neurons_nor_for_synapses_of_a_simulator(net, mixed, make):
    nodes = make("nest")
    nest.Connect(nodes, nodes)
    group = NeuronGroup(net, nodes, tag="nodes")
    with pytest.raises(Unsupported, match="STDP needs a synapse group with W; 'nodes' has none"):
        group.add_behaviour(4, STDP())
    with pytest.raises(Unsupported, match="STDP needs a synapse group with W; 'inside' has none"):
        SynapseGroup(net, group, group, nest.GetConnections(nodes), tag="inside", behaviour={4: STDP()})
    assert not net.synapses


# --- ends of other networks


def test_an_end_of_another_network(net, mixed):
    with Network(dt=0.1, seed=1) as other:
        stranger = NeuronGroup(other, size=3, tag="stranger")
        with pytest.raises(BelongsElsewhere, match=r"target 'stranger' belongs to another network"):
            SynapseGroup(net, mixed["nest"], stranger, weight=1.0)
        with pytest.raises(BelongsElsewhere, match=r"source 'stranger' belongs to another network"):
            SynapseGroup(net, stranger, mixed["nest"], weight=1.0)


def test_a_tag_that_nobody_bears(net, mixed):
    with pytest.raises(UnknownName, match=r"'cortx'.*Did you mean 'cortex'"):
        SynapseGroup(net, "cortx", "thalamus", weight=1.0, into="v")


def test_an_end_that_is_no_group(net, mixed, make):
    with pytest.raises(InvalidValue, match="give a NeuronGroup"):
        SynapseGroup(net, make("nest"), "thalamus", weight=1.0, into="v")


def test_synapses_of_a_simulator_between_other_groups(net, mixed, make):
    cells = brian2.NeuronGroup(2, "v : 1", threshold="v > 1")
    synapses = brian2.Synapses(cells, cells, on_pre="v += 1")
    with pytest.raises(BelongsElsewhere, match="synapses"):
        SynapseGroup(net, "thalamus", "thalamus", synapses)
    with pytest.raises(BelongsElsewhere, match="its own simulator"):
        SynapseGroup(net, "thalamus", "cortex", synapses)
    nodes = nest.Create("iaf_psc_exp", 2)
    nest.Connect(nodes, mixed["nest"].foreign)
    with pytest.raises(BelongsElsewhere, match=r"6 of 6 connections.*'cortex'"):
        SynapseGroup(net, "cortex", "cortex", nest.GetConnections(nodes))
