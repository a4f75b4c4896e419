"""`Flow`: a chart is made when the button is pressed, at the price that it names, without the recordings of windows."""

from __future__ import annotations

import pytest

pytest.importorskip("pyqtgraph")

from fusion import Network, NeuronGroup
from fusion.behaviours import LIF, WhiteNoise
from fusion.gui import Flow, Window
from fusion.testing.toy import ToyNeurons


def test_a_chart_costs_what_the_button_says():
    net = Network(dt=0.5, seed=1)
    NeuronGroup(net, size=5, tag="a", behaviour={1: WhiteNoise(into="current"), 2: LIF()})
    NeuronGroup(net, size=5, tag="b", behaviour={3: LIF()})
    with Window(net, [Flow()]) as window:
        tab = window.tabs[0]
        window.simulate(10)
        assert (tab._drawing.canvas.svg, net.iteration) == ("", 10)
        assert tab._button.text() == "Simulate 1 iteration and trace it"
        tab._button.click()
        picture = tab._drawing.canvas.svg
        assert net.iteration == 11
        assert ("WhiteNoise" in picture, "a.current" in picture, "b.current" in picture) == (True, True, False)
        assert "Recorder" not in picture
        assert tab._note.text() == "What touches 'a', in iteration 11."
        tab._count(4)
        tab._choose("the network")
        assert tab._button.text() == "Simulate 4 iterations and trace it"
        tab._button.click()
        assert net.iteration == 15
        assert "b.current" in tab._drawing.canvas.svg
        assert tab._note.text() == "What touches the network, in iterations 12 to 15."
        assert tab.error is None


def test_a_group_that_no_behaviour_touches_is_said_to_be_so(toy):
    net = Network(dt=0.1, seed=1)
    NeuronGroup(net, ToyNeurons(4, dt=0.1), tag="cells")
    with Window(net, [Flow()]) as window:
        tab = window.tabs[0]
        tab._button.click()
        assert tab._note.text() == "NeuronGroup(toy: 4 neurons, tag='cells', behaviour={}) has no behaviours to show."
        assert (tab._drawing.canvas.svg, tab.error) == ("", None)
