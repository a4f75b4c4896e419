"""Which Brian2 object belongs to which network; Brian2 itself finds out late, or never."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from fusion.errors import BelongsElsewhere, UnknownObject


def check_kind(obj: Any) -> None:
    """`UnknownObject` if it is no object that a Brian2 network can hold."""
    from brian2.core.base import BrianObject

    if not isinstance(obj, BrianObject):
        raise UnknownObject(
            f"{obj!r} ({type(obj).__qualname__}) is no Brian2 object. also=[...] takes monitors, synapses, Poisson "
            "inputs, network operations and further groups.",
            source=obj,
        )


def whole(group: Any) -> Any:
    """The group that a part of it, such as ``group[:10]``, is taken from; a whole group is itself."""
    import brian2

    return group.source if isinstance(group, brian2.Subgroup) else group


def with_parts(obj: Any) -> Iterator[Any]:
    """An object and all that it contains, as the thresholder of a group and the pathways of synapses."""
    yield obj
    for part in obj.contained_objects:
        yield from with_parts(part)


def check_free(obj: Any, network: Any) -> None:
    """`BelongsElsewhere` if an object is part of another Brian2 network, or has been run in one."""
    import brian2

    for reference in list(brian2.Network.__instances__()):
        other = reference()
        if other is not None and other is not network and obj in other.objects:
            raise BelongsElsewhere(
                f"The Brian2 object {obj.name!r} belongs to the Brian2 network {other.name!r}, and an object belongs "
                f"to one network only. Leave it out of the other, or close that.",
                object=obj,
            )
    if obj._network not in (None, network.id):
        raise BelongsElsewhere(
            f"The Brian2 object {obj.name!r} has been run in another Brian2 network (brian2.run makes one). "
            "Make a new object for this one.",
            object=obj,
        )


def needs(obj: Any) -> set[Any]:
    """The ids of the objects without which `obj` cannot run."""
    from brian2.groups.group import CodeRunner

    ids = set(obj._dependencies)
    if isinstance(obj, CodeRunner):
        try:
            ids.add(whole(obj.group).id)
        except ReferenceError:  # the group is gone, this waits for the garbage collector
            return set()
    return ids - {obj.id}


def check_complete(network: Any, wrapped: Iterable[Any]) -> None:
    """`BelongsElsewhere` if a wrapped group, or one that an object of the network needs, is not part of it."""
    present = {obj.id for obj in network}
    for group in wrapped:
        if group.id not in present:
            raise BelongsElsewhere(
                f"The Brian2 group {group.name!r} was taken out of the Brian2 network {network.name!r}, but is a group "
                f"of this network. Put it back with {network.name}.objects.add({group.name}); to let it rest, write "
                f"{group.name}.active = False instead.",
                object=group,
            )
    for obj in network.sorted_objects:
        missing = needs(obj) - present
        if missing:
            names = sorted(other.name for other in _alive() if other.id in missing) or ["an object that is gone"]
            first = names[0]
            raise BelongsElsewhere(
                f"The Brian2 object {obj.name!r} needs {', '.join(map(repr, names))}, in no group of this network. "
                f"Wrap it, NeuronGroup(net, {first}), or give it with another group, also=[{first}].",
                object=obj,
            )


def check_nothing_left(network: Any, wrapped: Iterable[Any]) -> None:
    """`BelongsElsewhere` if an object refers to one of the wrapped groups but belongs to no network."""
    groups = {group.id: group for group in wrapped}
    left = list(_left(network, groups))
    if left:
        # An object that the user has dropped may wait for the garbage collector.
        left.clear()
        gc.collect()
        left = list(_left(network, groups))
    if left:
        obj = left[0]
        group = next(groups[id].name for id in needs(obj) if id in groups)
        names = ", ".join(other.name for other in left)
        raise BelongsElsewhere(
            f"The Brian2 {type(obj).__name__} {obj.name!r} refers to {group!r}, a group of this network, but belongs "
            f"to no network itself, so it would never run. Write NeuronGroup(net, {group}, also=[{names}]), or set "
            f"{obj.name}.active = False.",
            objects=left,
        )


def built_on(network: Any, sources: Iterable[Any]) -> Iterator[Any]:
    """Objects in no network that build on `sources`, directly or not, and else only on what the network holds."""
    grown = {source.id for source in sources}
    present = {obj.id for obj in network}
    waiting = _unowned(lambda obj: obj.id not in present) if grown else []
    while ready := [obj for obj in waiting if needs(obj) & grown and needs(obj) <= present]:
        for obj in ready:
            grown.add(obj.id)
            present |= {part.id for part in with_parts(obj)}
            yield obj
        waiting = [obj for obj in waiting if obj.id not in present]


def release(network: Any) -> None:
    """Let every object of the network go, so that another network can take it."""
    _keep_quiet_about_released_objects()
    for obj in network:
        obj._network = None
    network.objects.clear()


def _left(network: Any, groups: dict[Any, Any]) -> Iterator[Any]:
    present = {obj.id for obj in network}
    yield from _unowned(lambda obj: obj.active and obj.id not in present and bool(needs(obj) & groups.keys()))


def _unowned(wanted: Callable[[Any], bool]) -> list[Any]:
    """Live objects that no network has taken and none contains, by name."""
    import brian2

    candidates = [obj for obj in _alive() if obj._network is None and wanted(obj)]
    networks = [network for ref in list(brian2.Network.__instances__()) if (network := ref()) is not None]
    taken = {obj.id for network in networks for obj in network} if candidates else set()
    parts = {part.id for obj in candidates for part in with_parts(obj) if part is not obj}
    return sorted((obj for obj in candidates if obj.id not in taken | parts), key=lambda obj: str(obj.name))


def _alive() -> list[Any]:
    from brian2.core.base import BrianObject

    objects = [obj for reference in list(BrianObject.__instances__()) if (obj := reference()) is not None]
    return [obj for obj in objects if _is_finished(obj)]


def _is_finished(obj: Any) -> bool:
    """Whether the constructor came to its end; a traceback may keep alive what is left after an error in it."""
    from brian2.groups.group import VariableOwner

    mark = "_group_attribute_access_active" if isinstance(obj, VariableOwner) else "_network"
    return mark in vars(obj)


@lru_cache(maxsize=1)
def _keep_quiet_about_released_objects() -> None:
    """Brian2 warns of an object that dies without a network, which is what a released one may well do."""
    import brian2

    brian2.BrianLogger.suppress_name("unused_brian_object")
