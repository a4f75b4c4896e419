"""`Behaviour`: a mechanism that is attached to a group under a key and takes a step in each iteration."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from fusion.core import distributions
from fusion.core.attached import Attached
from fusion.core.distributions import Distribution
from fusion.core.tags import Tagged
from fusion.core.units import holds_quantity, plain
from fusion.errors import InvalidValue, ShapeMismatch, UnitMismatch, UnknownName

if TYPE_CHECKING:
    from fusion.core.parts import Part

_MISSING = object()
_OWN = frozenset({"key", "location", "owner", "parameters", "tags"})


class Behaviour(Attached):
    """Parameters, declared reads and writes, one short step.

    A subclass declares its parameters as annotated fields. Each can be given by name when the behaviour is made. One
    that is annotated as a number (float, int, bool) takes a number, an array with one value per neuron (or synapse),
    or a distribution from which one value each is drawn, in the unit that its docstring names; any other takes what it
    is given. A field without a default must be given. In ``initialize`` and ``iteration`` they are attributes of
    ``self``.

    Parameters
    ----------
    every : float, ms
        Step only every so many milliseconds; None is every iteration.
    tag : str
        Tags, separated by commas.
    enabled : bool
        Whether it takes part; may be changed at any time.

    Raises
    ------
    UnknownName
        If a parameter is given that is not declared.
    InvalidValue
        If a parameter is missing or means nothing.
    UnitMismatch
        If a number is given as a quantity, unless it is a time whose unit the class knows, as that of ``every``.
    """

    reads: ClassVar[tuple[str, ...] | None] = None
    """Variables that a step reads, "variable" or "tag.variable"; None if not declared (then it is traced)."""
    writes: ClassVar[tuple[str, ...] | None] = None
    """Variables that a step writes."""
    units: ClassVar[Mapping[str, str]] = {}
    """Units of the variables that it gives its owner, where they are known."""
    accumulates: ClassVar[frozenset[str]] = frozenset()
    """Those of its variables that arrivals add to; any other one that a link ends in is zero before they come."""
    every: float | None = None

    _fields: ClassVar[Mapping[str, str]] = {}
    _times: ClassVar[frozenset[str]] = frozenset()
    """Parameters in ms, beside ``every``: a quantity is converted."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        fields = {"every": "float | None"}  # the one field that all behaviours have
        for base in cls.__mro__[cls.__mro__.index(Behaviour) - 1 :: -1]:
            for name, annotation in inspect.get_annotations(base).items():
                text = annotation.__name__ if isinstance(annotation, type) else str(annotation)
                if not name.startswith("_") and "ClassVar" not in text:
                    fields[name] = text
        for name in fields:
            if name != "every" and (name in _OWN or hasattr(Behaviour, name)):
                raise InvalidValue(f"{cls.__name__}.{name}: every behaviour has its own {name!r}; take another name.")
        cls._fields = fields

    def __init__(self, *, tag: str | None = None, enabled: bool = True, **parameters: Any) -> None:
        super().__init__(tag)
        self.key: float = 0.0
        self._enabled = bool(enabled)
        self.parameters = parameters
        for name, value in parameters.items():
            if name not in self._fields:
                raise UnknownName("parameter", name, self._fields, type(self).__name__)
            setattr(self, name, self._read(name, value))  # a declared field
        for name in self._fields:
            if getattr(self, name, _MISSING) is _MISSING:
                raise InvalidValue(f"{type(self).__name__} needs the parameter {name!r}.", parameter=name)
            if name not in parameters:
                setattr(self, name, self._read(name, getattr(self, name)))

    def initialize(self, owner: Any) -> None:
        """Called once, before the first iteration, in the order of the keys."""

    def iteration(self, owner: Any) -> None:
        """Called in each iteration, in the order of the keys."""

    def steps_at_once(self) -> bool:
        """Whether `iterate_window` does for its owner what as many calls of `iteration` do, and sees nobody's steps."""
        return False

    def iterate_window(self, owner: Any, first: int, last: int) -> None:
        """All iterations of a window at once, when the simulators have computed it."""
        raise NotImplementedError

    def verify(self, owner: Any) -> None:
        """Called when every behaviour is initialized; raises if something that is needed is not there."""

    @property
    def enabled(self) -> bool:
        """Whether it takes part in iterations."""
        return self._enabled

    @enabled.setter
    def enabled(self, value: bool) -> None:
        self._enabled = bool(value)
        if self.owner is not None:
            self.owner.network.behaviours_changed()

    def steps(self) -> bool:
        """Whether the class has a step at all."""
        return type(self).iteration is not Behaviour.iteration

    def check_fit(self, owner: Part) -> None:
        """`ShapeMismatch` if an array parameter does not fit the owner, `OffGrid` if ``every`` is off its clock."""
        if self.every is not None and owner.network.clock.ticks(self.every, "every") < 1:
            raise InvalidValue(f"every={self.every!r}: a behaviour steps at most once per dt.", every=self.every)
        for name in self._fields:
            value = getattr(self, name)
            given = isinstance(value, np.ndarray) and value.ndim > 0 and name in self.parameters
            if given and self._is_numeric(name) and value.shape != owner.shape:
                raise ShapeMismatch(f"{type(self).__name__}.{name}", value.shape, f"{owner.tag!r} needs {owner.shape}")

    def start(self, owner: Part) -> None:
        """Draw the parameters that are distributions, then initialize."""
        for name in self._fields:
            value = getattr(self, name)
            if isinstance(value, Distribution):
                if not owner.shape:
                    raise InvalidValue(
                        f"{type(self).__name__}.{name} = {value!r}: a network has no neurons to draw for."
                    )
                drawn = value.draw(owner.network.generator_for(owner), owner.shape)
                is_float = np.issubdtype(drawn.dtype, np.floating)
                setattr(self, name, drawn.astype(owner.network.dtype, copy=False) if is_float else drawn)
        self.initialize(owner)

    def _read(self, name: str, value: Any) -> Any:
        if not self._is_numeric(name):
            return value
        if isinstance(value, str):
            return distributions.parse(value)
        value = self._bare(name, value)
        if isinstance(value, list | np.ndarray):
            value = self._array(name, value)
        if isinstance(value, float | np.floating | np.ndarray) and np.isnan(value).any():
            raise InvalidValue(f"{type(self).__name__}.{name} holds NaN.", parameter=name)
        return value

    def _bare(self, name: str, value: Any) -> Any:
        """`value` without a unit: a time in ms; any other quantity is refused, as its parameter's unit is not known."""
        drawn = isinstance(value, Distribution)
        given = [*value.args, *value.kwargs.values()] if drawn else [value]
        if not holds_quantity(given):
            return value
        is_time = not drawn and (name == "every" or name in self._times)
        own = type(self).__name__
        what = f"{own}.{name}"
        try:
            bare = [plain(each, "ms" if is_time else "", what)[()] for each in given]
        except UnitMismatch as error:
            message = f"{what} is {value!r}; give a plain number, in the unit that the docstring of {own} names."
            raise UnitMismatch(message, parameter=name) from error
        return value if drawn else bare[0]

    def _array(self, name: str, value: Any) -> NDArray[Any]:
        try:
            # A copy, so that a behaviour that works in place leaves the user's array and its class's default alone.
            array: NDArray[Any] = np.array(value, subok=True)
        except ValueError as error:
            raise InvalidValue(f"{type(self).__name__}.{name} is no array: {error}.", parameter=name) from error
        if array.dtype.kind not in "biufc":
            raise InvalidValue(f"{type(self).__name__}.{name} = {value!r} holds no numbers.", parameter=name)
        return array

    def _is_numeric(self, name: str) -> bool:
        """Whether a field holds numbers, one for all or one each; others, such as ``object``, are left as they are."""
        words = set(re.findall(r"\w+", self._fields[name]))
        return bool(words & {"float", "int", "bool", "complex"}) and "str" not in words

    def _arguments(self) -> Iterable[str]:
        # A group is named: written in full it would show its behaviours, this one among them.
        return (f"{name}={v.tag if isinstance(v, Tagged) else repr(v)}" for name, v in self.parameters.items())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._arguments())})"
