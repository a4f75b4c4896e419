"""New arrays by a word, as PymoNNto fills them: the same numbers from the same state of the random generator."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.core import distributions
from fusion.errors import InvalidValue

_UNIFORM = frozenset({"random", "rand", "rnd"})
_TYPES: Mapping[Any, type] = {bool: bool, "bool": bool, int: int, "int": int}


def _lognormal_real_mean(generator: Any, size: Any, mean: float = 1.0, sigma: float = 1.0) -> NDArray[Any]:
    drawn: NDArray[Any] = generator.lognormal(np.log(mean) - sigma**2, sigma, size)
    return drawn


def _uniform_gap(generator: Any, size: Any, mean: float = 1.0, gap_percent: float = 10.0) -> NDArray[Any]:
    gap = mean * gap_percent / 100.0
    drawn: NDArray[Any] = generator.uniform(mean - gap, mean + gap, size)
    return drawn


_MORE: Mapping[str, Callable[..., NDArray[Any]]] = {
    "lognormal_real_mean": _lognormal_real_mean,
    "lognormal_rm": _lognormal_real_mean,
    "uniform_gap": _uniform_gap,
}


def filled(
    mode: Any,
    shape: tuple[int, ...],
    generator: Any,
    dtype: np.dtype[Any],
    scale: float | None = None,
    density: Any = None,
    plot: bool = False,
) -> NDArray[Any]:
    """An array of `shape`.

    mode : "zeros()", "ones()", a number, ``bool`` or ``int``, an array to copy, or a distribution such as
        "normal(0.9, 0.1)"; "random", "rand" and "rnd" are "uniform"
    generator : a `numpy.random.Generator`, or the global one
    scale : factor
    density : probability of each entry to be filled, a number or one per row
    plot : whether to show the histogram

    Raises
    ------
    InvalidValue, UnknownName
        If `mode` means nothing here.
    """
    values = _values(mode, shape, generator, dtype)
    if density is not None:
        rows = density[:, None] if isinstance(density, np.ndarray) and len(shape) > 1 else density
        values = values * (generator.random(shape) <= rows)
    if scale is not None:
        values *= scale
    if plot:
        show_histogram(values, bins=50)
    return values


def _values(mode: Any, shape: tuple[int, ...], generator: Any, dtype: np.dtype[Any]) -> NDArray[Any]:
    if isinstance(mode, str | type) and mode in _TYPES:
        return np.zeros(shape, _TYPES[mode])
    if isinstance(mode, np.ndarray):
        return np.broadcast_to(mode, shape).astype(bool if mode.dtype == bool else dtype)
    if isinstance(mode, int | float | np.number):
        return np.full(shape, mode, dtype)
    if not isinstance(mode, str):
        raise InvalidValue(
            f"{mode!r} is no way to fill an array. Give a number, a distribution or an array.", mode=mode
        )
    word = mode.strip().removesuffix("()")
    if word in ("zeros", "ones"):
        return np.full(shape, float(word == "ones"), dtype)
    try:
        return np.full(shape, float(word), dtype)
    except ValueError:
        return _drawn("uniform" if word in _UNIFORM else word, shape, generator).astype(dtype)


def _drawn(text: str, shape: tuple[int, ...], generator: Any) -> NDArray[Any]:
    more = _MORE.get(text.partition("(")[0].strip())
    if more is None:
        return distributions.parse(text).draw(generator, shape)
    try:
        call = ast.parse(text if "(" in text else f"{text}()", mode="eval").body
        assert isinstance(call, ast.Call)
        named = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords}
        return more(generator, shape, *map(ast.literal_eval, call.args), **named)
    except (SyntaxError, ValueError, TypeError, AssertionError) as error:
        raise InvalidValue(f"{text!r} is no distribution: {error}.", mode=text) from error


def show_histogram(values: NDArray[Any], bins: int) -> None:
    """The histogram that ``plot=True`` and ``";plot"`` show; needs Matplotlib."""
    import matplotlib.pyplot as plt

    plt.hist(np.ravel(values), bins=bins)
    plt.show()
