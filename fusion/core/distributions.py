"""`Distribution`: any distribution of `numpy.random.Generator`, as an object or as a string."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.errors import FusionError, InvalidValue, UnknownName

NAMES = frozenset(
    """
    beta binomial chisquare exponential f gamma geometric gumbel hypergeometric integers laplace logistic lognormal
    logseries negative_binomial noncentral_chisquare noncentral_f normal pareto poisson power random rayleigh
    standard_cauchy standard_exponential standard_gamma standard_normal standard_t triangular uniform vonmises wald
    weibull zipf
    """.split()  # noqa: SIM905 - thirty-five quoted names would be harder to read
)


def _power(base: float, exponent: float) -> float:
    # In floats, where a tower such as 9 ** 9 ** 9 ** 9 overflows at once instead of filling the memory.
    value = float(base) ** float(exponent)
    return int(value) if isinstance(base, int) and isinstance(exponent, int) and value.is_integer() else value


_BINARY: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: _power,
}


class Distribution:
    """Values drawn anew for each neuron or synapse.

    Parameters
    ----------
    name : str
        A method of `numpy.random.Generator`.
    args, kwargs
        Its arguments, without ``size``.

    Raises
    ------
    UnknownName
        If there is no such distribution.
    InvalidValue
        If it does not take these arguments.
    """

    def __init__(self, name: str, *args: float, **kwargs: float) -> None:
        if name not in NAMES:
            raise UnknownName("distribution", name, NAMES)
        self.name, self.args, self.kwargs = name, args, kwargs
        try:
            self.draw(np.random.default_rng(0), 1)
        except (TypeError, ValueError, OverflowError) as error:
            raise InvalidValue(f"{self!r} cannot be drawn from: {error}.", distribution=self) from error

    def draw(self, generator: np.random.Generator, shape: int | tuple[int, ...]) -> NDArray[Any]:
        """An array of `shape`."""
        method = getattr(generator, self.name)  # the name was checked against the list of Generator's methods
        values: NDArray[Any] = method(*self.args, **self.kwargs, size=shape)
        return values

    def __repr__(self) -> str:
        given = [*map(repr, self.args), *(f"{key}={value!r}" for key, value in self.kwargs.items())]
        return f"{self.name}({', '.join(given)})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Distribution) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))


def normal(loc: float = 0.0, scale: float = 1.0) -> Distribution:
    """Normal distribution with mean `loc` and standard deviation `scale`."""
    return Distribution("normal", loc, scale)


def uniform(low: float = 0.0, high: float = 1.0) -> Distribution:
    """Uniform distribution over [low, high)."""
    return Distribution("uniform", low, high)


def lognormal(mean: float = 0.0, sigma: float = 1.0) -> Distribution:
    """Log-normal distribution; `mean` and `sigma` are those of the logarithm."""
    return Distribution("lognormal", mean, sigma)


def exponential(scale: float = 1.0) -> Distribution:
    """Exponential distribution with mean `scale`; as ``filter=`` of a link, the trace exp(-t / scale), scale in ms."""
    return Distribution("exponential", scale)


@lru_cache(maxsize=1024)
def parse(text: str) -> Distribution:
    """The distribution that a string such as ``"normal(0.9, 0.1)"`` or ``"uniform"`` names; nothing is evaluated.

    Raises
    ------
    InvalidValue
        If the string is no call of one distribution with numbers.
    UnknownName
        If there is no such distribution.
    """
    try:
        return _parsed(text)
    except FusionError:
        raise
    except (SyntaxError, ValueError, TypeError, ArithmeticError, MemoryError, RecursionError) as error:
        raise _unreadable(text) from error


def _parsed(text: str) -> Distribution:
    tree = ast.parse(text.strip(), mode="eval").body
    if isinstance(tree, ast.Name):
        return Distribution(tree.id)
    if not (isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name)):
        raise _unreadable(text)
    if any(keyword.arg is None for keyword in tree.keywords):
        raise _unreadable(text)
    args = [_number(arg, text) for arg in tree.args]
    kwargs = {str(keyword.arg): _number(keyword.value, text) for keyword in tree.keywords}
    return Distribution(tree.func.id, *args, **kwargs)


def _number(node: ast.expr, text: str) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        value: float = node.value
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        operand = _number(node.operand, text)
        value = -operand if isinstance(node.op, ast.USub) else operand
    elif isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        value = _BINARY[type(node.op)](_number(node.left, text), _number(node.right, text))
    else:
        raise _unreadable(text)
    if not math.isfinite(value):
        raise _unreadable(text)
    return value


def _unreadable(text: str) -> InvalidValue:
    return InvalidValue(
        f'{text!r:.80} is no distribution. Write a name with numbers, such as "normal(0.9, 0.1)".', text=text
    )
