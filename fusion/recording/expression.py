"""`Expression`: what a recorder writes down, checked against a whitelist and compiled once."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from fusion.core.foreign import ForeignNeuronGroup
from fusion.core.parts import Part
from fusion.core.synapses import AdoptedSynapseGroup
from fusion.errors import ExpressionError, UnknownName

FUNCTIONS = frozenset(
    """
    abs absolute all any arctan argmax argmin average ceil clip concatenate corrcoef cos count_nonzero cumsum diag diff
    dot exp expm1 flatnonzero floor histogram isfinite isinf isnan log log10 log1p log2 logical_and logical_not
    logical_or max maximum mean median min minimum nanmax nanmean nanmin nanstd nansum percentile power prod ptp
    quantile ravel round sign sin sort sqrt square std sum tan tanh transpose var where
    """.split()  # noqa: SIM905 - sixty quoted names would be harder to read
)
_GRAMMAR = (
    ast.Expression, ast.Call, ast.Name, ast.Attribute, ast.Subscript, ast.Slice, ast.Constant, ast.BinOp, ast.UnaryOp,
    ast.Compare, ast.Tuple, ast.List, ast.keyword, ast.Load, ast.operator, ast.UAdd, ast.USub, ast.Invert,
    ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE,
)  # fmt: skip
# Arguments through which a function would change what it reads.
_WRITING = ("out", "overwrite_input")
# The number of arguments before `out`, of functions written in C that do not tell.
_BEFORE_OUT = {"concatenate": 2, "dot": 2, "where": 3}


def _mean(values: Any, *args: Any, **kwargs: Any) -> Any:
    """As `np.mean`, to the bit; for plain arrays, recorded in each step of many networks, in a third of its time."""
    if args or kwargs or type(values) is not np.ndarray or values.dtype.char not in "fd" or not values.size:
        return np.mean(values, *args, **kwargs)
    return np.add.reduce(values, axis=None) / values.size


_FAST = SimpleNamespace(**{name: getattr(np, name) for name in FUNCTIONS} | {"mean": _mean})


class Expression:
    """An expression of variables, numbers, slices and NumPy functions: "np.mean(v[:10])", "voltage > 0.5".

    Parameters
    ----------
    text : str

    Raises
    ------
    ExpressionError
        If it uses any other grammar or function.
    """

    def __init__(self, text: str) -> None:
        if not isinstance(text, str) or not text.strip():
            raise ExpressionError(f"{text!r} is no expression; give a string such as 'np.mean(voltage)'.")
        self.text = text = text.strip()
        try:
            self._tree = ast.parse(text, mode="eval")
        except SyntaxError as error:
            raise ExpressionError(f"{text!r} cannot be read: {error.msg} at column {error.offset}.") from error
        except (ValueError, MemoryError, RecursionError) as error:
            raise ExpressionError(f"{text!r:.80} cannot be read: {type(error).__name__}.") from error
        functions = {id(node.func) for node in ast.walk(self._tree) if isinstance(node, ast.Call)}
        for node in ast.walk(self._tree):
            _check(node, text)
            if isinstance(node, ast.Attribute) and id(node) not in functions:
                raise ExpressionError(f"{text!r}: np.{node.attr} is a function; give it arguments in parentheses.")
        modules = {id(node.value) for node in ast.walk(self._tree) if isinstance(node, ast.Attribute)}
        self.names = tuple(
            dict.fromkeys(
                node.id
                for node in ast.walk(self._tree)
                if isinstance(node, ast.Name) and id(node) not in functions | modules
            )
        )
        if not self.names:
            raise ExpressionError(f"{text!r} names no variable.")

    def bind(self, owner: Part) -> Callable[[], Any]:
        """A function that evaluates the expression on `owner`, whose variables it names.

        Of a foreign variable with constant slices, as in "v[:10]", only that part is fetched.
        """
        foreign = isinstance(owner, ForeignNeuronGroup | AdoptedSynapseGroup)
        body = _Resolver(foreign).visit(ast.parse(self.text, mode="eval").body)
        arguments = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
        tree = ast.fix_missing_locations(ast.Expression(ast.Lambda(args=arguments, body=body)))
        # The tree holds nothing but the grammar checked above, so that evaluating it can only call NumPy.
        code = compile(tree, f"<expression {self.text!r}>", "eval")
        function: Callable[[], Any] = eval(code, {"__builtins__": {}, "np": _FAST, "owner": owner, "slice": slice})
        return function

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


class _Resolver(ast.NodeTransformer):
    """Names become attributes of the owner, or fetches from a simulator."""

    def __init__(self, foreign: bool) -> None:
        self._foreign = foreign

    def visit_Call(self, node: ast.Call) -> ast.expr:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id  # type: ignore[attr-defined]
        function = ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load())
        arguments = [self.visit(argument) for argument in node.args]
        keywords = [ast.keyword(keyword.arg, self.visit(keyword.value)) for keyword in node.keywords]
        return ast.Call(function, arguments, keywords)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if self._foreign and isinstance(node.value, ast.Name) and isinstance(node.slice, ast.Slice):
            parts = [part or ast.Constant(None) for part in (node.slice.lower, node.slice.upper, node.slice.step)]
            if all(_is_constant(part) for part in parts):
                return self._fetch(node.value.id, [ast.Call(ast.Name("slice", ast.Load()), parts, [])])
        return ast.Subscript(self.visit(node.value), self.visit(node.slice), ast.Load())

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if self._foreign:
            return self._fetch(node.id, [])
        return ast.Attribute(ast.Name("owner", ast.Load()), node.id, ast.Load())

    def _fetch(self, name: str, index: list[ast.expr]) -> ast.expr:
        read = ast.Attribute(ast.Name("owner", ast.Load()), "read", ast.Load())
        return ast.Call(read, [ast.Constant(name), *index], [])


def _is_constant(node: ast.expr) -> bool:
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(inner, ast.Constant)


def _check(node: ast.AST, text: str) -> None:
    if not isinstance(node, _GRAMMAR):
        raise ExpressionError(
            f"{text!r:.80} uses {type(node).__name__}; allowed are variables, numbers, slices, operators (& | ~ for "
            "and, or, not) and NumPy functions."
        )
    if isinstance(node, ast.Compare) and len(node.ops) > 1:
        raise ExpressionError(f"{text!r} compares twice in a row; write (0 < v) & (v < 1) for 0 < v < 1.")
    if isinstance(node, ast.Attribute) and not (isinstance(node.value, ast.Name) and node.value.id == "np"):
        raise ExpressionError(f"{text!r}: .{node.attr} is not allowed; write a function such as np.mean(voltage).")
    if isinstance(node, ast.Attribute):
        _check_function(node.attr, text)
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Name):
            _check_function(node.func.id, text)
        elif not isinstance(node.func, ast.Attribute):
            raise ExpressionError(f"{text!r} calls something that is no function.")
        _check_arguments(node, text)
    if isinstance(node, ast.Constant) and not isinstance(node.value, int | float):
        raise ExpressionError(f"{text!r} holds {node.value!r}; only numbers are allowed.")
    if isinstance(node, ast.Name) and node.id.startswith("_"):
        raise ExpressionError(f"{text!r} names {node.id!r}, which is private.")


def _check_function(name: str, text: str) -> None:
    if name not in FUNCTIONS:
        raise ExpressionError(f"{text!r}: {UnknownName('function', name, FUNCTIONS)}")


def _check_arguments(node: ast.Call, text: str) -> None:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id  # type: ignore[attr-defined]
    if name not in FUNCTIONS:
        return  # said where the function itself is looked at
    for keyword in node.keywords:
        if keyword.arg is None or keyword.arg in _WRITING:
            raise ExpressionError(f"{text!r}: the argument {keyword.arg or '**'} of {name} is not allowed.")
    if len(node.args) > _n_arguments(name):
        raise ExpressionError(f"{text!r}: {name} has too many arguments.")


def _n_arguments(name: str) -> int:
    """How many arguments a function takes without their names, none of which it would write to."""
    function = getattr(np, name)  # the name was checked against the list of functions
    if isinstance(function, np.ufunc):
        return function.nin
    if name in _BEFORE_OUT:
        return _BEFORE_OUT[name]
    parameters = list(inspect.signature(function).parameters)
    return min((parameters.index(writing) for writing in _WRITING if writing in parameters), default=len(parameters))
