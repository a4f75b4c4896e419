"""Units as the edges of the network see them: a string such as "pA", checked once, bare numbers inside."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from fusion.errors import InvalidValue, UnitMismatch

BASES = ("m", "kg", "s", "A", "K", "mol", "cd")

# Powers of (m, kg, s, A, K, mol, cd).
UNITS: dict[str, tuple[int, ...]] = {
    "m": (1, 0, 0, 0, 0, 0, 0),
    "g": (0, 1, 0, 0, 0, 0, 0),
    "s": (0, 0, 1, 0, 0, 0, 0),
    "A": (0, 0, 0, 1, 0, 0, 0),
    "K": (0, 0, 0, 0, 1, 0, 0),
    "mol": (0, 0, 0, 0, 0, 1, 0),
    "cd": (0, 0, 0, 0, 0, 0, 1),
    "Hz": (0, 0, -1, 0, 0, 0, 0),
    "N": (1, 1, -2, 0, 0, 0, 0),
    "Pa": (-1, 1, -2, 0, 0, 0, 0),
    "J": (2, 1, -2, 0, 0, 0, 0),
    "W": (2, 1, -3, 0, 0, 0, 0),
    "C": (0, 0, 1, 1, 0, 0, 0),
    "V": (2, 1, -3, -1, 0, 0, 0),
    "F": (-2, -1, 4, 2, 0, 0, 0),
    "Ohm": (2, 1, -3, -2, 0, 0, 0),
    "ohm": (2, 1, -3, -2, 0, 0, 0),
    "S": (-2, -1, 3, 2, 0, 0, 0),
    "T": (0, 1, -2, -1, 0, 0, 0),
    "Wb": (2, 1, -2, -1, 0, 0, 0),
    "H": (2, 1, -2, -2, 0, 0, 0),
    "M": (-3, 0, 0, 0, 0, 1, 0),
}
# The micro sign and the Greek letter look alike and are both typed.
PREFIXES = {"": 0, "f": -15, "p": -12, "n": -9, "u": -6, "µ": -6, "μ": -6, "m": -3, "c": -2, "k": 3, "M": 6, "G": 9}
# "g" carries the scale of a gram against the kilogram; "M" (molar) is 1000 mol/m^3.
SCALES = {"g": -3, "M": 3}

_FACTOR = re.compile(r"([*/]?)\s*([A-Za-zµμ]+|1)\s*(?:(?:\*\*|\^)\s*(-?\d+))?\s*")


@runtime_checkable
class Dimension(Protocol):
    """What a Brian2 dimension can be asked."""

    def get_dimension(self, d: str) -> float: ...


@runtime_checkable
class Quantity(Protocol):
    """A number or array with a physical dimension whose bare value is in SI units, as Brian2's."""

    @property
    def dim(self) -> Dimension: ...


@lru_cache(maxsize=256)
def parse(unit: str) -> tuple[int, tuple[int, ...]]:
    """A unit as (power of ten, powers of the SI bases).

    Products and powers are read from left to right: "pA", "mV/ms", "kg m^2 s^-2". "" and "1" are dimensionless.

    Raises
    ------
    InvalidValue
        If a part of the unit is not known.
    """
    scale, powers, at, text = 0, [0] * len(BASES), 0, unit.strip()
    while at < len(text):
        found = _FACTOR.match(text, at)
        if found is None:
            raise InvalidValue(f"The unit {unit!r} cannot be read at {text[at:]!r}.", unit=unit)
        sign = -1 if found[1] == "/" else 1
        power = sign * int(found[3] or 1)
        if found[2] != "1":
            exponent, dims = _symbol(found[2], unit)
            scale += exponent * power
            powers = [p + d * power for p, d in zip(powers, dims, strict=True)]
        at = found.end()
    return scale, tuple(powers)


def _symbol(symbol: str, unit: str) -> tuple[int, tuple[int, ...]]:
    for cut in (0, 1):
        prefix, base = symbol[:cut], symbol[cut:]
        if prefix in PREFIXES and base in UNITS:
            return PREFIXES[prefix] + SCALES.get(base, 0), UNITS[base]
    raise InvalidValue(f"{symbol!r} in the unit {unit!r} is not known.", unit=unit)


def factor(source: str, target: str) -> float:
    """What a number in `source` is multiplied by to be in `target`; `UnitMismatch` if the dimensions differ."""
    (a, dims_a), (b, dims_b) = parse(source), parse(target)
    if dims_a != dims_b:
        raise UnitMismatch(f"{source!r} cannot be given as {target!r}: the dimensions differ.")
    return float(10.0 ** (a - b))


def per(target: str, source: str) -> str:
    """The unit of what is multiplied with a number in `source` to be in `target`: "pA/mV"."""
    parts = ((found[1], found[2], found[3]) for found in _FACTOR.finditer(source.strip()))
    below = "".join(f"{'*' if sign == '/' else '/'}{symbol}{f'^{n}' if n else ''}" for sign, symbol, n in parts)
    return f"{target or 1}{below}"


def plain(value: object, unit: str | None, what: str) -> NDArray[np.float64]:
    """The bare numbers of `value` in `unit`; a bare number is taken to be in `unit` already.

    Raises
    ------
    UnitMismatch
        If `value` is a quantity and its dimension is not that of `unit`, or `unit` is None (not known).
    InvalidValue
        If `value` is no number.
    """
    if isinstance(value, list | tuple) and holds_quantity(value):
        # NumPy would strip each entry of its unit.
        raise UnitMismatch(f"The {what} is a list of quantities; give one quantity, such as [1, 2] * mV.", what=what)
    try:
        if value is None:
            raise TypeError  # NumPy takes it for NaN
        bare = np.asarray(value, dtype=float)
    except (TypeError, ValueError) as error:
        raise InvalidValue(f"The {what} is {value!r}; a number is needed.", value=value) from error
    if not isinstance(value, Quantity):
        return bare
    if unit is None:
        raise UnitMismatch(
            f"The {what} is {value!r}, but the unit of its place is not known; give a plain number.",
            what=what,
        )
    scale, powers = parse(unit)
    given = tuple(value.dim.get_dimension(base) for base in BASES)
    if any(abs(g - p) > 1e-9 for g, p in zip(given, powers, strict=True)):
        raise UnitMismatch(f"The {what} is {value!r}; it must be in {unit or '1 (no unit)'}.", what=what, unit=unit)
    # Division by a power of ten rounds once; multiplying with its inverse would round twice.
    return bare / 10.0**scale if scale > 0 else bare * 10.0**-scale


def holds_quantity(value: object) -> bool:
    """Whether it is a quantity, or a list that has one in it."""
    nested = isinstance(value, list | tuple) and any(map(holds_quantity, value))
    return nested or isinstance(value, Quantity)
