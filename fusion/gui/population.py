"""What a window asks a group of any simulator: whether it fires, which variables it has, and how it lies in space."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from fusion.core.foreign import ForeignNeuronGroup
from fusion.core.neurons import NeuronGroup
from fusion.errors import FusionError
from fusion.recording.expression import Expression

LIKELY = ("v", "V_m", "voltage", "output")
"""What neurons are, by the names that it commonly has."""
SETTLED = ("x", "y", "z", "i", "N")
"""Where neurons are, and what Brian2 calls their indices and number."""
MOST = 3  # variables that are shown unless the user names them
CLOSE = 1e-6  # by how much neurons of one row of a grid may differ

NO_SPIKES = "fires no spikes"
NO_VARIABLES = "has no variable with a number for each neuron"


def fires(group: NeuronGroup) -> bool:
    """Whether the group has spikes at all."""
    try:
        group.spikes  # noqa: B018 - it raises where there are none
    except FusionError:
        return False
    return True


def vectors(group: NeuronGroup) -> list[str]:
    """Variables with a number for each neuron."""
    found = []
    for name in group.variable_names():
        if name in ("spike", "spikes"):
            continue
        if isinstance(group, ForeignNeuronGroup) and name in group.handle.variables:
            # Numbers, and to read them all takes long in some simulators.
            if group.handle.variables[name].size == group.size:
                found.append(name)
            continue
        value = np.asarray(group.read(name))
        if value.shape == (group.size,) and value.dtype.kind in "biuf":
            found.append(name)
    return found


def quantities(group: NeuronGroup, spikes: str) -> list[str]:
    """What can be looked at: `spikes`, a name for what is made of them, if the group fires; then its variables."""
    return [*([spikes] if fires(group) else []), *vectors(group)]


def variables_to_show(group: NeuronGroup, wanted: Sequence[str]) -> list[str]:
    """Those of the wanted variables and expressions that the group has; if none, three that are likely to tell most."""
    there = vectors(group)
    return [name for name in wanted if name in there or _is_vector(group, name)] or _telling(group, there)[:MOST]


def _is_vector(group: NeuronGroup, expression: str) -> bool:
    """Whether an expression of variables, as of a recorder, is a number for each neuron."""
    if expression.isidentifier():
        return False
    try:
        value = np.asarray(Expression(expression).bind(group)())
    except (FusionError, AttributeError, LookupError, TypeError, ValueError):
        return False
    return value.shape == (group.size,) and value.dtype.kind in "biuf"


def _telling(group: NeuronGroup, names: Sequence[str]) -> list[str]:
    """Those that change while the network runs: the likely ones first, then what can be set, which is state."""
    known = group.handle.variables if isinstance(group, ForeignNeuronGroup) else {}
    fixed = {name for name, variable in known.items() if variable.fixed_while_running}
    computed = {name for name, variable in known.items() if variable.read_only}
    changing = [name for name in names if name not in fixed and name not in SETTLED]
    return sorted(changing, key=lambda name: (name not in LIKELY, name in computed))


def lacking(group: NeuronGroup, *what: str) -> str:
    """The sentence for a page that has nothing to show, of `NO_SPIKES` and `NO_VARIABLES`."""
    return f"{group.tag!r} {' and '.join(what)}."


def shape_of(group: NeuronGroup) -> tuple[int, int]:
    """Columns and rows: those of the grid that the neurons stand on, else as square as can be."""
    if {"x", "y"} <= set(group.variable_names()):
        x, y = (np.asarray(group.read(axis), float) for axis in "xy")
        columns = len(np.unique(x.round(6)))
        rows = group.size // columns
        if rows * columns == group.size:
            lie_in_rows = np.ptp(y.reshape(rows, columns), axis=1).max() < CLOSE
            stand_in_columns = np.ptp(x.reshape(rows, columns), axis=0).max() < CLOSE
            if lie_in_rows and stand_in_columns:
                return columns, rows
    return square(group.size)


def square(n: int) -> tuple[int, int]:
    """Columns and rows of a grid for `n` cells, as square as can be."""
    columns = math.ceil(math.sqrt(n))
    return columns, math.ceil(n / columns)
