"""A copy that says so when it is written to."""

from __future__ import annotations

import numpy as np
import pytest

from fusion.core.reading import Reading, reading
from fusion.errors import ReadOnly


@pytest.fixture
def values():
    return reading(np.array([1.0, 2.0, 3.0]))


@pytest.mark.parametrize("index", [0, slice(None), [0, 1], np.array([True, False, False])])
def test_an_entry_cannot_be_set(values, index):
    with pytest.raises(ReadOnly, match=r"group\.v = values.*group\[index\]\.v = values"):
        values[index] = 0.0


def test_operators_in_place_make_a_new_array(values):
    before = values
    values += 1
    assert values.tolist() == [2.0, 3.0, 4.0]
    assert before.tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("operator", ["iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "ipow"])
def test_every_operator_in_place_does_what_numpys_does(values, operator):
    array = np.array(values)
    result = getattr(values, f"__{operator}__")(2.0)
    np.testing.assert_array_equal(result, getattr(array, f"__{operator}__")(2.0))
    assert values.tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("operator", ["iand", "ior", "ixor"])
def test_masks_are_combined_in_place_too(operator):
    mask, other = np.array([True, True, False]), np.array([True, False, False])
    result = getattr(reading(mask.copy()), f"__{operator}__")(other)
    np.testing.assert_array_equal(result, getattr(mask.copy(), f"__{operator}__")(other))


def test_what_is_calculated_from_it_can_be_written(values):
    result = values * 2
    result[0] = 0.0
    assert result.tolist() == [0.0, 4.0, 6.0]


def test_a_part_of_it_cannot_be_written_either(values):
    with pytest.raises(ReadOnly):
        values[:2][0] = 5.0


def test_it_is_an_array_like_any_other(values):
    assert isinstance(values, Reading)
    assert values.mean() == 2.0
    assert np.array(values).flags.writeable
