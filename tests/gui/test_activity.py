"""`Activity`: a square per neuron, where it stands in space; what is clicked is what is chosen."""

from __future__ import annotations

import numpy as np
from pyqtgraph.Qt import QtTest

from fusion import Behaviour, Network, NeuronGroup
from fusion.gui.activity import LAST, Activity
from fusion.gui.qt import QtCore
from fusion.gui.selection import Selection

LEFT, PLAIN = QtCore.Qt.MouseButton.LeftButton, QtCore.Qt.KeyboardModifier.NoModifier
CONTROL = QtCore.Qt.KeyboardModifier.ControlModifier


def click(activity, row, column, modifier=PLAIN):
    """With the mouse, in the middle of a square."""
    (view,) = activity.image.drawn.scene().views()
    scene = activity.image.drawn.mapToScene(QtCore.QPointF(column + 0.5, row + 0.5))
    QtTest.QTest.mouseClick(view.viewport(), LEFT, modifier, view.mapFromScene(scene))


def test_a_click_chooses_the_neuron_under_it_and_ctrl_adds(net, opened):
    """12 neurons in 4 columns: row 2, column 1 is neuron 9; the last of 9 squares of `others` is its neuron 8."""
    window = opened(net)
    cells, others = window.activity
    click(cells, 2, 1)
    assert (window.selection.group, window.selection.neurons) == (net["cells", 0], (9,))
    click(cells, 0, 3, CONTROL)
    assert window.selection.neurons == (9, 3)
    click(cells, 2, 1, CONTROL)
    assert window.selection.neurons == (3,)
    click(others, 2, 2)
    assert (window.selection.group, window.selection.neurons) == (net["others", 0], (8,))


def test_every_square_is_its_neuron_and_squares_without_one_are_none(net, opened):
    NeuronGroup(net, size=7, tag="odd")
    window = opened(net)
    for row, column in np.ndindex(3, 3):
        before = window.selection.neurons
        click(window.activity[2], row, column)
        assert window.selection.neurons == ((3 * row + column,) if 3 * row + column < 7 else before)


def test_rings_stand_around_the_chosen(net, opened):
    window = opened(net)
    window.selection.choose(net["cells", 0], [9, 3])
    x, y = window.activity[0]._rings.getData()
    np.testing.assert_array_equal(np.stack([x, y], axis=1), [[1, 2], [3, 0]])
    assert len(window.activity[1]._rings.getData()[0]) == 0


def test_it_shows_the_spikes_of_the_last_iterations(net, opened, noisy):
    """What the model itself has counted, from the beginning, and since `LAST` iterations."""
    window, cells = opened(net), net["cells", 0]
    window.simulate(LAST // 2)
    np.testing.assert_array_equal(window.activity[0].image.drawn.image.ravel(), cells.count)
    window.simulate(LAST)
    before = cells.count.copy()
    window.simulate(LAST)
    np.testing.assert_array_equal(window.activity[0].image.drawn.image.ravel(), cells.count - before)
    assert before.sum() > 20


def test_it_shows_a_variable_as_it_is_now_and_counts_no_spikes_then(net, opened):
    window, cells = opened(net), net["cells", 0]
    window.simulate(20)
    assert len(cells.behaviours) == 3  # the model, its spikes, and the traces
    shown = window.activity[0]
    shown._shown.setCurrentText("voltage")
    np.testing.assert_array_equal(shown.image.drawn.image.ravel(), cells.voltage)
    assert len(cells.behaviours) == 2


def test_values_that_are_no_numbers_have_no_colour(opened):
    class Odd(Behaviour):
        def initialize(self, neurons):
            neurons.v = np.array([np.nan, -2.0, np.inf, 4.0])

        def iteration(self, neurons):
            pass

    net = Network()
    NeuronGroup(net, size=4, tag="odd", behaviour={1: Odd()})
    window = opened(net)
    window.activity[0]._shown.setCurrentText("v")
    assert tuple(window.activity[0].image.drawn.levels) == (-2.0, 4.0)
    net["odd", 0].v[:] = np.nan
    window.draw()
    assert tuple(window.activity[0].image.drawn.levels) == (0.0, 1.0)


def test_an_error_ends_that_picture_alone(net, app, caplog):
    cells = net.build()["cells", 0]
    picture = Activity(cells, Selection(cells))
    picture._shown.setCurrentText("voltage")
    del cells.voltage
    picture.draw()
    picture.draw()
    assert isinstance(picture.error, AttributeError)
    assert picture.box.title() == "cells: stopped"
    assert len(caplog.records) == 1
    picture.rest()


def test_ten_thousand_neurons_are_one_image(opened, noisy):
    net = Network(seed=1)
    NeuronGroup(net, size=10_000, tag="many", behaviour={1: noisy()})
    window = opened(net).simulate(20)
    assert window.activity[0].image.drawn.image.shape == (100, 100)
    click(window.activity[0], 50, 50)
    assert window.selection.neurons[0] in {5050, 4950, 5049, 4949, 5051, 5150, 5151}  # two pixels are a neuron
