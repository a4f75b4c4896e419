"""`Selection`: the group and the neurons that all tabs are about."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from fusion.core.neurons import NeuronGroup
from fusion.errors import BelongsElsewhere, InvalidValue
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
        """Another group, or other neurons; its first neuron unless given, the last ten of more than ten.

        Raises
        ------
        InvalidValue
            If `group` is no neuron group, or has no such neurons.
        BelongsElsewhere
            If it is a group of another network.
        """
        if not isinstance(group, NeuronGroup):
            raise InvalidValue(f"{group!r} is no neuron group. Write selection.choose(net['tag', 0]).", group=group)
        if group.network is not self.group.network:
            raise BelongsElsewhere(f"{group.tag!r} is no group of the network of this window.")
        chosen = (0,) if neurons is None else tuple(_checked(group, neuron) for neuron in neurons)
        if not chosen:
            raise InvalidValue("At least one neuron is chosen at any time.")
        chosen = tuple(dict.fromkeys(chosen))[-MOST:]
        if (group, chosen) != (self.group, self.neurons):
            self.group, self.neurons = group, chosen
            self.changed.emit()

    def toggle(self, group: NeuronGroup, neuron: int) -> None:
        """Add a neuron to those that are chosen, or take it away unless it is the only one; as `choose`."""
        if group is not self.group:
            self.choose(group, [neuron])
        elif neuron not in self.neurons:
            self.choose(group, [*self.neurons, neuron])
        elif len(self.neurons) > 1:
            self.choose(group, [each for each in self.neurons if each != neuron])


def _checked(group: NeuronGroup, neuron: object) -> int:
    if isinstance(neuron, bool) or not isinstance(neuron, int | np.integer) or not 0 <= neuron < group.size:
        raise InvalidValue(f"{group.tag!r} has no neuron {neuron!r}; give numbers from 0 to {group.size - 1}.")
    return int(neuron)
