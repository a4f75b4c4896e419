"""Units at the edges."""

from __future__ import annotations

import numpy as np
import pytest

from fusion.core.units import BASES, factor, parse, per, plain
from fusion.errors import InvalidValue, UnitMismatch


class Dimension:
    """Powers of the SI bases, asked as a Brian2 dimension is asked."""

    def __init__(self, **powers):
        self._powers = powers

    def get_dimension(self, d):
        return self._powers.get(d, 0.0)


class Fake(np.ndarray):
    """A quantity that is none of Brian2's: bare values in SI units, and ``dim``."""


def quantity(value, **powers):
    array = np.asarray(value, dtype=float).view(Fake)
    array.dim = Dimension(**powers)
    return array


VOLT = {"m": 2, "kg": 1, "s": -3, "A": -1}


@pytest.mark.parametrize(
    ("unit", "scale", "powers"),
    [
        ("", 0, {}),
        ("1", 0, {}),
        ("s", 0, {"s": 1}),
        ("ms", -3, {"s": 1}),
        ("kg", 0, {"kg": 1}),
        ("g", -3, {"kg": 1}),
        ("mg", -6, {"kg": 1}),
        ("mV", -3, VOLT),
        ("pA", -12, {"A": 1}),
        ("nS", -9, {"m": -2, "kg": -1, "s": 3, "A": 2}),
        ("MOhm", 6, {"m": 2, "kg": 1, "s": -3, "A": -2}),
        ("GOhm", 9, {"m": 2, "kg": 1, "s": -3, "A": -2}),
        ("pF", -12, {"m": -2, "kg": -1, "s": 4, "A": 2}),
        ("Hz", 0, {"s": -1}),
        ("1/s", 0, {"s": -1}),
        ("cd", 0, {"cd": 1}),
        ("mol", 0, {"mol": 1}),
        ("mM", 0, {"mol": 1, "m": -3}),
        ("um", -6, {"m": 1}),
        ("µm", -6, {"m": 1}),  # micro sign, U+00B5
        ("μm", -6, {"m": 1}),  # Greek mu, U+03BC
        ("mV/ms", 0, {**VOLT, "s": -4}),
        ("kg m^2 s^-2", 0, {"kg": 1, "m": 2, "s": -2}),
        ("N*m", 0, {"kg": 1, "m": 2, "s": -2}),
        ("cm**2", -4, {"m": 2}),
        ("mm^-3", 9, {"m": -3}),
        ("V/s/s", 0, {**VOLT, "s": -5}),
    ],
)
def test_a_unit_is_a_power_of_ten_and_powers_of_the_bases(unit, scale, powers):
    assert parse(unit) == (scale, tuple(powers.get(base, 0) for base in BASES))


@pytest.mark.parametrize("unit", ["furlong", "mV//ms", "mV*", "2 mV", "V^x", "mVms", "__import__('os')", "mV;ms"])
def test_a_unit_that_is_not_known_is_named(unit):
    with pytest.raises(InvalidValue) as caught:
        parse(unit)
    assert caught.value.unit == unit


@pytest.mark.parametrize(
    ("source", "target", "wanted"),
    [("V", "mV", 1e3), ("pA", "nA", 1e-3), ("mS", "nS", 1e6), ("mV/ms", "V/s", 1.0), ("Hz", "1/ms", 1e-3)],
)
def test_numbers_are_carried_from_one_unit_to_another_and_back(source, target, wanted):
    assert factor(source, target) == pytest.approx(wanted, rel=1e-15)
    assert factor(source, target) * factor(target, source) == pytest.approx(1.0, rel=1e-15)


def test_units_of_different_dimensions_have_no_factor():
    with pytest.raises(UnitMismatch, match=r"'pA' cannot be given as 'mV'"):
        factor("pA", "mV")


def test_a_bare_number_is_in_the_unit_already():
    assert plain(5, "mV", "weight") == 5.0
    assert plain([1, 2], None, "weight").tolist() == [1.0, 2.0]


def test_a_quantity_is_converted():
    assert plain(quantity(0.005, **VOLT), "mV", "weight") == 5.0
    assert plain(quantity([1e-12, 2.5e-12], A=1), "pA", "weight").tolist() == [1.0, 2.5]


def test_a_quantity_of_another_dimension_is_refused():
    with pytest.raises(UnitMismatch, match=r"the weight is .*must be in mV|The weight is .*must be in mV") as caught:
        plain(quantity(1e-12, A=1), "mV", "weight")
    assert (caught.value.what, caught.value.unit) == ("weight", "mV")


def test_a_quantity_has_no_place_where_the_unit_is_not_known():
    with pytest.raises(UnitMismatch, match="plain number"):
        plain(quantity(1e-12, A=1), None, "weight")


def test_a_quantity_has_no_place_where_there_is_no_unit():
    with pytest.raises(UnitMismatch, match="no unit"):
        plain(quantity(1e-12, A=1), "", "weight")


@pytest.mark.parametrize("value", ["many", None, object(), [1, [2, 3]]])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(InvalidValue, match="a number is needed"):
        plain(value, "mV", "weight")


def test_quantities_of_brian2_are_converted_to_the_last_bit():
    import brian2

    for tenths in range(1, 200):
        assert plain(tenths / 10 * brian2.ms, "ms", "delay") == pytest.approx(tenths / 10, rel=2.3e-16)
    assert plain(80 * brian2.pA, "pA", "weight") == 80.0
    assert plain([1, 2] * brian2.nS, "nS", "weight").tolist() == [1.0, 2.0]
    assert plain(1.5 * brian2.mV / brian2.ms, "V/s", "rate") == 1.5


def test_quantities_of_brian2_of_another_dimension_are_refused():
    import brian2

    with pytest.raises(UnitMismatch, match="must be in ms"):
        plain(1.5 * brian2.mV, "ms", "delay")


def test_a_list_of_quantities_is_not_stripped_of_its_unit_in_silence():
    # Made an array, [1 mV, 2 mV] is [0.001, 0.002].
    with pytest.raises(UnitMismatch, match=r"one quantity|an array"):
        plain([quantity(0.001, **VOLT), quantity(0.002, **VOLT)], "mV", "weight")


@pytest.mark.parametrize("target", ["", "1", "pA", "mV/ms"])
@pytest.mark.parametrize("source", ["", "mV", "V/s", "1/ms", "kg m^2 s^-2"])
def test_a_unit_per_another_undoes_it(target, source):
    (scale, powers), (a, above), (b, below) = parse(per(target, source)), parse(target), parse(source)
    assert scale == a - b
    assert powers == tuple(p - q for p, q in zip(above, below, strict=True))
