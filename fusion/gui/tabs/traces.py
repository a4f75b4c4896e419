"""`Traces`: variables of the chosen neurons over time, and their mean over the group."""

from __future__ import annotations

from collections.abc import Sequence

from fusion.core.neurons import NeuronGroup
from fusion.gui.activity import vectors
from fusion.gui.plots import INK, Curve, Plot, colour
from fusion.gui.tab import Tab
from fusion.plot.axes import labelled
from fusion.recording.recorder import Recorder

MOST = 3  # variables that are shown unless the user names them


class Traces(Tab):
    """One plot for each variable, a line for each neuron that is chosen.

    variables : names; of a group that has none of them, its first three are shown
    """

    title = "traces"

    def __init__(self, variables: Sequence[str] = (), title: str | None = None) -> None:
        super().__init__(title)
        self.variables = tuple(variables)
        self._plots: list[Plot] = []
        self._curves: dict[str, list[Curve]] = {}
        self._recorder: Recorder | None = None
        self._means = False

    def build(self) -> None:
        """A box for the mean; plots come with the neurons."""
        self.check("mean of the group", self._means, self._show_means)

    def selected(self) -> None:
        """New recordings and plots for these neurons."""
        group, neurons = self.selection.group, self.selection.neurons
        self.forget()
        for plot in self._plots:
            plot.widget.close()
        self._plots, self._curves, self._recorder = [], {}, None
        names = shown(group, self.variables)
        self.say("" if names else f"{group.tag!r} has no variable with a number for each neuron.")
        for name in names:
            plot = self.plot(x="time (ms)", y=labelled(group, name))
            self._plots.append(plot)
            for i, neuron in enumerate(neurons):
                self._curves[f"{name}[{neuron}:{neuron + 1}]"] = [plot.curve(f"{neuron}", colour(i))]
            if self._means:
                self._curves[f"np.mean({name})"] = [plot.curve("mean", INK, width=2.0)]
        if self._curves:
            self._recorder = self.record(group, *self._curves)
        for plot in self._plots[1:]:
            plot.item.setXLink(self._plots[0].item)

    def update(self) -> None:
        """The last thousand iterations."""
        if self._recorder is None:
            return
        t = self._recorder.t
        for expression, (curve,) in self._curves.items():
            curve.set(t, self._recorder[expression, 0].reshape(len(t)))

    def _show_means(self, on: bool) -> None:
        self._means = on
        self.selected()


def shown(group: NeuronGroup, variables: Sequence[str]) -> list[str]:
    """Those of the variables that the group has; its first three if it has none of them, or none are named."""
    there = vectors(group)
    return [name for name in variables if name in there] or [name for name in there if name not in "xyz"][:MOST]
