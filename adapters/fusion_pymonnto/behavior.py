"""`Behavior`: PymoNNto's behaviour, which is one of fusion's and goes onto any group of it."""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterable
from functools import partial
from typing import Any, ClassVar, Self

from fusion.core.behaviour import Behaviour
from fusion.core.parts import Part
from fusion.errors import InvalidValue, UnknownName
from fusion_pymonnto.genome import with_genes
from fusion_pymonnto.parameters import cast, diversified
from fusion_pymonnto.tags import Searched
from fusion_pymonnto.views import surface_of
from fusion_pymonnto.words import PartWords

_LOG = logging.getLogger(__name__)
# 1.x's words for what 3.x calls otherwise; a class may use either.
_SYNONYMS = (
    ("set_variables", "initialize"),
    ("new_iteration", "iteration"),
    ("set_variables_on_init", "initialize_on_init"),
)
# What fusion itself keeps on a behaviour, and asks of it.
_KEPT = ("key", "owner", "every", "location", "enabled", "parameters")
_ASKED = frozenset({"start", "steps", "steps_at_once", "iterate_window", "verify", "check_fit", "bears"})


class Behavior(Searched, Behaviour):
    """A mechanism in PymoNNto's words.

    A subclass has ``initialize(neurons)`` and ``iteration(neurons)``, as in 3.x, or ``set_variables`` and
    ``new_iteration``, as in 1.x.

    Parameters
    ----------
    *args, **kwargs
        Read by `parameter`; nothing is declared. "tag" and "behavior_enabled" concern the behaviour itself.

    Raises
    ------
    InvalidValue
        If a subclass or its ``initialize`` takes a name on ``self`` that fusion needs there.
    """

    initialize_on_init = False
    """Initialize when the group is made, before `Network.initialize`."""
    initialize_last = False
    """Initialize after all others."""
    attached_UI_Tabs: ClassVar[list[Any]] = []

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # Past fusion's: annotations of a subclass are its own affair, PymoNNto declares no parameters.
        super(Behaviour, cls).__init_subclass__(**kwargs)
        own = vars(cls)
        if cls.__module__.partition(".")[0] != __name__.partition(".")[0]:
            _check_names(cls.__name__, own.keys() & (_ASKED | {"owner", "key", "enabled"}))
        for old, new in _SYNONYMS:
            if old in own and new not in own:
                setattr(cls, new, own[old])
            elif new in own and old not in own:
                setattr(cls, old, own[new])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._take(args, kwargs)
        super().__init__(tag=self.parameter("tag"), enabled=self._is_given_enabled())
        self.parameters = self.init_kwargs

    def _take(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.init_kwargs = {**kwargs, **{f"arg_{place}": value for place, value in enumerate(args)}}
        self.used_attr_keys: set[str] = set()
        self._started_on: Part | None = None
        self._is_waiting = False

    def _is_given_enabled(self) -> bool:
        return bool(self.parameter("behavior_enabled", self.parameter("behaviour_enabled", True)))

    def set_variables(self, owner: Any) -> None:
        """1.x's word for ``initialize``."""

    def new_iteration(self, owner: Any) -> None:
        """1.x's word for ``iteration``."""

    @property
    def behavior_enabled(self) -> bool:
        """Whether it takes part in iterations; may be set."""
        return self.enabled

    @behavior_enabled.setter
    def behavior_enabled(self, value: bool) -> None:
        self.enabled = value

    behaviour_enabled = behavior_enabled

    # --- parameters ------------------------------------------------------------------------------------------------

    def parameter(
        self,
        key: str,
        default: Any = None,
        neurons: Any = None,
        do_not_diversify: bool = False,
        search_other_behaviors: bool = False,
        required: bool = False,
        search_other_behaviours: bool = False,
    ) -> Any:
        """What was given under a name, or the default.

        A string is read as `diversified` and `cast` say, if `neurons` are given and if there is a default.

        Raises
        ------
        InvalidValue
            If it is `required` and not given, or a string that means nothing.
        """
        self.used_attr_keys.add(key)
        if required and key not in self.init_kwargs:
            raise InvalidValue(f"{type(self).__name__} needs the parameter {key!r}.", parameter=key)
        value = self.init_kwargs.get(key, default)
        if key not in self.init_kwargs and neurons is not None and (search_other_behaviors or search_other_behaviours):
            others = (b.init_kwargs for b in neurons.behavior.values() if isinstance(b, Behavior))
            value = next((given[key] for given in others if key in given), value)
        if isinstance(value, str) and isinstance(neurons, PartWords) and not do_not_diversify:
            value = diversified(value, neurons)
        return cast(value, default) if isinstance(value, str) else value

    get_init_attr = parameter
    kwargs = parameter
    args = parameter
    argument = parameter

    def set_parameters_as_variables(self, object: Any) -> None:
        """Make every parameter an attribute of `object`."""
        for key in self.init_kwargs:
            setattr(object, key, self.parameter(key, None, neurons=object))  # as the user named it

    set_init_attrs_as_variables = set_parameters_as_variables

    def set_gene_variables(self) -> None:
        """Put the values of genes into the parameters."""
        for key, value in self.init_kwargs.items():
            if isinstance(value, str):
                self.init_kwargs[key] = with_genes(value)

    def check_unused_attrs(self) -> None:
        """Log parameters that nobody has asked for: their names may be misspelt."""
        for key in self.init_kwargs.keys() - self.used_attr_keys:
            known = sorted(self.used_attr_keys - {"tag", "behavior_enabled"})
            _LOG.warning("%s", UnknownName("parameter", key, known, f"initialize of {type(self).__name__}"))

    # --- fusion's side ---------------------------------------------------------------------------------------------

    def start(self, owner: Part) -> None:
        """Initialize, unless that was done when the group was made."""
        if self._started_on is owner:
            return
        self._started_on = owner
        self.set_gene_variables()
        surface = self._surface(owner)
        if surface is not owner:
            # fusion calls it with the group itself.
            self.iteration = partial(_on, type(self).iteration, self, surface)  # type: ignore[method-assign]
        before = [getattr(self, name) for name in _KEPT]  # names from the table above
        self.initialize(surface)
        changed = {name for name, value in zip(_KEPT, before, strict=True) if getattr(self, name) is not value}
        # A partition takes away the group that it is attached to, and so itself.
        self._check_kept(changed if self.owner is not None else ())
        self.check_unused_attrs()

    def _check_kept(self, changed: Iterable[str]) -> None:
        _check_names(type(self).__name__, {*changed, *(vars(self).keys() & _ASKED)})

    def _surface(self, owner: Part) -> Any:
        """The owner as PymoNNto's behaviours know it."""
        return surface_of(owner)

    @property
    def is_started(self) -> bool:
        """Whether it has been initialized where it is attached."""
        return self._started_on is not None

    def begin_again(self) -> None:
        """Let the next start initialize, though this has been done."""
        self._started_on, self._is_waiting = None, False

    def wait_on(self, owner: Part) -> None:
        """Do not initialize on `owner` before the network is initialized again."""
        self._started_on, self._is_waiting = owner, True

    def stop_waiting(self) -> None:
        """Told when the network is initialized again."""
        if self._is_waiting:
            self.begin_again()

    def copied(self) -> Self:
        """Another behaviour with the same state, attached to nothing."""
        other = copy.copy(self)
        other.init_kwargs = other.parameters = dict(self.init_kwargs)
        other.used_attr_keys = set(self.used_attr_keys)
        other._items, other._found = {}, {}
        other.owner = other._started_on = None
        return other

    # --- the window's side -----------------------------------------------------------------------------------------

    def get_UI_Tabs(self) -> list[Any]:
        """Tabs that the window shall have for this behaviour."""
        return []

    def get_UI_Preview_Plots(self) -> Any:
        """What the window shows beside the parameters."""
        return None

    def visualize_module(self, vmi: Any = None, vmo: Any = None, vma: Any = None) -> None:
        """Show what it reads and writes; the hints `vmi`, `vmo` and `vma` are not needed."""
        from fusion_pymonnto.charts import show_chart

        show_chart([self])

    def __str__(self) -> str:
        return f"{type(self).__name__}({''.join(f'{key}={value},' for key, value in self.init_kwargs.items())})"


def _on(step: Any, behaviour: Behavior, surface: Any, owner: Any) -> None:
    step(behaviour, surface)


def _check_names(behaviour: str, taken: Iterable[str]) -> None:
    """`InvalidValue` if a behaviour uses names for itself that fusion needs on it."""
    names = sorted(taken)
    if names:
        raise InvalidValue(
            f"{behaviour} takes self.{', self.'.join(names)} for itself, which fusion keeps on every behaviour; "
            "rename it.",
            names=names,
        )
