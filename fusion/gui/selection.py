"""`Selection`: the group and the neurons that all tabs are about."""

from __future__ import annotations

from collections.abc import Iterable

from fusion.core.neurons import NeuronGroup
from fusion.gui.qt import QtCore

MOST = 10  # neurons that are shown at once


class Selection(QtCore.QObject):
    """One group, and some of its neurons, at most ten, in the order in which they were chosen."""

    changed = QtCore.Signal()

    def __init__(self, group: NeuronGroup) -> None:
        super().__init__()
        self.group = group
        self.neurons: tuple[int, ...] = (0,)

    def choose(self, group: NeuronGroup, neurons: Iterable[int] | None = None) -> None:
        """Another group, or other neurons; its first neuron unless given."""
        chosen = (0,) if neurons is None else tuple(dict.fromkeys(neurons))[-MOST:]
        if (group, chosen) != (self.group, self.neurons):
            self.group, self.neurons = group, chosen
            self.changed.emit()

    def toggle(self, group: NeuronGroup, neuron: int) -> None:
        """Add a neuron to those that are chosen, or take it away."""
        if group is not self.group:
            self.choose(group, [neuron])
        elif neuron not in self.neurons:
            self.choose(group, [*self.neurons, neuron])
        elif len(self.neurons) > 1:
            self.choose(group, [each for each in self.neurons if each != neuron])
