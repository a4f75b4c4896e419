"""Variables by NEST's own names and units, read and written only where they are asked for."""

import nest
import numpy as np
import pytest
from fusion_nest import models
from fusion_nest.groups import Group
from fusion_nest.kernel import Kernel

from fusion import Network, NeuronGroup
from fusion.core import units
from fusion.errors import InvalidValue, ReadOnly, UnknownName

NEURONS = [model for model in nest.node_models if nest.GetDefaults(model)["element_type"] == "neuron"]


@pytest.fixture(scope="module")
def groups():
    """One group of each neuron model."""
    nest.ResetKernel()
    kernel = Kernel(0.1)
    return {model: Group(kernel, nest.Create(model, 2), 0, model) for model in NEURONS}


@pytest.mark.parametrize("model", NEURONS)
def test_nest_takes_what_may_be_written_and_refuses_what_may_not(participant, model):
    one = participant()
    cells = one.group(nest.Create(model, 2))
    for name, variable in cells.variables.items():
        value = one.adapter.read(cells, name)
        assert value.shape == (2,)
        if variable.read_only:
            with pytest.raises(InvalidValue, match=name):
                one.adapter.write(cells, name, value)
        else:
            one.adapter.write(cells, name, value)
            np.testing.assert_array_equal(one.adapter.read(cells, name), value)


@pytest.mark.parametrize("model", [model for model in NEURONS if model != "cm_default"])  # it has no compartments yet
def test_every_input_for_spikes_can_be_opened(participant, model):
    one = participant()
    cells = one.group(nest.Create(model, 2))
    for name, place in cells.inputs.items():
        if place.spikes:
            one.push(one.spikes_in(cells, name), 3, {1: 1.0})
    if cells.spikes:
        one.spikes_out(cells)
    one.run(5)


@pytest.mark.parametrize(
    ("model", "unit"),
    [
        ("iaf_psc_exp", "pA"), ("hh_psc_alpha", "pA"), ("gif_psc_exp", "pA"), ("iaf_cond_alpha", "nS"),
        ("aeif_cond_exp", "nS"), ("hh_cond_exp_traub", "nS"), ("iaf_psc_delta", "mV"), ("izhikevich", "mV"),
        ("parrot_neuron", ""), ("ht_neuron", None), ("iaf_bw_2001", None),
    ],
)  # fmt: skip
def test_weights_have_the_unit_of_what_they_add_to(participant, model, unit):
    cells = participant().group(nest.Create(model))
    assert {place.unit for place in cells.inputs.values() if place.spikes} == {unit}


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (
            "iaf_psc_exp",
            {"V_m": "mV", "I_e": "pA", "C_m": "pF", "tau_m": "ms", "t_ref": "ms", "E_L": "mV", "rho": None},
        ),
        ("iaf_cond_exp", {"g_L": "nS", "g_ex": "nS", "E_in": "mV", "tau_syn_ex": "ms"}),
        ("aeif_cond_alpha", {"a": "nS", "b": "pA", "w": "pA", "Delta_T": "mV", "dg_ex": "nS/ms", "tau_w": "ms"}),
        ("hh_psc_alpha", {"g_Na": "nS", "E_K": "mV", "Act_m": ""}),
        ("izhikevich", {"V_m": "mV", "U_m": "mV", "a": None, "b": None, "c": "mV", "d": "mV", "I_e": "pA"}),
        ("lin_rate_ipn", {"rate": None, "tau": None}),
    ],
)
def test_units_are_those_of_nests_documentation(participant, model, expected):
    cells = participant().group(nest.Create(model))
    assert {name: cells.variables[name].unit for name in expected} == expected


def test_a_copied_model_keeps_the_units_of_its_origin(participant):
    nest.CopyModel("iaf_cond_exp", "mine", {"g_L": 20.0})
    cells = participant().group(nest.Create("mine", 2))
    assert cells.variables["V_m"].unit == "mV"
    assert cells.inputs["spikes"].unit == "nS"


def test_all_units_of_the_tables_can_be_read(groups):
    for model, group in groups.items():
        for place in (*group.handle.variables.values(), *group.handle.inputs.values()):
            if place.unit is not None:
                units.parse(place.unit)
        assert models.is_known(model) or all(v.unit is None for v in group.handle.variables.values())


def test_models_of_the_tables_exist():
    named = models.CURRENT | models.CONDUCTANCE | models.JUMP | models.RELAYS
    assert named - set(NEURONS) == set()


def test_two_channels_are_told_apart_by_sign_where_a_model_has_two(participant):
    one = participant()
    signed = {
        model: one.group(nest.Create(model), model).inputs["spikes"].signed
        for model in ("iaf_psc_exp", "iaf_cond_exp", "aeif_psc_alpha", "iaf_psc_delta", "izhikevich", "parrot_neuron")
    }
    assert [model for model, two in signed.items() if not two] == ["iaf_psc_delta", "izhikevich", "parrot_neuron"]


def test_only_the_neurons_asked_for_are_read(public, participant, monkeypatch):
    one = participant()
    cells = one.group(nest.Create("iaf_psc_exp", 50, {"V_m": np.linspace(-70.0, -60.0, 50)}))
    asked = []
    plain = Kernel.get
    monkeypatch.setattr(Kernel, "get", lambda self, nodes, name: asked.append(len(nodes)) or plain(self, nodes, name))
    v = np.linspace(-70.0, -60.0, 50)
    for index in (slice(3, 6), slice(-2, None), slice(40, 10, -7), np.array([7]), np.array([9, 2, 9, 0])):
        np.testing.assert_array_equal(one.adapter.read(cells, "V_m", index), v[index])
    assert asked == [3, 2, 5, 1, 3]
    assert one.adapter.read(cells, "V_m", slice(5, 5)).shape == (0,)


def test_a_slice_of_nodes_is_a_group_like_any_other(participant):
    v = np.linspace(-70.0, -60.0, 12)
    nodes = nest.Create("iaf_psc_exp", 12, {"V_m": v})
    one = participant()
    odd = one.group(nodes[1::2])
    np.testing.assert_array_equal(one.adapter.read(odd, "V_m"), v[1::2])
    np.testing.assert_array_equal(one.adapter.read(odd, "V_m", np.array([4, 1])), v[1::2][[4, 1]])
    one.adapter.write(odd, "V_m", [-50.0, -51.0], slice(2, 4))
    assert [nodes[i].V_m for i in (5, 7)] == [-50.0, -51.0]
    port = one.spikes_in(odd)
    one.push(port, 3, {5: 5000.0})
    one.run(4)
    assert np.flatnonzero(one.adapter.read(odd, "V_m") > v[1::2])[-1] == 5


def test_parts_are_written_in_the_order_of_the_index(participant):
    one = participant()
    cells = one.group(nest.Create("iaf_psc_exp", 6, {"V_m": -70.0}))
    one.adapter.write(cells, "V_m", [-61.0, -62.0, -63.0], np.array([4, 0, 2]))
    one.adapter.write(cells, "V_m", -60.0, slice(5, None))
    np.testing.assert_array_equal(one.adapter.read(cells, "V_m"), [-62.0, -70.0, -63.0, -70.0, -61.0, -60.0])


def test_a_voltage_that_is_written_decays_from_there(participant):
    """v(t) = E_L + (v0 - E_L) exp(-t / tau_m)"""
    one = participant()
    cells = one.group(nest.Create("iaf_psc_exp", 2, {"tau_m": 10.0}))
    one.adapter.prepare()
    one.advance(7)
    one.adapter.write(cells, "V_m", -60.0, slice(1))
    np.testing.assert_array_equal(one.adapter.read(cells, "V_m"), [-60.0, -70.0])
    one.advance(50)
    # 50 roundings of 70 mV
    np.testing.assert_allclose(one.adapter.read(cells, "V_m"), [-70.0 + 10.0 * np.exp(-0.5), -70.0], rtol=1e-13)


def test_what_nest_would_not_take_into_account_cannot_be_written_while_running(participant):
    one = participant()
    cells = one.group(nest.Create("iaf_psc_exp", 2))
    one.adapter.prepare()
    for name in ("tau_m", "C_m", "E_L", "t_ref", "tau_syn_ex"):
        with pytest.raises(ReadOnly, match=rf"'{name}' cannot be set now: .* so it can only be changed between runs"):
            one.adapter.write(cells, name, 5.0)
    one.adapter.write(cells, "I_e", 5.0)
    one.adapter.cleanup()
    one.adapter.write(cells, "tau_m", 5.0)
    one.run(1)
    np.testing.assert_array_equal(one.adapter.read(cells, "tau_m"), [5.0, 5.0])


def test_a_value_that_nest_refuses_is_an_error_in_its_words(participant):
    one = participant()
    cells = one.group(nest.Create("iaf_psc_exp", 2))
    with pytest.raises(InvalidValue, match=r"NEST refused tau_m of 'cells': .*strictly positive"):
        one.adapter.write(cells, "tau_m", [10.0, -1.0])


def test_a_variable_that_is_not_there_is_an_error_with_those_that_are(participant):
    one = participant()
    cells = one.group(nest.Create("iaf_psc_exp", 2))
    with pytest.raises(UnknownName, match=r"No variable is named 'V_M' in cells. Did you mean 'V_m'"):
        one.adapter.read(cells, "V_M")
    with pytest.raises(UnknownName, match=r"No variable is named 'v' in cells"):
        one.adapter.port(cells, "v", "samples out")


def test_nodes_of_several_models_are_several_groups(participant):
    both = nest.Create("iaf_psc_exp", 2) + nest.Create("iaf_psc_alpha", 2)
    with pytest.raises(InvalidValue, match=r"several models: iaf_psc_alpha, iaf_psc_exp. Make a NeuronGroup of each"):
        participant().group(both)


def test_samples_stand_in_the_current_from_their_tick_on(participant):
    """dV/dt = I / C: a current of C / ms raises the voltage by dt mV per step."""
    one = participant()
    cells = one.group(nest.Create("iaf_psc_delta", 2, {"tau_m": 1e6, "C_m": 100.0, "V_th": 0.0}))
    port = one.adapter.port(cells, "I_e", "samples in")
    one.push_samples(port, 2, [[100.0, 0.0], [100.0, 50.0], [0.0, 50.0]])
    one.adapter.prepare()
    steps = np.diff(one.trajectory(cells, "V_m", 7), axis=0, prepend=[[-70.0, -70.0]])
    # Ticks 1 .. 7; the membrane leaks a ten-millionth in each.
    np.testing.assert_allclose(steps[:, 0], [0, 0, 0.1, 0.1, 0, 0, 0], atol=1e-7)
    np.testing.assert_allclose(steps[:, 1], [0, 0, 0, 0.05, 0.05, 0.05, 0.05], atol=1e-7)
    np.testing.assert_array_equal(one.adapter.read(cells, "I_e"), [0.0, 50.0])


def test_a_sample_stands_though_somebody_else_wrote_before_it(participant):
    one = participant()
    cells = one.group(nest.Create("iaf_psc_exp", 2))
    port = one.adapter.port(cells, "I_e", "samples in")
    one.adapter.prepare()
    one.push_samples(port, 0, [[10.0, 20.0]])
    one.adapter.write(cells, "I_e", 5.0)
    one.advance()
    one.push_samples(port, 1, [[10.0, 30.0]])
    np.testing.assert_array_equal(one.adapter.read(cells, "I_e"), [10.0, 30.0])


@pytest.mark.usefixtures("public")
def test_the_time_that_a_subscribed_variable_took_is_told(participant):
    one = participant()
    cells = one.group(nest.Create("iaf_psc_exp", 2))
    port, spikes = one.adapter.port(cells, "V_m", "samples out"), one.adapter.port(cells, "", "spikes out")
    assert one.adapter.seconds_in(port) == 0.0
    one.run(3)
    assert 0.0 < one.adapter.seconds_in(port) < 60.0
    assert one.adapter.seconds_in(spikes) is None


def test_a_subscribed_variable_leaves_once_per_tick(participant):
    one = participant()
    cells = one.group(nest.Create("iaf_psc_exp", 2, {"I_e": [100.0, 200.0]}))
    port = one.adapter.port(cells, "V_m", "samples out")
    one.adapter.prepare()
    rows = one.trajectory(cells, "V_m", 3)
    one.advance(4)
    batch = one.adapter.pull(port)
    assert (batch.t0, batch.complete_until) == (1, 7)
    np.testing.assert_array_equal(batch.values[:3], rows)
    np.testing.assert_array_equal(batch.values[-1], one.adapter.read(cells, "V_m"))


def test_a_list_selects_neurons_as_an_array_does():
    net = Network(dt=0.1)
    cells = NeuronGroup(net, nest.Create("iaf_psc_exp", 4), tag="cells")
    cells.set("V_m", -60.0, [2])
    cells.set("V_m", [-61.0, -62.0], np.array([0, 3]))
    np.testing.assert_array_equal(cells.V_m, [-61.0, -70.0, -60.0, -62.0])
    np.testing.assert_array_equal(cells.read("V_m", [3, 2]), [-62.0, -60.0])
    cells.set("V_m", -50.0, [])
    assert cells.read("V_m", []).shape == (0,)
    net.close()
