"""`Places`: where each recording of a network lies in the file of its run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from fusion.core.parts import Part, unit_of
from fusion.storage.data import EVENTS, ROWS

FORBIDDEN = re.compile(r"[/\0\ud800-\udfff]")


class Recorded(Protocol):
    """A recorder, as its rows are kept."""

    owner: Part | None
    has_rows: bool
    expressions: Sequence[Any]

    def between(self, after: int, until: int) -> Iterator[tuple[str, NDArray[Any], list[NDArray[Any]]]]: ...
    def hold(self) -> None: ...
    def trim(self) -> None: ...


@dataclass(frozen=True)
class Place:
    """Where the recording of an expression lies.

    owner : what was recorded, also when the recorder has been taken off it
    path : of a group in the file
    columns : names of its two datasets
    """

    owner: Part
    text: str
    path: str
    columns: tuple[str, str]

    @property
    def unit(self) -> str | None:
        """Of what was recorded, if it is known."""
        return unit_of(self.owner, self.text) if self.columns == ROWS else None

    def facts(self) -> dict[str, Any]:
        """What a reader has to know."""
        return {"data": self.path, "has_rows": self.columns == ROWS, "unit": self.unit}


class Places:
    """Gives each recording a place of its own, for all time."""

    def __init__(self) -> None:
        self._places: dict[Any, dict[str, Place]] = {}
        self._taken: set[str] = set()

    def of(self, recorder: Recorded) -> dict[str, Place]:
        """The places of what a recorder records, by expression."""
        places = self._places.setdefault(recorder, {})
        for text in (expression.text for expression in recorder.expressions):
            if text not in places:
                owner = next((place.owner for place in places.values()), recorder.owner)
                assert owner is not None
                columns = ROWS if recorder.has_rows else EVENTS
                places[text] = Place(owner, text, self._free(_path(owner.tag, text, recorder.has_rows)), columns)
        return places

    def by_owner(self) -> dict[Part, dict[Any, dict[str, Place]]]:
        """What was ever recorded of each part: recorders, and their places by expression."""
        found: dict[Part, dict[Any, dict[str, Place]]] = {}
        for recorder, places in self._places.items():
            owner = next(iter(places.values())).owner
            found.setdefault(owner, {})[recorder] = places
        return found

    def _free(self, wanted: str) -> str:
        path, n = wanted, 1
        while path in self._taken:
            n += 1
            path = f"{wanted}_{n}"
        self._taken.add(path)
        return path


def _path(tag: str, text: str, has_rows: bool) -> str:
    # A slash would begin a group within the group, a dot is the group itself, others cannot be written.
    tag, text = "_" if tag == "." else FORBIDDEN.sub("_", tag), FORBIDDEN.sub("_", text)
    if has_rows:
        return f"/rows/{tag}.{text}"
    return f"/spikes/{tag}" if text == "spike" else f"/events/{tag}.{text}"  # the first is SONATA's
