import contextlib
import dataclasses
import types

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from labels import label

from fusion.adapter.base import Edge, Handle, Input, Port, Variable
from fusion.adapter.capabilities import Capabilities
from fusion.adapter.specimen import Specimen
from fusion.adapter.tiers import Tier
from fusion.core.clock import Clock
from fusion.core.projection import Projection
from fusion.errors import (
    BuildFailed,
    FusionError,
    InvalidValue,
    LateInput,
    SimulatorFailed,
    UnknownName,
    WireError,
)
from fusion.host import wire
from fusion.host.values import DTYPES, decode, encode, name_of, named, recipe_class
from fusion.testing.toy import ToyNeurons, cells


def crossed(value, may_import=True):
    frame = memoryview(bytearray(b"".join(wire.pack(*encode(value)))))
    return decode(*wire.unpack(frame), may_import=may_import)


def assert_equal(a, b):
    """Equal in type, shape and all bits, whatever is nested in whatever."""
    assert type(a) is type(b)
    if isinstance(a, np.ndarray | np.generic):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        assert a.tobytes() == b.tobytes()
    elif isinstance(a, list | tuple):
        assert len(a) == len(b)
        for one, other in zip(a, b, strict=True):
            assert_equal(one, other)
    elif isinstance(a, dict):
        assert list(a) == list(b)
        for key in a:
            assert_equal(a[key], b[key])
    elif isinstance(a, float | complex):
        assert np.array(a).tobytes() == np.array(b).tobytes()
    else:
        assert a == b


numbers = arrays.arrays(st.sampled_from(DTYPES), arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
scalars = st.sampled_from(DTYPES).flatmap(arrays.from_dtype)
leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | st.text() | st.binary()
    | st.slices(7) | numbers | scalars
)  # fmt: skip
nested = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(nested)
def test_plain_values_arrive_as_they_were(value):
    assert_equal(crossed(value, may_import=False), value)


def test_arrays_of_any_layout_arrive_with_the_same_numbers():
    whole = np.arange(24.0).reshape(4, 6)
    for given_ in (whole[:, ::2], whole.T, whole.astype(">f8"), np.broadcast_to(1.0, (2, 2)), np.asfortranarray(whole)):
        arrived = crossed(given_)
        np.testing.assert_array_equal(arrived, given_)
        assert arrived.flags.writeable
        assert arrived.flags.aligned


def test_what_was_sent_does_not_change_with_the_original():
    original = np.ones(3)
    arrived = crossed(original)
    original[:] = 2.0
    assert arrived.tolist() == [1.0, 1.0, 1.0]


HANDLE = Handle(3, 2, True, {"v": Variable(2, "mV", "never")}, {"g": Input(2, None, samples=True, signed=True)}, "g")


@pytest.mark.parametrize(
    "record",
    [
        HANDLE,
        Edge(1, 4, {"pre": Variable(4, "")}),
        Port(1, HANDLE, "g", 2),
        Capabilities(True, True, False, False, notice=3),
        Tier("public", "no compiler"),
    ],
    ids=lambda record: type(record).__name__,
)
def test_records_of_the_contract_arrive(record):
    assert crossed(record) == record


def test_a_clock_a_projection_and_a_specimen_arrive():
    assert crossed(Clock(0.25)).dt == 0.25
    sent = Projection(np.array([0, 1]), np.array([1, 0]), np.array([2.0, -1.0]), np.array([3, 1]), 5)
    arrived = crossed(sent)
    for field in dataclasses.fields(Projection):
        np.testing.assert_array_equal(getattr(arrived, field.name), getattr(sent, field.name))
    specimen = crossed(Specimen(cells(2, tau_m=5.0), "v", start={"v": np.zeros(2)}))
    assert specimen.source.described() == {"n": 2, "params": {"tau_m": 5.0}}
    assert specimen.start["v"].tolist() == [0.0, 0.0]


def test_a_mapping_arrives_as_a_dictionary():
    assert crossed(types.MappingProxyType({"a": 1})) == {"a": 1}


def top_level():
    """A function that a worker can import."""


@pytest.mark.parametrize("thing", [ToyNeurons, name_of, len, np.tanh, ToyNeurons.prepare])
def test_functions_and_classes_arrive_by_name(thing):
    assert crossed(thing) is thing


def test_a_worker_cannot_make_us_import_anything():
    with pytest.raises(WireError, match="no value"):
        crossed(name_of, may_import=False)


def _nested():
    def inside():
        pass

    return inside


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (lambda: 1, "a lambda has no name"),
        (_nested(), "inside a function.*at the top of a module"),
        (object(), r"builtins\.object.*only plain values"),
        (np.array([None]), "array of object"),
        (np.array(["text"]), "array of <U4"),
        (np.str_("text"), "give a number"),
        ({1, 2}, r"builtins\.set"),
        (np.array([1.0], np.longdouble), "give numbers"),
        ("\ud800", "surrogates"),
    ],
    ids=label,
)
def test_anything_else_is_refused_with_the_way_out(value, says):
    with pytest.raises(InvalidValue, match=says):
        encode({"nested": [value]})


def test_a_function_of_the_script_is_refused():
    function = types.FunctionType(top_level.__code__, {}, "top_level")
    function.__module__ = "__main__"
    with pytest.raises(InvalidValue, match=r"'top_level' is defined in the script.*at the top of a module"):
        encode(function)


def test_a_function_that_hides_another_is_refused():
    other = types.FunctionType(top_level.__code__, {}, "encode")
    other.__module__, other.__qualname__ = "fusion.host.values", "encode"
    with pytest.raises(InvalidValue, match=r"fusion\.host\.values\.encode is something else"):
        encode(other)


def test_a_list_that_holds_itself_is_refused():
    endless = []
    endless.append(endless)
    with pytest.raises(InvalidValue, match="nested without end"):
        encode(endless)


def test_a_module_that_is_not_there_is_named():
    with pytest.raises(InvalidValue, match=r"no_such_module:f.*PYTHONPATH"):
        named("no_such_module:f")


@pytest.mark.parametrize(
    "error",
    [
        LateInput("too late", tick=4),
        UnknownName("variable", "w", ["v", "u"], "cells"),
        BuildFailed([("here", InvalidValue("x"))]),
        InvalidValue("no", value=object()),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_of_fusion_arrive_as_they_were(error):
    arrived = crossed(error)
    assert type(arrived) is type(error)
    assert str(arrived) == str(error)
    for name, fact in vars(error).items():
        if name not in ("value", "problems"):
            assert getattr(arrived, name) == fact


def test_other_errors_arrive_as_text():
    arrived = crossed(ZeroDivisionError("by nothing"))
    assert type(arrived) is SimulatorFailed
    assert str(arrived) == "ZeroDivisionError: by nothing"


def test_notes_of_an_error_arrive():
    error = FusionError("x")
    error.add_note("look here")
    assert crossed(error).__notes__ == ["look here"]


@pytest.mark.parametrize("name", ["os:system", "fusion.host.values:encode", "fusion.errors:FusionError"])
def test_only_recipes_can_be_made_by_name(name):
    with pytest.raises(WireError, match="is no recipe of an adapter that is installed here"):
        recipe_class(name)


@given(st.binary(max_size=64), st.lists(st.binary(max_size=16), max_size=3))
def test_garbage_is_an_error_of_the_wire_or_a_value(header, buffers):
    with contextlib.suppress(WireError):
        decode(header, [memoryview(bytearray(one)) for one in buffers])


@given(nested, st.data())
def test_a_changed_byte_is_an_error_of_the_wire_or_another_value(value, data):
    header, buffers = encode(value)
    at = data.draw(st.integers(0, len(header) - 1))
    changed = bytearray(header)
    changed[at] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(WireError):
        decode(bytes(changed), [memoryview(b"".join(one)) for one in buffers])
