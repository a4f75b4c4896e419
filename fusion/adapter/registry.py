"""Which adapters are installed, and which one serves an object."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import entry_points

from fusion.adapter.base import Adapter
from fusion.errors import InvalidValue, SimulatorMissing, UnknownObject

GROUP = "fusion.adapters"

# Where objects of the simulators that fusion knows live, to name the extra that is missing.
HOMES = {"brian2": "brian2", "nest": "nest", "keras": "tensorflow", "tensorflow": "tensorflow"}


# Adapters without an entry point, by name; a registry is one per process by nature.
_registered: dict[str, type[Adapter]] = {}


@lru_cache(maxsize=1)
def installed() -> dict[str, type[Adapter]]:
    """The adapters that entry points announce, by name; each is light to load, its simulator is not imported."""
    points = sorted(entry_points(group=GROUP), key=lambda p: p.name)
    return {point.name: checked(point.load(), f"the entry point {point.name!r}") for point in points}


def available() -> dict[str, type[Adapter]]:
    """The adapters that are installed, and those that were registered in this process."""
    return {**installed(), **_registered}


def register(adapter: type[Adapter]) -> type[Adapter]:
    """Let an adapter without an entry point serve objects in this process: a toy, or one that is being written.

    Registering it again changes nothing. Also a decorator.

    Raises
    ------
    InvalidValue
        If it is no complete adapter, or another one has its name.
    """
    checked(adapter, "register()")
    holder = available().setdefault(adapter.name, adapter)
    if holder is not adapter:
        raise InvalidValue(
            f"{adapter.__qualname__} is named {adapter.name!r}, as {holder.__module__}.{holder.__qualname__} is. "
            "Give its class another `name`.",
            adapter=adapter,
        )
    _registered[adapter.name] = adapter
    return adapter


def checked(adapter: object, giver: str) -> type[Adapter]:
    """`adapter`, if it is a class that fulfils the contract; `InvalidValue` names what it lacks."""
    if not (isinstance(adapter, type) and issubclass(adapter, Adapter)):
        raise InvalidValue(f"{giver} gives {adapter!r}; it must give a class derived from fusion.adapter.base.Adapter.")
    lacks = sorted({"name", "modules"} - set(dir(adapter)) | adapter.__abstractmethods__)
    if lacks:
        raise InvalidValue(f"{giver} gives {adapter.__qualname__}, which lacks: {', '.join(lacks)}.", lacks=lacks)
    return adapter


def adapter_for(source: object) -> type[Adapter]:
    """The adapter that serves `source`.

    Raises
    ------
    SimulatorMissing
        If its simulator is known but the adapter is not installed.
    UnknownObject
        If nobody serves it.
    """
    for adapter in available().values():
        if adapter.serves(source):
            return adapter
    for base in type(source).__mro__:
        home = HOMES.get(base.__module__.partition(".")[0])
        if home is not None:
            raise SimulatorMissing(home, f"no adapter serves {type(source).__name__}")
    raise UnknownObject(
        f"No adapter serves {source!r} ({type(source).__module__}.{type(source).__qualname__}). Give a number of "
        f"neurons, or an object of one of: {', '.join(available()) or 'no adapter is installed'}.",
        source=source,
    )


def imported() -> Iterator[type[Adapter]]:
    """The adapters whose simulator has been imported already."""
    return (adapter for adapter in available().values() if adapter.modules & sys.modules.keys())
