"""`Traces`: variables of the chosen neurons over time, and their mean over the group."""

from __future__ import annotations

from collections.abc import Sequence

from fusion.core.neurons import NeuronGroup
from fusion.gui.plots import INK, Curve, Plot, colour
from fusion.gui.population import NO_VARIABLES, lacking, variables_to_show
from fusion.gui.tab import Tab, checked_names
from fusion.plot.axes import labelled
from fusion.recording.recorder import Recorder

WHOLE = 256
"""Neurons up to which whole variables are recorded, which takes less time than some neurons one by one, and keeps what
was recorded when others are chosen."""


class Traces(Tab):
    """One plot for each variable, a line for each neuron that is chosen.

    variables : names, or expressions such as "v - u"; of a group that has none of them, three that are likely to tell
        most are shown
    """

    title = "traces"

    def __init__(self, variables: Sequence[str] = (), title: str | None = None) -> None:
        super().__init__(title)
        self.variables = checked_names(variables, "variables")
        self._curves: dict[tuple[str, int | None], Curve] = {}
        """By variable and neuron; None is the mean of the group."""
        self._recorder: Recorder | None = None
        self._sources: dict[tuple[str, int | None], tuple[str, int | None]] = {}
        """What is recorded for a curve, and the column of it that is shown; None is the mean of all."""
        self._means = False

    def build(self) -> None:
        """A box for the mean; plots come with the neurons."""
        self.check("mean of the group", self._means, self._show_means)
        self._area = self.area()

    def selected(self) -> None:
        """New recordings and plots for these neurons."""
        group, neurons = self.selection.group, self.selection.neurons
        self._curves = {}
        names = variables_to_show(group, self.variables)
        self.say("" if names else lacking(group, NO_VARIABLES))
        plots: list[Plot] = []
        with self.refill(self._area):
            for name in names:
                # One legend and one label of the time are enough for all.
                plot = self.plot(x="time (ms)" if name == names[-1] else "", y=labelled(group, name))
                plots.append(plot)
                if plot is not plots[0]:
                    plot.item.setXLink(plots[0].item)
                for i, neuron in enumerate(neurons):
                    label = f"{neuron}" if name == names[0] else ""
                    self._curves[name, neuron] = plot.curve(label, colour(i))
                if self._means:
                    self._curves[name, None] = plot.curve("mean" if name == names[0] else "", INK, width=2.0)
        self._record(group)

    def update(self) -> None:
        """The last thousand iterations."""
        if self._recorder is None:
            return
        t = self._recorder.t
        rows = {expression.text: self._recorder[expression.text, 0] for expression in self._recorder.expressions}
        for each, curve in self._curves.items():
            expression, column = self._sources[each]
            values = rows[expression]
            if values.ndim > 1:  # not if it is one number, or nothing yet
                values = values.mean(axis=1) if column is None else values[:, column]
            curve.set(t, values)

    def _record(self, group: NeuronGroup) -> None:
        """What the curves show; what is recorded already stays, if nothing else is needed."""
        self._sources = {(name, neuron): _source(group, name, neuron) for name, neuron in self._curves}
        needed = list(dict.fromkeys(expression for expression, _ in self._sources.values()))
        before = self._recorder
        if before is not None and before.owner is group and [each.text for each in before.expressions] == needed:
            return
        self.forget()
        self._recorder = self.record(group, *needed) if needed else None

    def _show_means(self, on: bool) -> None:
        self._means = on
        self.again()


def _source(group: NeuronGroup, name: str, neuron: int | None) -> tuple[str, int | None]:
    """As `Traces._sources` has it, for one curve."""
    if group.size <= WHOLE:
        return name, neuron
    if neuron is None:
        return f"np.mean({name})", None
    return f"{name if name.isidentifier() else f'({name})'}[{neuron}:{neuron + 1}]", 0
