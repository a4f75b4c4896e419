"""`Selection`: one group, and up to ten of its neurons."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Network, NeuronGroup
from fusion.errors import BelongsElsewhere, InvalidValue
from fusion.gui.selection import Selection


@pytest.fixture
def chosen(net):
    """A selection that counts its changes."""
    made = Selection(net["cells", 0])
    made.changes = []
    made.changed.connect(lambda: made.changes.append(made.neurons))
    return made


def test_it_begins_with_the_first_neuron(chosen, net):
    assert (chosen.group, chosen.neurons) == (net["cells", 0], (0,))


def test_neurons_stay_in_their_order_once_each_and_the_last_ten(chosen, net):
    chosen.choose(net["cells", 0], np.array([3, 1, 3]))
    assert chosen.neurons == (3, 1)
    chosen.choose(net["cells", 0], range(12))
    assert chosen.neurons == tuple(range(2, 12))
    assert len(chosen.changes) == 2


def test_the_same_choice_is_no_change(chosen, net):
    chosen.choose(net["cells", 0], [0])
    assert chosen.changes == []


def test_toggling_adds_and_takes_away_but_not_the_last(chosen, net):
    cells, others = net["cells", 0], net["others", 0]
    for neuron in (4, 5, 0):
        chosen.toggle(cells, neuron)
    assert chosen.neurons == (4, 5)
    chosen.toggle(others, 8)
    assert (chosen.group, chosen.neurons) == (others, (8,))
    chosen.toggle(others, 8)
    assert chosen.neurons == (8,)


@pytest.mark.parametrize("neurons", [[12], [-1], [1.5], [True], ["0"], []])
def test_neurons_that_are_not_there_are_refused(chosen, net, neurons):
    with pytest.raises(InvalidValue):
        chosen.choose(net["cells", 0], neurons)
    assert chosen.neurons == (0,)


def test_groups_that_are_not_there_are_refused(chosen):
    with pytest.raises(InvalidValue, match=r"selection\.choose"):
        chosen.choose("cells")
    with pytest.raises(BelongsElsewhere):
        chosen.choose(NeuronGroup(Network(), size=3))
