"""`Recorder` and `EventRecorder` in PymoNNto's words; expressions, buffers and tags are fusion's."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.core.foreign import ForeignNeuronGroup
from fusion.core.parts import Part
from fusion.core.tags import Series
from fusion.recording import recorder as recording
from fusion.recording.expression import FUNCTIONS, Expression
from fusion_pymonnto.behavior import Behavior

# What PymoNNto calls the owner within an expression.
_OWNER = frozenset({"n", "s", "neurons", "synapse"})
_SUFFIXES = (".t", ".i")


@lru_cache(maxsize=1024)
def plain(text: str) -> str:
    """An expression as fusion writes it: "np.mean(n.v)" and "n.v.mean()" are "np.mean(v)".

    What cannot be read is left as it is, for fusion to say what is wrong.
    """
    try:
        return ast.unparse(_Plain().visit(ast.parse(text.strip(), mode="eval")))
    except (SyntaxError, ValueError, RecursionError):
        return text


class _Plain(ast.NodeTransformer):
    """The owner's name goes, methods become functions."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and node.value.id in _OWNER:
            return ast.Name(node.attr, ast.Load())
        return ast.Attribute(self.visit(node.value), node.attr, ast.Load())

    def visit_Call(self, node: ast.Call) -> ast.expr:
        method = node.func
        if isinstance(method, ast.Attribute) and not (isinstance(method.value, ast.Name) and method.value.id == "np"):
            if method.attr == "numpy":  # how TensorFlow's variables were recorded
                return self.visit(method.value)  # type: ignore[no-any-return]
            if method.attr in FUNCTIONS:
                function = ast.Attribute(ast.Name("np", ast.Load()), method.attr, ast.Load())
                return ast.Call(function, [self.visit(one) for one in (method.value, *node.args)], node.keywords)
        return self.generic_visit(node)  # type: ignore[return-value]


class Gapped(Behavior):
    """What the two recorders share: which steps they write, and the words for their data.

    Parameters
    ----------
    variables : str or list of str
        Expressions; may come first without a name.
    gapwidth : int
        Every how many steps a row is written; 0 and 1 are each.
    max_length : int
        Keep only so many rows.
    save_as_numpy : taken, and not needed: data are arrays.

    Raises
    ------
    ExpressionError
        If an expression uses a grammar or a function that is not allowed.
    """

    initialize_last = True
    visualization_module_outputs: tuple[Any, ...] = ()

    def _texts(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[str]:
        self._take(args, kwargs)
        given = self.parameter("variables") or self.parameter("arg_0") or []
        self.gapwidth = int(self.parameter("gapwidth", 0))
        self.parameter("save_as_numpy", False)
        self._counter = 0
        self._has_news = False
        return [plain(text) for text in ([given] if isinstance(given, str) else given)]

    def _options(self) -> dict[str, Any]:
        last, tag = self.parameter("max_length"), self.parameter("tag")
        return {"last": last, "tag": tag, "enabled": self._is_given_enabled()}

    def _is_due(self, owner: Part) -> bool:
        if not vars(owner).get("recording", True):
            return False
        self._counter += 1
        if self._counter < self.gapwidth:
            return False
        self._counter, self._has_news = 0, True
        return True

    def _surface(self, owner: Part) -> Any:
        return owner

    def is_new_data_available(self) -> bool:
        """Whether anything was written since this was asked last."""
        news, self._has_news = self._has_news, False
        return news

    def clear(self) -> None:
        """Forget what was recorded."""
        super().clear()  # type: ignore[misc]  # it is mixed into a recorder
        self._counter = 0

    def clear_recorder(self) -> None:
        """As `clear`."""
        self.clear()

    reset = clear_recorder

    @property
    def variables(self) -> dict[str, NDArray[Any]]:
        """What was recorded, by expression."""
        return {text: self[text, 0] for text in self._expressions()}

    def swaped(self, name: str) -> NDArray[Any]:
        """What was recorded, time as the second axis."""
        return np.swapaxes(self[name, 0], 1, 0)


class Recorder(Gapped, recording.Recorder):
    """Writes down expressions, one row per step; ``net["n.v", 0]`` and ``net["v", 0]`` are the array (rows, ...)."""

    _fields = recording.Recorder._fields

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        recording.Recorder.__init__(self, *self._texts(args, kwargs), **self._options())
        self.add_tag("recorder")
        self.parameters = self.init_kwargs

    def initialize(self, owner: Any) -> None:
        """Compile the expressions for the owner."""
        recording.Recorder.initialize(self, owner)

    set_variables = initialize

    def iteration(self, owner: Any) -> None:
        """Write a row, if one is due."""
        if self._is_due(owner):
            recording.Recorder.iteration(self, owner)

    new_iteration = iteration

    def add_variables(self, vars: str | Iterable[str]) -> None:
        """Record further expressions from now on."""
        for text in map(plain, [vars] if isinstance(vars, str) else vars):
            if text not in self._rows:
                expression = Expression(text)
                self.expressions.append(expression)
                self._rows[text] = self._ticks.rows()
                if self.owner is not None and self._pairs:
                    self._pairs.append((expression.bind(self.owner), self._rows[text].append))
        self._structure_changed()

    add_varable = add_variables

    def cut_length(self, max_length: int) -> None:
        """Keep only so many rows from now on."""
        for buffer in self._buffers():
            buffer.last = max_length

    def _recorded(self, expression: str) -> Iterator[Series]:
        return recording.Recorder._recorded(self, plain(expression))


class EventRecorder(Gapped, recording.EventRecorder):
    """Writes down where expressions are not zero.

    ``net["spike", 0]`` is (events, 2), iteration and index; ``net["spike.t", 0]`` and ``net["spike.i", 0]`` are its
    columns.
    """

    _fields = recording.EventRecorder._fields

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        recording.EventRecorder.__init__(self, *self._texts(args, kwargs), **self._options())
        self.add_tag("recorder")
        self.parameters = self.init_kwargs

    def initialize(self, owner: Any) -> None:
        """Compile the expressions for the owner."""
        recording.EventRecorder.initialize(self, owner)
        if not isinstance(owner, ForeignNeuronGroup):
            # A script's `spikes` may be a variable of its own, so they are taken from what the expression says.
            self._pairs = [
                (_where(function), buffer)
                for function, buffer in zip(self._functions, self._events.values(), strict=True)
            ]

    set_variables = initialize

    def iteration(self, owner: Any) -> None:
        """Write the events of this iteration, if they are due."""
        if self._is_due(owner):
            recording.EventRecorder.iteration(self, owner)

    new_iteration = iteration

    def milliseconds(self, ticks: NDArray[np.int64]) -> Any:
        """Iterations, which is what PymoNNto has for time."""
        return ticks

    def _recorded(self, expression: str) -> Iterator[Series]:
        suffix = expression[-2:] if expression.endswith(_SUFFIXES) else ""
        return recording.EventRecorder._recorded(self, plain(expression.removesuffix(suffix)) + suffix)


def _where(function: Callable[[], Any]) -> Callable[[], NDArray[np.int64]]:
    return lambda: np.flatnonzero(function())


def get_Recorder(variable: str) -> Recorder:
    """A recorder of one expression."""
    return Recorder(variable)
