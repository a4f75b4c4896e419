"""Loops over the synapses of neurons that fired, for numba.

`numba_forms` reads this text and imports a copy: machine code lies beside it, where the user may write.
A dense matrix is given by its lines, which lie contiguous: those of the sources, or of the targets.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[Any]

compiled = njit(cache=True, nogil=True, error_model="numpy")


@compiled
def bounded(value: Any, low: Any, high: Any) -> Any:
    """As np.clip, NaN included."""
    value = low if value < low else value
    return high if value > high else value


@compiled
def along(lines: Array, connected: Array | None, chosen: Array, change: Array, low: Any, high: Any) -> None:
    """Add `change`, one for each place in a line, to some lines."""
    for k in chosen:
        line = lines[k]
        for i in range(line.size):
            if connected is None or connected[k, i]:
                line[i] = bounded(line[i] + change[i], low, high)


@compiled
def across(lines: Array, connected: Array | None, chosen: Array, change: Array, low: Any, high: Any) -> None:
    """Add `change`, one for each line, to some places of all lines; line by line, as they lie in memory."""
    for k in range(len(lines)):
        line = lines[k]
        for one in chosen:
            i = np.uint64(one)  # spares a test whether it counts from the end
            if connected is None or connected[k, i]:
                line[i] = bounded(line[i] + change[k], low, high)


@compiled
def by_kind(
    lines: Array, connected: Array | None, line_kinds: Array, kinds: Array, table: Array, low: Any, high: Any
) -> None:
    """Add what a table (line kinds, kinds) says where both are above 0."""
    chosen = np.flatnonzero(kinds)
    for k in np.flatnonzero(line_kinds):
        line, row = lines[k], table[line_kinds[k]]
        for i in chosen:
            if connected is None or connected[k, i]:
                line[i] = bounded(line[i] + row[kinds[i]], low, high)


@compiled
def sparse_from(data: Array, indices: Array, indptr: Array, sources: Array, change: Array, low: Any, high: Any) -> None:
    """Add `change` (targets,) to the columns of some sources."""
    for source in sources:
        for at in range(indptr[source], indptr[source + 1]):
            data[at] = bounded(data[at] + change[indices[at]], low, high)


@compiled
def sparse_onto(
    data: Array, order: Array, starts: Array, sources: Array, targets: Array, change: Array, low: Any, high: Any
) -> None:
    """Add `change` (sources,) to the synapses onto some targets, which `order` and `starts` find."""
    for target in targets:
        for place in range(starts[target], starts[target + 1]):
            at = order[place]
            data[at] = bounded(data[at] + change[sources[place]], low, high)


@compiled
def sparse_by_kind(
    data: Array,
    indices: Array,
    indptr: Array,
    target_kinds: Array,
    source_kinds: Array,
    table: Array,
    low: Any,
    high: Any,
) -> None:
    """Add what a table (target kinds, source kinds) says where both are above 0."""
    for source in np.flatnonzero(source_kinds):
        column = table[:, source_kinds[source]]
        for at in range(indptr[source], indptr[source + 1]):
            kind = target_kinds[indices[at]]
            if kind:
                data[at] = bounded(data[at] + column[kind], low, high)
