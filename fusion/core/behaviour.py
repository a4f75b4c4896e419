"""`Behaviour`: a mechanism that is attached to a group under a key and takes a step in each iteration."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from fusion.core import distributions
from fusion.core.distributions import Distribution
from fusion.core.location import Location, here
from fusion.core.tags import Tagged
from fusion.errors import InvalidValue, ShapeMismatch, UnknownName

if TYPE_CHECKING:
    from fusion.core.parts import Part

_MISSING = object()


class Behaviour(Tagged):
    """Parameters, declared reads and writes, one short step.

    A subclass declares its parameters as annotated fields. Each can be given by name when the behaviour is made: a
    number, an array with one value per neuron (or per synapse), or a distribution from which one value each is drawn.
    A field without a default must be given. In ``initialize`` and ``iteration`` they are attributes of ``self``.

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
    """

    reads: ClassVar[tuple[str, ...] | None] = None
    """Variables that a step reads, "variable" or "tag.variable"; None if not declared (then it is traced)."""
    writes: ClassVar[tuple[str, ...] | None] = None
    """Variables that a step writes."""
    every: float | None = None

    _fields: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        fields: dict[str, str] = {}
        for base in reversed(cls.__mro__):
            for name, annotation in inspect.get_annotations(base).items():
                text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", repr(annotation))
                if not name.startswith("_") and "ClassVar" not in text and issubclass(base, Behaviour):
                    fields[name] = text
        cls._fields = fields

    def __init__(self, *, tag: str | None = None, enabled: bool = True, **parameters: Any) -> None:
        super().__init__(tag)
        self.location: Location = here()
        self.owner: Part | None = None
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

    def check_shapes(self, owner: Part) -> None:
        """`ShapeMismatch` if an array parameter does not fit the owner."""
        for name in self._fields:
            value = getattr(self, name)
            if isinstance(value, np.ndarray) and value.ndim and name in self.parameters and value.shape != owner.shape:
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
        if isinstance(value, str) and "str" not in self._fields[name] and self._fields[name] not in ("object", "Any"):
            return distributions.parse(value)
        if isinstance(value, list):
            value = np.asarray(value)
        if isinstance(value, float | np.floating | np.ndarray) and np.any(np.isnan(np.asarray(value, dtype=float))):
            raise InvalidValue(f"{type(self).__name__}.{name} holds NaN.", parameter=name)
        return value

    def _warm(self) -> None:
        if self.owner is not None:
            self.owner.network.keep_warm(self)

    def _structure_changed(self) -> None:
        if self.owner is not None:
            self.owner.network.structure_changed()

    def _exists(self, tag: str) -> bool:
        return self.owner is not None and tag in self.owner.network

    def _arguments(self) -> Iterable[str]:
        return (f"{name}={value!r}" for name, value in self.parameters.items())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._arguments())})"
