"""What each line of the equations declares, and the same lines with SI units, which is how Brian2 reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fusion.behaviours.equations.model import Declaration
from fusion.core.units import BASES, parse
from fusion.errors import InvalidValue

SYMBOLS = {
    "volt": "V", "amp": "A", "ampere": "A", "second": "s", "siemens": "S", "farad": "F", "ohm": "Ohm", "hertz": "Hz",
    "metre": "m", "meter": "m", "gram": "g", "gramme": "g", "coulomb": "C", "newton": "N", "joule": "J", "watt": "W",
    "pascal": "Pa", "tesla": "T", "weber": "Wb", "henry": "H", "kelvin": "K", "mole": "mol", "molar": "M",
    "candle": "cd",
}  # fmt: skip
"""Units as Brian2 spells them, and their symbols."""

_PREFIXES = {"kilo": "k"}
_SPELLED = re.compile(rf"\b(kilo|[a-zA-Zµ])?({'|'.join(sorted(SYMBOLS, key=len, reverse=True))})\b")
_POWER = re.compile(r"([A-Za-zµμ])([234])\b")
_END = re.compile(r":\s*(?P<unit>[^:#]*?)\s*(?P<flags>\([a-z ,-]+\))?\s*(?P<comment>#.*)?$")
_NAME = re.compile(r"\s*(?:d(?P<moved>\w+)\s*/\s*dt\s*=|(?P<computed>\w+)\s*=|(?P<given>\w+)\s*:)")

_BRIAN2_BASES = dict(zip(BASES, ("metre", "kilogram", "second", "amp", "kelvin", "mole", "candle"), strict=True))
_NUMBERS = ("1", "boolean", "integer")


def read(text: str) -> tuple[dict[str, Declaration], str]:
    """The declarations in a text by name, and the text with SI units.

    Raises
    ------
    InvalidValue
        If a line declares nothing, its unit cannot be read, or a name is declared twice.
    """
    declared: dict[str, Declaration] = {}
    lines = []
    for declaration, line in _declarations(text):
        if declaration.name in declared:
            raise InvalidValue(
                f"{declaration.name!r} is declared twice: {declared[declaration.name]} and {declaration}."
            )
        declared[declaration.name] = declaration
        lines.append(line)
    if not declared:
        raise InvalidValue("There are no equations. Write lines such as 'dv/dt = -v/tau : mV'.", text=text)
    return declared, "\n".join(lines)


def _declarations(text: str) -> Iterator[tuple[Declaration, str]]:
    begun, first = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        code = line.partition("#")[0].strip()
        if not code:
            continue
        first = first or number
        begun = f"{begun} {code}".strip()
        end = _END.search(begun)
        if end is not None:
            yield _declaration(begun, end, first)
            begun, first = "", 0
    if begun:
        raise InvalidValue(
            f"Line {first} of the equations, {begun!r}, has no unit. Write ': mV' at its end, or ': 1' for a number."
        )


def _declaration(text: str, end: re.Match[str], line: int) -> tuple[Declaration, str]:
    found = _NAME.match(text)
    if found is None:
        raise InvalidValue(
            f"Line {line} of the equations, {text!r}, declares nothing. Write 'dx/dt = ... : unit', 'x = ... : unit' "
            "or 'x : unit'."
        )
    name = next(filter(None, found.groups()))
    written = end["unit"]
    declaration = Declaration(name, "", 0, line, text)
    base = written
    if written not in _NUMBERS:
        try:
            unit = normal(written)
            exponent, powers = parse(unit)
        except InvalidValue as error:
            raise InvalidValue(f"The unit of {declaration}, cannot be read: {error}", line=line) from None
        declaration = declaration._replace(unit=unit, exponent=exponent)
        base = spelled(powers)
    flags = f" {end['flags']}" if end["flags"] else ""
    return declaration, f"{text[: end.start()]}: {base}{flags}"


def normal(unit: str) -> str:
    """A unit with symbols, as fusion reads it: "amp/meter**2" is "A/m**2"."""
    symbols = _SPELLED.sub(lambda found: _PREFIXES.get(found[1], found[1] or "") + SYMBOLS[found[2]], unit)
    return _POWER.sub(r"\1**\2", symbols)


def spelled(powers: tuple[int, ...]) -> str:
    """The SI unit of a dimension, as Brian2 spells it."""
    factors = [f"{_BRIAN2_BASES[base]}**{power}" for base, power in zip(BASES, powers, strict=True) if power]
    return "*".join(factors) or "1"
