"""Synapse groups: places for behaviours, and links."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

import fusion
from fusion import Network, NeuronGroup, SynapseGroup, all_to_all, exponential, fixed_probability
from fusion.errors import (
    BelongsElsewhere,
    DelayTooShort,
    InvalidValue,
    OffGrid,
    ShapeMismatch,
    UnitMismatch,
    UnknownName,
    UnknownVariable,
)
from fusion.testing.toy import ToyNeurons, ToySynapses


@pytest.fixture
def net():
    return Network(dt=0.5, seed=6)


@pytest.fixture
def source(net):
    return NeuronGroup(net, size=4, tag="source")


@pytest.fixture
def target(net):
    return NeuronGroup(net, size=3, tag="target")


def link(net, **options):
    return SynapseGroup(net, "source", "target", **{"weight": 1.0, **options})


# Ends.


def test_ends_are_groups_parts_of_groups_or_tags(net, source, target):
    assert SynapseGroup(net, source, target).shape == (3, 4)
    assert SynapseGroup(net, "source", "target").source is source
    assert SynapseGroup(net, source=source[:2], target=target[[2]]).shape == (1, 2)


@pytest.mark.parametrize("end", [None, 3, [1, 2]])
def test_what_is_no_group_is_no_end(net, source, target, end):
    with pytest.raises(InvalidValue, match="The target is"):
        SynapseGroup(net, source, end)
    with pytest.raises(InvalidValue, match="The source is"):
        SynapseGroup(net, end, target)


def test_an_unknown_tag_is_no_end(net, source):
    with pytest.raises(UnknownName, match=r"Did you mean 'source'\?"):
        SynapseGroup(net, source, "sourc")


def test_groups_of_another_network_are_no_ends(net, source, target):
    other = NeuronGroup(Network(), size=3, tag="far")
    for ends in ((source, other), (other, target), (other[:2], target)):
        with pytest.raises(BelongsElsewhere, match="'far' belongs to another network"):
            SynapseGroup(net, *ends)
    assert net.synapses == []


# Places for behaviours.


def test_without_weight_nothing_is_delivered(net, source, target):
    synapses = SynapseGroup(net, source, target, tag="GLUTAMATE")
    assert not synapses.delivers
    with pytest.raises(UnknownVariable, match="No variable is named 'W' in GLUTAMATE"):
        _ = synapses.W
    with pytest.raises(UnknownName, match="delay"):
        _ = synapses.delay


@pytest.mark.parametrize("option", [{"connect": all_to_all()}, {"delay": 1.0}, {"into": "current"}])
def test_what_belongs_to_a_link_does_nothing_without_one(net, source, target, option):
    (name,) = option
    with pytest.raises(InvalidValue, match=f"{name}= does nothing without weight="):
        SynapseGroup(net, source, target, **option)


def test_variables_of_synapses_are_the_attributes_that_behaviours_set(net, source, target):
    synapses = SynapseGroup(net, source, target)
    synapses.W = synapses.matrix("uniform")
    synapses.trace = np.zeros(4)
    synapses.sparse = sparse.csc_array(np.eye(3))
    assert {"W", "trace", "sparse"} <= set(synapses.variable_names())
    np.testing.assert_array_equal(synapses.read("W", 0), synapses.W[0])
    with pytest.raises(UnknownVariable, match=r"Did you mean 'trace'\?"):
        _ = synapses.trac


@pytest.mark.parametrize("make", [np.asfortranarray, np.ascontiguousarray, sparse.csc_array])
def test_transmit_is_the_product_with_the_spikes(net, source, target, make):
    synapses = SynapseGroup(net, source, target)
    dense = synapses.matrix("normal(0, 1)", density=0.7)
    synapses.W = make(dense)
    for mask in ([False] * 4, [True, False, True, True], [True] * 4):
        source.spike = np.array(mask)
        # One product rounds each of at most four terms once more.
        np.testing.assert_allclose(synapses.transmit(), dense @ source.spike, rtol=1e-14, atol=1e-14)


def test_transmit_over_a_part_looks_at_its_neurons_only(net, source, target):
    synapses = SynapseGroup(net, source[[3, 1]], target)
    synapses.W = np.array([[1.0, 10.0]] * 3)
    source.spike = np.array([True, True, True, False])
    assert synapses.transmit().tolist() == [10.0] * 3


@pytest.mark.parametrize("make", [sparse.csr_array, sparse.coo_array])
def test_transmit_refuses_a_format_that_it_would_read_wrongly(net, source, target, make):
    synapses = SynapseGroup(net, source, target)
    synapses.W = make(np.ones((3, 4)))
    source.spike = np.ones(4, bool)
    with pytest.raises(InvalidValue, match=r"assign W\.tocsc\(\)"):
        synapses.transmit()


# Links.


def test_a_link_knows_weights_delay_and_place(net, source, target):
    synapses = link(net, weight=2.0, delay=1.5, into="current", tag="up")
    np.testing.assert_array_equal(synapses.W, np.full((3, 4), 2.0))
    assert (synapses.delay, synapses.min_delay, synapses.max_delay) == (1.5, 3, 3)
    assert synapses.into == "current"
    assert repr(synapses) == "SynapseGroup('source' to 'target', tag='up, source_to_target')"


def test_the_delay_is_one_dt_unless_given(net, source, target):
    assert link(net).delay == 0.5


def test_delays_of_each_synapse_are_told_in_ms(net, source, target):
    given = np.arange(1, 13).reshape(3, 4) * 0.5
    synapses = link(net, delay=given)
    np.testing.assert_array_equal(synapses.delay, given)
    assert (synapses.min_delay, synapses.max_delay) == (1, 12)


def test_delays_of_sparse_weights_lie_along_their_data(net, source, target):
    given = np.arange(1, 13).reshape(3, 4) * 0.5
    synapses = link(net, weight=sparse.csr_array(np.eye(3, 4)), delay=given)
    assert synapses.delay.tolist() == [0.5, 3.0, 5.5]


@pytest.mark.parametrize("connect", [None, fixed_probability(0.6)])
def test_weights_are_also_a_flat_array(net, source, target, connect):
    synapses = link(net, weight="uniform(1, 2)", connect=connect)
    dense = synapses.W if connect is None else synapses.W.toarray()
    assert len(synapses.weights) == len(synapses.pre) == len(synapses.post) == np.count_nonzero(dense)
    np.testing.assert_array_equal(dense[synapses.post, synapses.pre], synapses.weights)
    with pytest.raises(ValueError, match="read-only"):
        synapses.weights[0] = 0.0


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"weight": np.ones((4, 3))}, ShapeMismatch),
        ({"weight": np.nan}, InvalidValue),
        ({"weight": "uniformly"}, UnknownName),
        ({"delay": 0.0}, DelayTooShort),
        ({"delay": 0.7}, OffGrid),
        ({"delay": np.ones((4, 3))}, ShapeMismatch),
        ({"into": "spike"}, InvalidValue),
        ({"coupling": "hold"}, InvalidValue),
        ({"coupling": "late"}, UnknownName),
        ({"filter": exponential(5.0), "signal": "v"}, InvalidValue),
        ({"filter": fusion.normal(0, 1)}, InvalidValue),
        ({"filter": 20.0}, InvalidValue),
        ({"connect": fusion.one_to_one()}, ShapeMismatch),
        ({"filter": exponential(5.0), "delay": np.ones((3, 4))}, InvalidValue),
        ({"filter": exponential(0.0)}, InvalidValue),
        ({"signal": ""}, InvalidValue),
    ],
)
def test_a_wrong_link_is_refused_at_the_line_and_not_left_behind(net, source, target, options, error):
    with pytest.raises(error):
        link(net, tag="wrong", **options)
    assert net.synapses == []
    assert list(target.afferent) == list(source.efferent) == []
    assert "wrong" not in net


@pytest.mark.parametrize("options", [{"filter": exponential(5.0)}, {"signal": "voltage"}])
def test_a_link_of_samples_without_weight_needs_ends_of_one_size(net, source, target, options):
    with pytest.raises(ShapeMismatch, match="its two ends need the same size"):
        SynapseGroup(net, source, target, **options)
    SynapseGroup(net, source[:3], target, **options)


@pytest.mark.parametrize("tau", ["exponential(5.0)", exponential(5.0), fusion.Distribution("exponential", scale=5.0)])
def test_a_filter_is_written_as_a_string_too(net, source, target, tau):
    assert SynapseGroup(net, source[:3], target, filter=tau).delivers


def test_a_rule_without_autapses_leaves_them_out(net, source):
    rule = fixed_probability(1.0, autapses=False)
    for end in (source, source[1:], source[np.array([True, True, False, True])]):
        W = SynapseGroup(net, end, end, weight=1.0, connect=rule).W.toarray()
        np.testing.assert_array_equal(W, 1.0 - np.eye(end.size))


def test_two_equal_selections_of_one_group_are_the_same_end(net, source):
    rule = fixed_probability(1.0, autapses=False)
    W = SynapseGroup(net, source[1:], source[1:], weight=1.0, connect=rule).W.toarray()
    np.testing.assert_array_equal(W, 1.0 - np.eye(3))


def test_between_two_groups_there_are_no_autapses(net, source):
    other = NeuronGroup(net, size=4)
    rule = fixed_probability(1.0, autapses=False)
    assert SynapseGroup(net, source, other, weight=1.0, connect=rule).W.nnz == 16


def test_links_with_the_same_tag_draw_different_numbers(net):
    a, b = (NeuronGroup(net, size=20, tag=tag) for tag in "ab")
    links = [
        SynapseGroup(
            net, *ends, tag="GLUTAMATE", weight="uniform", delay="uniform(1, 9)", connect=fixed_probability(0.5)
        )
        for ends in ((a, b), (b, a), (a, b))
    ]
    for i, one in enumerate(links):
        for other in links[i + 1 :]:
            assert not np.array_equal(one.W.indices, other.W.indices)
            assert not np.array_equal(one.W.data[:50], other.W.data[:50])


def test_synapses_that_are_there_already_draw_what_they_drew_without_later_ones():
    def weights(more):
        net = Network(seed=3)
        a, b = (NeuronGroup(net, size=5, tag=tag) for tag in "ab")
        first = SynapseGroup(net, a, b, tag="X", weight="uniform")
        if more:
            SynapseGroup(net, b, a, tag="X", weight="uniform")
        return first.W

    np.testing.assert_array_equal(weights(False), weights(True))


# Units of a simulator's places.


def test_weights_and_delays_may_be_quantities(toy):
    import brian2

    net = Network(dt=0.1 * brian2.ms)
    cells = NeuronGroup(net, ToyNeurons(3), tag="cells")  # pA
    synapses = SynapseGroup(net, cells, cells, weight=2 * brian2.nA, delay=1.5 * brian2.ms)
    assert synapses.W[0, 0] == pytest.approx(2000.0, rel=1e-15)
    assert synapses.delay_ticks == 15
    with pytest.raises(UnitMismatch, match="must be in pA"):
        SynapseGroup(net, cells, cells, weight=2 * brian2.mV)
    with pytest.raises(UnitMismatch, match="must be in ms"):
        SynapseGroup(net, cells, cells, weight=2.0, delay=2 * brian2.mV)


def test_a_native_place_takes_plain_numbers_only(net, source, target):
    import brian2

    with pytest.raises(UnitMismatch, match="give a plain number"):
        link(net, weight=2 * brian2.nA)


# Synapses that a simulator holds itself.


@pytest.fixture
def adopted(toy):
    neurons = ToyNeurons(3)
    cells = NeuronGroup(Network(dt=0.1), neurons, tag="cells")
    # Neuron 0 has two synapses onto neuron 1.
    made = ToySynapses(neurons, neurons, [0, 0, 2], [1, 1, 0], [1.0, 2.0, 4.0], [1.0, 1.5, 2.0])
    return SynapseGroup(cells.network, cells, cells, made, tag="own")


def test_adopted_synapses_are_flat_arrays(adopted):
    assert adopted.pre.tolist() == [0, 0, 2]
    assert adopted.post.tolist() == [1, 1, 0]
    assert adopted.weights.tolist() == [1.0, 2.0, 4.0]
    assert adopted.delays.tolist() == [1.0, 1.5, 2.0]
    assert adopted.unit("weights") == "pA"
    assert not adopted.delivers


def test_adopted_synapses_have_a_sparse_matrix_to_read(adopted):
    assert adopted.W.toarray().tolist() == [[0.0, 0.0, 4.0], [3.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    with pytest.raises(ValueError, match="read-only"):
        adopted.W.data[0] = 1.0


def test_adopted_weights_can_be_set(adopted):
    adopted.weights = [5.0, 6.0, 7.0]
    assert adopted.foreign.weights.tolist() == [5.0, 6.0, 7.0]
    adopted.weights *= 2
    assert adopted.foreign.weights.tolist() == [10.0, 12.0, 14.0]
    with pytest.raises(AttributeError, match="cannot be set"):
        adopted.delays = 1.0
    with pytest.raises(ShapeMismatch):
        adopted.weights = [1.0]


@pytest.mark.parametrize("option", [{"weight": 1.0}, {"delay": 1.0}, {"connect": all_to_all()}, {"signal": "v"}])
def test_on_adopted_synapses_the_simulator_delivers(adopted, option):
    (name,) = option
    with pytest.raises(InvalidValue, match=f"{name}: on adopted synapses the simulator delivers"):
        SynapseGroup(adopted.network, "cells", "cells", adopted.foreign, **option)


def test_synapses_are_adopted_between_groups_of_their_own_simulator(adopted):
    net = adopted.network
    native = NeuronGroup(net, size=3, tag="native")
    for ends in (("cells", native), (native, "cells"), (native, native)):
        with pytest.raises(BelongsElsewhere, match="two whole groups of its own simulator"):
            SynapseGroup(net, *ends, adopted.foreign)
    with pytest.raises(BelongsElsewhere):
        SynapseGroup(net, net["cells", 0][:2], "cells", adopted.foreign)
