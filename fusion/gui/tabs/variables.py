"""`Variables`: what the chosen neurons hold, and what is written into them between two iterations."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from fusion.core.changes import number
from fusion.gui.brief import brief
from fusion.gui.edits import Edits
from fusion.gui.population import NO_VARIABLES, lacking, vectors
from fusion.gui.tab import Tab

NAME, UNIT, FIRST = range(3)
PERIOD = 0.25  # seconds of real time between two looks while it runs
PATIENCE = 0.02  # s of a frame


class Variables(Tab):
    """A row for each variable of the group: its values in the chosen neurons, and mean, least and most of all.

    A value is changed by a double click, and then shown as the simulator holds it. Where it cannot be written it is
    faint, and the simulator's reason is shown when the mouse rests on it.
    """

    title = "variables"

    def build(self) -> None:
        """A table, and the journal."""
        self._names: list[str] = []
        self._next = 0
        self._sheet = self.sheet(("variable",), self._typed)
        self._edits = Edits(self)

    def selected(self) -> None:
        """A column for each of these neurons."""
        group, neurons = self.selection.group, self.selection.neurons
        self._known = set(group.variable_names())
        self._names = vectors(group)
        self._sheet.resize(0)
        self._sheet.head(("variable", "unit", *(f"neuron {i}" for i in neurons), "mean", "least", "most"))
        self._sheet.resize(len(self._names))
        for row, name in enumerate(self._names):
            self._sheet.put(row, NAME, name)
            self._sheet.put(row, UNIT, group.unit(name) or "")
        self._fill()
        self._sheet.fit()
        self.say("" if self._names else lacking(group, NO_VARIABLES))

    def update(self) -> None:
        """Values as they are now."""
        self.seldom(self._look, PERIOD)

    def _look(self) -> None:
        if set(self.selection.group.variable_names()) != self._known:
            self.selected()
        # NEST takes 0.1 s for a variable of some thousand neurons: not all of them in each frame.
        self._fill(PATIENCE if self.window.player.is_playing else np.inf)
        self._edits.draw()

    def _fill(self, patience: float = np.inf) -> None:
        """Show rows as they are now, as many as can be read within `patience` (s); the next time goes on from there."""
        began = perf_counter()
        for _ in self._names:
            self._next = (self._next + 1) % len(self._names)
            self._show(self._next)
            if perf_counter() > began + patience:
                break

    def _show(self, row: int) -> None:
        group, neurons, name = self.selection.group, self.selection.neurons, self._names[row]
        values = np.asarray(group.read(name))
        reason = group.read_only(name)
        tip = f"cannot be changed: {reason}" if reason else "double click to change it, before the next iteration"
        for column, neuron in enumerate(neurons, FIRST):
            self._sheet.put(row, column, brief(values[neuron]))
            self._sheet.allow(row, column, not reason)
            self._sheet.tip(row, column, tip)
        for column, value in enumerate((values.mean(), values.min(), values.max()), FIRST + len(neurons)):
            self._sheet.put(row, column, brief(value))

    def _typed(self, row: int, column: int, text: str) -> None:
        group, name, neuron = self.selection.group, self._names[row], self.selection.neurons[column - FIRST]
        held = np.asarray(group.read(name))[neuron]
        if text != brief(held):
            self.attempt(lambda: self.window.journal.set(group, name, number(text, held), neuron))
        self._show(row)
        self._edits.draw()
