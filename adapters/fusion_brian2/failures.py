"""What Brian2 raises when it compiles a network, said in the words of the one who wrote the equations."""

from __future__ import annotations

import numbers
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from fusion.errors import FusionError, SimulatorFailed, UnknownName

_UNRESOLVED = re.compile(r'The identifier "(\w+)" could not be resolved')
_OBJECT = re.compile(r"object named '(\w+)'")


def explained(error: BaseException, names: Mapping[str, Any]) -> FusionError:
    """The error to raise from `error`: `UnknownName` for a name in equations that stands for nothing.

    Parameters
    ----------
    error : what Brian2 raised
    names : where names in equations were looked up
    """
    chain = list(_chain(error))
    found = _OBJECT.search(str(error))
    place = f"the code of the Brian2 object {found[1]!r}" if found else "a Brian2 object"
    for cause in chain:
        unresolved = _UNRESOLVED.search(str(cause))
        if unresolved:
            known = [name for name, value in names.items() if _is_constant(name, value)]
            return UnknownName("constant", unresolved[1], known, place)
    cause = chain[-1]
    return SimulatorFailed(f"Brian2 cannot prepare {place}: {type(cause).__name__}: {cause}", cause=cause)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _is_constant(name: str, value: object) -> bool:
    """Whether equations could mean it; units, which Brian2 knows by itself, would only fill the list."""
    import brian2

    if name.startswith("_") or isinstance(value, brian2.Unit):
        return False
    return isinstance(value, (numbers.Number, np.ndarray, brian2.Function)) and not isinstance(value, bool)
