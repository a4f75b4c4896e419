"""`ModuleTab`: PymoNNto's analysis modules, executed at the press of a button. Needs Qt."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from fusion.gui import Tab
from fusion.gui.tabs.analyses import findings
from fusion_pymonnto.analysis import AnalysisModule

ARGUMENT, VALUE = range(2)


class ModuleTab(Tab):
    """Choose one of the modules on the network and its groups, change its arguments, execute it.

    What is typed is a value of Python's, or else a text. All results that the module keeps are listed. What it raises
    is told, and the tab goes on.
    """

    title = "modules"

    def build(self) -> None:
        """A box, the arguments, a button, what was found."""
        self._modules: list[AnalysisModule] = []
        self._arguments: dict[str, Any] = {}
        with self.row():
            self._box = self.choice("module", (), lambda _: self._choose())
            self._button = self.button("Execute", self._execute)
            self.fill()
        self._form = self.sheet(("argument", "value"), self._typed, stretch=1)
        self._found = self.sheet(("result", "found", "value"), stretch=3)
        self._list()

    def update(self) -> None:
        """Modules that were attached meanwhile."""
        if list(self._attached()) != self._modules:
            self._list()

    def _attached(self) -> Iterator[AnalysisModule]:
        for part in (self.network, *self.network.groups, *self.network.synapses):
            # Only parts that a script has made keep them.
            yield from (one for one in vars(part).get("analysis_modules", ()) if one.is_executable())

    def _list(self) -> None:
        self._modules = list(self._attached())
        labels = [f"{type(module).__name__} of {module.parent.tag}" for module in self._modules]
        self.offer(self._box, labels)
        self._button.setEnabled(bool(labels))
        self.say("" if labels else "No analysis module of PymoNNto's is there; group.add_analysis_module attaches one.")
        self._choose()

    @property
    def _module(self) -> AnalysisModule | None:
        index = self._box.currentIndex()
        return self._modules[index] if 0 <= index < len(self._modules) else None

    def _choose(self) -> None:
        self._arguments = {} if self._module is None else dict(self._module.execution_arguments)
        self._form.resize(len(self._arguments))
        for row, (name, value) in enumerate(self._arguments.items()):
            self._form.put(row, ARGUMENT, name)
            self._form.put(row, VALUE, str(value))
            self._form.allow(row, VALUE, True)
        self._form.fit(last=True)
        self._show()

    def _typed(self, row: int, column: int, text: str) -> None:
        self._arguments[list(self._arguments)[row]] = _read(text)

    def _execute(self) -> None:
        assert self._module is not None
        try:
            self._module(**self._arguments)
        except Exception as error:  # noqa: BLE001 - whatever the user's algorithm raises is told
            self.say(f"{type(error).__name__}: {error}")
            return
        self.say("")
        self._show()

    def _show(self) -> None:
        results = {} if self._module is None else self._module.get_results()
        found = [(key, name, text) for key, result in results.items() for name, text in findings(result)]
        self._found.resize(len(found))
        for row, texts in enumerate(found):
            for column, text in enumerate(texts):
                self._found.put(row, column, text)
                self._found.tip(row, column, text)
        self._found.fit(last=True)


def _read(text: str) -> Any:
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text
