"""New arrays by a word: zeros, a number, or a distribution, thinned to a density."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.core import distributions
from fusion.core.distributions import Distribution
from fusion.errors import InvalidValue, ShapeMismatch

Mode = str | float | bool | Distribution | NDArray[Any]

# "random" draws the very numbers of "uniform" in half the time.
_WORDS: dict[str, float | str] = {
    "zeros": 0.0,
    "zeros()": 0.0,
    "ones": 1.0,
    "ones()": 1.0,
    "uniform": "random",
    "uniform()": "random",
}
# Above this size and below this density it is quicker to draw the gaps between entries than to ask each of them.
_MANY, _SPARSE = 2000, 0.1


def checked_dtype(dtype: Any) -> np.dtype[Any]:
    """A floating-point type; `InvalidValue` if it is none."""
    checked: np.dtype[Any] = np.dtype(dtype)
    if not np.issubdtype(checked, np.floating):
        raise InvalidValue(f"dtype={dtype!r} is no floating-point type.", dtype=dtype)
    return checked


def is_number(value: object) -> bool:
    """Whether this is one real number, and no Boolean."""
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def filled(
    mode: Mode,
    shape: tuple[int, ...],
    generator: np.random.Generator,
    dtype: np.dtype[Any],
    density: float | None = None,
    scale: float = 1.0,
) -> NDArray[Any]:
    """An array of `shape`: "zeros", "ones", "random", a number, an array to copy, or a distribution (or its string).

    density : None, or the probability with which each entry is filled; the others are 0.
    scale : what the entries are multiplied by.

    Raises
    ------
    InvalidValue, UnknownName
        If `mode` or `density` mean nothing here.
    ShapeMismatch
        If an array of another shape is given.
    """
    if isinstance(mode, str):
        mode = _WORDS.get(mode, mode)
    if isinstance(mode, str):
        mode = distributions.parse(mode)
    if density is not None and not 0.0 <= density <= 1.0:
        raise InvalidValue(f"The density is {density}; it must lie between 0 and 1.", density=density)
    if isinstance(mode, Distribution):
        return _drawn(mode, shape, generator, dtype, density, scale)
    if isinstance(mode, np.ndarray):
        if mode.shape != shape:
            raise ShapeMismatch("The array", mode.shape, f"{shape} is needed")
        values = np.array(mode, dtype=bool if mode.dtype == bool else dtype)
    elif isinstance(mode, bool | np.bool_):
        values = np.full(shape, mode, dtype=bool)
    elif isinstance(mode, int | float | np.number):
        values = np.full(shape, mode, dtype=dtype) if mode else np.zeros(shape, dtype)
    else:
        raise InvalidValue(
            f"{mode!r} is no way to fill an array. Give a number, a distribution or an array.", mode=mode
        )
    if scale != 1.0:
        values = (values * scale).astype(dtype, copy=False)
    if density is not None:
        values[generator.random(shape) >= density] = 0
    return values


def _drawn(
    distribution: Distribution,
    shape: tuple[int, ...],
    generator: np.random.Generator,
    dtype: np.dtype[Any],
    density: float | None,
    scale: float,
) -> NDArray[Any]:
    if density is None:
        values = distribution.draw(generator, shape)
        return (values * scale if scale != 1.0 else values).astype(dtype, copy=False)
    values = np.zeros(shape, dtype)
    hit = hits(generator, values.size, density)
    if len(hit):
        drawn = distribution.draw(generator, len(hit))
        values.reshape(-1)[hit] = drawn * scale if scale != 1.0 else drawn
    return values


def hits(generator: np.random.Generator, n: int, density: float) -> NDArray[np.int64]:
    """Which of `n` entries are hit, ascending; each with the probability `density`, whatever the others.

    Where hits are rare, memory and time grow with their number and not with `n`.
    """
    if n < _MANY or not 0.0 < density < _SPARSE:
        return (generator.random(n) < density).nonzero()[0]
    parts, reached = [], -1
    while reached < n:
        expected = (n - reached) * density
        # So many gaps reach the end nearly always; a gap that leads beyond the end need not be known exactly.
        gaps = generator.geometric(density, int(expected + 5.0 * expected**0.5 + 5.0))
        parts.append(reached + np.minimum(gaps, n + 1).cumsum())
        reached = int(parts[-1][-1])
    positions = parts[0] if len(parts) == 1 else np.concatenate(parts)
    return positions[: positions.searchsorted(n)]
