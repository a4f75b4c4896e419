"""NEST's own connections as synapse groups: the right ones, whatever is connected later."""

import nest
import numpy as np
import pytest

from fusion.errors import BelongsElsewhere, InvalidValue, ReadOnly, SimulatorFailed

VARIABLES = ("pre", "post", "weights", "delays")


def connected(n=12, seed=3, **spec):
    """Random weights and delays, all to all."""
    rng = np.random.default_rng(seed)
    a, b = nest.Create("iaf_psc_exp", n), nest.Create("iaf_psc_exp", n)
    weights, delays = rng.uniform(1.0, 9.0, (n, n)), rng.integers(5, 30, (n, n)) / 10
    nest.Connect(a, b, syn_spec={"weight": weights, "delay": delays, **spec})
    return a, b, weights, delays


def adopted(participant, collection=None, **spec):
    a, b, weights, delays = connected(**spec)
    one = participant()
    pre, post = one.group(a, "a"), one.group(b, "b")
    return one, one.adapter.connect(collection and collection(a, b), pre, post), weights, delays


def shown(one, edge):
    return [one.adapter.read(edge, name) for name in VARIABLES]


@pytest.mark.parametrize("collection", [None, nest.GetConnections])
def test_adopted_synapses_are_shown_by_positions_in_their_groups(participant, collection):
    one, edge, weights, delays = adopted(participant, collection)
    pre, post, w, d = shown(one, edge)
    assert edge.size == 144 == len(pre)
    np.testing.assert_array_equal(w, weights[post, pre])
    np.testing.assert_allclose(d, delays[post, pre], rtol=1e-14)  # NEST keeps them as steps
    assert [edge.variables[name].unit for name in VARIABLES] == ["", "", "pA", "ms"]


def test_a_part_of_the_connections_can_be_adopted(participant):
    a, b, weights, _ = connected()
    one = participant()
    pre, post = one.group(a, "a"), one.group(b, "b")
    edge = one.adapter.connect(nest.GetConnections(a[3], b), pre, post)
    i, j, w, _ = shown(one, edge)
    assert set(i) == {3}
    np.testing.assert_array_equal(w, weights[j, 3])


def test_weights_can_be_written_while_running_and_delays_between_runs(participant):
    one, edge, _, _ = adopted(participant)
    one.adapter.prepare()
    one.advance(3)
    one.adapter.write(edge, "weights", [5.0, 6.0], np.array([10, 2]))
    assert one.adapter.read(edge, "weights", np.array([2, 10])).tolist() == [6.0, 5.0]
    with pytest.raises(ReadOnly, match=r"'delays' cannot be set now: .* between runs"):
        one.adapter.write(edge, "delays", 1.0)
    one.adapter.cleanup()
    one.adapter.write(edge, "delays", 1.0)
    assert set(one.adapter.read(edge, "delays")) == {1.0}
    with pytest.raises(InvalidValue, match=r"NEST refused the delays of the connections from a to b"):
        one.adapter.write(edge, "delays", 1e6)


def test_a_weight_that_is_written_is_what_the_next_spike_brings(participant):
    source, target = nest.Create("parrot_neuron"), nest.Create("iaf_psc_delta", 1, {"tau_m": 1e12})
    nest.Connect(source, target, syn_spec={"weight": 1.0, "delay": 0.5})
    one = participant()
    pre, post = one.group(source, "a"), one.group(target, "b")
    edge = one.adapter.connect(None, pre, post)
    port = one.spikes_in(pre)
    one.push(port, 3, {0: 1.0})
    one.push(port, 20, {0: 1.0})
    one.adapter.prepare()
    one.advance(10)
    one.adapter.write(edge, "weights", 4.0)
    one.advance(20)
    np.testing.assert_allclose(one.adapter.read(post, "V_m"), [-65.0], rtol=1e-9)  # the membrane leaks a little


def ports(one, edge):
    handle = one.group(nest.Create("iaf_psc_exp", 5), "others")
    one.spikes_in(handle)
    one.spikes_out(handle)


def users_connections(one, edge):
    nodes = nest.Create("iaf_psc_exp", 30)
    nest.Connect(nodes, nodes, {"rule": "fixed_total_number", "N": 200})


def nothing(one, edge):
    pass


@pytest.mark.parametrize("later", [ports, users_connections, nothing])
def test_adopted_synapses_stay_the_same_whatever_is_connected_later(participant, later):
    """NEST sorts its table anew, and collections made before point at others then."""
    one, edge, _, _ = adopted(participant, nest.GetConnections)
    before = shown(one, edge)
    later(one, edge)
    one.run(3)
    for now, then in zip(shown(one, edge), before, strict=True):
        np.testing.assert_array_equal(now, then)
    one.adapter.prepare()
    one.adapter.write(edge, "weights", -before[2])
    np.testing.assert_array_equal(one.adapter.read(edge, "weights"), -before[2])


def test_collections_from_before_the_groups_are_adopted_as_they_were(participant):
    """What fusion connects for itself makes NEST sort as well."""
    a, b, weights, _ = connected()
    nest.Connect(a, a, syn_spec={"weight": weights + 100.0, "delay": 1.0})
    across, within = nest.GetConnections(a, b), nest.GetConnections(a, a)
    expected = [c.get(["source", "target", "weight"]) for c in (across, within)]
    one = participant()
    pre, post = one.group(a, "a"), one.group(b, "b")
    edges = [one.adapter.connect(across, pre, post), one.adapter.connect(within, pre, pre)]
    for edge, then, target in zip(edges, expected, (b, a), strict=True):
        i, j, w, _ = shown(one, edge)
        assert (i + a[0].global_id).tolist() == list(then["source"])
        assert (j + target[0].global_id).tolist() == list(then["target"])
        assert w.tolist() == list(then["weight"])


def test_the_collection_that_was_adopted_follows(participant):
    a, b, _, _ = connected()
    one = participant()
    pre, post = one.group(a, "a"), one.group(b, "b")
    collection = nest.GetConnections(a, b)
    edge = one.adapter.connect(collection, pre, post)
    users_connections(one, edge)
    one.run(1)
    assert collection.weight == one.adapter.read(edge, "weights").tolist()
    pairs = zip(collection.source, collection.target, strict=True)
    assert [(s - a[0].global_id, t - b[0].global_id) for s, t in pairs] == list(
        zip(*(one.adapter.read(edge, name) for name in ("pre", "post")), strict=True)
    )


def test_several_synapses_between_two_neurons_are_told_apart(participant):
    a = nest.Create("iaf_psc_exp", 4)
    for weight in (1.0, 2.0, 3.0):
        nest.Connect(a, a, syn_spec={"weight": weight, "delay": 1.0})
    one = participant()
    cells = one.group(a)
    edge = one.adapter.connect(nest.GetConnections(a, a), cells, cells)
    before = shown(one, edge)
    ports(one, edge)
    users_connections(one, edge)
    nest.Connect(a, a, syn_spec={"weight": 4.0, "delay": 1.0})
    one.run(2)
    for now, then in zip(shown(one, edge), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_synapses_that_cannot_be_found_again_are_an_error(participant):
    one, *_ = adopted(participant, nest.GetConnections, n=2)
    nest.Connect(nest.NodeCollection([1]), nest.NodeCollection([3]), syn_spec={"weight": 4.0, "delay": 1.0})
    with pytest.raises(
        SimulatorFailed, match=r"from node 1 to node 3 cannot be found again.*Connect everything before"
    ):
        one.adapter.prepare()


def test_plastic_synapses_are_read_as_they_learn(participant):
    one, edge, _, _ = adopted(participant, nest.GetConnections, n=3, synapse_model="stdp_synapse")
    before = one.adapter.read(edge, "weights")
    pre, post = (one.adapter._groups[k].handle for k in (0, 1))
    drive = [one.spikes_in(handle) for handle in (pre, post)]
    for tick in range(10, 400, 40):
        one.push(drive[0], tick, dict.fromkeys(range(3), 9000.0))
        one.push(drive[1], tick + 30, dict.fromkeys(range(3), 9000.0))
    one.run(400)
    assert (one.adapter.read(edge, "weights") != before).any()


def test_connections_of_other_neurons_are_refused(participant):
    a, b, _, _ = connected(n=3)
    one = participant()
    pre, post = one.group(a, "a"), one.group(b[:2], "b")
    with pytest.raises(
        BelongsElsewhere, match=r"3 of 9 connections do not go from 'a' to 'b'. Give nest.GetConnections"
    ):
        one.adapter.connect(nest.GetConnections(a, b), pre, post)


def test_something_else_is_no_collection_of_synapses(participant):
    a, b, _, _ = connected(n=3)
    one = participant()
    pre, post = one.group(a, "a"), one.group(b, "b")
    with pytest.raises(InvalidValue, match=r"no nest.SynapseCollection; give what nest.GetConnections returns"):
        one.adapter.connect(a, pre, post)


def test_ports_reach_their_targets_whatever_is_connected_later(participant):
    """The weights of a port are NEST connections as well."""
    nodes = nest.Create("iaf_psc_delta", 6, {"tau_m": 1e12})
    one = participant()
    cells = one.group(nodes)
    port = one.spikes_in(cells)
    nest.Connect(nest.Create("dc_generator", 3), nodes)
    users_connections(one, None)
    nest.Connect(nest.Create("spike_generator", 2), nodes)
    one.push(port, 3, {i: 1.0 + i for i in range(6)})
    one.run(5)
    np.testing.assert_allclose(one.adapter.read(cells, "V_m") + 70.0, [1, 2, 3, 4, 5, 6], rtol=1e-9)
