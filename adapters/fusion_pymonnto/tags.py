"""`Searched`: look-up by tag as PymoNNto has it, where what is not found is an empty list, or None."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

import numpy as np

from fusion.core.tags import Series, Tagged
from fusion.errors import InvalidValue


class Searched(Tagged):
    """``obj["tag"]`` is a list, ``obj["tag", 0]`` one of it or None, ``obj["v", 0, "np"]`` an array.

    A tag may also be a class, the expression of a recorder, with or without "n." before its variables, or the key of a
    behaviour.
    """

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice | np.ndarray | list):
            return super().__getitem__(key)
        tag, *rest = key if isinstance(key, tuple) else (key,)
        found = [one.values() if isinstance(one, Series) else one for one in self._all_that(tag)]
        as_array = "np" in rest
        places = [place for place in rest if place != "np"]
        if len(places) > 1 or not all(isinstance(place, int | np.integer) for place in places):
            raise InvalidValue(f"{key!r}: write obj['tag'], obj['tag', 0] or obj['tag', 0, 'np'].", key=key)
        if not places:
            return np.array(found) if as_array else found
        if not found:
            return None
        return np.array(found[places[0]]) if as_array else found[places[0]]

    def _all_that(self, tag: Any) -> list[Any]:
        if isinstance(tag, int | float) and not isinstance(tag, bool):
            return list(_under_key(self, tag))
        if not isinstance(tag, str | type):
            raise InvalidValue(f"{tag!r} is no tag. Give a string, a class or the key of a behaviour.", key=tag)
        return list(self._search(tag if isinstance(tag, str) else tag.__name__, must_exist=False))

    def find_objects(self, key: Any) -> list[Any]:
        """All below this object that answer to a tag."""
        return [one for one in self._all_that(key) if one is not self]

    def has_module(self, tag: Any) -> bool:
        """Whether anything at or below this object answers to a tag."""
        return bool(self._all_that(tag))

    def set_tag_attrs(self, tag: Any, attr: str, value: Any) -> None:
        """Set an attribute of all that answer to a tag."""
        for one in self[tag]:
            setattr(one, attr, value)  # as the user named it

    def call_tag_functions(self, tag: Any, attr: str, **arguments: Any) -> None:
        """Call a method of all that answer to a tag."""
        for one in self[tag]:
            getattr(one, attr)(**arguments)  # as the user named it

    def add_tag(self, tag: str) -> Self:  # type: ignore[override]  # fusion's returns nothing
        """Give the object further tags, separated by commas; returns the object."""
        super().add_tag(tag)
        return self

    @property
    def tag_shortcuts(self) -> dict[str, list[Any]]:
        """What was found since the structure of the network changed last."""
        return {tag: self[tag] for tag in list(self._found)}

    def clear_cache(self) -> None:
        """Look everything up anew."""
        self._forget()


def _under_key(node: Tagged, key: float) -> Iterator[Tagged]:
    for child in node._children():
        # Only behaviours have keys, and the part above them holds them under these.
        if getattr(child, "owner", None) is node and getattr(child, "key", None) == key:
            yield child
        yield from _under_key(child, key)
