"""`parse`: a text becomes a model - names are resolved, units checked, an integrator chosen."""

from __future__ import annotations

import numbers
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from fusion.behaviours.equations.declarations import read
from fusion.behaviours.equations.model import Declaration, Model, Stored
from fusion.behaviours.equations.parsing.errors import code_lines, said, translated
from fusion.behaviours.equations.parsing.linearity import jacobian
from fusion.behaviours.equations.parsing.statements import DRAW, Statements, builtin
from fusion.core.units import Quantity
from fusion.errors import InvalidValue, SimulatorMissing, UnitMismatch, UnknownName, Unsupported

METHODS = ("exact", "exponential_euler", "euler", "rk2", "rk4", "heun", "milstein")
CHOICE = ("exact", "euler", "heun")
"""What is tried where no method is given, in this order, as in Brian2."""

_SYNONYMS = {"linear": "exact"}
_FLAGS = {
    "differential equation": ("unless refractory",),
    "parameter": ("constant", "shared"),
    "subexpression": ("shared", "constant over dt"),
}


class Source(NamedTuple):
    """What the user wrote.

    refractory : False, a number (ms), a quantity, or a condition or time as a string
    constants : values of names that are no variables, given by keyword
    namespace : where names are looked up that were not given
    """

    text: str
    threshold: str | None
    reset: str | None
    refractory: Any
    method: str | None
    constants: Mapping[str, Any]
    namespace: Mapping[str, Any]


def parse(source: Source) -> Model:
    """The model that a text describes.

    Raises
    ------
    SimulatorMissing
        Without Brian2.
    InvalidValue, UnknownName, UnitMismatch, Unsupported
        As `Equations`.
    """
    try:
        import brian2  # noqa: F401 - all else here needs it
    except ImportError as error:
        raise SimulatorMissing("brian2", f"{error}; equations are read with it") from error
    return _Parser(source).model()


class _Parser:
    """One text on its way to a model."""

    def __init__(self, source: Source) -> None:
        import brian2
        from brian2.equations.equations import extract_constant_subexpressions
        from brian2.equations.refractory import add_refractoriness

        self.source = source
        self.declared, in_si = read(source.text)
        with translated("The equations cannot be read"):
            self.written = brian2.Equations(in_si)
        self._check_flags()
        self._check_events()
        self.is_refractory = source.refractory is not False
        equations = add_refractoriness(self.written) if self.is_refractory else self.written
        self.equations, self.fixed = extract_constant_subexpressions(equations)
        self.variables: dict[str, Any] = self._variables()
        self.constants: dict[str, float | int | bool] = {}
        self.period: float | None = None

    def model(self) -> Model:
        """All of it."""
        self._resolve()
        self._check_units()
        method, moved = self._moved()
        condition = f"_cond = ({self.source.threshold})" if self.source.threshold else ""
        if condition and self.is_refractory:
            condition += " and not_refractory"
        fixed = [f"{one.varname} = {one.expr}" for one in self.fixed.ordered]
        stored = tuple(self._stored())
        held = {one.name for one in stored if one.held}
        code = "\n".join([*fixed, self._refractoriness(), moved, condition])
        statements = Statements(self.variables, self.constants, {one.name for one in stored})
        with translated("The equations cannot be read"):
            update = statements.block(code, "update", held)
        with translated("The reset cannot be read"):
            reset = statements.block(self.source.reset or "", "reset", ())
        shared = {one.name for one in stored if one.shared} & set(reset.writes)
        if shared:
            raise Unsupported(f"The reset changes {', '.join(sorted(shared))}, which all neurons share.")
        return Model(
            self.declared, stored, self.constants, update, reset, method, bool(condition), self.is_refractory,
            self.period, jacobian(self.written, self.variables),
        )  # fmt: skip

    # --- what is declared --------------------------------------------------------------------------------------------

    def _check_flags(self) -> None:
        for equation in self.written.values():
            where = self.declared[equation.varname]
            for flag in equation.flags:
                if flag == "linked":
                    raise Unsupported(
                        f"{where}: variables cannot be linked. A link brings another group's variable: "
                        f"SynapseGroup(net, other, neurons, signal=..., into={equation.varname!r})."
                    )
                if flag not in _FLAGS[equation.type]:
                    allowed = " or ".join(map(repr, _FLAGS[equation.type]))
                    raise InvalidValue(f"{where}: {flag!r} is no flag of a {equation.type}; {allowed} is.", flag=flag)
            if "unless refractory" in equation.flags and self.source.refractory is False:
                raise InvalidValue(f"{where}: 'unless refractory' needs refractory=, a time or a condition.")

    def _check_events(self) -> None:
        threshold, reset = self.source.threshold, self.source.reset
        for name, code in (("threshold", threshold), ("reset", reset)):
            if code is not None and not isinstance(code, str):
                raise InvalidValue(f'{name}={code!r}: write a string, such as "v > -50*mV" or "v = -65*mV".')
        if threshold is None and (reset is not None or self.source.refractory is not False):
            raise InvalidValue("reset= and refractory= are about neurons that fire; give threshold= too.")

    def _variables(self) -> dict[str, Any]:
        from brian2 import second
        from brian2.core.variables import AuxiliaryVariable, Subexpression, Variable

        found: dict[str, Any] = {}
        for one in self.equations.values():
            dtype = {"float": np.float64, "integer": np.int32, "boolean": bool}[one.var_type]
            shared = "shared" in one.flags
            if one.type == "subexpression":
                found[one.varname] = Subexpression(
                    one.varname, None, str(one.expr), None, dimensions=one.dim, dtype=dtype, scalar=shared
                )
            else:
                found[one.varname] = Variable(
                    one.varname, one.dim, dtype=dtype, scalar=shared, constant="constant" in one.flags, array=not shared
                )
        for xi in self.equations.stochastic_variables:
            found[xi] = AuxiliaryVariable(xi, dimensions=(second**-0.5).dim)
        given = {"scalar": True, "read_only": True}
        found["t"] = Variable("t", second.dim, dtype=np.float64, **given)
        found["dt"] = Variable("dt", second.dim, dtype=np.float64, constant=True, **given)
        # It asks for the value of dt only to see whether a function of time is constant within a step.
        found["dt"].get_value = lambda: np.array([np.nan])
        found["t_in_timesteps"] = Variable("t_in_timesteps", dtype=np.int64, **given)
        found["N"] = Variable("N", dtype=np.int32, constant=True, **given)
        found["i"] = Variable("i", dtype=np.int32, constant=True, read_only=True, array=True)
        return found

    def _stored(self) -> Iterator[Stored]:
        kinds = {"differential equation": "state", "parameter": "parameter"}
        fixed = {one.varname for one in self.fixed.values()}
        for one in self.equations.ordered:
            if one.type not in kinds:
                continue
            unit, exponent = self.declared[one.varname][1:3] if one.varname in self.declared else ("", 0)
            if one.varname == "lastspike":
                unit = "s"
            kind = "expression" if one.varname in fixed else kinds[one.type]
            held = "unless refractory" in one.flags
            yield Stored(one.varname, kind, one.var_type, unit, exponent, "shared" in one.flags, held)

    # --- names -------------------------------------------------------------------------------------------------------

    def _resolve(self) -> None:
        """Find what every name stands for."""
        from brian2.utils.stringtools import get_identifiers

        source, used = self.source, set[str]()
        places: list[tuple[str, str]] = [
            (str(self.declared[name]), str(one.expr)) for name, one in self.written.items() if one.expr is not None
        ]
        places += [(f"the {name} {code!r}", code) for name, code in self._codes()]
        own = set(self._temporaries())
        for where, code in places:
            for name in sorted(get_identifiers(code) - own):
                used.add(name)
                if name not in self.variables:
                    self.variables[name] = self._resolved(name, where)
        for name in source.constants:
            if name not in used:
                raise UnknownName("parameter", name, {*self.declared, *used} - builtin(), "the equations")

    def _codes(self) -> Iterator[tuple[str, str]]:
        for name in ("threshold", "reset", "refractory"):
            code = getattr(self.source, name)  # a field
            if isinstance(code, str):
                yield name, code

    def _temporaries(self) -> Iterator[str]:
        """Names that the reset makes for itself."""
        from brian2.parsing.statements import parse_statement

        for line in code_lines(self.source.reset or ""):
            with translated(f"The reset {line!r} cannot be read"):
                name, op, _, _ = parse_statement(line)
            if op == "=" and name not in self.variables:
                yield name

    def _resolved(self, name: str, where: str) -> Any:
        from brian2.core.functions import DEFAULT_CONSTANTS, DEFAULT_FUNCTIONS, Function
        from brian2.core.namespace import DEFAULT_UNITS
        from brian2.core.variables import Constant

        constants, namespace = self.source.constants, self.source.namespace
        if name in ("poisson", "exprel") and name not in constants:
            raise Unsupported(f"{where}: {name}() is not supported in equations of fusion.", function=name)
        if name in DEFAULT_FUNCTIONS and name not in constants:
            return DEFAULT_FUNCTIONS[name]
        if name in constants:
            value = constants[name]
        elif name in DEFAULT_CONSTANTS or name in DEFAULT_UNITS:
            value = DEFAULT_UNITS.get(name) or DEFAULT_CONSTANTS[name].value
        elif name in namespace:
            value = namespace[name]
        else:
            found = {n for n, value in namespace.items() if _is_constant(value) and not n.startswith("_")}
            known = {*self.variables, *constants, *DEFAULT_FUNCTIONS, *(found - builtin())}
            raise UnknownName("variable or constant", name, known, where)
        if isinstance(value, Function):
            raise Unsupported(
                f"{where}: {name} is a {type(value).__name__}, which runs only in Brian2's own groups. Let a behaviour "
                "write a parameter, as StepCurrent(into=...) does, or take NeuronGroup(net, brian2_group)."
            )
        if not _is_constant(value):
            raise InvalidValue(
                f"{where}: {name} is {value!r:.60}; a constant is one number. What differs between neurons is declared "
                f"by a line '{name} : unit'."
            )
        bare = value if isinstance(value, bool | int) else float(np.asarray(value))
        self.constants[name] = bare
        dimension = value.dim if isinstance(value, Quantity) else None
        return Constant(name, bare, **({} if dimension is None else {"dimensions": dimension}))

    # --- units -------------------------------------------------------------------------------------------------------

    def _check_units(self) -> None:
        from brian2 import second
        from brian2.equations.unitcheck import check_units_statements
        from brian2.parsing.expressions import is_boolean_expression
        from brian2.units.fundamentalunits import DimensionMismatchError

        for name, one in self.written.items():
            if one.expr is None:
                continue
            rate = one.type == "differential equation"
            self._check_side(self.declared[name], str(one.expr), one.dim / second.dim if rate else one.dim, rate)
            if one.type == "subexpression" and "constant over dt" not in one.flags and DRAW.search(str(one.expr)):
                raise InvalidValue(f"{self.declared[name]} draws anew wherever it is used; flag it (constant over dt).")
        threshold, reset = self.source.threshold, self.source.reset
        if threshold is not None:
            self._dimension(f"the threshold {threshold!r}", threshold)
            with translated(f"The threshold {threshold!r} cannot be read"):
                if not is_boolean_expression(threshold, self.variables):
                    raise InvalidValue(f"The threshold {threshold!r} is no condition; write one such as 'v > -50*mV'.")
        if reset:
            with translated(f"The reset {reset!r} cannot be read"):
                try:
                    check_units_statements(reset, self.variables)
                except DimensionMismatchError as error:
                    raise UnitMismatch(f"The reset {reset!r}: {said(error)}.") from error

    def _check_side(self, where: Declaration, code: str, wanted: Any, rate: bool) -> None:
        found = self._dimension(str(where), code)
        if found is not wanted:
            what = f"the rate of {where.name}" if rate else where.name
            unit = f"{where.unit or '1'}/s" if rate else where.unit or "1"
            raise UnitMismatch(f"{where}: the right side is in {_spelled(found)}, {what} in {unit}.", line=where.line)

    def _dimension(self, where: str, code: str) -> Any:
        from brian2.parsing.expressions import parse_expression_dimensions
        from brian2.units.fundamentalunits import DimensionMismatchError

        with translated(f"{where[0].upper()}{where[1:]} cannot be read"):
            try:
                return parse_expression_dimensions(code, self.variables)
            except DimensionMismatchError as error:
                raise UnitMismatch(f"{where[0].upper()}{where[1:]}: {said(error)}.") from error

    # --- statements --------------------------------------------------------------------------------------------------

    def _refractoriness(self) -> str:
        """The statement that lets neurons go."""
        from brian2 import second
        from brian2.core.variables import Constant
        from brian2.parsing.expressions import is_boolean_expression

        period = self.source.refractory
        if not self.is_refractory:
            return ""
        if isinstance(period, str):
            if self._dimension(f"the refractory period {period!r}", period) is not second.dim:
                if not is_boolean_expression(period, self.variables):
                    raise UnitMismatch(f"refractory={period!r} is neither a time nor a condition.")
                return f"not_refractory = not_refractory or not ({period})"
        elif isinstance(period, Quantity):
            if period.dim is not second.dim:
                raise UnitMismatch(f"refractory={period!r} is no time.")
            self.period = float(np.asarray(period))
        elif isinstance(period, int | float) and not isinstance(period, bool) and period >= 0:
            self.period = float(period) * 0.001
        else:
            raise InvalidValue(f"refractory={period!r}: give a time (ms), or a condition as a string.")
        if self.period is None:
            return f"not_refractory = timestep(t - lastspike, dt) >= timestep({period}, dt)"
        self.variables["_free_after"] = Constant("_free_after", self.period, dimensions=second.dim)
        self.constants["_free_after"] = self.period
        return "not_refractory = t - lastspike >= _free_after"

    def _moved(self) -> tuple[str, str]:
        """The method that is taken, and the statements of a step with it."""
        from brian2.stateupdaters.base import StateUpdateMethod, UnsupportedEquationsException

        if not self.equations.diff_eq_names:
            return "", ""
        method = self.source.method
        if method is not None:
            method = _SYNONYMS.get(method, method)
            if method not in METHODS:
                raise UnknownName("method", str(method), METHODS)
        reasons = []
        for name in CHOICE if method is None else (method,):
            try:
                return name, StateUpdateMethod.apply_stateupdater(self.equations, self.variables, name)
            except UnsupportedEquationsException as error:
                reasons.append(f"method={name!r} cannot solve these equations: {str(error).rstrip('.')}.")
        raise InvalidValue(f"{' '.join(reasons)} Take {self._way_out()}.", method=method)

    def _way_out(self) -> str:
        if not self.equations.is_stochastic:
            return "'exponential_euler', 'rk4' or 'euler'"
        additive = self.equations.stochastic_type == "additive"
        return "'euler', 'heun' or 'milstein'" if additive else "'heun' or 'milstein'"


def _is_constant(value: object) -> bool:
    """Whether equations could mean it by a name."""
    return isinstance(value, numbers.Number) or (isinstance(value, Quantity) and np.asarray(value).ndim == 0)


def _spelled(dimension: Any) -> str:
    from brian2.units.fundamentalunits import get_unit

    return "1" if dimension.is_dimensionless else str(get_unit(dimension))
