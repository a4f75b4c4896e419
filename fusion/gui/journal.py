"""`Journal`: what the user has changed in a running network, to be undone and to be done again by a script."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from fusion.core.behaviour import Behaviour
from fusion.core.changes import change
from fusion.core.neurons import NeuronGroup
from fusion.core.parts import Part
from fusion.errors import InvalidValue
from fusion.network import Network

ENABLED = "enabled"


@dataclass(frozen=True)
class Edit:
    """One change, made after an iteration and before the next.

    name : of a parameter, "enabled", or of a variable
    index : the neuron, for a variable
    old, new : what was held before, and what is held since
    """

    iteration: int
    target: Behaviour | NeuronGroup
    name: str
    index: int | None
    old: Any
    new: Any

    def line(self) -> str:
        """The line of Python that does the same."""
        if isinstance(self.target, Behaviour):
            assert self.target.owner is not None
            return f"{address(self.target.owner)}.behaviours[{self.target.key!r}].{self.name} = {written(self.new)}"
        return f"{address(self.target)}.set({self.name!r}, {written(self.new)}, [{self.index}])"


class Journal:
    """Changes a network for the user, and takes each change down.

    Attributes
    ----------
    edits : list of Edit
        In the order in which they were made; undoing one is another.
    began : int
        The iteration after which it begins.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.began = network.iteration
        self.edits: list[Edit] = []
        self._standing: list[list[Edit]] = []
        self._joined: list[Edit] | None = None

    def change(self, behaviour: Behaviour, name: str, value: float) -> Edit:
        """Give a parameter another number; raises what `fusion.core.changes.change` does."""
        return self._stand(self._change(behaviour, name, value))

    def enable(self, behaviour: Behaviour, on: bool) -> Edit:
        """Let a behaviour take part, or rest."""
        return self._stand(self._change(behaviour, ENABLED, on))

    def set(self, group: NeuronGroup, name: str, value: float, index: int) -> Edit:
        """Write a variable of one neuron; raises what the `set` of the group does."""
        return self._stand(self._set(group, name, value, index))

    @contextmanager
    def together(self) -> Iterator[None]:
        """Edits made within are undone as one."""
        joined: list[Edit] = []
        self._joined = joined
        try:
            yield
        finally:
            self._joined = None
            if joined:
                self._standing.append(joined)

    @property
    def can_undo(self) -> bool:
        """Whether there is anything to undo."""
        return bool(self._standing)

    def undo(self) -> None:
        """Give back the values from before the last edit that stands; that is one more edit.

        Raises
        ------
        InvalidValue
            If there is none.
        """
        if not self._standing:
            raise InvalidValue("There is nothing to undo.")
        for edit in reversed(self._standing[-1]):
            if isinstance(edit.target, Behaviour):
                self._change(edit.target, edit.name, edit.old)
            else:
                assert edit.index is not None
                self._set(edit.target, edit.name, edit.old, edit.index)
        self._standing.pop()

    def script(self) -> str:
        """Lines that do all edits again in ``net``, a network like this one; with the same seed, to the same bits."""
        lines = ["net.build()  # as a script has made it, and not yet run"]
        at = 0
        if self.began:
            lines.append(f"net.simulate({self.began})  # before the window")
            at = self.began
        for edit in self.edits:
            if edit.iteration > at:
                lines.append(f"net.simulate({edit.iteration - at})")
                at = edit.iteration
            lines.append(edit.line())
        return "\n".join(lines) + "\n"

    def _change(self, behaviour: Behaviour, name: str, value: Any) -> Edit:
        old = getattr(behaviour, name)  # a declared field, or whether it is enabled
        if name == ENABLED:
            behaviour.enabled = value
        else:
            change(behaviour, name, value)
        return self._note(behaviour, name, None, old, getattr(behaviour, name))  # what it really holds

    def _set(self, group: NeuronGroup, name: str, value: Any, index: int) -> Edit:
        old = held(group, name, index)
        group.set(name, value, [index])
        return self._note(group, name, index, old, held(group, name, index))

    def _note(self, target: Behaviour | NeuronGroup, name: str, index: int | None, old: Any, new: Any) -> Edit:
        edit = Edit(self.network.iteration, target, name, index, old, new)
        self.edits.append(edit)
        return edit

    def _stand(self, edit: Edit) -> Edit:
        if self._joined is None:
            self._standing.append([edit])
        else:
            self._joined.append(edit)
        return edit


def held(group: NeuronGroup, name: str, index: int) -> Any:
    """What a variable of a neuron is now, as a plain number."""
    return np.asarray(group.read(name))[index].item()


def address(part: Part) -> str:
    """How a script finds a part of ``net``: by tag, if that finds it alone."""
    net: Any = part.network
    if part is net:
        return "net"
    if part.tag and net[part.tag] == [part]:
        return f"net[{part.tag!r}, 0]"
    kind = "groups" if isinstance(part, NeuronGroup) else "synapses"
    return f"net.{kind}[{[one is part for one in getattr(net, kind)].index(True)}]"


def written(value: Any) -> str:
    """A number as Python reads it."""
    plain = value.item() if isinstance(value, np.generic) else value
    return f'float("{plain}")' if isinstance(plain, float) and not np.isfinite(plain) else repr(plain)
