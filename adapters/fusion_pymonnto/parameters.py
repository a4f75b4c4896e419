"""Parameter strings: "normal(0.9, 0.1)", "same(tag, attribute)", "25%", and ";plot" after any of them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from fusion.errors import InvalidValue
from fusion_pymonnto.fills import show_histogram

_SAME = re.compile(r"same\(\s*([^,()]+?)\s*,\s*([^,()]+?)\s*\)")
_CALL = re.compile(r"\w+\(.*\)")


def diversified(text: str, owner: Any) -> Any:
    """What a string stands for on `owner`: an attribute of another object, one value per neuron or synapse, or itself.

    Raises
    ------
    InvalidValue
        If "same(tag, attribute)" names a tag that nothing bears.
    """
    plain = text.replace(";plot", "").strip()
    same = _SAME.fullmatch(plain)
    if same:
        other = owner[same[1], 0]
        if other is None:
            raise InvalidValue(f"{text!r}: nothing at or below {owner.tag!r} bears the tag {same[1]!r}.", text=text)
        return getattr(other, same[2])  # as the user named it
    result = owner.filled(plain) if _CALL.fullmatch(plain) and owner.shape else plain
    if ";plot" in text and isinstance(result, np.ndarray):
        show_histogram(result, bins=30)
    return result


def is_number(s: Any) -> bool:
    """Whether a string is a number."""
    try:
        float(s)
    except ValueError:
        return False
    return True


def cast(text: str, default: Any) -> Any:
    """A string as the type of the default: "2", "25%"; whole numbers may turn out to be fractions.

    Raises
    ------
    InvalidValue
        If it is no number and the default is one.
    """
    if isinstance(default, str) or not isinstance(default, bool | int | float | np.number):
        return text
    if isinstance(default, bool):
        return text.strip() not in ("", "0", "False", "false")
    number = text.strip()
    try:
        value = float(number.removesuffix("%")) / (100.0 if number.endswith("%") else 1.0)
    except ValueError as error:
        raise InvalidValue(f"{text!r} is no number, and the default is {default!r}.", text=text) from error
    whole = isinstance(default, int | np.integer) and value.is_integer()
    return int(value) if whole else value
