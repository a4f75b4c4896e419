"""`Part`: what carries behaviours - a network, a neuron group, a synapse group."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from fusion.core.attached import Attached
from fusion.core.behaviour import Behaviour
from fusion.core.home import Home
from fusion.core.location import Location, here
from fusion.core.tags import Tagged
from fusion.errors import BelongsElsewhere, InvalidValue

if TYPE_CHECKING:
    from fusion.core.flow_chart import FlowChart

A = TypeVar("A", bound=Attached)


class Part(Tagged):
    """An object with behaviours under ordered keys.

    Parameters
    ----------
    behaviour : {number: Behaviour}
        Keys order the steps over the whole network; equal keys run in the order of construction.
    """

    network: Home
    shape: tuple[int, ...] = ()

    def __init__(self, tag: str | None) -> None:
        super().__init__(tag)
        self.location: Location = here()
        self.behaviours: dict[float, Behaviour] = {}
        self.attached: list[Attached] = []
        """What takes no step, in the order in which it came."""

    def add_behaviour(self, key: float, behaviour: Behaviour) -> Behaviour:
        """Attach a behaviour under a free key; in a network that has been built it is initialized at once.

        Raises
        ------
        InvalidValue
            If the key is no number or taken, or `behaviour` is no Behaviour object.
        BelongsElsewhere
            If it is attached already.
        ShapeMismatch, OffGrid
            If an array parameter does not fit, or ``every`` is no whole number of dt.
        """
        self._check(key, behaviour)
        behaviour.check_fit(self)
        behaviour.owner, behaviour.key = self, key
        self.behaviours[key] = behaviour
        self.network.welcome_behaviour(behaviour)
        return behaviour

    def _check(self, key: float, behaviour: Behaviour) -> None:
        if not isinstance(behaviour, Behaviour):
            hint = f"Write {behaviour.__name__}()." if isinstance(behaviour, type) else "Derive it from Behaviour."
            raise InvalidValue(f"{behaviour!r} under key {key!r} is no behaviour object. {hint}", behaviour=behaviour)
        if "tags" not in behaviour.__dict__:
            raise InvalidValue(f"{type(behaviour).__name__}.__init__ does not call super().__init__().")
        if isinstance(key, bool) or not isinstance(key, int | float | np.integer | np.floating) or not np.isfinite(key):
            raise InvalidValue(f"The key {key!r} of {behaviour!r} is no number.", key=key)
        if key in self.behaviours:
            raise InvalidValue(f"Key {key} of {self.tag!r} is taken by {self.behaviours[key]!r}.", key=key)
        if behaviour.owner is not None:
            raise BelongsElsewhere(f"{behaviour!r} is attached to {behaviour.owner.tag!r} already. Make another one.")

    def remove_behaviour(self, which: str | Behaviour) -> None:
        """Detach a behaviour, or all at or below this object that bear a tag; what they recorded goes with them."""
        for behaviour in self._select(which):
            owner = behaviour.owner
            if owner is None or owner.behaviours.get(behaviour.key) is not behaviour:
                raise BelongsElsewhere(f"{behaviour!r} is not attached.")
            del owner.behaviours[behaviour.key]
            behaviour.owner = None
            self.network.dismiss_behaviour(behaviour)

    def attach(self, thing: A) -> A:
        """Have something that takes no step, such as an analysis, found by tag at or below this object; returned.

        Runs do not know of it: nothing is slower, and windows are as long as before.

        Raises
        ------
        InvalidValue
            If it cannot be attached, or is a behaviour, which needs a key.
        BelongsElsewhere
            If it is attached already.
        """
        if isinstance(thing, Behaviour):
            raise InvalidValue(f"{thing!r} is a behaviour and needs a key: write add_behaviour(key, behaviour).")
        if not isinstance(thing, Attached):
            hint = f"Write {thing.__name__}()." if isinstance(thing, type) else "An analysis can, for example."
            raise InvalidValue(f"{thing!r} cannot be attached to {self.tag!r}. {hint}", value=thing)
        if thing.owner is not None:
            raise BelongsElsewhere(f"{thing!r} is attached to {thing.owner.tag!r} already. Make another one.")
        thing.owner = self
        self.attached.append(thing)
        self._structure_changed()
        return thing

    def detach(self, thing: Attached) -> None:
        """Let go what was attached; `BelongsElsewhere` if it was not attached here."""
        if thing not in self.attached:
            raise BelongsElsewhere(f"{thing!r} is not attached to {self.tag!r}.")
        self.attached.remove(thing)
        thing.owner = None
        self._structure_changed()

    def flow_chart(self, iterations: int = 1) -> FlowChart:
        """What its behaviours, and those that touch it, read and write, in the order of their steps; a network's: all.

        The network simulates so many iterations, and is watched. An array that a behaviour changes in place counts as
        written. What a behaviour does only sometimes, such as when somebody fires, is seen if it happens meanwhile, or
        if it is declared; what is no attribute of a group is not.

        Raises
        ------
        InvalidValue
            If no behaviour touches it.
        """
        chart = self.network.flow_chart_of(self, iterations)
        if not chart.steps:
            raise InvalidValue(f"{self!r} has no behaviours to show.")
        return chart

    def enable(self, which: str | Behaviour) -> None:
        """Let behaviours take part again: one, or all at or below this object that bear a tag."""
        for behaviour in self._select(which):
            behaviour.enabled = True

    def disable(self, which: str | Behaviour) -> None:
        """Let behaviours rest: one, or all at or below this object that bear a tag."""
        for behaviour in self._select(which):
            behaviour.enabled = False

    @property
    def generator(self) -> np.random.Generator:
        """Random numbers for the behaviour that is running, or for this object between runs."""
        return self.network.generator_for(self)

    def _check_all(self, behaviour: Mapping[float, Behaviour] | None) -> None:
        """Raise before the network takes this object in, so that a wrong one is not left behind in it."""
        if behaviour is not None and not isinstance(behaviour, Mapping):
            each = behaviour if isinstance(behaviour, list | tuple) else [behaviour]
            keyed = ", ".join(f"{key}: {one!r}" for key, one in enumerate(each, 1))
            raise InvalidValue(f"behaviour={behaviour!r}: write a dictionary such as {{{keyed}}}.")
        for key, value in (behaviour or {}).items():
            self._check(key, value)
            if list((behaviour or {}).values()).count(value) > 1:
                raise BelongsElsewhere(f"{value!r} is given under two keys. Make another one.")
            if self.shape:  # the size of a foreign group is known only when its simulator has it
                value.check_fit(self)

    def _attach(self, behaviour: Mapping[float, Behaviour] | None) -> None:
        self._check_all(behaviour)
        for key, value in (behaviour or {}).items():
            self.add_behaviour(key, value)

    def _select(self, which: str | Behaviour) -> list[Behaviour]:
        if isinstance(which, Behaviour):
            return [which]
        chosen = [found for found in self._search(which) if isinstance(found, Behaviour)]
        if not chosen:
            raise InvalidValue(f"{which!r} is no behaviour at or below {self.tag!r}.", tag=which)
        return chosen

    def _children(self) -> Iterable[Tagged]:
        return (*listed(self), *(each for each in self.attached if not each.is_hidden))

    def _exists(self, tag: str) -> bool:
        return tag in self.network

    def _warm(self, found: list[Any]) -> None:
        self.network.keep_warm(self, found)

    def _structure_changed(self) -> None:
        self.network.structure_changed()

    def _behaviour_text(self) -> str:
        inside = ", ".join(f"{each.key}: {each!r}" for each in listed(self))
        return f"{{{inside}}}"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<code>{escape(repr(self))}</code>"

    def variable_names(self) -> list[str]:
        """The variables that expressions can use here."""
        return sorted(name for name, value in vars(self).items() if not name.startswith("_") and is_data(value))


def listed(part: Part) -> list[Behaviour]:
    """The behaviours of a part in the order in which they came, but for those that are hidden."""
    return [each for each in part.behaviours.values() if not each.is_hidden]


def unit_of(part: Part, expression: str) -> str | None:
    """The unit of an expression that is a variable with a known one, or some of its values; otherwise None."""
    try:
        node = ast.parse(expression.strip(), mode="eval").body
        while isinstance(node, ast.Subscript):
            node = node.value
        unit: str | None = part.unit(node.id)  # type: ignore[attr-defined]  # of names, and of groups
    except (LookupError, AttributeError, SyntaxError):  # it is computed from variables
        return None
    return unit


def is_data(value: Any) -> bool:
    """Whether an attribute is a variable: an array or a number."""
    return isinstance(value, np.ndarray | int | float | np.number) and not isinstance(value, Tagged)
