"""`Groups`: what all groups do on average, each quantity in one plot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from fusion.core.neurons import NeuronGroup
from fusion.gui.plots import Curve, Plot, colour
from fusion.gui.population import fires, variables_to_show
from fusion.gui.signal import RATE, Signal, about
from fusion.gui.tab import LAST, Tab, checked_names

MOST = 4  # quantities that are shown unless the user names them
STEP = 1.0  # ms, unless an iteration is longer; reading a simulator in each iteration would be slow


class Groups(Tab):
    """The rate of each group, and the means of variables: a line for each group, the groups that share it in one plot.

    variables : names, or expressions such as "v - u"; unless given, or for groups that have none of them, those that
        most groups have
    """

    title = "groups"

    def __init__(self, variables: Sequence[str] = (), title: str | None = None) -> None:
        super().__init__(title)
        self.variables = checked_names(variables, "variables")
        self._curves: list[tuple[Signal, Curve]] = []
        self._named: set[NeuronGroup] = set()

    def build(self) -> None:
        """A plot for each quantity."""
        groups = self.network.groups
        have = {
            group: [*([RATE] if fires(group) else []), *variables_to_show(group, self.variables)] for group in groups
        }
        counted = Counter(quantity for names in have.values() for quantity in names)
        first = {name: min(names.index(name) for names in have.values() if name in names) for name in counted}
        ranked = sorted(counted, key=lambda name: (-counted[name], first[name]))
        kept = ranked if self.variables else ranked[:MOST]
        plots: list[Plot] = []
        for quantity in sorted(kept, key=lambda name: name != RATE):
            members = [group for group in groups if quantity in have[group]]
            plots.append(self._draw(quantity, members, is_last=len(plots) == len(kept) - 1))
            if len(plots) > 1:
                plots[-1].item.setXLink(plots[0].item)
        left = [name for name in ranked if name not in kept]
        self.say(
            f"Not shown: {', '.join(left)}. Choose with Groups(variables=[...])." if left
            else "" if kept else "No group fires or has variables."
        )  # fmt: skip

    def update(self) -> None:
        """The last thousand values."""
        for signal, curve in self._curves:
            curve.set(*signal.values())

    def _draw(self, quantity: str, members: Sequence[NeuronGroup], is_last: bool) -> Plot:
        signals = [Signal(self, group, quantity, LAST, about(STEP, self.network.dt)) for group in members]
        labels = {signal.label for signal in signals}
        plot = self.plot(x="time (ms)" if is_last else "", y=labels.pop() if len(labels) == 1 else f"mean {quantity}")
        for group, signal in zip(members, signals, strict=True):
            name = group.tag if group not in self._named else ""  # once is enough
            if labels:  # they measure it in several units
                name = f"{group.tag}, {signal.label}"
            self._named.add(group)
            self._curves.append((signal, plot.curve(name, colour(self.network.groups.index(group)))))
        return plot
