"""`jacobian`: how fast linear equations decay or grow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fusion.behaviours.equations.model import Jacobian


def jacobian(equations: Any, variables: Mapping[str, Any]) -> Jacobian | None:
    """The matrix of linear differential equations as a function of the values in it; None for others."""
    import sympy
    from brian2.parsing.sympytools import str_to_sympy
    from sympy.core.function import AppliedUndef

    names = sorted(equations.diff_eq_names)
    symbols = [sympy.Symbol(name, real=True) for name in names]
    rates = dict(equations.get_substituted_expressions(variables))
    noise = {sympy.Symbol(xi, real=True): 0 for xi in equations.stochastic_variables}
    slopes = []
    for name in names:
        rate = str_to_sympy(rates[name].code, variables).subs(noise)
        slopes += [sympy.diff(rate, symbol) for symbol in symbols]
    free = {symbol for slope in slopes for symbol in slope.free_symbols}
    if not names or free & {*symbols, sympy.Symbol("t", real=True, positive=True)}:
        return None
    if any(slope.has(AppliedUndef, sympy.Piecewise) for slope in slopes):
        return None
    given = sorted(free, key=str)
    evaluate = sympy.lambdify(given, slopes, "numpy")

    def matrix(values: Mapping[str, Any]) -> Any:
        entries = np.broadcast_arrays(*evaluate(*(values[str(symbol)] for symbol in given)))
        return np.stack(entries, axis=-1).reshape(-1, len(names), len(names))

    return matrix
