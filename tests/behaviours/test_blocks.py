"""Blocks cut space as a ruler does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fusion import Network, NeuronGroup, SynapseGroup
from fusion.behaviours import Positions, blocks, box, grid
from fusion.core.partition import checked_partition
from fusion.errors import InvalidValue

SHAPES = st.tuples(st.integers(1, 9), st.integers(1, 7), st.integers(1, 4))


def placed(positions):
    return positions.place(NeuronGroup(Network(), size=len(positions), tag="cells"))


@given(SHAPES, st.tuples(*[st.integers(1, 5)] * 3), st.sampled_from([1.0, 0.1, 0.3, 25.0]))
def test_a_grid_is_cut_after_each_so_many_neurons(shape, sizes, spacing):
    at = np.stack(np.unravel_index(np.arange(np.prod(shape)), shape[::-1]))[::-1].T
    wanted: dict[tuple, list[int]] = {}
    for neuron, block in enumerate((at // sizes)[:, ::-1].tolist()):
        wanted.setdefault(tuple(block), []).append(neuron)
    found = blocks(*(spacing * np.array(sizes))).of(placed(grid(*shape, spacing=spacing)))
    assert [block.tolist() for block in found] == [wanted[key] for key in sorted(wanted)]


@settings(max_examples=25)
@given(SHAPES, st.integers(0, 3))
def test_every_neuron_is_in_one_block(shape, seed):
    anywhere = Positions(np.random.default_rng(seed).normal(0.0, 5.0, (np.prod(shape), 3)))
    for rule in (blocks(), blocks(3.0), blocks(2.0, 5.0, np.inf)):
        for positions in (grid(*shape), anywhere, grid(*shape).jittered(0.3, seed)):
            cells = placed(positions)
            checked_partition(rule, cells)


@pytest.mark.parametrize("shape", [(300, 300), (1000,), (20, 20, 20), (40, 1, 40), (3, 2), (1,)])
def test_by_itself_a_block_has_some_hundred_neurons(shape):
    sizes = [len(block) for block in blocks().of(placed(grid(*shape)))]
    assert sum(sizes) == np.prod(shape)
    assert max(sizes) <= 130
    assert min(sizes) >= min(60, sum(sizes))


def test_a_block_in_space_has_the_sources_within_reach_of_it():
    """A cube of 4 x 4 x 4 in a cube of 8: three faces have neighbours, 2 deep."""
    net = Network(seed=1)
    cells = grid(8, 8, 8).place(NeuronGroup(net, size=512, tag="cells"))
    synapses = SynapseGroup(net, cells, cells, connect=box(2.0), weight="uniform", partition=blocks(4))
    assert [block.shape for block in synapses.blocks] == [(64, 6**3)] * 8
    whole = SynapseGroup(net, cells, cells, connect=box(2.0), weight=1.0)
    np.testing.assert_array_equal(synapses.W.indices, whole.W.indices)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: blocks(0.0), "must be positive"),
        (lambda: blocks(3.0, -1.0), "must be positive"),
        (lambda: blocks(np.nan), "must be positive"),
        (lambda: blocks("3"), "must be positive"),
        (lambda: blocks(y=3.0), "without x"),
        (lambda: blocks(3).of(NeuronGroup(Network(), size=4, tag="here")), "'here' has no positions"),
    ],
)
def test_wrong_sizes_are_told(make, says):
    with pytest.raises(InvalidValue, match=says):
        make()
