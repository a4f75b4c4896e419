"""Which adapters are installed, and which one serves an object."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from fusion.adapter.base import Adapter
from fusion.adapter.recipe import Built
from fusion.errors import InvalidValue, SimulatorFailed, SimulatorMissing, UnknownName, UnknownObject

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "fusion.adapters"

# Where objects of the simulators that fusion knows live, to name the extra that is missing.
HOMES = {"brian2": "brian2", "nest": "nest", "keras": "tensorflow", "tensorflow": "tensorflow"}

# Adapters without an entry point, by name; a registry is one per process by nature.
_registered: dict[str, type[Adapter]] = {}


def announced() -> dict[str, EntryPoint]:
    """The entry points of adapters, by name; nothing is loaded."""
    # Costs 40 ms, which `import fusion` need not pay.
    from importlib.metadata import entry_points

    return {point.name: point for point in sorted(entry_points(group=GROUP), key=lambda p: p.name)}


@lru_cache(maxsize=1)
def installed() -> dict[str, type[Adapter]]:
    """The adapters that entry points announce, by name; loading one imports no simulator."""
    return {name: loaded(point) for name, point in announced().items()}


def loaded(point: EntryPoint) -> type[Adapter]:
    """The adapter that an entry point announces.

    Raises
    ------
    SimulatorFailed
        If it cannot be loaded.
    InvalidValue
        If it is no complete adapter.
    """
    try:
        adapter = point.load()
    except (ImportError, AttributeError) as error:
        raise SimulatorFailed(
            f"The entry point {point.name!r} announces the adapter {point.value!r}, which cannot be loaded: "
            f"{error}. Mend or uninstall its package.",
            adapter=point.name,
        ) from error
    return checked(adapter, f"The entry point {point.name!r}")


def available() -> dict[str, type[Adapter]]:
    """The adapters that are installed, and those that were registered in this process."""
    return {**installed(), **_registered}


def register(adapter: type[Adapter]) -> type[Adapter]:
    """Let an adapter without an entry point serve objects in this process: a toy, or one being written.

    Registering it again changes nothing. Also a decorator.

    Raises
    ------
    InvalidValue
        If it is no complete adapter, or another one has its name.
    """
    checked(adapter, "register")
    holder = available().setdefault(adapter.name, adapter)
    if holder is not adapter:
        raise InvalidValue(
            f"{adapter.__qualname__} is named {adapter.name!r}, as {holder.__module__}.{holder.__qualname__} "
            "is. Give its class another `name`.",
            adapter=adapter,
        )
    _registered[adapter.name] = adapter
    return adapter


def checked(adapter: object, giver: str) -> type[Adapter]:
    """`adapter`, if it is a class that fulfils the contract; `InvalidValue` names what it lacks."""
    if not (isinstance(adapter, type) and issubclass(adapter, Adapter)):
        raise InvalidValue(f"{giver} gives {adapter!r}; a class derived from {Adapter.__module__}.Adapter is needed.")
    lacks = sorted({"name", "modules"} - set(dir(adapter)) | adapter.__abstractmethods__)
    if lacks:
        raise InvalidValue(f"{giver} gives {adapter.__qualname__}, which lacks {', '.join(lacks)}.", lacks=lacks)
    return adapter


def adapter_for(source: object) -> type[Adapter]:
    """The adapter that serves `source`.

    Raises
    ------
    SimulatorMissing
        If its simulator is known but the adapter is not installed.
    UnknownName
        If it is to be built for an adapter that nobody knows.
    UnknownObject
        If nobody serves it.
    """
    if isinstance(source, Built):
        return _named(source.adapter)
    for adapter in available().values():
        if adapter.serves(source):
            return adapter
    for base in type(source).__mro__:
        home = HOMES.get(base.__module__.partition(".")[0])
        if home is not None:
            raise SimulatorMissing(home, f"no adapter serves {type(source).__name__}")
    raise UnknownObject(
        f"No adapter serves {source!r} ({type(source).__module__}.{type(source).__qualname__}). Give a number "
        f"of neurons, or an object of one of: {', '.join(available()) or 'no adapter is installed'}.",
        source=source,
    )


def _named(name: str) -> type[Adapter]:
    known = available()
    if name in known:
        return known[name]
    if name in HOMES.values():
        raise SimulatorMissing(name, "no adapter of that name")
    raise UnknownName("adapter", name, known)


def imported() -> Iterator[type[Adapter]]:
    """The adapters whose simulator has been imported already."""
    return (adapter for adapter in available().values() if adapter.modules & sys.modules.keys())
