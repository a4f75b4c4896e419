"""`Flow`: who reads and writes what in an iteration of the chosen group."""

from __future__ import annotations

from fusion.core.parts import Part
from fusion.gui.drawing import Drawing
from fusion.gui.tab import Tab

GROUP, NETWORK = "the chosen group", "the network"
MOST = 1000  # iterations


class Flow(Tab):
    """The flow chart of behaviours, as `Part.flow_chart`.

    To make it the network simulates: behaviours are watched while they take their steps. That happens only when the
    button is pressed, and the iterations count as any others do. Recordings of the window are left out.
    """

    title = "flow"

    def build(self) -> None:
        """A button that says what it does."""
        self._iterations, self._of = 1, GROUP
        with self.row():
            self.choice("of", (GROUP, NETWORK), self._choose)
            self.number("", 1, 1, MOST, self._count)
            self._button = self.button("", self._trace)
        self._label()
        self._drawing = Drawing()
        self.place(self._drawing.widget, 1)
        self.say("What a behaviour does only sometimes, as when somebody fires, is seen if it happens meanwhile.")

    def _choose(self, of: str) -> None:
        self._of = of

    def _count(self, iterations: int) -> None:
        self._iterations = iterations
        self._label()

    def _label(self) -> None:
        plural = "s" if self._iterations > 1 else ""
        self._button.setText(f"Simulate {self._iterations} iteration{plural} and trace it")

    def _trace(self) -> None:
        self.window.player.pause()
        part: Part = self.selection.group if self._of == GROUP else self.network
        name = "the network" if part is self.network else repr(part.tag)
        self._drawing.set("")

        def show() -> None:
            self._drawing.set(part.flow_chart(self._iterations).svg())

        if self.attempt(show):
            last, plural = self.network.iteration, "s" if self._iterations > 1 else ""
            first = f"{last - self._iterations + 1} to " if plural else ""
            self.say(f"What touches {name}, in iteration{plural} {first}{last}.")
        self.window.controls.draw()
