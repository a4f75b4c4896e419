"""What all rules on synapses share: what they are attached to, what they take, and what is refused."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from behaviours.plasticity.trains import FORMS, Trains, connected, dense, simulate, trains
from scipy import sparse

from fusion import Behaviour, Network, NeuronGroup, SynapseGroup
from fusion.behaviours import STDP, InhibitorySTDP, OneStepSTDP, RewardModulatedSTDP, ShortTermPlasticity
from fusion.errors import BehaviourFailed, BuildFailed, InvalidValue, SimulatorMissing, UnknownName, Unsupported


class Rewarded(RewardModulatedSTDP):
    """With dopamine from the beginning."""

    def initialize(self, owner):
        super().initialize(owner)
        owner.dopamine = 1.0


RULES = [STDP, OneStepSTDP, InhibitorySTDP, Rewarded]
TIMED = [(rule, name) for rule in RULES for name in rule.times]


def ids(value):
    return getattr(value, "__name__", str(value))


@pytest.mark.parametrize("rule", RULES, ids=ids)
@pytest.mark.parametrize("form", FORMS)
def test_the_synapses_of_neurons_that_never_fire_stay_as_they_are(rule, form):
    pre, post = trains(100, 6, 1, 0.2), trains(100, 5, 2, 0.2)
    pre[:, 4], post[:, 2] = False, False
    initial = np.random.default_rng(3).random((5, 6))
    weights = simulate(rule(), FORMS[form](initial), pre, post)
    assert weights[2, 4] == initial[2, 4]
    assert (weights != initial).sum() > 10


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_a_sparse_matrix_learns_as_the_dense_one_where_it_has_synapses(rule):
    pre, post = trains(150, 6, 1, 0.2), trains(150, 5, 2, 0.2)
    mask = np.random.default_rng(4).random((5, 6)) < 0.4
    mask[2], mask[:, 3] = False, False  # one target and one source without synapses
    initial = np.where(mask, 0.5, 0.0)
    made = sparse.csc_array(initial)
    weights = simulate(rule(), made, pre, post)
    np.testing.assert_array_equal(weights, np.where(mask, simulate(rule(), initial, pre, post), 0.0))
    assert made.nnz == mask.sum()


class Prunes(Behaviour):
    """Halves the number of synapses in iteration 50, which makes a matrix of another structure."""

    def iteration(self, synapses):
        if synapses.network.iteration == 50:
            weak = synapses.W.toarray()
            weak[:, ::2] = 0.0
            synapses.W = sparse.csc_array(weak)


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_a_matrix_may_be_replaced_while_it_learns(rule):
    pre, post = trains(100, 6, 1), trains(100, 5, 2)
    synapses = connected(sparse.csc_array(np.full((5, 6), 0.5)), pre, post)
    synapses.add_behaviour(2, rule())
    synapses.add_behaviour(3, Prunes())
    synapses.network.simulate(100)
    wanted = simulate(rule(), np.full((5, 6), 0.5), pre, post)
    wanted[:, ::2] = 0.0
    np.testing.assert_array_equal(dense(synapses.W), wanted)


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_another_matrix_may_learn_in_place_of_the_weights(rule):
    pre, post = trains(100, 6, 1), trains(100, 5, 2)
    synapses = connected(np.full((5, 6), 0.5), pre, post)
    synapses.strength = np.full((5, 6), 0.5)
    synapses.add_behaviour(2, rule(variable="strength"))
    synapses.network.simulate(100)
    np.testing.assert_array_equal(synapses.strength, simulate(rule(), np.full((5, 6), 0.5), pre, post))
    np.testing.assert_array_equal(synapses.W, np.full((5, 6), 0.5))


def test_an_unknown_matrix_is_found_at_build():
    synapses = connected(np.full((5, 6), 0.5), trains(5, 6, 1), trains(5, 5, 2))
    synapses.strength = np.full((5, 6), 0.5)
    synapses.add_behaviour(2, STDP(variable="strenth"))
    with pytest.raises(BuildFailed, match=r"Did you mean 'strength'\?"):
        synapses.network.build()


@pytest.mark.parametrize("rule", RULES, ids=ids)
@pytest.mark.parametrize("form", FORMS)
def test_whatever_computes_the_weights_are_the_same_in_all_bits(rule, form):
    pre, post = trains(150, 6, 1, 0.2), trains(150, 5, 2, 0.2)
    initial = np.random.default_rng(3).random((5, 6)).astype(np.float32)
    by_numpy, by_numba = (
        simulate(rule(compile=one, w_max=0.9), FORMS[form](initial), pre, post) for one in ("numpy", "numba")
    )
    assert by_numpy.tobytes() == by_numba.tobytes()
    assert (by_numba != initial).sum() > 10


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_nothing_is_compiled_while_it_learns(rule):
    synapses = connected(np.full((5, 6), 0.5, np.float32, order="F"), trains(50, 6, 1), trains(50, 5, 2))
    synapses.add_behaviour(2, rule(compile="numba"))
    synapses.network.build()
    before = compiled_versions()
    synapses.network.simulate(50)
    assert compiled_versions() == before


def compiled_versions():
    """Of each loop that numba compiles, for how many kinds of arrays it has done so."""
    (loops,) = (module for name, module in sys.modules.items() if name.startswith("fusion_plasticity_"))
    return {name: len(loop.signatures) for name, loop in vars(loops).items() if hasattr(loop, "signatures")}


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_what_computes_is_to_be_seen(rule, monkeypatch):
    assert repr(rule(w_max=2.0)) == f"{rule.__name__}(w_max=2.0, compile='numba')"
    with pytest.raises(UnknownName, match=r"No compiler is named 'nunba'\. Did you mean 'numba'"):
        rule(compile="nunba")
    monkeypatch.setattr("fusion.behaviours.compilers.find_spec", lambda name: None)
    assert repr(rule()) == f"{rule.__name__}(compile='numpy')"
    with pytest.raises(SimulatorMissing, match=r"numba is not installed.*pip install 'fusion-sim\[numba\]'"):
        rule(compile="numba")


@pytest.mark.parametrize("rule", RULES, ids=ids)
@pytest.mark.parametrize("make", [sparse.csr_array, sparse.coo_array])
def test_a_format_that_it_would_read_wrongly_is_refused(rule, make):
    with pytest.raises(BehaviourFailed, match=r"assign W\.tocsc\(\)"):
        simulate(rule(), make(np.ones((5, 6))), trains(3, 6, 1), trains(3, 5, 1))


@pytest.mark.parametrize("form", FORMS)
def test_whole_numbers_are_refused_for_they_would_cut_every_change_off(form):
    with pytest.raises(BehaviourFailed, match=r"holds int64; .* assign W\.astype\(float\)"):
        simulate(STDP(), FORMS[form](np.ones((5, 6), dtype=int)), trains(3, 6, 1), trains(3, 5, 1))


@pytest.mark.parametrize("rule", [*RULES, ShortTermPlasticity], ids=ids)
def test_what_has_no_synapses_refuses_it_on_the_line(rule):
    net = Network(tag="net")
    cells = NeuronGroup(net, size=3, tag="cells")
    for owner in (cells, net):
        with pytest.raises(Unsupported, match=f"{rule.__name__} needs a synapse group with W; '{owner.tag}' has none"):
            owner.add_behaviour(2, rule())
        assert not owner.behaviours
    with pytest.raises(Unsupported, match="'others' has none"):
        NeuronGroup(net, size=3, tag="others", behaviour={2: rule()})
    assert net.groups == [cells]


class Weighs(Behaviour):
    """Makes the weights, as behaviours of the user do."""

    def initialize(self, synapses):
        synapses.W = synapses.matrix(0.5)


@pytest.mark.parametrize("rule", [*RULES, ShortTermPlasticity], ids=ids)
def test_weights_that_nobody_makes_are_missed_at_build(rule):
    net = Network()
    cells = NeuronGroup(net, size=3, behaviour={1: Trains(table=trains(5, 3, 1))})
    bare = SynapseGroup(net, cells, cells, tag="bare", behaviour={2: rule()})
    with pytest.raises(Unsupported, match=f"{rule.__name__} needs a synapse group with W; 'bare' has none"):
        net.build()
    bare.add_behaviour(1, Weighs())
    net.build()


@pytest.mark.parametrize(("rule", "name"), TIMED, ids=ids)
@pytest.mark.parametrize("value", [0.0, -5.0])
def test_time_constants_are_positive(rule, name, value):
    with pytest.raises(InvalidValue, match=f"{name} is .*must be positive"):
        rule(**{name: value})


@pytest.mark.parametrize("rule", RULES, ids=ids)
@pytest.mark.parametrize("value", ["uniform", np.full((5, 6), 10.0)], ids=["drawn", "array"])
def test_parameters_are_numbers_the_same_for_all_synapses(rule, value):
    for name in ("w_max", *rule.times):
        with pytest.raises(InvalidValue, match=rf"{rule.__name__}\.{name} is one number"):
            rule(**{name: value})


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_bounds_are_in_order(rule):
    with pytest.raises(InvalidValue, match=r"w_min is 2\.0 and w_max 1\.0"):
        rule(w_min=2.0, w_max=1.0)


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_it_leaves_out_no_iteration(rule):
    with pytest.raises(InvalidValue, match="takes no every="):
        rule(every=5.0)
