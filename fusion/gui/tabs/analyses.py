"""`Analyses`: the analyses that hang on a group, its synapses and the network, run at the press of a button."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from fusion.analysis.module import AnalysisModule
from fusion.core.attached import Attached
from fusion.core.parts import Part
from fusion.errors import FusionError, InvalidValue
from fusion.gui.brief import brief
from fusion.gui.figure import FigureView
from fusion.gui.tab import Tab
from fusion.network import Network
from fusion.plot.results import picture_of

ARGUMENT, VALUE = range(2)
HEIGHT = 130  # pixels, of the arguments
LONGEST = 200  # characters of a finding


class Analyses(Tab):
    """Choose one, change its arguments, run it: what it finds is a table, and a picture where `fusion.plot` has one.

    An analysis looks at what was recorded until now; the network may go on meanwhile. What it finds is kept as
    `AnalysisModule.run` keeps it. What it raises is told, and the tab goes on.
    """

    title = "analyses"

    def build(self) -> None:
        """A box, the arguments, a button, what was found."""
        self._modules: list[AnalysisModule] = []
        self._arguments: dict[str, Any] = {}
        with self.row():
            self._box = self.choice("analysis", [], lambda _: self._choose())
            self._button = self.button("Run", self._execute)
        self._form = self.sheet(("argument", "value"), self._typed, stretch=0)
        self._form.widget.setFixedHeight(HEIGHT)
        with self.row(stretch=1):
            self._found = self.sheet(("found", "value"), stretch=2)
            self._figure: FigureView = self.place(FigureView(), 3)

    def selected(self) -> None:
        """Those that hang on this group, on its synapses, or on the network."""
        self._modules = list(attached_to(self.network, self.selection.group))
        self.offer(self._box, [_label(module) for module in self._modules])
        self._button.setEnabled(bool(self._modules))
        self._choose()

    def update(self) -> None:
        """Analyses that were attached or detached meanwhile."""
        if list(attached_to(self.network, self.selection.group)) != self._modules:
            self.selected()

    @property
    def module(self) -> AnalysisModule | None:
        """The one that is chosen."""
        index = self._box.currentIndex()
        return self._modules[index] if 0 <= index < len(self._modules) else None

    def _choose(self) -> None:
        """Show the arguments of another one, and what it found last."""
        module = self.module
        self._arguments = {} if module is None else arguments_of(module)
        self._form.resize(len(self._arguments))
        for row, (name, value) in enumerate(self._arguments.items()):
            self._form.put(row, ARGUMENT, name)
            self._form.put(row, VALUE, _written(value))
            self._form.allow(row, VALUE, True)
            self._form.tip(row, VALUE, "a number, a text in quotes, a list, or None; double click to change it")
        self._form.fit(last=True)
        tag = self.selection.group.tag
        hint = f"For example: net[{tag!r}, 0].attach(ISI()), from fusion.analysis."
        self.say("" if module else f"Neither {tag!r}, its synapses nor the network has an analysis. {hint}")
        if module is None or not module.results:
            self._found.resize(0)
            self._figure.clear()
        else:
            self._show(module.result)

    def _typed(self, row: int, column: int, text: str) -> None:
        name = list(self._arguments)[row]

        def take() -> None:
            self._arguments[name] = _read(name, text)

        self.attempt(take)
        self._form.put(row, VALUE, _written(self._arguments[name]))

    def _execute(self) -> None:
        module = self.module
        assert module is not None
        missing = [name for name, value in self._arguments.items() if value is inspect.Parameter.empty]
        if missing:
            self.say(f"{type(module).__name__} needs a value for: {', '.join(missing)}.")
            return
        before = arguments_of(module)
        given = {name: value for name, value in self._arguments.items() if not _same(value, before[name])}
        try:
            result = module.run(progress=False, **given)
        except Exception as error:  # noqa: BLE001 - whatever the user's algorithm raises is told
            note = "" if isinstance(error, FusionError) else f"{type(error).__name__}: "
            self.say(f"{note}{error}")
            return
        self.say("")
        self._show(result)

    def _show(self, result: object) -> None:
        found = list(findings(result))
        self._found.resize(len(found))
        for row, (name, text) in enumerate(found):
            self._found.put(row, 0, name)
            self._found.put(row, 1, text)
            self._found.tip(row, 1, text)
        self._found.fit(last=True)
        self._figure.clear()
        picture = picture_of(result)
        if picture is not None:
            try:
                self._figure.draw(lambda ax: picture(result, ax=ax))
            except (FusionError, ImportError) as error:
                self.say(f"There is no picture of it. {error}")


def attached_to(network: Network, group: Part) -> Iterator[AnalysisModule]:
    """Those of a group, of synapses at either end of it, and of the network."""
    synapses = [one for one in network.synapses if group in (one.source, one.target)]
    seen: set[Attached] = set()
    for part in (group, *synapses, network):
        for each in part.attached:
            if isinstance(each, AnalysisModule) and each not in seen:  # blocks of a whole have the same ones
                seen.add(each)
                yield each


def arguments_of(module: AnalysisModule) -> dict[str, Any]:
    """{argument: what it is unless told otherwise}; ``inspect.Parameter.empty`` if it has to be told."""
    parameters = inspect.signature(module.execute).parameters.values()
    return {
        each.name: module.arguments.get(each.name, each.default)
        for each in parameters
        if each.kind is inspect.Parameter.KEYWORD_ONLY
    }


def findings(result: object) -> Iterator[tuple[str, str]]:
    """A result as names and texts: the fields and properties of a dataclass, the entries of a dictionary, or itself."""
    if isinstance(result, dict):
        yield from ((str(name), brief(value, longest=LONGEST)) for name, value in result.items())
    elif is_dataclass(result) and not isinstance(result, type):
        properties = [name for name, value in vars(type(result)).items() if isinstance(value, property)]
        for name in (*(field.name for field in fields(result)), *properties):
            if not name.startswith("_"):
                yield from _named(result, name)
    else:
        yield type(result).__name__, brief(result, longest=LONGEST)


def _named(result: object, name: str) -> Iterator[tuple[str, str]]:
    try:
        value = getattr(result, name)  # a declared field, or a property
    except FusionError as error:
        yield name, str(error)
        return
    if is_dataclass(value):
        yield from ((f"{name}.{inner}", text) for inner, text in findings(value))
    else:
        yield name, brief(value, longest=LONGEST)


def _label(module: AnalysisModule) -> str:
    owner = module.owner
    return f"{module.tag} of {'the network' if isinstance(owner, Network) or owner is None else owner.tag}"


def _written(value: object) -> str:
    return "" if value is inspect.Parameter.empty else repr(value)


def _read(name: str, text: str) -> object:
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise InvalidValue(
            f"{name} = {text}: give a number, a text in quotes, a list, or None.", argument=name
        ) from None


def _same(one: object, other: object) -> bool:
    return one is other or (type(one) is type(other) and repr(one) == repr(other))
