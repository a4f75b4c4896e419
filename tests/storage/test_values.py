"""Results of one's own that are kept with a run."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from fusion.errors import CannotKeep, InvalidValue, UnknownName
from fusion.storage import Run


@pytest.fixture
def net(make, tmp_path):
    net = make()
    net.keep(tmp_path / "run")
    return net


@pytest.mark.parametrize(
    "value",
    [0.93, 1e-300, 3, 2**80, True, "a text\n", "", float("inf"), 1 + 2j, np.float64(0.1), np.int32(4), np.bool_(True)],
)
def test_numbers_and_texts_are_read_as_they_were_kept(net, value, tmp_path):
    net.kept["x"] = value
    assert net.kept["x"] == Run(tmp_path / "run").kept["x"] == value


@pytest.mark.parametrize("array", [np.eye(3, dtype=np.float32), np.arange(4) > 2, np.empty((0, 2)), np.ones(2) * 1j])
def test_arrays_are_read_as_they_were_kept(net, array, tmp_path):
    net.kept["W/x"] = array
    net.kept["W.x"] = -1 * array  # would have the same file
    found = Run(tmp_path / "run").kept
    np.testing.assert_array_equal(found["W/x"], array)
    np.testing.assert_array_equal(found["W.x"], -1 * array)
    assert found["W/x"].dtype == array.dtype
    assert list(found) == ["W/x", "W.x"]


def test_a_later_value_takes_the_place_of_an_earlier_one(net, tmp_path):
    kept = net.kept
    for value in ([1, 2], np.ones(3), 4.0, np.zeros(2), "five"):
        kept["x"] = value
        np.testing.assert_array_equal(Run(tmp_path / "run").kept["x"], value)
    assert list((tmp_path / "run" / "kept").iterdir()) == []
    kept["y"] = np.ones(2)
    del kept["y"], kept["x"]
    assert dict(Run(tmp_path / "run").kept) == {}
    net.run(1.0)
    kept["after"] = 1
    assert dict(Run(tmp_path / "run").kept) == {"after": 1}
    assert Run(tmp_path / "run").status == "complete"


@pytest.mark.parametrize(
    "value",
    [None, object(), {"a": 1}, ["a"], [[1], [1, 2]], np.array(["a"]), np.array([None]), np.timedelta64(5, "ns")],
)
def test_what_is_neither_number_nor_text_nor_array_is_refused(net, value):
    with pytest.raises(InvalidValue, match="numbers, texts and arrays of numbers can be kept"):
        net.kept["x"] = value
    assert len(net.kept) == 0


class Quantity(np.ndarray):
    """Bare values in SI units, and ``dim``, as Brian2's."""

    dim = SimpleNamespace(get_dimension=lambda base: 0.0)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (10**5000, "too long a number .* as a text, as in net.kept\\['n'\\] = hex"),
        (np.ones(2).view(Quantity), "has a unit, which would be lost. Divide by the unit"),
        ([np.array(1.0).view(Quantity)], "has a unit"),
        (np.ma.array([1, 2], mask=[0, 1]), "has a mask, which would be lost. Keep its .filled"),
    ],
    ids=["long", "quantity", "quantities", "masked"],
)
def test_what_would_not_be_read_as_it_was_is_refused_and_leaves_what_was_there(net, value, reason, tmp_path):
    net.kept["x"] = 1
    with pytest.raises(InvalidValue, match=reason):
        net.kept["x"] = value
    net.kept["y"] = 2
    net.run(1.0)
    assert dict(Run(tmp_path / "run").kept) == dict(net.kept) == {"x": 1, "y": 2}
    assert Run(tmp_path / "run").status == "complete"


def test_a_result_that_the_disk_refuses_leaves_what_was_there(net, tmp_path):
    net.kept["x"] = 1
    (tmp_path / "run" / "run.json.new").mkdir()
    with pytest.raises(CannotKeep):
        net.kept["x"] = [1, 2]
    with pytest.raises(CannotKeep):
        del net.kept["x"]
    assert dict(net.kept) == {"x": 1}


@pytest.mark.parametrize("name", ["測" * 100, "a" * 300, "\udc80"])
def test_a_name_may_be_longer_than_that_of_a_file(net, name, tmp_path):
    net.kept[name], net.kept[f"{name}2"] = np.ones(2), np.zeros(2)
    np.testing.assert_array_equal(Run(tmp_path / "run").kept[name], np.ones(2))


@pytest.mark.parametrize("name", [3, "", " ", None])
def test_a_result_has_a_name(net, name):
    with pytest.raises(InvalidValue, match="give it a name"):
        net.kept[name] = 1.0


def test_an_unknown_name_is_told_with_the_nearest(net, tmp_path):
    net.kept["accuracy"] = 0.9
    for kept in (net.kept, Run(tmp_path / "run").kept):
        with pytest.raises(UnknownName, match="Did you mean 'accuracy'"):
            kept["acuracy"]
        assert "acuracy" not in kept
    with pytest.raises(UnknownName):
        del net.kept["acuracy"]
