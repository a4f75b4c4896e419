"""Weight matrices (target.size, source.size), dense or sparse, and what spikes make of them."""

from __future__ import annotations

import sys
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from fusion.core import distributions
from fusion.core.clock import Clock
from fusion.core.distributions import Distribution
from fusion.core.units import plain
from fusion.errors import DelayTooShort, InvalidValue, ShapeMismatch

Shape = tuple[int, int]

LONG = 2000  # entries of a column from which on columns are added one by one


@runtime_checkable
class Connector(Protocol):
    """A rule that says which neurons are connected."""

    def pairs(
        self, generator: np.random.Generator, shape: Shape, same: bool
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(targets, sources) of the synapses, each pair once; `same`: both ends are the same group."""


@runtime_checkable
class SpatialConnector(Protocol):
    """A rule by where neurons are."""

    def between(self, source: Any, target: Any) -> Connector:
        """The rule for two groups, or parts of groups, where they are now."""


def rule_between(connect: object, source: Any, target: Any) -> Connector | None:
    """What ``connect=`` says of two groups; `InvalidValue` if it is no rule."""
    if isinstance(connect, SpatialConnector):
        return connect.between(source, target)
    if connect is None or isinstance(connect, Connector):
        return connect
    raise InvalidValue(
        f"connect= is a {type(connect).__name__} and no rule. Write connect=fixed_probability(0.1), say; a matrix goes "
        "into weight=.",
        connect=connect,
    )


def is_sparse(matrix: object) -> bool:
    """Whether `matrix` is a SciPy sparse matrix or array; SciPy is not imported to find out."""
    module = sys.modules.get("scipy.sparse")
    return module is not None and bool(module.issparse(matrix))


def build(
    weight: object,
    shape: Shape,
    unit: str | None,
    connect: Connector | None,
    generator: np.random.Generator,
    same: bool,
) -> Any:
    """The weights of a new link: dense in Fortran order, so that one neuron's synapses are contiguous, or CSC.

    Raises
    ------
    ShapeMismatch, InvalidValue, UnitMismatch
        If `weight` is a matrix of another shape, holds NaN, or is a quantity with another dimension.
    """
    if connect is not None:
        targets, sources = connect.pairs(generator, shape, same)
        values = _values(weight, len(targets), unit, "weight", generator)
        return _sparse(values, targets, sources, shape)
    if is_sparse(weight):
        return _checked_sparse(weight, shape, "weight")
    if isinstance(weight, str | Distribution):
        drawn = _distribution(weight).draw(generator, shape[::-1])
        return np.asarray(drawn, dtype=float).T
    matrix = plain(weight, unit, "weight")
    if matrix.ndim and matrix.shape != shape:
        raise ShapeMismatch("The weight", matrix.shape, f"(target.size, source.size) = {shape} is needed")
    if np.isnan(matrix).any():
        raise InvalidValue("The weight holds NaN.", weight=weight)
    return np.array(np.broadcast_to(matrix, shape), dtype=float, order="F")


def build_delays(delay: object, weights: Any, clock: Clock, generator: np.random.Generator) -> int | NDArray[np.int64]:
    """Delays in ticks: one for all, a matrix beside a dense `weights`, or one per entry of a sparse one.

    A delay that is given lies on the grid; one that is drawn is rounded to it, and to one tick at least.

    Raises
    ------
    OffGrid, DelayTooShort, ShapeMismatch, InvalidValue
        If a delay does not lie on the grid, is below one tick, or is given twice, or the array does not fit.
    """
    sparse = is_sparse(weights)
    if isinstance(delay, str | Distribution):
        drawn = _distribution(delay).draw(generator, weights.nnz if sparse else weights.shape)
        if np.min(drawn, initial=0.0) < 0:
            raise DelayTooShort(f"The distribution {delay!r} draws negative delays.", delay=delay)
        return np.asarray(np.maximum(clock.rounded(drawn), 1))
    if is_sparse(delay):
        if not sparse:
            raise ShapeMismatch("A sparse delay", delay.shape, "the weight is dense, so give a dense matrix")  # type: ignore[attr-defined]
        times = _checked_sparse(delay, weights.shape, "delay")
        if times.nnz != delay.nnz:  # type: ignore[attr-defined]
            raise InvalidValue(
                "The delay names a synapse more than once, and SciPy would add its delays. Several synapses between "
                "two neurons are several SynapseGroups."
            )
        if not (np.array_equal(times.indptr, weights.indptr) and np.array_equal(times.indices, weights.indices)):
            raise ShapeMismatch("The sparse delay", times.shape, "it needs an entry where the weight has one")
        return _on_grid(times.data, clock)
    array = plain(delay, "ms", "delay")
    if array.ndim == 0:
        ticks = clock.ticks(array, "delay")
        if ticks < 1:
            raise DelayTooShort(
                f"The delay is {float(array):g} ms; spikes take at least one dt ({clock.dt:g} ms) to arrive. For an "
                "effect within the iteration write a behaviour on a SynapseGroup without weight=.",
                delay=float(array),
            )
        return ticks
    if array.shape != weights.shape:
        raise ShapeMismatch("The delay", array.shape, f"(target.size, source.size) = {weights.shape} is needed")
    if sparse:
        columns = np.repeat(np.arange(weights.shape[1]), np.diff(weights.indptr))
        return _on_grid(array[weights.indices, columns], clock)
    return np.asfortranarray(_on_grid(array, clock))


def _on_grid(times: NDArray[np.float64], clock: Clock) -> NDArray[np.int64]:
    if not np.isfinite(times).all():
        clock.ticks(times[~np.isfinite(times)].flat[0], "delay")
    ticks = clock.rounded(times)
    off = np.abs(ticks * clock.dt - times) > 1e-6 * clock.dt
    if off.any():
        clock.ticks(times[off].flat[0], "delay")
    if ticks.min(initial=1) < 1:
        raise DelayTooShort(f"A delay is {times.min():g} ms; the shortest is one dt ({clock.dt:g} ms).")
    return ticks


def _distribution(value: str | Distribution) -> Distribution:
    return distributions.parse(value) if isinstance(value, str) else value


def _values(weight: object, n: int, unit: str | None, what: str, generator: np.random.Generator) -> NDArray[np.float64]:
    if isinstance(weight, str | Distribution):
        return np.asarray(_distribution(weight).draw(generator, n), dtype=float)
    value = plain(weight, unit, what)
    if value.ndim:
        raise ShapeMismatch(f"The {what}", value.shape, "with connect= give a number or a distribution")
    if np.isnan(value):
        raise InvalidValue(f"The {what} is NaN.")
    return np.full(n, float(value))


def _sparse(values: NDArray[np.float64], targets: NDArray[np.int64], sources: NDArray[np.int64], shape: Shape) -> Any:
    from scipy.sparse import csc_array

    order = np.lexsort((targets, sources))
    starts = np.searchsorted(sources[order], np.arange(shape[1] + 1)).astype(np.int64)
    return csc_array((values, targets[order].astype(np.int64), starts), shape=shape)


def _checked_sparse(matrix: Any, shape: Shape, what: str) -> Any:
    from scipy.sparse import csc_array

    if matrix.shape != shape:
        raise ShapeMismatch(f"The {what}", matrix.shape, f"(target.size, source.size) = {shape} is needed")
    columns = csc_array(matrix, dtype=float, copy=True)
    columns.sum_duplicates()  # also sorts the targets of each source
    columns.indices, columns.indptr = columns.indices.astype(np.int64), columns.indptr.astype(np.int64)
    if np.isnan(columns.data).any():
        raise InvalidValue(f"The {what} holds NaN.")
    return columns


def check(weights: Any, shape: tuple[int, ...], tag: str) -> None:
    """`ShapeMismatch` or `InvalidValue` if what was assigned to ``W`` of a link cannot be delivered."""
    if is_sparse(weights):
        if weights.format != "csc":
            raise InvalidValue(f"W of {tag!r} is sparse in {weights.format.upper()} format; assign W.tocsc().")
    elif not isinstance(weights, np.ndarray):
        raise InvalidValue(f"W of {tag!r} is a {type(weights).__name__}; assign an array or a SciPy sparse matrix.")
    if weights.shape != shape:
        raise ShapeMismatch(f"W of {tag!r}", weights.shape, f"(target.size, source.size) = {shape} is needed")


def check_numbers(weights: Any, tag: str) -> None:
    """`InvalidValue` if there is a NaN among the weights; looks at all of them."""
    if np.isnan(weights.data if is_sparse(weights) else weights).any():
        raise InvalidValue(f"W of {tag!r} holds NaN.")


def entries(weights: Any, sources: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions in ``weights.data`` of the synapses of `sources`, in ascending order of source: (positions, counts)."""
    starts = weights.indptr[sources]
    counts = weights.indptr[sources + 1] - starts
    ends = counts.cumsum()
    total = int(ends[-1]) if len(ends) else 0
    positions = np.repeat(starts - ends + counts, counts)
    positions += np.arange(total)
    return positions, counts


def drive(weights: Any, sources: NDArray[np.int64]) -> NDArray[np.float64]:
    """``weights @ spikes`` for the neurons that fired: their columns, added in ascending order of source.

    Parameters
    ----------
    weights : (target.size, source.size), dense or CSC
    sources : (n,) int64, ascending

    Returns
    -------
    (target.size,) float
    """
    if isinstance(weights, np.ndarray):
        return _columns(weights, sources)
    positions, _ = entries(weights, sources)
    return _summed(weights.indices[positions], weights.data[positions], weights.shape[0])


def add_columns(row: NDArray[np.float64], weights: Any, sources: NDArray[np.int64]) -> None:
    """Add to `row` (target.size,) what `drive` gives for a CSC matrix, one source after the other."""
    indptr, indices, data = weights.indptr, weights.indices, weights.data
    for source in sources.tolist():
        start, end = indptr[source], indptr[source + 1]
        # No target occurs twice in a column.
        row[indices[start:end]] += data[start:end]


def _columns(weights: NDArray[Any], sources: NDArray[np.int64]) -> NDArray[Any]:
    """The sum of some columns, the same in all bits on both ways."""
    rows = weights.T
    alone = len(sources) == 1
    if weights.dtype.kind != "f" or not (alone or (len(sources) and len(weights) >= LONG)):
        return _added(rows.take(sources, axis=0))
    # A copy of many long columns would not stay in the cache.
    first, *others = sources.tolist()
    total: NDArray[Any] = rows[first].copy()
    for source in others:
        np.add(total, rows[source], total)
    return total


def _added(rows: NDArray[Any]) -> NDArray[Any]:
    """The sum over the first axis, one row after the other."""
    if rows.shape[1] == 1 and len(rows):
        # NumPy adds numbers that lie side by side in pairs, which gives other last bits.
        last: NDArray[Any] = np.add.accumulate(rows, axis=0)[-1]
        return last
    total: NDArray[Any] = np.add.reduce(rows, axis=0)
    return total


def _summed(rows: NDArray[np.int64], values: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """One sum per row, made in the order given."""
    return np.bincount(rows, values, minlength=n).astype(float, copy=False)


def drive_signed(
    weights: Any, sources: NDArray[np.int64]
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None]:
    """As `drive`, apart by sign: (sum of positive weights, sum of negative ones); None where there are none."""
    if isinstance(weights, np.ndarray):
        columns = weights.T[sources]
        low, high = columns.min(initial=0.0), columns.max(initial=0.0)
        positive = _added(columns if low >= 0 else np.maximum(columns, 0.0)) if high > 0 else None
        negative = _added(columns if high <= 0 else np.minimum(columns, 0.0)) if low < 0 else None
        return positive, negative
    positions, _ = entries(weights, sources)
    rows, values = weights.indices[positions], weights.data[positions]
    above, n = values > 0, weights.shape[0]
    if above.all():
        return _summed(rows, values, n), None
    if not above.any():
        return None, _summed(rows, values, n)
    below = ~above
    return _summed(rows[above], values[above], n), _summed(rows[below], values[below], n)


def scatter(
    weights: Any, delays: NDArray[np.int64], sources: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """The synapses of the neurons that fired, each with its delay: (targets, ticks, values), in order of source."""
    if isinstance(weights, np.ndarray):
        values = weights.T[sources]
        at, targets = np.nonzero(values)
        return targets, delays.T[sources][at, targets], values[at, targets]
    positions, _ = entries(weights, sources)
    return weights.indices[positions], delays[positions], weights.data[positions]
