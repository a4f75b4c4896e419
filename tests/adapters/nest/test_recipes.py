"""Recipes: nodes that are created where the network runs them."""

import nest
import numpy as np
import pytest
from fusion_nest import Adapter, Nodes, nodes

from fusion import EventRecorder, Network, NeuronGroup, built
from fusion.adapter.recipe import Built
from fusion.errors import ClockMismatch, InvalidValue, RecipeFailed, SimulatorFailed, UnknownName


def test_a_recipe_is_what_it_says():
    recipe = nodes("iaf_psc_exp", 3, I_e=300.0, tau_m=12.0)
    assert repr(recipe) == "nodes('iaf_psc_exp', 3, I_e=300.0, tau_m=12.0)"
    assert repr(eval(repr(recipe))) == repr(recipe)


def test_the_adapter_serves_recipes_and_collections():
    assert Adapter.serves(nodes("iaf_psc_exp", 3))
    assert Adapter.serves(nest.Create("iaf_psc_exp"))
    assert not Adapter.serves("iaf_psc_exp")


def test_a_recipe_becomes_nodes_with_its_parameters(participant):
    currents = np.array([100.0, 200.0, 300.0])
    one = participant()
    cells = one.group(nodes("iaf_psc_exp", 3, I_e=currents, V_m=-60.0, t_ref=np.float64(3.0)))
    assert cells.size == 3
    np.testing.assert_array_equal(one.adapter.read(cells, "I_e"), currents)
    np.testing.assert_array_equal(one.adapter.read(cells, "V_m"), [-60.0] * 3)
    np.testing.assert_array_equal(one.adapter.read(cells, "t_ref"), [3.0] * 3)


def test_what_a_recipe_draws_follows_the_seed(participant, reset):
    drawn = []
    for seed in (3, 3, 4):
        reset()
        one = participant(seed=seed)
        cells = one.group(nodes("iaf_psc_exp", 5, V_m=nest.random.uniform(-70.0, -60.0)))
        drawn.append(one.adapter.read(cells, "V_m").tolist())
        one.adapter.close()
    assert drawn[0] == drawn[1] != drawn[2]


def test_an_empty_kernel_takes_the_dt_of_the_network(participant):
    one = participant(dt=0.5)
    cells = one.group(nodes("iaf_psc_exp", 2))
    assert nest.resolution == 0.5
    one.run(4)
    assert nest.biological_time == 2.0
    one.group(nodes("iaf_psc_exp", 2), "more")
    assert cells.size == 2


def test_a_kernel_with_nodes_keeps_its_resolution(participant):
    nest.Create("iaf_psc_exp")
    with pytest.raises(ClockMismatch, match=r"NEST's resolution is 0.1 ms, the network's dt 0.5 ms"):
        participant(dt=0.5).group(nodes("iaf_psc_exp", 2))


def test_a_kernel_with_copied_models_says_what_to_write(participant):
    nest.CopyModel("iaf_psc_exp", "mine")
    with pytest.raises(ClockMismatch, match=r"Write nest.resolution = 0.5 at the top of the script"):
        participant(dt=0.5).group(nodes("mine", 2))


def test_unknown_models_and_parameters_are_named(participant):
    one = participant()
    with pytest.raises(UnknownName, match=r"No NEST model is named 'iaf_psc_expo'. Did you mean 'iaf_psc_exp'"):
        one.group(nodes("iaf_psc_expo", 2))
    with pytest.raises(UnknownName, match=r"No parameter is named 'I' in NEST model 'iaf_psc_exp'"):
        one.group(nodes("iaf_psc_exp", 2, I=3.0))
    with pytest.raises(InvalidValue, match=r"NEST refused nodes\('iaf_psc_exp', 2, C_m=-1.0\): .*Capacitance"):
        one.group(nodes("iaf_psc_exp", 2, C_m=-1.0))


def test_a_recipe_is_described_in_plain_values(participant):
    currents = np.array([100.0, 200.0, 300.0])
    recipe = nodes("iaf_psc_exp", 3, I_e=currents, V_m=-60.0)
    assert recipe.described() == {"model": "iaf_psc_exp", "n": 3, "params": {"I_e": currents, "V_m": -60.0}}
    assert recipe.with_names({"I_e": 3.0}) is recipe
    one = participant()
    cells = one.group(Nodes.from_description(recipe.described()))
    np.testing.assert_array_equal(one.adapter.read(cells, "I_e"), currents)
    np.testing.assert_array_equal(one.adapter.read(cells, "V_m"), [-60.0] * 3)


def test_an_expression_of_nest_cannot_be_described():
    recipe = nodes("iaf_psc_exp", 3, V_m=nest.random.uniform(-70.0, -60.0))
    with pytest.raises(
        InvalidValue, match=r"V_m= of nodes\('iaf_psc_exp', \.\.\.\) is .*an array \(n,\); fusion\.built"
    ):
        recipe.described()


def column(n, rate, relayed=False):
    """Nodes with noise of their own, and parrots that repeat it."""
    cells = nest.Create("iaf_psc_exp", n, {"I_e": 380.0})
    noise = nest.Create("poisson_generator", 1, {"rate": rate})
    nest.Connect(noise, cells, syn_spec={"weight": 60.0, "delay": 1.0})
    nest.Connect(cells, cells, {"rule": "fixed_indegree", "indegree": 3}, {"weight": -20.0, "delay": 1.5})
    cells.V_m = nest.random.uniform(-70.0, -56.0)
    if not relayed:
        return cells
    parrots = nest.Create("parrot_neuron", 2)
    nest.Connect(noise, parrots)
    return cells, parrots


def by_nodes(n):
    return nodes("iaf_psc_exp", n, I_e=400.0)


def starting_anew(n):
    nest.ResetKernel()
    return nest.Create("iaf_psc_exp", n)


def spikes_of(make):
    """Spikes of the second group of a network: NEST is claimed and seeded when `make` is called."""
    with Network(dt=0.1, seed=5) as net:
        NeuronGroup(net, nodes("iaf_psc_exp", 1))
        NeuronGroup(net, make(), tag="cells", behaviour={9: EventRecorder("spike")})
        net.run(60.0)
        fired = net["spike.t", 0].tolist(), net["spike.i", 0].tolist()
    assert fired[0]
    return fired


def test_a_recipe_gives_the_spikes_of_the_object(reset):
    drive = np.linspace(380.0, 420.0, 6)
    objects = spikes_of(lambda: nest.Create("iaf_psc_exp", 6, {"I_e": drive}))
    for recipe in (
        nodes("iaf_psc_exp", 6, I_e=drive),
        Nodes.from_description(nodes("iaf_psc_exp", 6, I_e=drive).described()),
    ):
        reset()
        assert spikes_of(lambda recipe=recipe: recipe) == objects


def test_a_function_gives_the_spikes_of_the_object(reset):
    objects = spikes_of(lambda: column(20, 9000.0))
    recipe = built(column, adapter="nest", n=20, rate=9000.0)
    nameless = built(lambda: column(20, 9000.0), adapter="nest")
    for each in (recipe, Built.from_description(recipe.described()), nameless):
        reset()
        assert spikes_of(lambda each=each: each) == objects


def test_a_function_finds_an_empty_kernel_with_the_networks_dt(participant):
    one = participant(dt=0.5)
    cells = one.group(built(by_nodes, adapter="nest", n=4))
    assert (cells.size, nest.resolution) == (4, 0.5)
    one.run(4)
    assert nest.biological_time == 2.0


def test_a_function_cannot_change_the_dt_of_a_kernel_with_nodes(participant):
    nest.Create("iaf_psc_exp")
    with pytest.raises(ClockMismatch, match=r"NEST's resolution is 0.1 ms, the network's dt 0.5 ms"):
        participant(dt=0.5).group(built(column, adapter="nest", n=4, rate=1.0))


def test_further_nodes_that_a_function_returns_go_with_the_group(participant, caplog, reset):
    one = participant()
    one.group(built(column, adapter="nest", n=4, rate=9000.0, relayed=True))
    one.run(10)
    assert "in no group" not in caplog.text
    one.adapter.close()
    reset()
    two = participant()
    two.group(built(lambda: column(4, 9000.0, relayed=True)[0], adapter="nest"))
    two.run(10)
    assert "in no group: 2 parrot_neuron" in caplog.text


def test_what_nest_refuses_in_a_function_is_told_with_its_name(participant):
    with pytest.raises(
        RecipeFailed,
        match=r"test_recipes\.column\(\), which builds 'cells', raised BadProperty at .*cannot be negative",
    ):
        participant().group(built(column, adapter="nest", n=4, rate=-1.0))


def test_a_function_that_resets_the_kernel_is_an_error(participant):
    with pytest.raises(SimulatorFailed, match=r"nest\.ResetKernel\(\) was called"):
        participant().group(built(starting_anew, adapter="nest", n=4))


def test_a_function_that_makes_something_else_is_an_error(participant):
    with pytest.raises(InvalidValue, match=r"3 is no nest\.NodeCollection"):
        participant().group(built(lambda: 3, adapter="nest"))
