"""The theory that ``examples/brunel_hakim.py`` is held against in test_all.py, and that it is about this network."""

from __future__ import annotations

import pytest
from models import brunel_hakim


def test_it_oscillates_with_little_noise_and_not_with_much(example):
    """With 1 mV a rhythm of 162 Hz grows, with 5 mV one of 177 Hz decays; 2.6 mV are the border."""
    noise = example("brunel_hakim").NOISE
    grows, decays = brunel_hakim.rhythm(noise["oscillating"]), brunel_hakim.rhythm(noise["stationary"])
    assert grows == pytest.approx((161.7, 1.55), rel=0.01)
    assert decays == pytest.approx((177.1, 0.735), rel=0.01)
    assert brunel_hakim.rhythm(2.6)[1] == pytest.approx(1.0, abs=0.02)
    assert [brunel_hakim.rate(each) for each in noise.values()] == pytest.approx([3.45, 5.80], abs=0.01)


@pytest.mark.parametrize("name", ["TAU", "THRESHOLD", "RESET", "J", "INPUTS", "DELAY", "MEAN"])
def test_the_example_is_this_network(example, name):
    assert vars(example("brunel_hakim"))[name] == vars(brunel_hakim)[name]
