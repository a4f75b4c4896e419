"""Brian2's quantities as plain values and back: what equations mean by a name, for another process."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from fusion.core.units import BASES


def is_constant(value: object) -> bool:
    """Whether equations can mean it by a name: a number, an array, a quantity."""
    return isinstance(value, numbers.Number | np.ndarray | np.generic)


def is_timed_array(value: object) -> bool:
    """Whether it is a ``brian2.TimedArray``."""
    return _has_base(value, "TimedArray")


def packed(value: Any) -> Any:
    """A quantity as {"value": in base units, "exponents": of (m, kg, s, A, K, mol, cd)}; anything else as it is."""
    if not _has_base(value, "Quantity"):
        return value
    plain = np.array(value)
    exponents = [float(value.dim.get_dimension(base)) for base in BASES]
    return {"value": plain if plain.ndim else plain.item(), "exponents": exponents}


def unpacked(value: Any) -> Any:
    """What was `packed`."""
    if not (isinstance(value, dict) and value.keys() == {"value", "exponents"}):
        return value
    import brian2
    from brian2.units.fundamentalunits import get_or_create_dimension

    return brian2.Quantity(value["value"], dim=get_or_create_dimension(value["exponents"]))


def _has_base(value: object, name: str) -> bool:
    # Whoever has one has Brian2; nobody else should load it for the question.
    return any(base.__name__ == name and base.__module__.startswith("brian2.") for base in type(value).__mro__)
