"""`Tagged`: objects that are found by tag, in themselves and in what hangs below them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, SupportsIndex

from fusion.errors import InvalidValue, UnknownName


class Series:
    """Recorded data that is found by its expression."""

    def values(self) -> Any:
        """All that was recorded so far, as an array."""
        raise NotImplementedError


class Tagged:
    """A node in the tree network - groups - behaviours - recordings.

    ``obj["tag"]`` is the list of everything at or below `obj` that bears the tag; ``obj["tag", 0]`` is one of them. A
    tag is a name that the user gave, a class name, that of a base class, or the expression of a recorder.

    What was found is remembered until the structure of the network changes.
    """

    def __init__(self, tag: str | None) -> None:
        # Not a list, which could be changed without anybody being told.
        self.tags = tuple(split_tags(tag))
        self._items: dict[Any, Any] = {}
        self._found: dict[str, list[Tagged | Series]] = {}

    @property
    def tag(self) -> str:
        """The first tag."""
        return self.tags[0] if self.tags else type(self).__name__.removeprefix("Foreign").removeprefix("Adopted")

    def __getitem__(self, key: Any) -> Any:
        if key.__class__ is tuple:
            items = self._items
            if key in items:
                return items[key]
            return self._item(key)
        if key.__class__ is str or isinstance(key, type):
            return [f.values() if isinstance(f, Series) else f for f in self._search(_text(key))]
        raise InvalidValue(f"{key!r} is no tag. Write obj['tag'] for the list, obj['tag', 0] for one of it.", key=key)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str | type) and bool(self._search(_text(key), must_exist=False))

    # Python would otherwise iterate by asking for obj[0], obj[1], ...
    __iter__ = None

    def add_tag(self, tag: str) -> None:
        """Give the object further tags, separated by commas."""
        self.tags += tuple(new for new in split_tags(tag) if new not in self.tags)
        self._structure_changed()

    def _item(self, key: tuple[Any, ...]) -> Any:
        if len(key) != 2 or not isinstance(key[0], str | type) or not isinstance(key[1], SupportsIndex):
            raise InvalidValue(f"{key!r} is no tag with an index. Write obj['tag', 0].", key=key)
        tag = _text(key[0])
        found = self._search(tag)
        try:
            item = found[key[1]]
        except IndexError:
            raise UnknownName("tag", f"{tag}, {key[1]}", self._known(), f"{self!r} ({len(found)} bear it)") from None
        if isinstance(item, Series):
            return item.values()
        self._warm([item])
        self._items[key] = item
        return item

    def _search(self, tag: str, must_exist: bool = True) -> list[Tagged | Series]:
        found = self._found.get(tag)
        if found is None:
            found = list(self._walk(tag))
            if not found and not (must_exist and self._exists(tag)):
                if must_exist:
                    raise UnknownName("tag", tag, self._known(), repr(self))
                return found
            self._warm(found)
            self._found[tag] = found
        return found

    def bears(self, tag: str) -> bool:
        """Whether this object itself answers to the tag: one of its own, or the name of its class or a base class."""
        return tag in self.tags or tag in self.kinds()

    def kinds(self) -> list[str]:
        """Names of its class and of the base classes that count as tags."""
        return [base.__name__ for base in type(self).__mro__[:-1] if base is not Tagged]

    def _walk(self, tag: str) -> Iterator[Tagged | Series]:
        if self.bears(tag):
            yield self
        yield from self._recorded(tag)
        for child in self._children():
            yield from child._walk(tag)

    def _known(self) -> set[str]:
        known = {*self.tags, type(self).__name__, *self._expressions()}
        for child in self._children():
            known |= child._known()
        return known

    def _forget(self) -> None:
        self._items.clear()
        self._found.clear()

    def _children(self) -> Iterable[Tagged]:
        """What hangs below."""
        return ()

    def _recorded(self, expression: str) -> Iterable[Series]:
        """The recordings of this object itself."""
        return ()

    def _expressions(self) -> Iterable[str]:
        """What `_recorded` answers to."""
        return ()

    def _exists(self, tag: str) -> bool:
        """Whether anything in the whole network bears the tag; then an empty list is an answer, not a mistake."""
        return False

    def _warm(self, found: list[Any]) -> None:
        """Told what is found before it is remembered, so that it can be forgotten when the structure changes."""

    def _structure_changed(self) -> None:
        """Told when what is remembered may be wrong."""


def split_tags(tag: str | None) -> list[str]:
    """The parts of "a, b" as ["a", "b"]."""
    if tag is None:
        return []
    if not isinstance(tag, str):
        raise InvalidValue(f"The tag is {tag!r}; give a string, several tags separated by commas.", tag=tag)
    tags = [part.strip() for part in tag.split(",")]
    if not all(tags):
        raise InvalidValue(f"The tag {tag!r} has an empty part.", tag=tag)
    return list(dict.fromkeys(tags))


def _text(key: str | type) -> str:
    return key if isinstance(key, str) else key.__name__
