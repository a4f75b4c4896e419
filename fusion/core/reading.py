"""`Reading`: what a foreign variable gives when it is read - a copy that says so when it is written to."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.errors import ReadOnly


class Reading(np.ndarray[Any, Any]):
    """A copy of a simulator's values.

    ``group.v += 1`` works: a new array is made and written back. ``group.v[0] = 1`` would change the copy alone, so it
    raises `ReadOnly`.
    """

    def __setitem__(self, key: Any, value: Any) -> None:
        if not self.flags.writeable:
            raise ReadOnly(
                "This is a copy of a simulator's values. Write the whole variable (group.v = values) or a part of it "
                "(group.subgroup(index).v = values)."
            )
        super().__setitem__(key, value)

    def __iadd__(self, other: Any) -> Any:  # type: ignore[misc]
        return np.add(self, other)

    def __isub__(self, other: Any) -> Any:  # type: ignore[misc]
        return np.subtract(self, other)

    def __imul__(self, other: Any) -> Any:  # type: ignore[misc]
        return np.multiply(self, other)

    def __itruediv__(self, other: Any) -> Any:  # type: ignore[misc]
        return np.true_divide(self, other)


def reading(values: NDArray[Any]) -> Reading:
    """`values`, which nobody else holds, as a `Reading`."""
    view = values.view(Reading)
    view.flags.writeable = False
    return view
