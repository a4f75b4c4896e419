"""What the methods of a behaviour read and assign, by their byte code."""

from __future__ import annotations

import dis
from collections.abc import Iterator
from itertools import pairwise
from types import CodeType, FunctionType
from typing import NamedTuple

from fusion.core.behaviour import Behaviour

_NOT_STEPPING = frozenset({"__init__", "initialize", "verify"})


class Names(NamedTuple):
    """Attributes of other objects than the behaviour itself."""

    read: frozenset[str]
    assigned: frozenset[str]


def names_in_steps(behaviour: type[Behaviour]) -> Names:
    """What the methods that a step may call name, but for those of the library's base classes."""
    read: set[str] = set()
    assigned: set[str] = set()
    for name, code in _methods(behaviour):
        if name not in _NOT_STEPPING:
            own = code.co_varnames[:1]  # what the method calls self
            for before, instruction in _pairs(code):
                if before.opname == "LOAD_FAST" and (before.argval,) == own:
                    continue
                if instruction.opname in ("LOAD_ATTR", "LOAD_METHOD"):
                    read.add(instruction.argval)
                elif instruction.opname == "STORE_ATTR":
                    assigned.add(instruction.argval)
    return Names(frozenset(read), frozenset(assigned))


def assigned_names(behaviour: type[Behaviour]) -> frozenset[str]:
    """All attributes that the methods of a behaviour assign, whenever they are called."""
    return frozenset(
        instruction.argval
        for _, code in _methods(behaviour)
        for _, instruction in _pairs(code)
        if instruction.opname == "STORE_ATTR"
    )


def _methods(behaviour: type[Behaviour]) -> Iterator[tuple[str, CodeType]]:
    for base in behaviour.__mro__[: behaviour.__mro__.index(Behaviour)]:
        for name, value in vars(base).items():
            if isinstance(value, FunctionType):
                yield name, value.__code__


def _pairs(code: CodeType) -> Iterator[tuple[dis.Instruction, dis.Instruction]]:
    """Each instruction and the one before it, of a function and those within it."""
    instructions = list(dis.get_instructions(code))
    yield from pairwise(instructions)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _pairs(constant)
