"""`NumpyDense` and `NumpySparse`: synapses that NumPy changes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.plasticity.form import DenseForm, SparseForm
from fusion.core import weights as weighing

LARGE = 4000
"""Values above which one pass of np.clip is quicker than two of what has less to begin with."""


class NumpyDense(DenseForm):
    """An array of any layout."""

    def take(self, values: Any, connected: NDArray[np.bool_] | None) -> None:
        if values is not self.values:
            self._line = _line(values)
        super().take(values, connected)
        self._connected_from = None if connected is None else connected.T

    def add_from(self, sources: NDArray[np.int64], change: NDArray[Any]) -> None:
        # The synapses of one source are contiguous in the order that fusion makes matrices in.
        rows = self.values.T
        self._change(rows, self._connected_from, sources, rows.take(sources, axis=0), change)

    def add_onto(self, targets: NDArray[np.int64], change: NDArray[Any]) -> None:
        self._change(self.values, self.connected, targets, self.values[targets], change)

    def add_by_kind(
        self, target_kinds: NDArray[np.uint8], source_kinds: NDArray[np.uint8], table: NDArray[Any]
    ) -> None:
        sources = source_kinds.nonzero()[0]
        if not len(sources):
            return
        targets = target_kinds.nonzero()[0]
        change = table.T.take(target_kinds[targets], axis=1).take(source_kinds[sources], axis=0)
        if self._line is None or self._connected_from is not None:
            rows, block = self.values.T, (sources[:, None], targets)
            self._change(rows, self._connected_from, block, rows[block], change)
        else:
            step, stride = (n // self.values.itemsize for n in self.values.strides)
            at = (sources * stride)[:, None] + targets * step
            change += self._line.take(at)
            self._line[at] = _bounded(change, self._low, self._high)

    def _change(
        self, matrix: NDArray[Any], connected: NDArray[np.bool_] | None, at: Any, part: NDArray[Any],
        change: NDArray[Any],
    ) -> None:  # fmt: skip
        """Add to a part of the matrix where there are synapses; `part` is a copy of it, and may be used up."""
        part += change
        _bounded(part, self._low, self._high)
        matrix[at] = part if connected is None else np.where(connected[at], part, matrix[at])


class NumpySparse(SparseForm):
    """A CSC matrix."""

    def add_from(self, sources: NDArray[np.int64], change: NDArray[Any]) -> None:
        at, _ = weighing.entries(self.values, sources)
        self._change(at, change[self.values.indices[at]])

    def add_onto(self, targets: NDArray[np.int64], change: NDArray[Any]) -> None:
        order, starts, sources = self._by_target()
        counts = starts[targets + 1] - starts[targets]
        ends = np.cumsum(counts)
        at = np.repeat(starts[targets] - ends + counts, counts) + np.arange(int(ends[-1]))
        self._change(order[at], change[sources[at]])

    def add_by_kind(
        self, target_kinds: NDArray[np.uint8], source_kinds: NDArray[np.uint8], table: NDArray[Any]
    ) -> None:
        sources = source_kinds.nonzero()[0]
        if not len(sources):
            return
        at, counts = weighing.entries(self.values, sources)
        targets = self.values.indices.take(at)
        # What follows is for the few that there are.
        some = (target_kinds > 0).take(targets).nonzero()[0]
        kinds = np.repeat(source_kinds[sources], counts).take(some)
        self._change(at.take(some), table[target_kinds[targets.take(some)], kinds])

    def _change(self, at: NDArray[np.int64], change: NDArray[Any]) -> None:
        """Add to some of the synapses."""
        self.values.data[at] = _bounded(self.values.data[at] + change, self._low, self._high)


def _line(values: Any) -> NDArray[Any] | None:
    """A view of a matrix without gaps as one row, with whose single index NumPy is quickest; None of others."""
    if values.flags.c_contiguous or values.flags.f_contiguous:
        line: NDArray[Any] = values.reshape(-1, order="C" if values.flags.c_contiguous else "F")
        return line
    return None


def _bounded(values: NDArray[Any], low: float, high: float) -> NDArray[Any]:
    """`values`, a new array each time, within the bounds."""
    if values.size > LARGE:
        return np.clip(values, low, high, out=values)
    np.maximum(values, low, out=values)
    np.minimum(values, high, out=values)
    return values
