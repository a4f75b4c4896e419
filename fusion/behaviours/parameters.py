"""What behaviours of the library demand of their parameters and owners, beyond what a declared field says."""

from __future__ import annotations

import numpy as np

from fusion.core.behaviour import Behaviour
from fusion.core.distributions import Distribution
from fusion.core.foreign import ForeignNeuronGroup
from fusion.core.neurons import NeuronGroup
from fusion.core.parts import Part
from fusion.errors import InvalidValue, UnknownVariable, Unsupported


def check_positive(behaviour: Behaviour, **units: str) -> None:
    """`InvalidValue` if one of the named parameters is not positive throughout; a distribution is not drawn for it.

    units : what the message says of each, as in ``tau="ms"``; "" for nothing
    """
    for name, unit in units.items():
        value = getattr(behaviour, name)  # a declared parameter
        if not isinstance(value, Distribution) and not np.all(np.asarray(value) > 0):
            what = f"{type(behaviour).__name__}.{name} is {np.min(value)}"
            raise InvalidValue(f"{what}; it must be positive{f' ({unit})' if unit else ''}.", parameter=name)


def check_not_negative(behaviour: Behaviour, **units: str) -> None:
    """`InvalidValue` if one of the named parameters is negative anywhere, or NaN; `units` as for `check_positive`."""
    for name, unit in units.items():
        value = np.asarray(getattr(behaviour, name))  # a declared parameter
        if not np.all(value >= 0):
            what = f"{type(behaviour).__name__}.{name} is {np.min(value)}"
            raise InvalidValue(f"{what}; it must not be negative ({unit}).", parameter=name)


def check_single(behaviour: Behaviour, *names: str) -> None:
    """`InvalidValue` if one of the named parameters is an array or a distribution."""
    for name in names:
        value = getattr(behaviour, name)  # a declared parameter
        if np.ndim(value) or isinstance(value, Distribution):
            raise InvalidValue(f"{type(behaviour).__name__}.{name} is one number, the same for all.", parameter=name)


def check_each_iteration(behaviour: Behaviour) -> None:
    """`InvalidValue` if a behaviour that follows each spike is to leave iterations out."""
    if behaviour.every is not None:
        raise InvalidValue(f"{type(behaviour).__name__} follows each spike; it takes no every=.", parameter="every")


def check_neurons(behaviour: Behaviour, owner: Part) -> None:
    """`Unsupported` if a behaviour of neurons is attached to something else."""
    if not isinstance(owner, NeuronGroup):
        raise Unsupported(f"{type(behaviour).__name__} belongs on neurons; {owner.tag!r} has none.")


def check_native(behaviour: Behaviour, owner: Part) -> None:
    """`Unsupported` if a behaviour of native neurons is attached to something else."""
    if not isinstance(owner, NeuronGroup) or isinstance(owner, ForeignNeuronGroup):
        name = type(behaviour).__name__
        raise Unsupported(f"{name} is for native neuron groups, NeuronGroup(net, size=...); {owner.tag!r} is none.")


def check_variables(owner: NeuronGroup, *names: str) -> None:
    """`UnknownVariable` if neurons lack one of the named variables."""
    for name in names:
        if not owner.variable(name):
            raise UnknownVariable("variable", name, owner.variable_names(), owner.tag)
