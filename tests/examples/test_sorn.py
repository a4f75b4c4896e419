"""``examples/sorn.py`` stays in the regime of Lazar, Pipa, Triesch (2009), and learns. The run in full: test_all.py."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture(scope="module")
def sorn(example):
    return example("sorn")


def activity(net, block=500):
    """The share of excitatory units that fire, block by block of the second half."""
    share = net["np.mean(spike)", 0]
    return share[len(share) // 2 :].reshape(-1, block).mean(axis=1)


def check_plasticity(sorn, net, ticks):
    """What the rules promise, whatever the network does: the rates (n,) of the units of E."""
    before = net["E", 0].threshold.copy()
    net.enable("states")
    net.simulate(ticks)
    # What thresholds have moved by is all that rates may differ by from the target.
    rates = net["spike", 0].mean(axis=0)
    moved = (net["E", 0].threshold - before) / (sorn.RATE_IP * ticks)
    np.testing.assert_allclose(rates - sorn.TARGET, moved, atol=1e-9)
    weights = net["EE", 0].W
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, rtol=1e-12)
    assert weights.data.min() >= 0.0
    return rates


def test_its_plasticity_keeps_what_it_promises(sorn):
    net = sorn.build()
    net.simulate(1)
    weights = net["EE", 0].weights.copy()
    check_plasticity(sorn, net, 400)
    assert (net["EE", 0].weights != weights).mean() > 0.3


@pytest.mark.slow
def test_it_is_stationary_at_the_rate_of_its_target(sorn):
    """H_IP = 0.1 of the steps: neither silent nor saturated in 10 000 steps."""
    net = sorn.build()
    net.simulate(5000)
    rates = check_plasticity(sorn, net, 5000)
    assert rates.mean() == pytest.approx(sorn.TARGET, abs=0.02)
    assert rates.max() < 3 * sorn.TARGET
    assert activity(net).min() > 0.5 * sorn.TARGET
    assert activity(net).max() < 2.0 * sorn.TARGET


@pytest.mark.slow
def test_without_normalization_seizures_and_silence_alternate(sorn):
    """ "All three forms of plasticity are shown to be essential"."""
    net = sorn.build()
    net.disable("SynapticNormalization")
    net.simulate(10_000)
    blocks = activity(net, block=100)
    assert blocks.min() < 0.1 * sorn.TARGET
    assert blocks.max() > 5.0 * sorn.TARGET


@pytest.mark.slow
def test_without_intrinsic_plasticity_many_units_are_silent_and_others_fire_too_often(sorn):
    net = sorn.build()
    net.disable("Homeostasis")
    net.simulate(2000)
    net.enable("states")
    net.simulate(500)
    rates = net["spike", 0].mean(axis=0)
    assert (rates < 0.1 * sorn.TARGET).mean() > 0.2
    assert rates.max() > 3.0 * sorn.TARGET
