"""`PlasticMatrix`: synapses that change where neurons fired; `SpikeTrace`: what neurons remember of their spikes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.core import weights as weighing
from fusion.errors import InvalidValue

LARGE = 4000
"""Values above which one pass of np.clip is quicker than two of what has less to begin with."""


class SpikeTrace:
    """A number per neuron that jumps by one with each spike and decays with `tau`.

    values : (n,) float64
    """

    def __init__(self, n: int, tau: float, dt: float) -> None:
        self.values = np.zeros(n)
        self._decay = float(np.exp(-dt / tau))

    def decayed(self) -> NDArray[np.float64]:
        """The values one dt later, before the spikes of that iteration."""
        self.values *= self._decay
        return self.values

    def add(self, spikes: NDArray[np.int64]) -> None:
        """Take in who fired; each neuron once."""
        self.values[spikes] += 1.0


class PlasticMatrix:
    """Changes (target.size, source.size), dense or CSC, for the neurons that fired; the other synapses cost nothing.

    A sparse matrix keeps its synapses, a dense one those that are connected. Sums are made in the precision of the
    matrix.

    Parameters
    ----------
    low, high : float
        Bounds of the values that are changed.
    """

    values: Any = None
    _line: NDArray[Any] | None = None
    """All values of a dense matrix in a row, as they lie in memory; with a single index NumPy is quickest."""

    def __init__(self, low: float = -np.inf, high: float = np.inf) -> None:
        self._low, self._high = low, high
        self._by_target: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]] | None = None
        self._structure: Any = None
        self._connected: NDArray[np.bool_] | None = None
        self._connected_from: NDArray[np.bool_] | None = None  # a row per source

    def take(self, values: Any, shape: tuple[int, ...], tag: str, connected: NDArray[np.bool_] | None = None) -> None:
        """Work on `values` from now on.

        connected : as `values`; the others of a dense matrix stay as they are. None for all.

        Raises
        ------
        InvalidValue, ShapeMismatch
            If they are no array of floats and no CSC matrix, or of another shape.
        """
        if values is not self.values:
            check_floats(values, shape, tag)
            self.values = values
            self._line = _line(values)
        self._connected = connected
        self._connected_from = None if connected is None else connected.T

    def flat(self) -> NDArray[Any]:
        """All values: the dense matrix itself, or one entry per synapse of the sparse one."""
        values: NDArray[Any] = self.values if isinstance(self.values, np.ndarray) else self.values.data
        return values

    def add_from(self, sources: NDArray[np.int64], change: NDArray[Any]) -> None:
        """Add to the synapses of `sources`.

        change : (target.size,)
        """
        if not len(sources):
            return
        change = change.astype(self.values.dtype, copy=False)
        if isinstance(self.values, np.ndarray):
            # The synapses of one source are contiguous in the order that fusion makes matrices in.
            columns = self.values.T
            self._change(columns, self._connected_from, sources, columns.take(sources, axis=0), change)
        else:
            at, _ = weighing.entries(self.values, sources)
            self.values.data[at] = self._bounded(self.values.data[at] + change[self.values.indices[at]])

    def add_onto(self, targets: NDArray[np.int64], change: NDArray[Any]) -> None:
        """Add to the synapses onto `targets`.

        change : (source.size,)
        """
        if not len(targets):
            return
        change = change.astype(self.values.dtype, copy=False)
        if isinstance(self.values, np.ndarray):
            self._change(self.values, self._connected, targets, self.values[targets], change)
        else:
            at, sources = self._onto(targets)
            self.values.data[at] = self._bounded(self.values.data[at] + change[sources])

    def add_by_kind(
        self, target_kinds: NDArray[np.uint8], source_kinds: NDArray[np.uint8], table: NDArray[np.float64]
    ) -> None:
        """Add to each synapse what a table says of the kinds of its ends; nothing if one of them is of kind 0.

        target_kinds, source_kinds : (target.size,), (source.size,)
        table : (kinds of targets, kinds of sources)
        """
        sources = source_kinds.nonzero()[0]
        if not len(sources):
            return
        table = table.astype(self.values.dtype, copy=False)
        if isinstance(self.values, np.ndarray):
            targets = target_kinds.nonzero()[0]
            change = table.T.take(target_kinds[targets], axis=1).take(source_kinds[sources], axis=0)
            self._add_block(sources, targets, change)
        else:
            at, counts = weighing.entries(self.values, sources)
            targets = self.values.indices.take(at)
            # What follows is for the few that there are.
            some = (target_kinds > 0).take(targets).nonzero()[0]
            kinds = np.repeat(source_kinds[sources], counts).take(some)
            at = at.take(some)
            change = table[target_kinds[targets.take(some)], kinds]
            self.values.data[at] = self._bounded(self.values.data[at] + change)

    def _add_block(self, sources: NDArray[np.int64], targets: NDArray[np.int64], change: NDArray[Any]) -> None:
        """Add `change` (len(sources), len(targets)) to a block of a dense matrix."""
        if self._line is None or self._connected_from is not None:
            columns, block = self.values.T, (sources[:, None], targets)
            self._change(columns, self._connected_from, block, columns[block], change)
        else:
            step, stride = (n // self.values.itemsize for n in self.values.strides)
            at = (sources * stride)[:, None] + targets * step
            change += self._line.take(at)
            self._line[at] = self._bounded(change)

    def add(self, change: NDArray[Any]) -> None:
        """Add to all synapses; `change` is as `flat`."""
        if isinstance(self.values, np.ndarray):
            self._change(self.values, self._connected, ..., self.values.copy(order="K"), change)
        else:
            self.values.data[...] = self._bounded(self.values.data + change)

    def _change(
        self, matrix: NDArray[Any], connected: NDArray[np.bool_] | None, at: Any, part: NDArray[Any],
        change: NDArray[Any],
    ) -> None:  # fmt: skip
        """Add to a part of a dense matrix where there are synapses; `part` is a copy of it, and may be used up."""
        part += change
        self._bounded(part)
        matrix[at] = part if connected is None else np.where(connected[at], part, matrix[at])

    def _bounded(self, values: NDArray[Any]) -> NDArray[Any]:
        """`values`, a new array each time, within the bounds."""
        if values.size > LARGE:
            return np.clip(values, self._low, self._high, out=values)
        np.maximum(values, self._low, out=values)
        np.minimum(values, self._high, out=values)
        return values

    def _onto(self, targets: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Positions in ``data`` of the synapses onto `targets`, and their sources."""
        matrix = self.values
        if self._by_target is None or self._structure is not matrix.indices:
            order = np.argsort(matrix.indices, kind="stable")
            starts = np.searchsorted(matrix.indices[order], np.arange(matrix.shape[0] + 1))
            sources = _columns(matrix)[order]
            self._by_target, self._structure = (order, starts, sources), matrix.indices
        order, starts, sources = self._by_target
        counts = starts[targets + 1] - starts[targets]
        ends = np.cumsum(counts)
        at = np.repeat(starts[targets] - ends + counts, counts) + np.arange(int(ends[-1]))
        return order[at], sources[at]


def _line(values: Any) -> NDArray[Any] | None:
    """A view of a dense matrix without gaps as one row; None of others."""
    if isinstance(values, np.ndarray) and (values.flags.c_contiguous or values.flags.f_contiguous):
        return values.reshape(-1, order="C" if values.flags.c_contiguous else "F")
    return None


def check_floats(values: Any, shape: tuple[int, ...], tag: str) -> None:
    """`InvalidValue` or `ShapeMismatch` if ``W`` of `tag` is no array of floats and no CSC matrix, or does not fit."""
    weighing.check(values, shape, tag)
    if values.dtype.kind != "f":
        raise InvalidValue(f"W of {tag!r} holds {values.dtype}; plasticity needs floats: assign W.astype(float).")


def carried(values: Any, onto: Any) -> Any:
    """What `values` hold, in float64 and with the synapses of another matrix; 0 where there was none."""
    if isinstance(onto, np.ndarray):
        dense = values if isinstance(values, np.ndarray) else values.toarray()
        return np.array(dense, dtype=float, order="F" if onto.flags.f_contiguous else "C")
    from scipy.sparse import csc_array

    if isinstance(values, np.ndarray):
        data = values[onto.indices, _columns(onto)]
    else:
        data = _looked_up(values, _columns(onto) * onto.shape[0] + onto.indices)
    return csc_array((np.asarray(data, dtype=float), onto.indices, onto.indptr), shape=onto.shape)


def _looked_up(matrix: Any, places: NDArray[np.int64]) -> NDArray[np.float64]:
    """The entries of a CSC matrix at places counted down the columns; 0 where it has none."""
    own = _columns(matrix) * matrix.shape[0] + matrix.indices
    # One place more than there are, so that a search never ends beyond the last.
    order = np.argsort(own)
    own, data = np.append(own[order], -1), np.append(matrix.data[order], 0.0)
    at = np.searchsorted(own[:-1], places)
    found: NDArray[np.float64] = np.where(own[at] == places, data[at], 0.0)
    return found


def _columns(matrix: Any) -> NDArray[np.int64]:
    """The source of each entry of a CSC matrix."""
    return np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.indptr))
