"""`Use`: which parameters the steps of a behaviour read, and which only what ``initialize`` computes from them."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from fusion.core.behaviour import Behaviour

_BEFORE, _STEP = ("__init__", "initialize"), ("iteration", "iterate_window")

Sources = frozenset[str]
_NONE: Sources = frozenset()


@dataclass(frozen=True)
class Use:
    """Of one parameter.

    in_steps : whether a step reads it
    kept_in : attributes that are computed from it before the first step, and that steps read but do not renew
    """

    in_steps: bool
    kept_in: tuple[str, ...]


def uses(behaviour: type[Behaviour]) -> dict[str, Use] | None:
    """How a class uses each parameter, by the source of its methods; None if that is not to be had."""
    try:
        methods = _Methods(behaviour)
    except (OSError, TypeError):
        return None
    reads, derived = methods.reads(_STEP), methods.derived(_BEFORE)
    lasting = reads - methods.assigned(_STEP)
    return {
        name: Use(name in reads, tuple(sorted(one for one in lasting - {name} if name in derived.get(one, _NONE))))
        for name in behaviour._fields
    }


class _Method:
    """The syntax tree of a method."""

    def __init__(self, function: FunctionType) -> None:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
        if not isinstance(tree, ast.FunctionDef):
            raise TypeError(f"{function!r} is no function of its own.")
        self.tree = tree
        self.own = tree.args.args[0].arg if tree.args.args else ""

    def attributes(self, node: ast.AST, context: type[ast.expr_context]) -> Iterator[str]:
        """Those of the behaviour itself that are named in a part of the method."""
        for part in ast.walk(node):
            if isinstance(part, ast.Attribute) and isinstance(part.ctx, context) and self.is_own(part.value):
                yield part.attr

    def is_own(self, node: ast.expr) -> bool:
        """Whether it is the behaviour itself, or what its bases make of it."""
        if isinstance(node, ast.Name):
            return node.id == self.own
        return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"


class _Methods:
    """The methods of a class and its bases, below `Behaviour`; one that is overridden counts as well."""

    def __init__(self, behaviour: type[Behaviour]) -> None:
        self._named: dict[str, list[_Method]] = {}
        for base in behaviour.__mro__[: behaviour.__mro__.index(Behaviour)]:
            for name, value in vars(base).items():
                function = value.fget if isinstance(value, property) else value
                if isinstance(function, FunctionType):
                    self._named.setdefault(name, []).append(_Method(function))
        self.names: Sources = frozenset(self._named)

    def reached(self, start: tuple[str, ...] | Sources) -> list[_Method]:
        """Methods that are called from some, and these."""
        waiting, names = list(start), dict.fromkeys(start)
        while waiting:
            for method in self._named.get(waiting.pop(), ()):
                new = {name for name in method.attributes(method.tree, ast.Load) if name in self._named} - names.keys()
                names |= dict.fromkeys(new)
                waiting += new
        return [method for name in names for method in self._named.get(name, ())]

    def reads(self, start: tuple[str, ...] | Sources) -> Sources:
        """Attributes that are read from some methods on."""
        return (
            frozenset(name for method in self.reached(start) for name in method.attributes(method.tree, ast.Load))
            - self.names
        )

    def assigned(self, start: tuple[str, ...]) -> Sources:
        """Attributes that are assigned from some methods on."""
        return frozenset(name for method in self.reached(start) for name in method.attributes(method.tree, ast.Store))

    def derived(self, start: tuple[str, ...]) -> dict[str, Sources]:
        """{attribute: attributes that it is computed from}, also by way of others."""
        found: dict[str, Sources] = {}
        for method in self.reached(start):
            _Flow(self, method, found).follow(method.tree.body, _NONE)
        while True:
            more = {name: sources.union(*(found.get(one, _NONE) for one in sources)) for name, sources in found.items()}
            if more == found:
                return found
            found = more


class _Flow:
    """Follows values through a method: from attributes by way of local names into attributes."""

    def __init__(self, methods: _Methods, method: _Method, found: dict[str, Sources]) -> None:
        self._methods, self._method, self._found = methods, method, found
        self._locals: dict[str, Sources] = {}

    def follow(self, statements: list[ast.stmt], control: Sources) -> None:
        """Statements in their order; `control` is what decides whether they are reached."""
        for statement in statements:
            if isinstance(statement, ast.Assign):
                self._assign(statement.targets, self._sources(statement.value) | control)
            elif isinstance(statement, ast.AugAssign | ast.AnnAssign) and statement.value is not None:
                self._assign([statement.target], self._sources(statement.value) | control)
            elif isinstance(statement, ast.For):
                self._assign([statement.target], self._sources(statement.iter) | control)
            elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
                self._call(statement.value, control)
            inside = control.union(*(self._sources(one) for one in self._conditions(statement)))
            for block in ("body", "orelse", "finalbody"):
                nested = getattr(statement, block, [])  # the blocks of a syntax tree
                self.follow([one for one in nested if isinstance(one, ast.stmt)], inside)

    @staticmethod
    def _conditions(statement: ast.stmt) -> Iterator[ast.expr]:
        if isinstance(statement, ast.If | ast.While):
            yield statement.test
        elif isinstance(statement, ast.For):
            yield statement.iter

    def _call(self, call: ast.Call, control: Sources) -> None:
        """A call for its effect: what it is given goes into what it is called on, or into what its method assigns."""
        sources = control.union(*(self._sources(one) for one in (*call.args, *(word.value for word in call.keywords))))
        if isinstance(call.func, ast.Attribute):
            self._into(call.func.value, sources)
            for method in self._methods.reached(frozenset(self._method.attributes(call.func, ast.Load))):
                for name in method.attributes(method.tree, ast.Store):
                    self._found[name] = self._found.get(name, _NONE) | sources

    def _assign(self, targets: list[ast.expr], sources: Sources) -> None:
        for target in targets:
            if isinstance(target, ast.Tuple | ast.List):
                self._assign(target.elts, sources)
            elif isinstance(target, ast.Starred):
                self._assign([target.value], sources)
            else:
                self._into(target, sources)

    def _into(self, place: Any, sources: Sources) -> None:
        """Into a name, an attribute of the behaviour, or something within one of them."""
        while not isinstance(place, ast.Name):
            if isinstance(place, ast.Attribute) and self._method.is_own(place.value):
                self._found[place.attr] = self._found.get(place.attr, _NONE) | sources
                return
            if not isinstance(place, ast.Attribute | ast.Subscript):
                return
            place = place.value
        if place.id != self._method.own:
            self._locals[place.id] = self._locals.get(place.id, _NONE) | sources

    def _sources(self, expression: ast.expr) -> Sources:
        """Attributes of the behaviour that a value depends on; those that a method reads, where it calls one."""
        named = frozenset(self._method.attributes(expression, ast.Load))
        names = (part.id for part in ast.walk(expression) if isinstance(part, ast.Name))
        return self._methods.reads(named & self._methods.names).union(
            named - self._methods.names, *(self._locals.get(name, _NONE) for name in names)
        )
