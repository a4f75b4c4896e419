"""`Values`: results of one's own that are kept with a run - numbers, texts and arrays."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.core.units import holds_quantity
from fusion.errors import InvalidValue, UnknownKey
from fusion.storage.folder import Folder, array_in

LONGEST = 100  # bytes of the name of a file


class Kept(Mapping[str, Any]):
    """What was kept with a run by names of one's own; an array is read when it is asked for.

    Raises
    ------
    UnknownKey
        If nothing has such a name.
    """

    def __init__(self, folder: Path, plain: dict[str, Any], files: dict[str, str]) -> None:
        self._path, self.plain, self.files = folder, plain, files

    def __getitem__(self, name: str) -> Any:
        if name in self.plain:
            return self.plain[name]
        if name not in self.files:
            raise UnknownKey("value", str(name), self, str(self._path))
        return array_in(self._path, self.files[name])

    def __iter__(self) -> Iterator[str]:
        return iter([*self.plain, *self.files])

    def __len__(self) -> int:
        return len(self.plain) + len(self.files)

    def __repr__(self) -> str:
        return f"<kept in {str(self._path)!r}: {', '.join(self) or 'nothing yet'}>"


class Values(Kept, MutableMapping[str, Any]):
    """What a script keeps with its run, by names of its own: ``net.kept["accuracy"] = 0.93``.

    Each is on disk when the line is done; numbers and texts in ``run.json``, arrays as ``.npy`` in the folder ``kept``.

    save : writes `plain` and `files` down

    Raises
    ------
    InvalidValue
        If it is no number, text or array of numbers, or has no name.
    UnknownKey
        If nothing has such a name.
    CannotKeep
        If the disk refuses it.
    """

    def __init__(self, folder: Folder, save: Callable[[], None]) -> None:
        super().__init__(folder.path, {}, {})
        self._folder, self._save = folder, save

    def __setitem__(self, name: str, value: Any) -> None:
        if not isinstance(name, str) or not name.strip():
            raise InvalidValue(f"kept[{name!r}]: give it a name, as in net.kept['accuracy'] = 0.93.", name=name)
        if isinstance(value, np.generic) and value.dtype.kind not in "mM":  # of times it would be a bare count
            value = value.item()
        if isinstance(value, str | bool | int) or (isinstance(value, float) and math.isfinite(value)):
            _check_written(name, value)
            self._put(name, value, None)
        else:
            array = _array(name, value)
            self._put(name, None, self._folder.save(Path(self.files.get(name) or self._free(name)).stem, array))

    def __delitem__(self, name: str) -> None:
        self[name]
        self._put(name, None, None)

    def _put(self, name: str, value: Any, file: str | None) -> None:
        """A plain value, or one in a file, or neither; what was there remains if that cannot be written."""
        all_before = dict(self.plain), dict(self.files)
        before = self.files.pop(name, None)
        self.plain.pop(name, None)
        if file is not None:
            self.files[name] = file
        elif value is not None:
            self.plain[name] = value
        try:
            self._save()
        except BaseException:
            self.plain, self.files = all_before
            raise
        if before is not None and file is None:
            self._folder.discard(before)

    def _free(self, name: str) -> str:
        """A file that no other array has."""
        safe = re.sub(r"[^\w-]", "_", name).encode()[:LONGEST].decode(errors="ignore")
        taken, n, free = {Path(file).stem.lower() for file in self.files.values()}, 1, safe
        while free.lower() in taken:
            n += 1
            free = f"{safe}_{n}"
        return f"{free}.npy"


def _check_written(name: str, value: object) -> None:
    try:
        json.dumps(value)
    except ValueError as error:  # Python writes no integers of thousands of digits
        raise InvalidValue(
            f"kept[{name!r}] is too long a number ({error}). Keep it as a text, as in net.kept['n'] = hex(n).",
            name=name,
        ) from None


def _array(name: str, value: Any) -> NDArray[Any]:
    if holds_quantity(value):
        raise InvalidValue(
            f"kept[{name!r}] has a unit, which would be lost. Divide by the unit, as in net.kept['v_mV'] = v / mV.",
            name=name,
        )
    if isinstance(value, np.ma.MaskedArray):
        raise InvalidValue(
            f"kept[{name!r}] has a mask, which would be lost. Keep its .filled(...), or .data and .mask by two names.",
            name=name,
        )
    try:
        array: NDArray[Any] | None = np.asarray(value)
    except ValueError:
        array = None
    if array is None or array.dtype.kind not in "biufc":
        raise InvalidValue(
            f"kept[{name!r}] is a {type(value).__name__}; numbers, texts and arrays of numbers can be kept.",
            name=name,
        )
    return array
