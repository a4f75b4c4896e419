"""Links: what a source sends reaches its target at the tick, with the weight, that the rules say."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from fusion import Behaviour, Network, NeuronGroup, SynapseGroup
from fusion.errors import InvalidValue, ShapeMismatch

DT = 0.5
FORMS = {"dense": np.asarray, "C": np.ascontiguousarray, "sparse": sparse.csc_array}


class Plays(Behaviour):
    """Fires as a table (iterations, neurons) says, and nobody after its end."""

    table: object

    def iteration(self, neurons):
        k = neurons.iteration - 1
        neurons.spike = self.table[k].copy() if k < len(self.table) else neurons.vector(False)


class Sees(Behaviour):
    variable: str = "input"

    def initialize(self, neurons):
        self.rows = []

    def iteration(self, neurons):
        self.rows.append(neurons.read(self.variable).copy())


def train(n, size, seed=1, rate=0.2):
    return np.random.default_rng(seed).random((n, size)) < rate


def numbers(shape, seed=2):
    generator = np.random.default_rng(seed)
    # Of very different size, so that the order of a sum shows in its last bits.
    return generator.normal(size=shape) * 10.0 ** generator.integers(-6, 6, shape)


def network(table, n_targets, **options):
    """(net, synapses, what the target sees): a source that plays a table, a link, a target."""
    net = Network(dt=DT, seed=1)
    source = NeuronGroup(net, size=table.shape[1], tag="source", behaviour={1: Plays(table=table)})
    target = NeuronGroup(net, size=n_targets, tag="target", behaviour={1: Sees()})
    synapses = SynapseGroup(net, source, target, **options)
    return net, synapses, target.behaviours[1]


def expected(table, weights, delays, n):
    """What stands at the beginning of iterations 1 .. n: source after source, in ascending order."""
    rows = np.zeros((n, weights.shape[0]))
    # A place adds up what is on its way in the order in which it was fired.
    for k, mask in enumerate(table, 1):
        for j in np.flatnonzero(mask):
            for i in range(weights.shape[0]):
                if weights[i, j] and k + delays[i, j] <= n:
                    rows[k + delays[i, j] - 1, i] += weights[i, j]
    return rows


# Time.


@pytest.mark.parametrize("ticks", [1, 2, 3, 7, 40])
def test_a_spike_stands_in_the_target_when_iteration_k_plus_d_begins(ticks):
    table = np.zeros((50, 2), bool)
    table[4, 1] = True  # iteration 5
    net, _, seen = network(table, 3, weight=2.5, delay=ticks * DT)
    net.simulate(50)
    rows = np.array(seen.rows)
    assert np.flatnonzero(rows.any(axis=1)).tolist() == [5 + ticks - 1]
    assert rows[5 + ticks - 1].tolist() == [2.5] * 3


def test_the_delay_is_one_dt_unless_given():
    net, synapses, seen = network(np.array([[True]]), 1, weight=1.0)
    net.simulate(3)
    assert [row[0] for row in seen.rows] == [0.0, 1.0, 0.0]
    assert synapses.delay == DT


@pytest.mark.parametrize("key", [-5, 0, 1, 99])
def test_the_order_of_keys_does_not_move_an_arrival(key):
    net = Network(dt=DT)
    source = NeuronGroup(net, size=1, behaviour={key: Plays(table=np.array([[True]]))})
    target = NeuronGroup(net, size=1, behaviour={0.5: Sees()})
    SynapseGroup(net, source, target, weight=1.0, delay=2 * DT)
    net.simulate(5)
    assert [row[0] for row in target.behaviours[0.5].rows] == [0.0, 0.0, 1.0, 0.0, 0.0]


def test_spikes_on_their_way_survive_the_end_of_a_run():
    net, _, seen = network(np.array([[True]]), 1, weight=1.0, delay=5 * DT)
    for n in (2, 1, 4):
        net.simulate(n)
    assert [row[0] for row in seen.rows] == [0.0] * 5 + [1.0, 0.0]


def test_a_spike_of_the_last_iteration_arrives_in_the_next_run():
    net, _, seen = network(np.array([[False], [True]]), 1, weight=1.0)
    net.simulate(2)
    net.simulate(2)
    assert [row[0] for row in seen.rows] == [0.0, 0.0, 1.0, 0.0]


def test_a_link_that_comes_between_two_runs_carries_what_is_fired_from_then_on():
    table = np.ones((10, 1), bool)
    net, _, seen = network(table, 1, weight=1.0)
    net.simulate(3)
    SynapseGroup(net, "source", "target", weight=10.0, delay=2 * DT)
    net.simulate(4)
    assert [row[0] for row in seen.rows] == [0.0, 1.0, 1.0, 1.0, 1.0, 11.0, 11.0]


def test_a_group_may_be_connected_to_itself():
    class Echo(Behaviour):
        def iteration(self, neurons):
            neurons.spike = neurons.input > 0 if neurons.iteration > 1 else neurons.vector(True)

    net = Network()
    cells = NeuronGroup(net, size=2, behaviour={1: Echo(), 2: Sees(variable="spike")})
    SynapseGroup(net, cells, cells, weight=np.eye(2), delay=3.0)
    net.simulate(10)
    assert [bool(row.all()) for row in cells.behaviours[2].rows] == [k % 3 == 1 for k in range(1, 11)]


def test_two_groups_answer_each_other_over_links_both_ways():
    class Relay(Behaviour):
        def iteration(self, neurons):
            neurons.spike = neurons.input > 0

    net = Network()
    first = NeuronGroup(net, size=1, tag="first", behaviour={1: Relay(), 2: Sees(variable="spike")})
    second = NeuronGroup(net, size=1, tag="second", behaviour={0: Relay(), 2: Sees(variable="spike")})
    start = NeuronGroup(net, size=1, behaviour={5: Plays(table=np.array([[True]]))})
    SynapseGroup(net, start, first, weight=1.0)
    SynapseGroup(net, first, second, weight=1.0, delay=2.0)
    SynapseGroup(net, second, first, weight=1.0, delay=3.0)
    net.simulate(14)
    fired = [np.flatnonzero(np.array(group.behaviours[2].rows)[:, 0]) + 1 for group in (first, second)]
    assert [times.tolist() for times in fired] == [[2, 7, 12], [4, 9, 14]]


# Amount.


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("n_targets", [1, 2, 9])
def test_arrivals_are_sums_in_ascending_order_of_source(form, n_targets):
    table, weights = train(30, 40), numbers((n_targets, 40))
    net, _, seen = network(table, n_targets, weight=FORMS[form](weights), delay=3 * DT)
    net.simulate(40)
    np.testing.assert_array_equal(seen.rows, expected(table, weights, np.full(weights.shape, 3), 40))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("n_targets", [1, 2, 9])
def test_each_synapse_may_have_its_own_delay(form, n_targets):
    table, weights = train(30, 40), numbers((n_targets, 40))
    weights[np.random.default_rng(3).random(weights.shape) < 0.3] = 0.0
    delays = np.random.default_rng(4).integers(1, 12, weights.shape)
    net, _, seen = network(table, n_targets, weight=FORMS[form](weights), delay=delays * DT)
    net.simulate(45)
    # The row of a tick is filled over several iterations; within each of them in ascending order of source.
    np.testing.assert_array_equal(seen.rows, expected(table, weights, delays, 45))


@given(st.integers(1, 4), st.integers(1, 5), st.integers(0, 10_000), st.booleans())
def test_any_small_network_delivers_what_a_loop_delivers(n_targets, n_sources, seed, make_sparse):
    generator = np.random.default_rng(seed)
    table = generator.random((8, n_sources)) < 0.4
    weights = generator.integers(-4, 5, (n_targets, n_sources)).astype(float)
    delays = generator.integers(1, 5, (n_targets, n_sources))
    weight = sparse.csr_array(weights) if make_sparse else weights
    net, _, seen = network(table, n_targets, weight=weight, delay=delays * DT)
    net.simulate(14)
    np.testing.assert_array_equal(seen.rows, expected(table, weights, delays, 14))


def test_several_links_into_one_place_add():
    net, _, seen = network(np.array([[True], [True]]), 2, weight=1.0, delay=2 * DT)
    SynapseGroup(net, "source", "target", weight=np.array([[10.0], [20.0]]), delay=DT)
    SynapseGroup(net, "source", net["target", 0][1:], weight=100.0, delay=2 * DT)
    net.simulate(5)
    assert [row.tolist() for row in seen.rows] == [[0, 0], [10, 20], [11, 121], [1, 101], [0, 0]]


def test_links_into_different_places_do_not_meet():
    net, _, seen = network(np.array([[True]]), 1, weight=1.0)
    SynapseGroup(net, "source", "target", weight=5.0, into="inhibition")
    other = net["target", 0].add_behaviour(2, Sees(variable="inhibition"))
    net.simulate(2)
    assert seen.rows[1].tolist() == [1.0]
    assert other.rows[1].tolist() == [5.0]


def test_what_a_behaviour_does_to_the_arrivals_is_gone_in_the_next_iteration():
    class Doubles(Behaviour):
        def iteration(self, neurons):
            neurons.input *= 2
            neurons.input += 1

    net, _, seen = network(np.ones((3, 1), bool), 1, weight=1.0)
    net["target", 0].add_behaviour(2, Doubles())
    net.simulate(5)
    assert [row[0] for row in seen.rows] == [0.0, 1.0, 1.0, 1.0, 0.0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arrivals_have_the_networks_type(dtype):
    net = Network(dtype=dtype)
    cells = NeuronGroup(net, size=3, behaviour={1: Plays(table=np.ones((3, 3), bool)), 2: Sees()})
    SynapseGroup(net, cells, cells, weight=0.1)
    net.simulate(3)
    assert cells.input.dtype == dtype
    assert cells.input[0] == pytest.approx(0.3, rel=float(2 * np.finfo(dtype).eps))


def test_arrivals_are_zero_before_the_first_iteration():
    class Prepares(Behaviour):
        def initialize(self, neurons):
            self.found = neurons.input.copy()

    net, _, _ = network(np.ones((1, 2), bool), 3, weight=1.0)
    prepares = net["target", 0].add_behaviour(0, Prepares())
    net.build()
    assert prepares.found.tolist() == [0.0] * 3


# Parts of groups.


@pytest.mark.parametrize("form", ["dense", "sparse"])
@pytest.mark.parametrize("each", [False, True])
@pytest.mark.parametrize(
    ("source", "target"),
    [
        (slice(1, 4), slice(2, 6)),
        ([3, 0, 2], [5, 1]),
        (slice(None, None, -1), slice(None)),
        (np.arange(5) % 2 == 0, np.arange(6) > 2),
    ],
)
def test_parts_of_groups_are_ends_of_links(form, each, source, target):
    table = train(20, 5, rate=0.4)
    net = Network(dt=DT)
    a = NeuronGroup(net, size=5, behaviour={1: Plays(table=table)})
    b = NeuronGroup(net, size=6, behaviour={1: Sees()})
    # Whole numbers: the neurons of a selection may come in any order.
    weights = np.random.default_rng(5).integers(1, 9, (b[target].size, a[source].size)).astype(float)
    delays = np.random.default_rng(6).integers(1, 5, weights.shape) if each else np.full(weights.shape, 2)
    SynapseGroup(net, a[source], b[target], weight=FORMS[form](weights), delay=delays * DT if each else 2 * DT)
    net.simulate(25)
    wanted = np.zeros((25, 6))
    wanted[:, target] = expected(table[:, source], weights, delays, 25)
    np.testing.assert_array_equal(b.behaviours[1].rows, wanted)


# Weights that change.


class Sets(Behaviour):
    """The weights are the number of the iteration."""

    def iteration(self, synapses):
        synapses.W[:] = synapses.network.iteration


@pytest.mark.parametrize("key", [-9, 0, 99])
def test_a_spike_in_flight_carries_the_weight_of_the_end_of_its_iteration(key):
    table = np.zeros((10, 1), bool)
    table[[0, 4]] = True  # iterations 1 and 5
    net, synapses, seen = network(table, 1, weight=0.0, delay=3 * DT)
    synapses.add_behaviour(key, Sets())
    net.simulate(10)
    arrived = {k: row[0] for k, row in enumerate(seen.rows, 1) if row[0]}
    assert arrived == {4: 1.0, 8: 5.0}


def test_each_spike_on_its_way_has_its_own_weight():
    net, synapses, seen = network(np.ones((10, 1), bool), 1, weight=0.0, delay=np.array([[4 * DT]]))
    synapses.add_behaviour(5, Sets())
    net.simulate(10)
    assert [row[0] for row in seen.rows] == [0.0] * 4 + [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]


@pytest.mark.parametrize("make", FORMS.values(), ids=FORMS)
def test_weights_may_be_replaced(make):
    class Replaces(Behaviour):
        def iteration(self, synapses):
            synapses.W = make(np.full((2, 1), float(synapses.network.iteration)))

    net, synapses, seen = network(np.ones((4, 1), bool), 2, weight=0.0)
    synapses.add_behaviour(2, Replaces())
    net.simulate(4)
    assert [row.tolist() for row in seen.rows] == [[0, 0], [1, 1], [2, 2], [3, 3]]


@pytest.mark.parametrize(
    ("weights", "error"),
    [
        (np.ones((3, 1)), ShapeMismatch),
        (sparse.csr_array(np.ones((2, 1))), InvalidValue),
        ([[1.0], [1.0]], InvalidValue),
    ],
)
def test_weights_that_cannot_be_delivered_are_an_error(weights, error):
    net, synapses, _ = network(np.ones((4, 1), bool), 2, weight=0.0)
    net.simulate(1)
    synapses.W = weights
    with pytest.raises(error, match="W of 'source_to_target'"):
        net.simulate(1)


@pytest.mark.parametrize("make", [np.asfortranarray, sparse.csc_array])
def test_weights_with_their_own_delays_may_change_their_values(make):
    table, delays = train(20, 3), np.array([[1, 2, 3], [3, 1, 2]])
    net, synapses, seen = network(table, 2, weight=make(np.ones((2, 3))), delay=delays * DT)
    net.simulate(1)
    synapses.W = make(np.full((2, 3), 7.0))
    net.simulate(24)
    wanted = expected(table[:1], np.ones((2, 3)), delays, 25)
    later = np.concatenate([np.zeros((1, 3), bool), table[1:]])
    np.testing.assert_array_equal(seen.rows, wanted + expected(later, np.full((2, 3), 7.0), delays, 25))


def sparse_example():
    return sparse.csc_array(np.array([[1.0, 0.0, 2.0], [0.0, 3.0, 4.0]]))


def moved(W):
    return sparse.csc_array(np.array([[1.0, 2.0, 0.0], [0.0, 3.0, 4.0]]))  # as many synapses, elsewhere


def thinned(W):
    W.data[0] = 0.0
    W.eliminate_zeros()  # in place
    return W


@pytest.mark.parametrize("change", [moved, thinned, lambda W: sparse.csc_array(np.ones((2, 3))), lambda W: W.toarray()])
def test_synapses_with_their_own_delays_cannot_become_others(change):
    # Each delay belongs to one entry; it would silently become that of another.
    net, synapses, _ = network(np.ones((4, 3), bool), 2, weight=sparse_example(), delay="uniform(1, 3)")
    net.simulate(1)
    synapses.W = change(synapses.W)
    with pytest.raises(InvalidValue, match="other synapses than when its delays were given"):
        net.simulate(1)


def test_synapses_with_one_delay_for_all_may_become_others():
    net, synapses, seen = network(np.ones((4, 3), bool), 2, weight=sparse_example())
    net.simulate(1)
    synapses.W = moved(synapses.W)
    net.simulate(2)
    synapses.W = thinned(synapses.W)
    net.simulate(2)
    assert [row.tolist() for row in seen.rows] == [[0, 0], [3, 7], [3, 7], [3, 7], [2, 7]]


# The report.


def test_spikes_that_were_sent_are_counted():
    table = train(30, 5)
    net, _, _ = network(table, 3, weight=1.0, delay=2 * DT, tag="up")
    net.simulate(30)
    (report,) = net.coupling.links
    assert (report.link, report.sent, report.late) == ("up", table.sum(), 0)
    assert (report.delay_ms, report.coupling, report.kind) == (1.0, "exact", "spikes")


def test_the_same_network_delivers_the_same_bits_twice():
    results = []
    for _ in range(2):
        net, _, seen = network(train(30, 40), 7, weight="normal(0, 1)", delay="uniform(1, 5)")
        net.simulate(40)
        results.append(np.array(seen.rows))
    np.testing.assert_array_equal(*results)


def test_expected_is_what_a_dictionary_says():
    # The reference itself, on an example that can be read.
    table = np.array([[True, False], [True, True]])
    due = defaultdict(float)
    for k, j in ((1, 0), (2, 0), (2, 1)):
        due[k + [2, 1][j]] += [5.0, 7.0][j]
    rows = expected(table, np.array([[5.0, 7.0]]), np.array([[2, 1]]), 5)
    assert {k: row[0] for k, row in enumerate(rows, 1) if row[0]} == dict(due)
