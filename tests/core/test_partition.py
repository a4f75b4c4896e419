"""Parts that share no neuron and leave none out; what is wrong with others is told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fusion import Network, NeuronGroup
from fusion.core.partition import checked_partition
from fusion.errors import InvalidValue, ShapeMismatch


@pytest.fixture(scope="module")
def cells():
    return NeuronGroup(Network(), size=8, tag="cells")


@given(st.lists(st.integers(0, 3), min_size=8, max_size=8), st.booleans())
def test_any_way_to_cut_is_a_partition(cells, where, as_masks):
    masks = [np.array(where) == block for block in sorted(set(where))]
    parts = checked_partition(masks if as_masks else [np.flatnonzero(mask)[::-1] for mask in masks], cells)
    for part, mask in zip(parts, masks, strict=True):
        np.testing.assert_array_equal(part, np.flatnonzero(mask))


def test_slices_and_parts_of_a_group_are_cut_too(cells):
    parts = checked_partition([slice(1, None, 2), slice(0, None, 2)], cells[:5])
    assert [part.tolist() for part in parts] == [[1, 3], [0, 2, 4]]


@pytest.mark.parametrize(
    ("partition", "says"),
    [
        ([slice(0, 4), slice(3, 8)], "'cells' is in one block of a partition; neuron 3 is in more than one block"),
        ([slice(0, 8), [7, 1]], "neurons 1, 7 are in more than one block"),
        ([slice(0, 1)], r"neurons 1, 2, 3, 4, 5 and 2 more are in no block"),
        ([slice(0, 8), np.zeros(8, bool)], "Block 1 of the partition of 'cells' has no neurons"),
        ([], r"partition=\[\]: write fusion.behaviours.blocks\(10, 10\), or list slices, masks or indices of 'cells'"),
        ((4, 4), r"partition=\(4, 4\)"),
        ("auto", "partition='auto'"),
        (3, "partition=3"),
        ([[0.5, 1.0]], "selects no neurons"),
        ([[0, 9]], "there are 8 neurons"),
    ],
)
def test_other_parts_are_told_with_their_neurons(cells, partition, says):
    with pytest.raises(InvalidValue, match=says):
        checked_partition(partition, cells)


def test_a_mask_of_another_group_is_told(cells):
    with pytest.raises(ShapeMismatch, match="the group has 8 neurons"):
        checked_partition([np.ones(5, bool)], cells)
