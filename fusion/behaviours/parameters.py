"""What behaviours of the library demand of their parameters, beyond what a declared field says."""

from __future__ import annotations

import numpy as np

from fusion.core.behaviour import Behaviour
from fusion.core.distributions import Distribution
from fusion.errors import InvalidValue


def check_positive(behaviour: Behaviour, **units: str) -> None:
    """`InvalidValue` if one of the named parameters is not positive throughout; a distribution is not drawn for it.

    units : what the message says of each, as in ``tau="ms"``
    """
    for name, unit in units.items():
        value = getattr(behaviour, name)  # a declared parameter
        if not isinstance(value, Distribution) and not np.all(np.asarray(value) > 0):
            raise InvalidValue(f"{name} is {np.min(value)}; it must be positive ({unit}).", parameter=name)


def check_single(behaviour: Behaviour, *names: str) -> None:
    """`InvalidValue` if one of the named parameters is an array or a distribution."""
    for name in names:
        value = getattr(behaviour, name)  # a declared parameter
        if np.ndim(value) or isinstance(value, Distribution):
            raise InvalidValue(f"{type(behaviour).__name__}.{name} is one number, the same for all.", parameter=name)
