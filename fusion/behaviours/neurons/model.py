"""`NeuronModel`: what models of neurons share - who may bear them, their parameters, ``voltage`` and ``current``."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from fusion.behaviours.parameters import check_native, check_positive
from fusion.core.behaviour import Behaviour
from fusion.core.neurons import NeuronGroup
from fusion.core.parts import Part
from fusion.errors import InvalidValue, Unsupported


class NeuronModel(Behaviour):
    """A behaviour of native neurons that makes ``voltage`` and ``spike`` from ``current``; one per group."""

    reads: ClassVar[tuple[str, ...]] = ("current", "voltage")
    writes: ClassVar[tuple[str, ...]] = ("voltage", "spike")
    positive: ClassVar[tuple[str, ...]] = ()
    """Parameters that must be positive."""

    initial: Any

    _times = frozenset({"refractory"})

    def initialize(self, owner: NeuronGroup) -> None:
        """Open ``current`` and make ``voltage``.

        Raises
        ------
        Unsupported
            If the owner is no native neuron group, or bears a model already.
        InvalidValue
            If a parameter that must be positive is not.
        """
        prepare(self, owner, self.positive)
        others = [one for one in owner.behaviours.values() if isinstance(one, NeuronModel) and one is not self]
        if others:
            raise Unsupported(f"{owner.tag!r} bears {others[0]!r} and {self!r}; a group has one model of neurons.")
        owner.open_input("current")
        owner.set("voltage", vector(self.initial, owner))

    @property
    def leak_rate(self) -> Any:
        """1/ms: how fast a voltage forgets, in models whose step is exact for a current that is constant; else 0."""
        return 0.0


def prepare(behaviour: Behaviour, owner: Part, positive: tuple[str, ...]) -> None:
    """Check a behaviour of native neurons, and give its arrays the network's type.

    Raises
    ------
    Unsupported
        If the owner is no native neuron group.
    InvalidValue
        If a parameter named in `positive` is not positive, or the behaviour shall not step in each iteration.
    """
    name = type(behaviour).__name__
    check_native(behaviour, owner)
    if behaviour.every is not None and behaviour.every != owner.network.dt:
        raise InvalidValue(f"{name}(every={behaviour.every!r}): its input counts for one iteration; leave every= out.")
    values = vars(behaviour)
    for field in behaviour._fields:
        value = values.get(field)
        if isinstance(value, np.ndarray) and value.dtype.kind in "iuf":
            setattr(behaviour, field, value.astype(owner.network.dtype, copy=False))  # a declared field
    check_positive(behaviour, **dict.fromkeys(positive, ""))


def require(holds: Any, message: str, **facts: object) -> None:
    """`InvalidValue` unless a relation of parameters holds for all neurons."""
    if not np.all(holds):
        raise InvalidValue(message, **facts)


def typed(value: Any, owner: NeuronGroup) -> Any:
    """A number or an array in the network's type, so that products with it are of this type."""
    return np.asarray(value, owner.network.dtype)[()]


def vector(value: Any, owner: NeuronGroup) -> NDArray[Any]:
    """A new array (n,) of the network's type."""
    return np.full(owner.shape, value, owner.network.dtype)
