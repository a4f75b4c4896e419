"""`Parameter` and `change`: what of a behaviour can be changed while its network runs, and the reason where not."""

from __future__ import annotations

import inspect
import io
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fusion.core.behaviour import Behaviour
from fusion.core.dataflow import Use, uses
from fusion.errors import FusionError, InvalidValue, ReadOnly, UnknownName

_WORDS = {"true": True, "false": False, "yes": True, "no": False}


@dataclass(frozen=True)
class Parameter:
    """A declared parameter of a behaviour.

    about : what the comment at its declaration says, such as its unit; "" if there is none
    fixed : the reason why a change would do nothing, or the wrong thing, while the network runs; "" if it can change
    """

    name: str
    about: str
    fixed: str


def parameters_of(behaviour: Behaviour) -> list[Parameter]:
    """All of them, in the order of their declaration, ``every`` last."""
    used, about = uses(type(behaviour)), comments(type(behaviour))
    names = sorted(behaviour._fields, key=lambda name: name == "every")
    return [Parameter(name, about.get(name, ""), _fixed(behaviour, name, used)) for name in names]


def change(behaviour: Behaviour, name: str, value: float) -> None:
    """Give a parameter another number, from the next iteration on.

    What the constructor checks and ``verify`` are asked; what ``initialize`` checks is not.

    Raises
    ------
    UnknownName
        If there is no such parameter.
    ReadOnly
        If it can not be changed while the network runs.
    InvalidValue
        If it can not have this value.
    """
    if name not in behaviour._fields:
        raise UnknownName("parameter", name, behaviour._fields, type(behaviour).__name__)
    what = f"{type(behaviour).__name__}.{name}"
    fixed = _fixed(behaviour, name, uses(type(behaviour)))
    if fixed:
        raise ReadOnly(f"{what} cannot be changed: {fixed}", parameter=name)
    old = getattr(behaviour, name)  # a declared field
    if isinstance(old, bool) != isinstance(value, bool):
        raise InvalidValue(f"{what} = {value!r}: it is {old!r}, give {_kind(old)}.", parameter=name)
    if "float" not in behaviour._fields[name] and not isinstance(value, bool | int):
        raise InvalidValue(f"{what} = {value!r}: give a whole number.", parameter=name)
    _rehearse(behaviour, name, behaviour._read(name, value))
    setattr(behaviour, name, value)  # a declared field
    try:
        behaviour.verify(behaviour.owner)
    except FusionError:
        setattr(behaviour, name, old)
        raise


def number(text: str, like: object) -> Any:
    """What a user has typed, as a number of the kind that `like` is.

    Raises
    ------
    InvalidValue
        If it is none.
    """
    word = text.strip().lower()
    if isinstance(like, bool | np.bool_):
        value: Any = _WORDS.get(word)
    else:
        value = _read(word, int) if isinstance(like, int | np.integer) else None
        if value is None and not isinstance(like, np.integer):
            value = _read(word, float)
    if value is None or value != value:
        raise InvalidValue(f"{text!r} cannot be taken: give {_kind(like)}.", text=text)
    return value


def comments(kind: type[Behaviour]) -> dict[str, str]:
    """{parameter: the comment behind its declaration}, of a class and its bases, as far as their source is there."""
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__[: kind.__mro__.index(Behaviour)]):
        try:
            source = inspect.getsource(base)
        except (OSError, TypeError):  # it was made in a place that has no file
            continue
        fields = inspect.get_annotations(base)
        words: list[str] = []
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT and len(words) > 1 and words[0] in fields and words[1] == ":":
                found[words[0]] = token.string.lstrip("#: ")
            if token.type == tokenize.NEWLINE:
                words = []
            elif token.string.strip():
                words.append(token.string)
    return found


def _fixed(behaviour: Behaviour, name: str, used: Mapping[str, Use] | None) -> str:
    value = getattr(behaviour, name)  # a declared field
    if name == "every":
        return "it is settled when the behaviour is attached."
    is_array = isinstance(value, np.ndarray) and value.ndim > 0
    if not behaviour._is_numeric(name) or not (is_array or isinstance(value, bool | int | float | np.number)):
        return "it is no number."
    if used is None:
        return "the source of the class is not there, so that nobody knows whether its steps would notice."
    if used[name].kept_in:
        kept = ", ".join(used[name].kept_in)
        return f"{kept} was computed from it before the first step, and would stay. {_anew(behaviour, name)}"
    if not used[name].in_steps:
        return f"no step reads it, it counts before the first one. {_anew(behaviour, name)}"
    return "it has one value for each; a script can change them." if is_array else ""


def _anew(behaviour: Behaviour, name: str) -> str:
    return f"Make the network anew with {type(behaviour).__name__}({name}=...)."


def _rehearse(behaviour: Behaviour, name: str, value: Any) -> None:
    """Make another one with this value, for the checks of its constructor, if that takes the parameters by name."""
    kind = type(behaviour)
    fields = (*behaviour.parameters, *(one for one in behaviour._fields if one in vars(behaviour)))
    now = {field: vars(behaviour)[field] for field in fields if field in behaviour._fields} | {name: value}
    try:
        inspect.signature(kind).bind(**now)
    except TypeError:
        return
    kind(**now)


def _read(word: str, kind: type[int] | type[float]) -> int | float | None:
    try:
        return kind(word)
    except ValueError:
        return None


def _kind(like: object) -> str:
    if isinstance(like, bool | np.bool_):
        return "true or false"
    return "a whole number" if isinstance(like, int | np.integer) else "a number"
