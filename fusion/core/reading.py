"""`Reading`: what a foreign variable, or a selection of neurons, gives when it is read - a copy that says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.errors import ReadOnly


def _anew(operation: np.ufunc) -> Callable[[Any, Any], Any]:
    """An operator in place that makes a new array."""

    def operator(self: Any, other: Any) -> Any:
        return operation(self, other)

    return operator


class Reading(np.ndarray[Any, Any]):
    """A copy of a simulator's values, or of those of some neurons.

    ``group.v += 1`` works: a new array is made and written back. ``group.v[0] = 1`` would change the copy alone, so it
    raises `ReadOnly`.
    """

    def __setitem__(self, key: Any, value: Any) -> None:
        if not self.flags.writeable:
            raise ReadOnly(
                "This is a copy. Write the whole variable (group.v = values) or a part of it (group[index].v = values)."
            )
        super().__setitem__(key, value)

    __iadd__: Any = _anew(np.add)
    __isub__: Any = _anew(np.subtract)
    __imul__: Any = _anew(np.multiply)
    __itruediv__: Any = _anew(np.true_divide)
    __ifloordiv__: Any = _anew(np.floor_divide)
    __imod__: Any = _anew(np.remainder)
    __ipow__: Any = _anew(np.power)
    __iand__: Any = _anew(np.bitwise_and)
    __ior__: Any = _anew(np.bitwise_or)
    __ixor__: Any = _anew(np.bitwise_xor)


def reading(values: NDArray[Any]) -> Reading:
    """`values`, which nobody else holds, as a `Reading`."""
    view = values.view(Reading)
    view.flags.writeable = False
    return view
