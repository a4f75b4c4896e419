"""`pages_of`: a script's modules as tabs of fusion's window. Needs Qt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fusion import gui
from fusion.core.parts import Part
from fusion.core.subgroup import NeuronSubGroup
from fusion.errors import InvalidValue, UnknownName
from fusion.gui import Tab
from fusion.recording.expression import Expression
from fusion.recording.recorder import Recorder
from fusion_pymonnto.counterparts import COUNTERPARTS, IN_THE_FRAME, Counterpart, TabBase
from fusion_pymonnto.module_tab import ModuleTab
from fusion_pymonnto.recorder import plain
from fusion_pymonnto.surface import Surface
from fusion_pymonnto.views import View, surface_of
from fusion_pymonnto.window import Network_UI

WAITS = "This tab begins with the first iteration, as in PymoNNto."


def pages_of(ui: Network_UI) -> list[Tab]:
    """A tab for each module, but for those that stand beside the tabs.

    Raises
    ------
    InvalidValue
        If a module is no tab.
    """
    return [_page_of(module, ui) for module in ui.modules if type(module) not in IN_THE_FRAME]


def _page_of(module: Any, ui: Network_UI) -> Tab:
    if isinstance(module, Tab):
        return module
    if not isinstance(module, TabBase):
        raise InvalidValue(f"modules= takes tabs, TabBase of PymoNNto or fusion.gui.Tab; {module!r} is none.")
    if not isinstance(module, Counterpart):
        return Page(module, ui)
    if type(module) is not COUNTERPARTS.get(type(module).__name__) or not module.served_by:
        return Missing(module)
    name = module.served_by
    kind: Any = ModuleTab if name == "ModuleTab" else getattr(gui, name)  # a name from the table
    tab: Tab = kind(*([module.variables()] if module.shows else []), title=module.title or None)
    return tab


class Missing(Tab):
    """Says that there is nothing in the place of a tab of PymoNNto's."""

    def __init__(self, module: Counterpart) -> None:
        super().__init__(module.title or type(module).__name__)
        known = next(kind.__name__ for kind in type(module).__mro__ if kind.__name__ in COUNTERPARTS)
        self.about = f"fusion's window has nothing in the place of PymoNNto's {known}."
        if known != type(module).__name__:
            self.about = f"{type(module).__name__} derives from PymoNNto's {known}, whose inside is not served."

    def build(self) -> None:
        """A line."""
        self.say(f"{self.about} Derive a tab from TabBase or fusion.gui.Tab.")


class Page(Tab):
    """The page of a script's own tab: it is called as in PymoNNto, while it is seen."""

    def __init__(self, script: TabBase, ui: Network_UI) -> None:
        super().__init__(script.title or type(script).__name__)
        self._script, self._ui = script, ui
        self._surface: Surface | None = None
        self.has_tab = False
        """Whether the script has asked for a tab."""
        self._wanted: dict[Part, dict[str, int]] = {}
        """By group: expressions, and how many of their last rows the tab looks at."""
        self._refused: dict[str, str] = {}
        self._recorders: dict[Part, Recorder] = {}

    @property
    def layout(self) -> Any:
        """Qt's, of the page."""
        return self._layout

    @property
    def is_seen(self) -> bool:
        """Whether it is in front."""
        return self._watch.is_open

    def selected(self) -> None:
        """Other neurons; the first ones are found by the tab itself."""
        if self._surface is not None:
            self._script.on_selected_neuron_changed(self._surface)

    def update(self) -> None:
        """As soon as there is a row of all that it has asked for: PymoNNto's tabs never see empty recordings."""
        if self._surface is None:
            if self.network.iteration == 0:
                self.say(WAITS)
                return
            self.say("")
            self._begin()
        if all(len(recorder.t) for recorder in self._recorders.values()):
            self._script.update(self._surface)

    # --- what it is asked for ----------------------------------------------------------------------------------------

    def want(self, group: Any, text: str, timesteps: int) -> bool:
        """Record an expression, if the group has what it names; whether it does.

        Raises
        ------
        ExpressionError
            If it uses a grammar or a function that is not allowed.
        """
        part, expression = _plain_part(group), plain(text)
        try:
            Expression(expression).bind(part)()
        except (AttributeError, UnknownName) as error:
            self._refused.setdefault(text, str(error))
            return False
        wanted = self._wanted.setdefault(part, {})
        wanted[expression] = max(int(timesteps), wanted.get(expression, 1))
        return True

    def known(self, value: Any) -> Any:
        """A part as the tab knows it, or a list of parts; what is none is handed on."""
        if isinstance(value, list):
            return [self.known(one) for one in value]
        is_part = isinstance(value, Part | NeuronSubGroup | View) and not isinstance(value, Watched)
        return Watched(value, self) if is_part else value

    def recorded(self, part: Part, tag: str) -> list[Any]:
        """What is recorded for the tab under an expression: an array (rows, ...) for each group."""
        text, found = plain(tag), []
        for owner, recorder in self._recorders.items():
            if owner is part or part is self.network:
                if text == "iteration":
                    found.append(np.rint(recorder.t / self.network.dt).astype(int))
                elif text in self._wanted[owner]:
                    found.append(recorder[text, 0])
        return found

    def choose(self, group: Any, neurons: Sequence[int]) -> None:
        """Choose neurons; of many the last ten."""
        self.selection.choose(_plain_part(group), neurons)

    def _begin(self) -> None:
        self._surface = Surface(self, self._ui)
        self._script.initialize(self._surface)
        for group in self.network.groups:
            if set(group.tags) & set(self._ui.group_tags):
                self._script.add_recorder_variables(self.known(group), self._surface)
        for part, wanted in self._wanted.items():
            self._recorders[part] = self.record(part, *wanted, last=max(wanted.values()))
        recorded = {text for wanted in self._wanted.values() for text in wanted}
        nowhere = [f"{text!r}: {why}" for text, why in self._refused.items() if plain(text) not in recorded]
        if nowhere:
            self.say("No group has what the tab wants recorded.\n" + "\n".join(nowhere))
        elif not self.has_tab:
            self.say(f"{type(self._script).__name__} makes no tab; it is updated while this page is seen.")


class Watched(View):
    """A network or group as a tab knows it: what is recorded for the tab goes before what the user records."""

    _page: Page

    def __init__(self, part: Any, page: Page) -> None:
        super().__init__(surface_of(part))
        object.__setattr__(self, "_page", page)

    def __getattr__(self, name: str) -> Any:
        return self._page.known(getattr(self._part, name))  # it has the names of what it shows

    def __getitem__(self, key: Any) -> Any:
        tag, *places = key if isinstance(key, tuple) else (key,)
        found = self._page.recorded(_plain_part(self._part), tag) if isinstance(tag, str) else []
        if not found:
            return self._page.known(self._part[key])
        indices = [place for place in places if place != "np"]  # they are arrays already
        return found[indices[0]] if indices else found

    def __eq__(self, other: object) -> bool:
        return _plain_part(other) is _plain_part(self)

    __hash__ = View.__hash__


def _plain_part(part: Any) -> Any:
    while isinstance(part, View):
        part = part.plain
    return part
