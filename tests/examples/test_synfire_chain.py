"""``examples/synfire_chain.py`` has the numbers of Diesmann, Gewaltig, Aertsen (1999)."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Network, NeuronGroup, Recorder
from fusion.behaviours import LIF, AlphaCurrent, PoissonInput, StepCurrent


@pytest.fixture(scope="module")
def synfire(example):
    return example("synfire_chain")


def potential(synfire, ticks, *inputs, size=1):
    """What inputs make of the potential (ticks, size) of neurons that do not fire, from rest, mV."""
    net = Network(dt=0.1, seed=1)
    model = LIF(tau=synfire.TAU, capacitance=synfire.CAPACITANCE, threshold=1e9)
    behaviour = {8: AlphaCurrent(tau=synfire.TAU_SYNAPSE), 9: model, 10: Recorder("voltage"), **dict(enumerate(inputs))}
    NeuronGroup(net, size=size, behaviour=behaviour)
    net.simulate(ticks)
    return net["voltage", 0] + 70.0


def test_a_synapse_has_the_potential_of_the_paper(synfire):
    """0.14 mV, 1.7 ms after the spike, which is in the input at the end of the first step."""
    voltage = potential(synfire, 100, StepCurrent(amplitude=synfire.PEAK, end=0.1, into="input"))[:, 0]
    assert voltage.max() == pytest.approx(0.14, rel=0.01)
    assert 0.1 * voltage.argmax() == pytest.approx(1.7, abs=0.05)


def test_the_background_has_the_mean_and_the_fluctuations_of_the_paper(synfire):
    """A mean of 8.25 mV above rest and a standard deviation of 2.85 mV, from 17600 and 2400 Poisson sources."""
    sources = ((synfire.PEAK, synfire.EXCITATORY), (-synfire.PEAK, synfire.INHIBITORY))
    inputs = (PoissonInput(sources=n, rate=rate, weight=weight) for weight, (n, rate) in sources)
    later = potential(synfire, 1500, *inputs, size=400)[600:]
    assert later.mean() == pytest.approx(8.25, abs=0.2)
    assert later.std() == pytest.approx(2.85, abs=0.1)
    assert [later.mean() - 70.0, later.std()] == pytest.approx(synfire.BACKGROUND, abs=0.1)


@pytest.mark.parametrize("name", ["sharp", "large"])
def test_a_volley_that_is_strong_enough_becomes_the_same_one(synfire, name):
    """Whatever it was: some 100 spikes with a precision below a millisecond."""
    net = synfire.build(*synfire.VOLLEYS[name])
    net.run(synfire.DURATION)
    found = synfire.volleys(net)
    for a, sigma in found[4:]:
        assert a == pytest.approx(synfire.WIDTH, abs=5)
        assert sigma < 1.0
    assert found[0][1] > np.mean([sigma for _, sigma in found[4:]])


@pytest.mark.parametrize("name", ["scattered", "weak"])
def test_another_dies(synfire, name):
    """Of 100 neurons at 3 Hz some 3 fire within 10 ms anyway."""
    net = synfire.build(*synfire.VOLLEYS[name])
    net.run(synfire.DURATION)
    assert max(a for a, _ in synfire.volleys(net)[-3:]) < 12


@pytest.mark.slow
def test_it_does_so_whatever_is_drawn_and_small_groups_hold_no_volley(synfire):
    """The paper's attractor is there from 90 neurons on; ours, without slow refractoriness, is gone at 60."""
    for volley, width, travels in (((60, 0.0), 100, True), ((30, 0.0), 100, False), ((100, 0.0), 60, False)):
        net = synfire.build(*volley, width=width, number=2)
        net.run(synfire.DURATION)
        a, _ = synfire.volleys(net)[-1]
        assert (a > 90) if travels else (a < 12)
