"""What a window asks a group: its shape in space, its variables, and which of them tell most."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Network, NeuronGroup
from fusion.adapter.base import Variable
from fusion.behaviours import grid
from fusion.gui.population import shape_of, variables_to_show, vectors
from fusion.testing.toy import ToyNeurons


def placed(positions):
    return positions.place(NeuronGroup(Network(), size=len(positions)))


def test_a_group_without_positions_is_as_square_as_can_be():
    sizes = {1: (1, 1), 2: (2, 1), 9: (3, 3), 12: (4, 3), 10_000: (100, 100)}
    assert {n: shape_of(NeuronGroup(Network(), size=n)) for n in sizes} == sizes


@pytest.mark.parametrize("spacing", [1.0, 0.1, 1e-3])
def test_a_grid_has_the_shape_of_its_positions(spacing):
    assert shape_of(placed(grid(20, 5, spacing=spacing))) == (20, 5)
    assert shape_of(placed(grid(1, 7, spacing=spacing))) == (1, 7)


def test_positions_that_are_no_grid_make_a_square():
    for positions in (grid(4, 4).rotated(30.0), grid(4, 4).jittered(0.1, seed=1), grid(4, 2, 2)):
        assert shape_of(placed(positions)) == (4, 4)


def test_vectors_are_what_has_a_number_for_each_neuron(net):
    cells = net.build()["cells", 0]
    cells.word, cells.total, cells.pairs = np.array(["a"] * 12), 3.0, np.zeros((12, 2))
    assert vectors(cells) == ["count", "voltage"]


def test_of_a_simulators_variables_state_is_shown_first_and_settings_never(toy):
    net = Network(dt=1.0, seed=1)
    cells = NeuronGroup(net, ToyNeurons(3, dt=1.0), tag="cells")
    names = {"C_m": {"fixed_while_running": "set before a run"}, "a": {"read_only": "computed"}, "g": {}, "output": {}}
    cells.handle.variables.clear()
    cells.handle.variables.update({name: Variable(3, "mV", **options) for name, options in names.items()})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(cells), "read", lambda self, name, index=None: np.zeros(3) if name in names else 0)
        assert variables_to_show(cells, ()) == ["output", "g", "a"]
        assert variables_to_show(cells, ("C_m", "unknown")) == ["C_m"]
