"""`NumbaDense` and `NumbaSparse`: synapses that machine code of numba changes, one after the other."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.compilers import kept
from fusion.behaviours.plasticity.form import DenseForm, SparseForm

NOBODY = np.zeros(0, np.int64)


class NumbaDense(DenseForm):
    """An array of float32 or float64."""

    def __init__(self, low: float, high: float) -> None:
        super().__init__(low, high)
        loops = _loops()
        self._along, self._across, self._by_kind = loops.along, loops.across, loops.by_kind

    def take(self, values: Any, connected: NDArray[np.bool_] | None) -> None:
        if values is self.values and connected is self.connected:
            return
        super().take(values, connected)
        plain = np.asarray(values)  # of a subclass too
        self._by_source = plain.strides[0] < plain.strides[1]
        self._lines = plain.T if self._by_source else plain
        self._connected = connected.T if connected is not None and self._by_source else connected
        self._bounds = plain.dtype.type(self._low), plain.dtype.type(self._high)

    def prepare(self) -> None:
        targets, sources = self.values.shape
        self.add_from(NOBODY, np.zeros(targets, self.values.dtype))
        self.add_onto(NOBODY, np.zeros(sources, self.values.dtype))
        self.add_by_kind(np.zeros(targets, np.uint8), np.zeros(sources, np.uint8), np.zeros((2, 2), self.values.dtype))

    def add_from(self, sources: NDArray[np.int64], change: NDArray[Any]) -> None:
        loop = self._along if self._by_source else self._across
        loop(self._lines, self._connected, sources, change, *self._bounds)

    def add_onto(self, targets: NDArray[np.int64], change: NDArray[Any]) -> None:
        loop = self._across if self._by_source else self._along
        loop(self._lines, self._connected, targets, change, *self._bounds)

    def add_by_kind(
        self, target_kinds: NDArray[np.uint8], source_kinds: NDArray[np.uint8], table: NDArray[Any]
    ) -> None:
        if self._by_source:
            self._by_kind(self._lines, self._connected, source_kinds, target_kinds, table.T, *self._bounds)
        else:
            self._by_kind(self._lines, self._connected, target_kinds, source_kinds, table, *self._bounds)


class NumbaSparse(SparseForm):
    """A CSC matrix of float32 or float64."""

    def __init__(self, low: float, high: float) -> None:
        super().__init__(low, high)
        loops = _loops()
        self._from, self._onto, self._by_kind = loops.sparse_from, loops.sparse_onto, loops.sparse_by_kind

    def take(self, values: Any, connected: NDArray[np.bool_] | None) -> None:
        if values is not self.values:
            super().take(values, connected)
            self._bounds = values.dtype.type(self._low), values.dtype.type(self._high)

    def prepare(self) -> None:
        targets, sources = self.values.shape
        nothing = np.zeros(0, self.values.dtype)
        self.add_from(NOBODY, nothing)
        # Sorting all synapses by target is left to rules that ask for it.
        self._onto(self.values.data, NOBODY, NOBODY, NOBODY, NOBODY, nothing, *self._bounds)
        self.add_by_kind(np.zeros(targets, np.uint8), np.zeros(sources, np.uint8), np.zeros((2, 2), self.values.dtype))

    def add_from(self, sources: NDArray[np.int64], change: NDArray[Any]) -> None:
        matrix = self.values
        self._from(matrix.data, matrix.indices, matrix.indptr, sources, change, *self._bounds)

    def add_onto(self, targets: NDArray[np.int64], change: NDArray[Any]) -> None:
        self._onto(self.values.data, *self._by_target(), targets, change, *self._bounds)

    def add_by_kind(
        self, target_kinds: NDArray[np.uint8], source_kinds: NDArray[np.uint8], table: NDArray[Any]
    ) -> None:
        matrix = self.values
        self._by_kind(matrix.data, matrix.indices, matrix.indptr, target_kinds, source_kinds, table, *self._bounds)


def _loops() -> ModuleType:
    return kept(Path(__file__).with_name("loops.py").read_text(encoding="utf-8"), "plasticity")
