"""`shadowing`: lets a script give a name to a variable of its own though fusion computes something under that name."""

from __future__ import annotations

from typing import Any, TypeVar

Kind = TypeVar("Kind")


class Shadowed:
    """A property without a setter, until the object is given an attribute of that name."""

    def __init__(self, computed: property) -> None:
        self._computed = computed

    # No __set__: then Python looks into the object first.
    def __get__(self, owner: Any, kind: type) -> Any:
        return self._computed if owner is None else self._computed.__get__(owner, kind)


def shadowing(kind: type[Kind]) -> type[Kind]:
    """Class decorator: ``neurons.spikes = [...]`` and ``synapses.pre = ...`` are a script's own variables."""
    for name in dir(kind):
        value = getattr(kind, name)
        if isinstance(value, property) and value.fset is None:
            setattr(kind, name, Shadowed(value))
    return kind
