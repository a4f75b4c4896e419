"""The law of the window: a network that is watched does what it does alone, bit for bit.

::

    noise (native) --> cortex (NEST) <--> pool (Brian2)         mixed_network.py
                          |
                          +--> reader (Keras)
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from fusion import EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup, exponential, fixed_probability
from fusion.gui import default_tabs

MIXED = Path(__file__).parents[1] / "scenarios" / "mixed_network.py"
ITERATIONS = 600


def native(noisy):
    """Random units, and what the user records of them."""
    net = Network(seed=5)
    cells = NeuronGroup(net, size=30, tag="cells", behaviour={1: noisy(leak="uniform(0.8, 0.95)")})
    SynapseGroup(net, cells, cells, connect=fixed_probability(0.2), weight="normal(0, 0.1)", delay="uniform(1, 5)")
    cells.add_behaviour(8, Recorder("voltage", "np.mean(voltage)", last=200))
    cells.add_behaviour(9, EventRecorder("spike"))
    return net


def mixed():
    """Four simulators, each with noise of its own, in windows of 15 ticks; what the user records of each."""
    import keras

    spec = importlib.util.spec_from_file_location("mixed_network", MIXED)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    net = module.build(3)
    reader = keras.Sequential([keras.Input((40,)), keras.layers.Dense(4, activation="tanh")])
    NeuronGroup(net, reader, tag="reader", every=1.0, behaviour={9: Recorder("output")})
    SynapseGroup(net, net["cortex", 0], net["reader", 0], filter=exponential(5.0))
    net["cortex", 0].add_behaviour(12, Recorder("V_m[:10]", every=0.5))
    return net


def outcome(net):
    """All that the user has recorded, and the last state of every group."""
    found = {}
    for group in net.groups:
        for behaviour in group.behaviours.values():
            if isinstance(behaviour, Recorder | EventRecorder):
                found |= {(group.tag, text): np.array(group[text, 0]) for text in behaviour._expressions()}
        for name in set(group.variable_names()) - {"spike", "spikes"}:
            found[group.tag, name] = np.array(group.read(name))
    return found


def assert_same(bare, watched):
    assert bare.keys() == watched.keys()
    for key, values in bare.items():
        assert values.dtype == watched[key].dtype, key
        assert values.tobytes() == watched[key].tobytes(), key


def watched(net, opened, until):
    """Played, stepped and run from a script, while everything that the user can do to the window is done."""
    window = opened(net, default_tabs())
    play = window.player

    def wait(last):
        until(lambda: net.iteration >= last or not play.is_playing)

    play.play(ITERATIONS - 100)
    for n, group in enumerate(net.groups):
        last = net.iteration
        window.selection.choose(group, range(min(3, group.size)))
        for tab in window.tabs:
            last += 25
            window.open(tab.title)
            wait(last)
        shown = window.activity[n]._shown
        shown.setCurrentIndex(shown.count() - 1)
    play.pause()
    play.step(3)
    rest = ITERATIONS - 60 - net.iteration
    assert rest >= 37
    play.play(rest)
    window._frame.showMinimized()
    until(lambda: not play.is_playing)
    window._frame.showNormal()
    window.open("traces")
    window.simulate(60)
    assert net.iteration == ITERATIONS
    assert [tab.error for tab in window.tabs] == [None] * len(window.tabs)
    assert [each.error for each in window.activity] == [None] * len(window.activity)
    before = [len(group.behaviours) for group in net.groups]
    window.close()
    assert sum(len(group.behaviours) for group in net.groups) < sum(before)
    assert not any(each.is_hidden for each in net.ordered_behaviours())


def test_native_behaviours_do_the_same(noisy, opened, until):
    bare = native(noisy).simulate(ITERATIONS)
    net = native(noisy)
    watched(net, opened, until)
    assert_same(outcome(bare), outcome(net))
    assert len(net["spike", 0]) > 100


@pytest.mark.slow
def test_four_simulators_with_noise_do_the_same(opened, until):
    with mixed() as bare:
        expected = outcome(bare.simulate(ITERATIONS))
    with mixed() as net:
        watched(net, opened, until)
        assert net.coupling.window == bare.coupling.window > 1
        assert_same(expected, outcome(net))
        for tag in ("noise", "cortex", "pool"):
            assert len(net[tag, 0]["spike", 0]) > 15, tag
        assert np.ptp(net["output", 0], axis=0).min() > 0
