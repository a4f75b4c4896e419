"""`Statements`: Brian2's abstract code as blocks of lines, optimised as Brian2 does it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from fusion.behaviours.equations.model import Block, Line

DRAW = re.compile(r"\b(randn?)\(\s*\)")
"""A call that draws a random number."""
_GENERATED = {"rand": "random", "randn": "standard_normal"}  # and the methods of a generator that draw the same


def builtin() -> set[str]:
    """Names that mean something in all equations: functions, constants and units."""
    from brian2.core.functions import DEFAULT_CONSTANTS, DEFAULT_FUNCTIONS
    from brian2.core.namespace import DEFAULT_UNITS

    return {*DEFAULT_FUNCTIONS, *DEFAULT_CONSTANTS, *DEFAULT_UNITS}


class Statements:
    """Makes blocks.

    variables : Brian2's, of all names in the code
    constants : names that never change
    stored : names of the variables that neurons keep
    """

    def __init__(self, variables: Mapping[str, Any], constants: Iterable[str], stored: set[str]) -> None:
        self._variables, self._stored = variables, stored
        self._fixed = {*constants, "dt", "N", *builtin()}

    def block(self, code: str, name: str, held: Iterable[str]) -> Block:
        """Code as a block; `held` are variables that change only where ``not_refractory`` is true."""
        from brian2.codegen.translation import make_statements
        from brian2.core.functions import DEFAULT_FUNCTIONS
        from brian2.core.variables import Variable

        draws: dict[str, str] = {}

        def drawn(found: re.Match[str]) -> str:
            names = f"_{found[1]}_{name}_{len(draws)}"
            draws[names] = _GENERATED[found[1]]
            return names

        code = DRAW.sub(drawn, code)
        # Integrators bring in functions of their own.
        variables = {
            **DEFAULT_FUNCTIONS,
            **self._variables,
            **{draw: Variable(draw, dtype=np.float64, array=True) for draw in draws},
        }
        scalars, vectors = make_statements(code, variables, np.float64, optimise=True, blockname=name)
        fixed = set(self._fixed)
        once, changing = list[Line](), list[Line]()
        for line in map(_line, scalars):
            is_fixed = line.op == ":=" and not (_identifiers(line) - fixed)
            (once if is_fixed else changing).append(line)
            fixed |= {line.target} if is_fixed else set()
        lines = [_line(one)._replace(guard="not_refractory" if one.var in held else "") for one in vectors]
        known = self._stored
        reads = set[str]().union(*map(_identifiers, (*changing, *lines))) & known
        writes = dict.fromkeys(line.target for line in (*changing, *lines) if line.target in known)
        return Block(tuple(once), tuple(changing), tuple(lines), tuple(draws.items()), frozenset(reads), tuple(writes))


def _line(statement: Any) -> Line:
    from brian2.codegen.generators.numpy_generator import brian_dtype_from_dtype

    used, branches = statement.used_boolean_variables, None
    # As Brian2's own NumPy code does, so that results are the same in all bits.
    one_number = used is not None and len(used) == 1 and brian_dtype_from_dtype(statement.dtype) == "float"
    if one_number and statement.complexity_std > sum(statement.complexities.values()):
        texts = {values[0][1]: text for values, text in statement.boolean_simplified_expressions.items()}
        branches = (used[0], _rendered(texts[True]), _rendered(texts[False]))
    return Line(statement.var, statement.op, _rendered(statement.expr), branches=branches)


def _rendered(code: str) -> str:
    from brian2.parsing.rendering import NumpyNodeRenderer

    return str(NumpyNodeRenderer().render_expr(code)).strip()


def _identifiers(line: Line) -> set[str]:
    from brian2.utils.stringtools import get_identifiers

    texts = [line.text, *(line.branches or ())]
    names = set[str]().union(*map(get_identifiers, texts)) | ({line.guard} if line.guard else set())
    reads = line.op != ":=" and (line.op != "=" or line.guard)
    return names | ({line.target} if reads else set())
