"""`ScriptPart`: what a PymoNNto script expects of its network, its groups and its synapse groups."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from fusion.core.behaviour import Behaviour
from fusion.core.parts import Part
from fusion.errors import InvalidValue
from fusion_pymonnto.behavior import Behavior
from fusion_pymonnto.tags import Searched
from fusion_pymonnto.words import PartWords

_LOG = logging.getLogger(__name__)

Behaviors = Mapping[float, Behaviour] | list[Behaviour] | None


class ScriptPart(PartWords, Searched, Part):
    """Behaviours that come, go, and are switched; analysis modules; attributes by tag."""

    recording: bool
    analysis_modules: list[Any]

    def _begin(self) -> None:
        self.recording = True
        self.analysis_modules = []

    @property
    def randomness(self) -> Any:
        """NumPy's global generator: a script that calls ``np.random.seed`` gets the numbers that PymoNNto gave it."""
        return np.random

    def _initialize_on_init(self) -> None:
        for behaviour in [self.behaviours[key] for key in sorted(self.behaviours)]:
            # One of them may replace this object, and take the others away.
            if isinstance(behaviour, Behavior) and behaviour.initialize_on_init and behaviour.owner is self:
                behaviour.start(self)

    # --- behaviours ------------------------------------------------------------------------------------------------

    def add_behavior(self, key: float, behavior: Behaviour, initialize: bool = True) -> Behaviour:
        """Attach a behaviour, and initialize it at once, or by the next `Network.initialize`.

        Raises
        ------
        InvalidValue
            If the key is taken.
        """
        if isinstance(behavior, Behavior):
            behavior.begin_again()
            if not initialize and self.network.is_initialized:
                behavior.wait_on(self)
        super().add_behaviour(key, behavior)
        if initialize and isinstance(behavior, Behavior):
            behavior.start(self)
        return behavior

    def add_behaviors(self, behavior_dict: Mapping[float, Behaviour]) -> Mapping[float, Behaviour]:
        """Attach several."""
        for key, behavior in behavior_dict.items():
            self.add_behavior(key, behavior)
        return behavior_dict

    add_behaviours = add_behaviors

    def add_behaviour(self, key: float, behaviour: Behaviour, initialize: bool | None = None) -> Behaviour:
        """As fusion's; told whether to `initialize`, as `add_behavior`."""
        if initialize is None:
            return super().add_behaviour(key, behaviour)
        return self.add_behavior(key, behaviour, initialize)

    def remove_behavior(self, which: Any) -> None:
        """Detach the behaviours of this object with a key, a tag or a type, or one; none is fine."""
        for key, behavior in list(self.behaviours.items()):
            # What a window records is not found by name.
            named = isinstance(which, str | type) and not behavior.is_hidden and behavior.bears(_name(which))
            if behavior is which or named or (isinstance(which, int | float) and key == which):
                super().remove_behaviour(behavior)

    remove_behaviour = remove_behavior

    def set_behaviors(self, tag: str | Iterable[str], enabeled: bool) -> None:
        """Switch all behaviours at or below this object that bear a tag, or one of several, on or off."""
        for name in [tag] if isinstance(tag, str) else tag:
            for one in self[name]:
                if isinstance(one, Behaviour):
                    one.enabled = enabeled

    set_behaviours = set_mechanisms = set_behaviors

    def activate_behaviors(self, tag: str | Iterable[str]) -> None:
        """Let behaviours take part again."""
        self.set_behaviors(tag, True)

    activate_behaviours = activate_mechanisms = activate_behaviors

    def deactivate_behaviors(self, tag: str | Iterable[str]) -> None:
        """Let behaviours rest."""
        self.set_behaviors(tag, False)

    deactivate_behaviours = deactivate_mechanisms = deactivate_behaviors

    # --- analysis modules ------------------------------------------------------------------------------------------

    def add_analysis_module(self, module: Any) -> None:
        """Attach an analysis module."""
        module.attach(self)

    def get_all_analysis_module_results(self, tag: str, return_modules: bool = False) -> Any:
        """Results by argument, of all modules that bear a tag; with the modules if they are wanted."""
        found = [(name, result, module) for module in self[tag] for name, result in module.get_results().items()]
        results = {name: result for name, result, _ in found}
        return (results, {name: module for name, _, module in found}) if return_modules else results

    def _children(self) -> Iterable[Any]:
        return [*super()._children(), *self.__dict__.get("analysis_modules", ())]

    def _borne_by(self, name: str, parts: Iterable[Any]) -> Any:
        """The first of some parts that bears a name as a tag, for ``group.MyBehavior`` and ``net.my_neurons``."""
        return next((part for part in parts if name in part.tags or name == type(part).__name__), None)

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_"):
            state = self.__dict__
            listed = [one for one in state.get("behaviours", {}).values() if not one.is_hidden]
            found = self._borne_by(name, [*listed, *state.get("analysis_modules", ())])
            if found is not None:
                return found
        return super().__getattr__(name)  # type: ignore[misc]  # groups have one


def by_key(behavior: Behaviors, behaviour: Behaviors, network: Any) -> dict[float, Behaviour]:
    """Behaviours as a dictionary; given under the word of 1.x they make the network one of 1.x.

    Raises
    ------
    InvalidValue
        If both words are used, or the network is none.
    """
    if not isinstance(network, ScriptPart):
        raise InvalidValue(
            f"net={network!r:.60} is no network of PymoNNto's. Arguments without a name come in the order of 3.x: the "
            "network is the first.",
            net=network,
        )
    if behavior is not None and behaviour is not None:
        raise InvalidValue("Give behavior= (3.x) or behaviour= (1.x), not both.")
    if behaviour is not None:
        network.read_as_first_version()
    given = behaviour if behavior is None else behavior
    if isinstance(given, list):
        return dict(enumerate(given))
    if given is not None and not isinstance(given, Mapping):
        raise InvalidValue(f"behavior={given!r}: write a dictionary such as {{1: {given!r}}}.", behavior=given)
    return dict(given or {})


def _name(tag: str | type) -> str:
    return tag if isinstance(tag, str) else tag.__name__
