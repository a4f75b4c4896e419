"""SynapticNormalization against sums over whole matrices."""

from __future__ import annotations

import brian2
import nest
import numpy as np
import pytest
from behaviours.plasticity.trains import FORMS, dense
from hypothesis import given
from hypothesis import strategies as st

from fusion import Network, NeuronGroup, Recorder, SynapseGroup
from fusion.behaviours import SynapticNormalization
from fusion.errors import BehaviourFailed, BuildFailed, InvalidValue, UnknownName, Unsupported


def network(matrices, side, forms, **parameters):
    """A group of 5 cells that each matrix leads to, or from where the side is efferent; with the groups of synapses."""
    net = Network()
    cells = NeuronGroup(net, size=5, tag="cells")
    groups = []
    for k, (matrix, form) in enumerate(zip(matrices, forms, strict=True)):
        other = NeuronGroup(net, size=matrix.shape[1], tag=f"other_{k}")
        ends = (other, cells) if side == "afferent" else (cells, other)
        groups.append(SynapseGroup(net, *ends, tag="GLUTAMATE"))
        groups[-1].W = FORMS[form](matrix if side == "afferent" else matrix.T)
    cells.add_behaviour(1, SynapticNormalization(side=side, **parameters))
    return net, groups


@given(
    side=st.sampled_from(["afferent", "efferent"]),
    forms=st.lists(st.sampled_from(sorted(FORMS)), min_size=1, max_size=3),
    seed=st.integers(0, 2**32 - 1),
    norm=st.one_of(st.floats(0.01, 100.0), st.lists(st.floats(0.01, 100.0), min_size=5, max_size=5)),
)
def test_sizes_sum_to_the_norm_over_all_groups_together(side, forms, seed, norm):
    rng = np.random.default_rng(seed)
    matrices = [rng.normal(size=(5, 4)) * (rng.random((5, 4)) < 0.6) for _ in forms]
    for matrix in matrices:
        matrix[1] = 0.0  # a neuron without any
    net, groups = network(matrices, side, forms, norm=norm)
    net.simulate(1)
    after = [dense(group.W) if side == "afferent" else dense(group.W).T for group in groups]
    sums = sum(np.abs(matrix).sum(axis=1) for matrix in matrices)
    factor = np.where(sums > 0, norm / np.where(sums > 0, sums, 1.0), 1.0)
    for before, now in zip(matrices, after, strict=True):
        np.testing.assert_allclose(now, before * factor[:, None], rtol=1e-13)  # sums of 12 numbers
    total = sum(np.abs(matrix).sum(axis=1) for matrix in after)
    np.testing.assert_allclose(total, np.where(sums > 0, norm, 0.0), rtol=1e-13)


def test_synapses_onto_and_from_parts_of_a_group_count_with_the_others():
    for side, axis in (("afferent", 1), ("efferent", 0)):
        net = Network(seed=1)
        cells = NeuronGroup(net, size=5, tag="cells", behaviour={1: SynapticNormalization(side=side, norm=2.0)})
        whole = SynapseGroup(net, cells, cells, tag="GLUTAMATE")
        part = SynapseGroup(net, cells[[4, 1]], cells[[4, 1]], tag="GLUTAMATE")
        other = SynapseGroup(net, cells, cells, tag="GABA")
        for group in (whole, part, other):
            group.W = group.matrix("uniform")
        net.simulate(1)
        sums = whole.W.sum(axis=axis)
        assert sums[[4, 1]] + part.W.sum(axis=axis) == pytest.approx([2.0, 2.0])
        assert sums[[0, 2, 3]] == pytest.approx([2.0, 2.0, 2.0])
        assert other.W.sum() != pytest.approx(10.0)


def test_it_may_step_every_so_often():
    net, (group,) = network([np.ones((5, 4))], "afferent", ["C"], every=3.0)
    group.add_behaviour(9, Recorder("np.sum(W)"))
    net.simulate(4)
    assert net["np.sum(W)", 0].tolist() == pytest.approx([20.0, 20.0, 5.0, 5.0])


def test_targets_may_be_those_of_any_simulator():
    nest.ResetKernel()
    nest.resolution = 0.1
    with Network(dt=0.1, seed=1) as net:
        source = NeuronGroup(net, nest.Create("parrot_neuron", 4), tag="source")
        cells = NeuronGroup(net, brian2.NeuronGroup(3, "v : 1", threshold="v > 9", reset="v = 0"), tag="cells")
        links = [
            SynapseGroup(net, source, cells, tag="GLUTAMATE", weight=0.3, delay=delay, into="v") for delay in (1.0, 2.0)
        ]
        cells.add_behaviour(5, SynapticNormalization(norm=[1.0, 2.0, 3.0], every=2.0))
        source.add_behaviour(5, SynapticNormalization(synapses="second", side="efferent", norm=0.5, every=4.0))
        links[1].add_tag("second")
        net.simulate(30)
        np.testing.assert_allclose(links[0].W.sum(axis=1) + links[1].W.sum(axis=1), [1.0, 2.0, 3.0], rtol=1e-14)
        assert net.coupling.window > 1
        net.simulate(10)
        np.testing.assert_allclose(links[1].W.sum(axis=0), 0.5, rtol=1e-14)


def test_single_precision_stays():
    net, (group,) = network([np.ones((5, 4), np.float32)], "afferent", ["C"])
    net.simulate(1)
    assert group.W.dtype == np.float32
    np.testing.assert_allclose(group.W.sum(axis=1), 1.0, rtol=1e-6)  # float32


@pytest.mark.parametrize("norm", [0.0, -1.0, [1.0, 1.0, 0.0, 1.0, 1.0]])
def test_a_norm_is_positive(norm):
    with pytest.raises(InvalidValue, match=r"norm is .*must be positive"):
        SynapticNormalization(norm=norm)


def test_a_norm_that_is_drawn_is_positive_too():
    net, _ = network([np.ones((5, 4))], "afferent", ["C"], norm="uniform(-2, -1)")
    with pytest.raises(InvalidValue, match=r"norm is .*must be positive"):
        net.build()


def test_an_unknown_side():
    with pytest.raises(UnknownName, match="Did you mean 'efferent'"):
        SynapticNormalization(side="eferent")


def test_it_belongs_on_neurons():
    net, (group,) = network([np.ones((5, 4))], "afferent", ["C"])
    group.add_behaviour(1, SynapticNormalization())
    with pytest.raises(Unsupported, match="belongs on neurons"):
        net.build()


def test_synapses_without_weights_are_found_at_build():
    net, _ = network([np.ones((5, 4))], "afferent", ["C"])
    SynapseGroup(net, "cells", "cells", tag="GLUTAMATE, bare")
    with pytest.raises(BuildFailed, match="needs synapse groups with W"):
        net.build()


def test_an_unknown_tag_is_found_at_build():
    net, _ = network([np.ones((5, 4))], "afferent", ["C"], synapses="GLUTAMAT")
    with pytest.raises(BuildFailed, match=r"Did you mean 'GLUTAMATE'\?"):
        net.build()


def test_whole_numbers_are_refused():
    net, _ = network([np.ones((5, 4), int)], "afferent", ["C"])
    with pytest.raises(BehaviourFailed, match=r"assign W\.astype\(float\)"):
        net.simulate(1)
