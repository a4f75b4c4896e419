"""What a partition of neurons is: selections that share no neuron and leave none out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from fusion.core.ends import End
from fusion.core.neurons import checked_index
from fusion.errors import InvalidValue

NAMED = 5  # neurons that a message tells


@runtime_checkable
class Partition(Protocol):
    """A rule that cuts groups into parts."""

    def of(self, neurons: End) -> Sequence[Any]:
        """Selections of the neurons: slices, masks or indices."""


def checked_partition(partition: Partition | Sequence[Any], neurons: End) -> list[NDArray[np.int64]]:
    """The indices of each part, ascending.

    Raises
    ------
    InvalidValue, ShapeMismatch
        If a part is no selection of the neurons, or empty, if two have neurons in common, or if neurons are left out.
    """
    given = partition.of(neurons) if isinstance(partition, Partition) else partition
    if not isinstance(given, Sequence | np.ndarray) or isinstance(given, str) or np.ndim(_first(given)) != 1:
        raise InvalidValue(
            f"partition={partition!r}: write fusion.behaviours.blocks(10, 10), or list slices, masks or indices of "
            f"{neurons.tag!r}, one for each block.",
            partition=partition,
        )
    parts = [np.sort(checked_index(selection, neurons.size)) for selection in given]
    empty = [str(number) for number, part in enumerate(parts) if not len(part)]
    if empty:
        raise InvalidValue(f"Block {', '.join(empty[:NAMED])} of the partition of {neurons.tag!r} has no neurons.")
    counts = np.bincount(np.concatenate(parts), minlength=neurons.size)
    for wrong, where in ((counts > 1, "more than one block"), (counts == 0, "no block")):
        if wrong.any():
            raise InvalidValue(
                f"Each neuron of {neurons.tag!r} is in one block of a partition; {_named(np.flatnonzero(wrong))} in "
                f"{where}.",
                neurons=np.flatnonzero(wrong),
            )
    return parts


def _first(given: Any) -> Any:
    """What stands for the form of the selections; a slice counts as an array."""
    first = given[0] if len(given) else None
    return [] if isinstance(first, slice) else first


def _named(neurons: NDArray[np.int64]) -> str:
    """Neurons as the subject of a sentence."""
    first = ", ".join(map(str, neurons[:NAMED]))
    more = f" and {len(neurons) - NAMED} more" if len(neurons) > NAMED else ""
    return f"neuron {first} is" if len(neurons) == 1 else f"neurons {first}{more} are"
