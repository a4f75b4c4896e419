"""Brian2's dimensions as the unit strings that fusion reads."""

from __future__ import annotations

from fusion.core.units import BASES, Dimension, parse

# The first that fits is taken.
_SYMBOLS = ("V", "A", "S", "F", "Ohm", "s", "Hz", "C", "W", "J", "N", "Pa", "H", "T", "Wb", "m", "kg", "K", "mol", "cd")
_POWERS = {symbol: parse(symbol)[1] for symbol in _SYMBOLS}


def unit_of(dimension: Dimension) -> str | None:
    """The SI unit of a dimension: "V", "A m^-2"; "" if it has none, None if it is no product of whole powers."""
    exact = [dimension.get_dimension(base) for base in BASES]
    powers = [round(power) for power in exact]
    if any(abs(power - whole) > 1e-9 for power, whole in zip(exact, powers, strict=True)):
        return None
    if not any(powers):
        return ""
    for symbol in _SYMBOLS:
        if _POWERS[symbol] == tuple(powers):
            return symbol
    for symbol in _SYMBOLS:
        rest = [a - b for a, b in zip(powers, _POWERS[symbol], strict=True)]
        if sum(map(bool, rest)) == 1:
            return f"{symbol} {_product(rest)}"
    return _product(powers)


def _product(powers: list[int]) -> str:
    return " ".join(
        base if power == 1 else f"{base}^{power}" for base, power in zip(BASES, powers, strict=True) if power
    )
