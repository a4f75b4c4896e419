"""Networks in plain values: groups, synapses, behaviours with their parameters, and where recordings lie."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from reprlib import Repr
from typing import Any

import numpy as np

from fusion.core.behaviour import Behaviour
from fusion.core.distributions import Distribution
from fusion.core.foreign import ForeignNeuronGroup
from fusion.core.neurons import NeuronGroup
from fusion.core.parts import Part, listed
from fusion.core.synapses import SynapseGroup
from fusion.core.tags import Tagged
from fusion.core.units import Quantity
from fusion.storage.places import Place

MOST = 300  # characters of a value that is no number
ENTRIES = 40  # of a list
LONGEST = 2000  # bits of an integer, which Python writes under all of its settings

Recordings = Mapping[Part, Mapping[Behaviour, Mapping[str, Place]]]
"""What was ever recorded of each part: recorders, and where it lies."""


def tree(net: Part, parts: Sequence[Part], recordings: Recordings) -> dict[str, Any]:
    """A network and its parts, in the order in which things are found by tag in it."""
    return {**_part(net, recordings), "parts": [_part(part, recordings) for part in parts]}


def _part(part: Part, recordings: Recordings) -> dict[str, Any]:
    recorders = recordings.get(part, {})
    # A recorder that was taken off is found no longer, but what it has recorded is.
    gone = [each for each in recorders if each.owner is not part]
    behaviours = [_behaviour(each, recorders.get(each)) for each in (*listed(part), *gone)]
    return {**_named(part), **_kind(part), "behaviours": behaviours}


def _named(one: Tagged) -> dict[str, Any]:
    return {"tags": list(one.tags), "is": one.kinds()}


def _kind(part: Part) -> dict[str, Any]:
    if isinstance(part, ForeignNeuronGroup):
        simulator = {"simulator": part.adapter.name, "place": part.adapter.place, "model": _told(_text, part.foreign)}
        return {**simulator, "size": part.size}
    if isinstance(part, NeuronGroup):
        return {"simulator": "native", "size": part.size}
    if isinstance(part, SynapseGroup):
        ends = {"source": part.source.tag, "target": part.target.tag}
        delays = (part.min_delay, part.max_delay) if part.delivers else ()
        return {**ends, "delay_ms": [float(ticks * part.network.dt) for ticks in delays]}
    return {}


def _behaviour(one: Behaviour, places: Mapping[str, Place] | None) -> dict[str, Any]:
    parameters = {name: _told(_parameter, one, name) for name in one._fields}
    about = {"key": float(one.key), **_named(one), "enabled": one.enabled, "parameters": parameters}
    if places is None:
        return about
    return {**about, "recordings": {text: place.facts() for text, place in places.items()}}


def _parameter(behaviour: Behaviour, name: str) -> Any:
    """Its value; where one was drawn for each neuron, what it was drawn from."""
    value = getattr(behaviour, name)
    given = behaviour.parameters.get(name, vars(type(behaviour)).get(name))
    return plain(given if isinstance(given, str | Distribution) and isinstance(value, np.ndarray) else value)


def _told(tell: Callable[..., Any], *of: Any) -> Any:
    """What is told; if that fails, why, for a run does not end because of what is told of it."""
    try:
        return tell(*of)
    except Exception as error:  # noqa: BLE001 - anything may be raised by what the user wrote
        return _cut(f"not told: {type(error).__name__}: {error}")


def plain(value: Any) -> Any:
    """A number, a truth or a text as it is; anything else, and what is long, in words."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, int) and value.bit_length() <= LONGEST:
        return value
    if isinstance(value, str):
        return _cut(value)
    if isinstance(value, Tagged):
        return value.tag
    if isinstance(value, Quantity):
        return _cut(" ".join(str(value).split()))  # 20. ms
    if isinstance(value, np.ndarray) and value.size and value.dtype.kind in "biuf":
        return f"{value.dtype} {value.shape}, {value.min():g} to {value.max():g}"
    return _text(value)


def _text(value: Any) -> str:
    return _cut(" ".join(_SHORT.repr(value).split()))


def _cut(text: str) -> str:
    return text if len(text) <= MOST else f"{text[: MOST - 3]}..."


def _shortening() -> Repr:
    """Tells the first entries of what may have millions."""
    short = Repr()
    short.maxlist = short.maxtuple = short.maxdict = short.maxset = short.maxfrozenset = short.maxdeque = ENTRIES
    short.maxarray = ENTRIES
    short.maxstring = short.maxlong = short.maxother = MOST
    return short


_SHORT = _shortening()
