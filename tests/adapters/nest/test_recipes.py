"""Recipes: nodes that are created where the network runs them."""

import nest
import numpy as np
import pytest
from fusion_nest import Adapter, nodes

from fusion.errors import ClockMismatch, InvalidValue, UnknownName


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
