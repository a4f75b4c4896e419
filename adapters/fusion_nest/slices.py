"""How long NEST's slices may be: its nodes go through all steps of one, and then it exchanges their spikes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from fusion_nest.kernel import Kernel, State
from fusion_nest.models import INDIFFERENT, INDIFFERENT_ALONE

_STATIC = "static_synapse"
_OF_EACH = frozenset({"delay", "num_connections", "receptor_type", "synapse_model", "synapse_modelid", "weight"})
"""What a copy of the static synapse may have otherwise."""


def longest(kernel: Kernel, state: State) -> int:
    """The steps of the longest slice that gives what slices of one step give, in all bits; 1 if none is sure to.

    Within a slice one node goes through all steps before the next one begins. That changes the order of events, and so
    of sums and of random numbers, unless one node at most draws these, and all that arrives in a step of a node was
    fired in one and the same step before.
    """
    steps = state.min_delay if state.connections else kernel.default_delay
    is_sure = state.min_delay == state.max_delay and not state.grows and _are_static(kernel) and _are_known(kernel)
    return steps if is_sure else 1


def _are_static(kernel: Kernel) -> bool:
    """Whether all synapses are of NEST's static kind, whose weights only the user changes."""
    static = _kind(kernel.nest.GetDefaults(_STATIC))
    return all(_kind(defaults) == static for defaults in kernel.synapse_models_in_use())


def _kind(defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value) for name, value in defaults.items() if name not in _OF_EACH}


def _are_known(kernel: Kernel) -> bool:
    """Whether no node minds how its time is cut, and no two share NEST's one stream of random numbers."""
    sizes = Counter[str]()
    for model, ids in kernel.parts_of_all():
        sizes[model] += len(ids)
    drawing = [model for model in sizes if kernel.base_model(model) not in INDIFFERENT]
    is_alone = sum(sizes[model] for model in drawing) <= 1
    return is_alone and all(kernel.base_model(model) in INDIFFERENT_ALONE for model in drawing)
