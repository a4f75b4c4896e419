"""Neurons whose weights are alike form a class, and keep its number."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csc_array

from fusion import NeuronGroup, SynapseGroup
from fusion.analysis import ReceptiveFields, WeightClassification, classify, matched
from fusion.errors import InvalidValue, ShapeMismatch, TooLittleData, UnknownName, Unsupported

TEMPLATES = np.array([[1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 1, 1]], float)


def noisy(kinds, draw):
    """A vector for each kind: its template, and noise of a tenth."""
    return TEMPLATES[kinds] + draw.normal(0, 0.1, (len(kinds), 6))


def test_vectors_of_a_template_form_a_class_and_the_largest_is_the_first():
    kinds = np.array([2, 0, 0, 1, 0, 2, 0, 1, 2, 2, 2])
    vectors = noisy(kinds, np.random.default_rng(1))
    wanted = np.array([1, 2, 0])[kinds]
    np.testing.assert_array_equal(classify(vectors), wanted)
    np.testing.assert_array_equal(classify(vectors, 3), wanted)
    np.testing.assert_array_equal(classify(vectors * 7 - 2), wanted)  # a correlation knows of no scale
    assert set(classify(vectors, 1)) == {0}
    vectors[4] = 0.3
    assert classify(vectors)[4] == -1


def test_two_of_a_class_correlate_by_one_minus_the_distance():
    vectors = np.random.default_rng(1).normal(size=(60, 5))
    for distance in (0.2, 0.6, 1.0):
        labels, correlation = classify(vectors, distance=distance), np.corrcoef(vectors)
        for label in set(labels):
            members = labels == label
            assert correlation[np.ix_(members, members)].min() >= 1 - distance - 1e-12


def test_numbers_stay_with_most_of_their_neurons():
    before = np.array([0, 0, 0, 1, 1, 2, 2, -1])
    assert matched([2, 2, 2, 0, 0, 1, 1, 1], before).tolist() == [0, 0, 0, 1, 1, 2, 2, 2]
    # The first class is torn in two: the smaller part is new.
    assert matched([0, 0, 3, 1, 1, 2, 2, -1], before).tolist() == [0, 0, 3, 1, 1, 2, 2, -1]
    # The best for all is not the best for each: 1 goes on as 1, though more of it were 0.
    assert matched([0, 0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 0, 0, 1]).tolist() == [0, 0, 0, 0, 1, 1, 1]
    assert matched([5, 5], [-1, -1]).tolist() == [0, 0]


def test_a_module_classifies_by_the_weights_of_synapses(net):
    draw, kinds = np.random.default_rng(1), np.array([0, 1, 0, 1, 2, 0, 0])
    one, other = NeuronGroup(net, size=6, tag="one"), NeuronGroup(net, size=7, tag="other")
    within = SynapseGroup(net, one, other, tag="up", weight=csc_array(noisy(kinds, draw)), delay=1.0, into="input")
    up, down = within.attach(WeightClassification()), one.attach(WeightClassification(by="efferent"))
    first = up.run()
    assert (first.labels.tolist(), first.sizes) == ([0, 1, 0, 1, 2, 0, 0], {0: 4, 1: 2, 2: 1})
    assert first.members(1).tolist() == [1, 3]
    assert first.labels[first.order].tolist() == [0, 0, 0, 0, 1, 1, 2]
    np.testing.assert_array_equal(down.run().vectors, within.W.toarray().T)
    # Three of the largest class now have the template of neuron 4, and take it in; neuron 5 is left alone.
    within.W = csc_array(noisy(np.array([2, 1, 2, 1, 2, 0, 2]), draw))
    assert up.run().labels.tolist() == [0, 1, 0, 1, 0, 3, 0]


def test_a_group_is_classified_by_all_its_synapses_also_those_of_its_parts(net):
    source, target = NeuronGroup(net, size=3, tag="source"), NeuronGroup(net, size=4, tag="target")
    SynapseGroup(net, source, target, tag="near", weight=np.arange(12.0).reshape(4, 3), into="input")
    SynapseGroup(net, source[[0, 2]], target[[1, 3]], tag="far", weight=np.array([[1.0, 2], [3, 4]]), into="input")
    SynapseGroup(net, source, target, tag="place")
    found = target.attach(WeightClassification()).run()
    far = [[0, 0, 0], [1, 0, 2], [0, 0, 0], [3, 0, 4]]
    np.testing.assert_array_equal(found.vectors, np.hstack([np.arange(12.0).reshape(4, 3), far]))
    np.testing.assert_array_equal(target["WeightClassification", 0].run(synapses="far").vectors, far)


def test_synapses_in_blocks_are_one_group(net):
    source, target = NeuronGroup(net, size=6, tag="source"), NeuronGroup(net, size=6, tag="target")
    weights = noisy(np.array([0, 1, 0, 1, 0, 2]), np.random.default_rng(1))
    cut = [slice(3), slice(3, 6)]
    whole = SynapseGroup(net, source, target, tag="cut", weight=csc_array(weights), partition=cut)
    module = whole.attach(WeightClassification(tag="classes"))
    assert net["classes"] == whole["classes"] == [module]
    assert module.run().labels.tolist() == [0, 1, 0, 1, 0, 2]
    np.testing.assert_array_equal(target.attach(WeightClassification()).run().vectors, weights)
    np.testing.assert_array_equal(target.attach(ReceptiveFields(inputs="source")).run(), weights)


def test_wrong_uses_of_classes(net):
    cells = NeuronGroup(net, size=2, tag="cells")
    place = SynapseGroup(net, cells, cells, tag="place")
    with pytest.raises(InvalidValue, match="'cells' has no afferent synapses with weights W"):
        cells.attach(WeightClassification()).run()
    with pytest.raises(InvalidValue, match="'cells' has no efferent synapses tagged 'up'"):
        cells["WeightClassification", 0].run(by="efferent", synapses="up")
    with pytest.raises(InvalidValue, match="give 'afferent' or 'efferent'"):
        cells["WeightClassification", 0].run(by="rows")
    with pytest.raises(UnknownName, match="No variable is named 'W'"):
        place.attach(WeightClassification()).run()
    with pytest.raises(Unsupported, match="'Network' is none"):
        net.attach(WeightClassification()).run()
    with pytest.raises(ShapeMismatch, match=r"give \(neurons, features\)"):
        classify([1.0, 2.0])
    with pytest.raises(TooLittleData, match="neurons with weights that differ"):
        classify([[1.0, 2.0], [3.0, 3.0]])
    with pytest.raises(InvalidValue, match="whole number of classes"):
        classify(np.eye(3), 0)
    with pytest.raises(InvalidValue, match="between 0 and 2"):
        classify(np.eye(3), distance=3.0)
    with pytest.raises(ShapeMismatch, match="those before have"):
        matched([0, 1], [0])
