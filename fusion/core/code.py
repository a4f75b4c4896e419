"""What the methods of a behaviour read and assign, by their byte code."""

from __future__ import annotations

import dis
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from types import CodeType, FunctionType
from typing import Any, NamedTuple

from fusion.core.behaviour import Behaviour

_NOT_STEPPING = frozenset({"__init__", "initialize", "verify"})


class Names(NamedTuple):
    """What methods name.

    read, assigned : attributes of other objects than the behaviour itself
    outside : each function, and the global names that it looks up
    """

    read: frozenset[str] = frozenset()
    assigned: frozenset[str] = frozenset()
    outside: tuple[tuple[FunctionType, frozenset[str]], ...] = ()

    def objects(self) -> Iterator[Any]:
        """What there is at present under global names, and under those of functions around the methods."""
        for function, names in self.outside:
            for cell in function.__closure__ or ():
                with suppress(ValueError):  # the cell is empty: nobody has assigned the name yet
                    yield cell.cell_contents
            yield from (function.__globals__[name] for name in names if name in function.__globals__)


def names_in_steps(behaviour: type[Behaviour]) -> Names:
    """What the methods that a step may call name, but for those of the library's base classes."""
    read: set[str] = set()
    assigned: set[str] = set()
    outside: list[tuple[FunctionType, frozenset[str]]] = []
    # By what they are, for a class may have a method under a second name.
    resting = {vars(base).get(name) for base in behaviour.__mro__ for name in _NOT_STEPPING}
    for function in _methods(behaviour):
        if function not in resting:
            own = function.__code__.co_varnames[:1]  # what the method calls self
            looked_up: set[str] = set()
            for before, instruction in _pairs(function.__code__):
                if instruction.opname == "LOAD_GLOBAL":
                    looked_up.add(instruction.argval)
                elif instruction.opname in ("LOAD_ATTR", "LOAD_METHOD") and not _loads(before, own):
                    read.add(instruction.argval)
                elif instruction.opname == "STORE_ATTR" and not _loads(before, own):
                    assigned.add(instruction.argval)
            outside.append((function, frozenset(looked_up)))
    return Names(frozenset(read), frozenset(assigned), tuple(outside))


def assigned_names(behaviour: type[Behaviour]) -> frozenset[str]:
    """All attributes that the methods of a behaviour assign, whenever they are called."""
    return frozenset(
        instruction.argval
        for function in _methods(behaviour)
        for _, instruction in _pairs(function.__code__)
        if instruction.opname == "STORE_ATTR"
    )


def _methods(behaviour: type[Behaviour]) -> Iterator[FunctionType]:
    for base in behaviour.__mro__[: behaviour.__mro__.index(Behaviour)]:
        yield from (value for value in vars(base).values() if isinstance(value, FunctionType))


def _loads(instruction: dis.Instruction, own: tuple[str, ...]) -> bool:
    """Whether the last thing that an instruction puts on the stack is the behaviour itself."""
    if "LOAD_FAST" not in instruction.opname:
        return False
    # From Python 3.13 on one instruction may load two names, or store one and load another.
    last = instruction.argval[-1] if isinstance(instruction.argval, tuple) else instruction.argval
    return (last,) == own


def _pairs(code: CodeType) -> Iterator[tuple[dis.Instruction, dis.Instruction]]:
    """Each instruction and the one before it, of a function and those within it."""
    instructions = list(dis.get_instructions(code))
    yield from pairwise(instructions)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _pairs(constant)
