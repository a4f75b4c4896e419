"""`Form`: synapses as they lie in memory, dense or CSC, and what changes them there."""

from __future__ import annotations

import abc
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.errors import ShapeMismatch


class Form(abc.ABC):
    """Changes values (target.size, source.size) in place, each to within the bounds.

    Whatever computes, the results are the same in all bits, but for the sign of a zero.

    Parameters
    ----------
    low, high : float
        Bounds of the values that are changed.
    """

    values: Any = None
    connected: NDArray[np.bool_] | None = None

    def __init__(self, low: float, high: float) -> None:
        self._low, self._high = low, high

    def take(self, values: Any, connected: NDArray[np.bool_] | None) -> None:
        """Work on `values` from now on; `connected` as in `PlasticMatrix.take`."""
        self.values, self.connected = values, connected

    def prepare(self) -> None:  # noqa: B027 - some forms have nothing to do
        """Do what is done once, as compiling is, so that no iteration waits for it."""

    @abc.abstractmethod
    def flat(self) -> NDArray[Any]:
        """All values: the dense matrix itself, or one entry per synapse of the sparse one."""

    @abc.abstractmethod
    def add_from(self, sources: NDArray[np.int64], change: NDArray[Any]) -> None:
        """Add to the synapses of some `sources`, at least one; `change` (target.size,) is of the type of the values."""

    @abc.abstractmethod
    def add_onto(self, targets: NDArray[np.int64], change: NDArray[Any]) -> None:
        """Add to the synapses onto some `targets`; `change` (source.size,)."""

    @abc.abstractmethod
    def add_by_kind(
        self, target_kinds: NDArray[np.uint8], source_kinds: NDArray[np.uint8], table: NDArray[Any]
    ) -> None:
        """As `PlasticMatrix.add_by_kind`; `table` is of the type of the values."""

    def add(self, change: NDArray[Any]) -> None:
        """Add to all synapses; `change` is as `flat`."""
        flat = self.flat()
        changed = np.clip(flat + change, self._low, self._high)
        np.copyto(flat, changed, where=True if self.connected is None else self.connected)


class DenseForm(Form):
    """An array; with `connected` the others of its values stay as they are."""

    def take(self, values: Any, connected: NDArray[np.bool_] | None) -> None:
        """`ShapeMismatch` if `connected` is not as `values`."""
        if connected is not None and connected.shape != values.shape:
            raise ShapeMismatch("connected", connected.shape, f"W has shape {values.shape}")
        super().take(values, connected)

    def flat(self) -> NDArray[Any]:
        values: NDArray[Any] = self.values
        return values


class SparseForm(Form):
    """A CSC matrix, which keeps its synapses."""

    _structure: Any = None

    def take(self, values: Any, connected: NDArray[np.bool_] | None) -> None:
        super().take(values, None)

    def flat(self) -> NDArray[Any]:
        data: NDArray[Any] = self.values.data
        return data

    def _by_target(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """The synapses in the order of their targets: places in ``data``, where each target begins, and sources."""
        matrix = self.values
        if self._structure is not matrix.indices:
            order = np.argsort(matrix.indices, kind="stable")
            starts = np.searchsorted(matrix.indices[order], np.arange(matrix.shape[0] + 1))
            self._ordered = order, starts, columns(matrix)[order]
            self._structure = matrix.indices
        return self._ordered


def columns(matrix: Any) -> NDArray[np.int64]:
    """The source of each entry of a CSC matrix."""
    return np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.indptr))
