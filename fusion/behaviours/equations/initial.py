"""First values of the variables of equations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fusion.behaviours.equations.model import Model, Stored
from fusion.core import distributions
from fusion.core.distributions import Distribution
from fusion.core.neurons import NeuronGroup
from fusion.core.units import plain
from fusion.errors import InvalidValue, ShapeMismatch

_NEVER = -1e4  # s: when neurons fired last that never did, as in Brian2


def checked_initial(variable: Stored, value: Any) -> Any:
    """A number or an array in the unit that the variable declares, or a distribution.

    Raises
    ------
    UnitMismatch
        If it is a quantity of another dimension.
    InvalidValue
        If it is none of these.
    """
    if isinstance(value, str):
        value = distributions.parse(value)
    if isinstance(value, Distribution):
        if variable.shared:
            raise InvalidValue(f"{variable.name} is shared by all neurons; give one number.", parameter=variable.name)
        return value
    bare = plain(value, variable.unit, variable.name)
    if np.isnan(bare).any():
        raise InvalidValue(f"{variable.name} holds NaN.", parameter=variable.name)
    return np.array(bare)  # what the user holds is not written to


def initial_values(model: Model, given: Mapping[str, Any], owner: NeuronGroup) -> dict[str, Any]:
    """The value of each variable: what is given, or what the group has already, or 0.

    Raises
    ------
    ShapeMismatch, InvalidValue
        If a value does not fit the group.
    """
    values = {}
    for variable in model.stored:
        name = variable.name
        first = _NEVER if name == "lastspike" else name == "not_refractory"
        value = given.get(name, vars(owner).get(name, first))
        if isinstance(value, Distribution):
            value = value.draw(owner.network.generator_for(owner), owner.shape)
        values[name] = _fitted(variable, value, owner)
    return values


def _fitted(variable: Stored, value: Any, owner: NeuronGroup) -> Any:
    dtype = {"float": owner.network.dtype, "integer": np.dtype(np.int32), "boolean": np.dtype(bool)}[variable.dtype]
    array = value if type(value) is np.ndarray else plain(value, variable.unit, variable.name)
    if variable.shared:
        if array.size != 1:
            raise ShapeMismatch(variable.name, array.shape, "all neurons share one number")
        return dtype.type(array.reshape(()).item()).item()
    if array.ndim and array.shape != owner.shape:
        raise ShapeMismatch(variable.name, array.shape, f"{owner.tag!r} needs {owner.shape}")
    if array.shape == owner.shape and array.dtype == dtype and array.flags.c_contiguous and array.flags.writeable:
        return array
    if variable.dtype == "integer" and not np.array_equal(array, np.round(array)):
        raise InvalidValue(f"{variable.name} is a whole number for each neuron.", parameter=variable.name)
    return np.full(owner.shape, array, dtype)
