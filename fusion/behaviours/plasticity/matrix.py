"""`PlasticMatrix`: synapses that change where neurons fired; `SpikeTrace`: what neurons remember of their spikes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.plasticity.form import Form, columns
from fusion.behaviours.plasticity.numpy_forms import NumpyDense, NumpySparse
from fusion.core import weights as weighing
from fusion.errors import InvalidValue


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
    matrix. numba computes in float32 and float64, other types are left to NumPy.

    Parameters
    ----------
    low, high : float
        Bounds of the values that are changed.
    compiler : "numpy" or "numba"
    """

    values: Any = None
    _form: Any = None

    def __init__(self, low: float = -np.inf, high: float = np.inf, compiler: str = "numpy") -> None:
        self._low, self._high, self._compiler = low, high, compiler

    def take(self, values: Any, shape: tuple[int, ...], tag: str, connected: NDArray[np.bool_] | None = None) -> None:
        """Work on `values` from now on.

        connected : as `values`; the others of a dense matrix stay as they are. None for all.

        Raises
        ------
        InvalidValue, ShapeMismatch
            If they are no array of floats and no CSC matrix, cannot be written to, or are of another shape.
        """
        if values is not self.values:
            check_floats(values, shape, tag)
            kind = _form_of(values, self._compiler)
            # One of the same kind knows in which order synapses lie.
            if type(self._form) is not kind:
                self._form = kind(self._low, self._high)
            self.values = values
        self._form.take(values, connected)

    def prepare(self) -> None:
        """Compile what is to be called, so that no iteration waits for it; nothing changes."""
        self._form.prepare()

    def flat(self) -> NDArray[Any]:
        """All values: the dense matrix itself, or one entry per synapse of the sparse one."""
        flat: NDArray[Any] = self._form.flat()
        return flat

    def add_from(self, sources: NDArray[np.int64], change: NDArray[Any]) -> None:
        """Add to the synapses of `sources`, in ascending order.

        change : (target.size,)
        """
        if len(sources):
            _check_last(sources, self.values.shape[1])
            self._form.add_from(sources, change.astype(self.values.dtype, copy=False))

    def add_onto(self, targets: NDArray[np.int64], change: NDArray[Any]) -> None:
        """Add to the synapses onto `targets`, in ascending order.

        change : (source.size,)
        """
        if len(targets):
            _check_last(targets, self.values.shape[0])
            self._form.add_onto(targets, change.astype(self.values.dtype, copy=False))

    def add_by_kind(
        self, target_kinds: NDArray[np.uint8], source_kinds: NDArray[np.uint8], table: NDArray[np.float64]
    ) -> None:
        """Add to each synapse what a table says of the kinds of its ends; nothing if one of them is of kind 0.

        target_kinds, source_kinds : (target.size,), (source.size,)
        table : (kinds of targets, kinds of sources)
        """
        self._form.add_by_kind(target_kinds, source_kinds, table.astype(self.values.dtype, copy=False))

    def add(self, change: NDArray[Any]) -> None:
        """Add to all synapses; `change` is as `flat`."""
        self._form.add(change)


def _form_of(values: Any, compiler: str) -> type[Form]:
    """The form in which a compiler changes values."""
    is_dense = isinstance(values, np.ndarray)
    if compiler == "numba" and values.dtype in (np.float32, np.float64):
        from fusion.behaviours.plasticity.numba_forms import NumbaDense, NumbaSparse

        return NumbaDense if is_dense else NumbaSparse
    return NumpyDense if is_dense else NumpySparse


def _check_last(neurons: NDArray[np.int64], n: int) -> None:
    """`InvalidValue` if neurons fired that are not there; machine code looks at no bounds."""
    if neurons[-1] >= n:
        raise InvalidValue(f"Neuron {neurons[-1]} fired, and there are {n}: spike needs one value for each.")


def check_floats(values: Any, shape: tuple[int, ...], tag: str) -> None:
    """`InvalidValue` or `ShapeMismatch` if ``W`` of `tag` is nothing that a rule can change in place."""
    weighing.check(values, shape, tag)
    if values.dtype.kind != "f":
        raise InvalidValue(f"W of {tag!r} holds {values.dtype}; plasticity needs floats: assign W.astype(float).")
    if not (values if isinstance(values, np.ndarray) else values.data).flags.writeable:
        raise InvalidValue(f"W of {tag!r} cannot be written to, and plasticity changes it in place: assign W.copy().")


def carried(values: Any, onto: Any) -> Any:
    """What `values` hold, in float64 and with the synapses of another matrix; 0 where there was none."""
    if isinstance(onto, np.ndarray):
        dense = values if isinstance(values, np.ndarray) else values.toarray()
        return np.array(dense, dtype=float, order="F" if onto.flags.f_contiguous else "C")
    from scipy.sparse import csc_array

    if isinstance(values, np.ndarray):
        data = values[onto.indices, columns(onto)]
    else:
        data = _looked_up(values, columns(onto) * onto.shape[0] + onto.indices)
    return csc_array((np.asarray(data, dtype=float), onto.indices, onto.indptr), shape=onto.shape)


def _looked_up(matrix: Any, places: NDArray[np.int64]) -> NDArray[np.float64]:
    """The entries of a CSC matrix at places counted down the columns; 0 where it has none."""
    own = columns(matrix) * matrix.shape[0] + matrix.indices
    # One place more than there are, so that a search never ends beyond the last.
    order = np.argsort(own)
    own, data = np.append(own[order], -1), np.append(matrix.data[order], 0.0)
    at = np.searchsorted(own[:-1], places)
    found: NDArray[np.float64] = np.where(own[at] == places, data[at], 0.0)
    return found
