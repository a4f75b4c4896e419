"""`Traces`: variables of the chosen neurons over time, and their mean over the group."""

from __future__ import annotations

from collections.abc import Sequence

from fusion.core.foreign import ForeignNeuronGroup
from fusion.core.neurons import NeuronGroup
from fusion.gui.activity import vectors
from fusion.gui.plots import INK, Curve, Plot, colour
from fusion.gui.tab import Tab, checked_names
from fusion.plot.axes import labelled
from fusion.recording.recorder import Recorder

FIRST = ("v", "V_m", "voltage", "output")
"""What neurons are, by the names that it commonly has."""
NEVER = ("x", "y", "z", "i", "N")
"""Where neurons are, and what Brian2 calls their indices and number."""
MOST = 3  # variables that are shown unless the user names them
WHOLE = 256
"""Neurons up to which whole variables are recorded, which takes less time than some neurons one by one, and keeps what
was recorded when others are chosen."""


class Traces(Tab):
    """One plot for each variable, a line for each neuron that is chosen.

    variables : names; of a group that has none of them, its first three are shown
    """

    title = "traces"

    def __init__(self, variables: Sequence[str] = (), title: str | None = None) -> None:
        super().__init__(title)
        self.variables = checked_names(variables, "variables")
        self._curves: dict[tuple[str, int | None], Curve] = {}
        """By variable and neuron; None is the mean of the group."""
        self._recorder: Recorder | None = None
        self._expressions: dict[tuple[str, int | None], str] = {}
        self._means = False

    def build(self) -> None:
        """A box for the mean; plots come with the neurons."""
        self.check("mean of the group", self._means, self._show_means)
        self._area = self.area()

    def selected(self) -> None:
        """New recordings and plots for these neurons."""
        group, neurons = self.selection.group, self.selection.neurons
        self._curves = {}
        names = shown(group, self.variables)
        self.say("" if names else f"{group.tag!r} has no variable with a number for each neuron.")
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
        rows = {expression: self._recorder[expression, 0] for expression in set(self._expressions.values())}
        for (name, neuron), curve in self._curves.items():
            values = rows[self._expressions[name, neuron]]
            if values.ndim > 1:
                values = values.mean(axis=1) if neuron is None else values[:, neuron % values.shape[1]]
            curve.set(t, values)

    def _record(self, group: NeuronGroup) -> None:
        """What the curves show; what is recorded already stays, if nothing else is needed."""
        self._expressions = {(name, neuron): _expression(group, name, neuron) for name, neuron in self._curves}
        needed = list(dict.fromkeys(self._expressions.values()))
        before = self._recorder
        if before is not None and before.owner is group and [each.text for each in before.expressions] == needed:
            return
        self.forget()
        self._recorder = self.record(group, *needed) if needed else None

    def _show_means(self, on: bool) -> None:
        self._means = on
        self.again()


def _expression(group: NeuronGroup, name: str, neuron: int | None) -> str:
    if group.size <= WHOLE:
        return name
    return f"np.mean({name})" if neuron is None else f"{name}[{neuron}:{neuron + 1}]"


def shown(group: NeuronGroup, variables: Sequence[str]) -> list[str]:
    """Those of the variables that the group has; its first three if it has none of them, or none are named."""
    there = vectors(group)
    return [name for name in variables if name in there] or _telling(group, there)[:MOST]


def _telling(group: NeuronGroup, names: Sequence[str]) -> list[str]:
    """Those that change while the network runs: the likely ones first, then what can be set, which is state."""
    known = group.handle.variables if isinstance(group, ForeignNeuronGroup) else {}
    settled = {name for name, variable in known.items() if variable.fixed_while_running}
    computed = {name for name, variable in known.items() if variable.read_only}
    changing = [name for name in names if name not in settled and name not in NEVER]
    return sorted(changing, key=lambda name: (name not in FIRST, name in computed))
