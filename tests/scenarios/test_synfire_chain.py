"""A synfire chain whose layers alternate between simulators carries the volleys that the chain in one simulator does.

::

    inputs --> NEST --> Brian2 --> native --> NEST --> Brian2 --> native        (100 neurons each, all to all)

A volley that is strong enough makes all of a layer fire, and travels on; a weaker one dies out (Diesmann, Gewaltig,
Aertsen 1999). The two regimes are so close to each other that no spike may be lost on the way.
"""

from __future__ import annotations

import functools

import nest
import numpy as np
import pytest
from scenarios.lif_network import chain, in_brian2_alone, in_nest_alone
from scenarios.lif_split import split

WINDOWS = [None]  # ticks; the longest
LAYERS, WIDTH, TICKS = 6, 100, 350
J = 27.0  # pA; a bit less than 60 inputs at once make the median neuron fire
DIES, TRAVELS = 55, 75  # inputs that fire

TOLERANCE = 1e-9  # mV, as in test_split_network
ALTERNATING = [("nest", "brian2", "native"), ("brian2", "nest", "native"), ("native", "brian2", "nest")]


@functools.cache
def drawn(volley: int):
    """The chain, and what NEST alone makes of it. Resets the kernel."""
    numbers = chain(LAYERS, WIDTH, volley=volley, j=J)
    return numbers, in_nest_alone(numbers, TICKS)


@pytest.fixture(params=[DIES, TRAVELS], ids=["a weak volley", "a strong volley"])
def volley(request):
    result = drawn(request.param)
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    return result


def fired(whole):
    """The ticks of each layer's spikes."""
    return [whole.spikes[whole.spikes[:, 1] // WIDTH == layer, 0] for layer in range(LAYERS)]


def test_a_weak_volley_dies():
    first, *others = map(len, fired(drawn(DIES)[1]))
    assert 0 < first < WIDTH
    assert others[1:] == [0] * (LAYERS - 2)


def test_a_strong_volley_travels_at_a_constant_pace():
    ticks = fired(drawn(TRAVELS)[1])
    assert [len(layer) for layer in ticks[1:]] == [WIDTH] * (LAYERS - 1)
    latencies = np.diff([layer.mean() for layer in ticks[1:]])
    # The mean of 100 neurons that scatter by 3 ticks is known to 0.3, the difference of two to 0.4.
    assert np.ptp(latencies) < 1.0
    assert latencies.mean() > 15.0  # the delay alone


def test_the_chain_in_brian2_is_the_chain_in_nest(volley):
    numbers, whole = volley
    in_brian2_alone(numbers, TICKS).check(whole, TOLERANCE)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("forms", ALTERNATING, ids="-".join)
def test_a_chain_over_three_simulators_is_the_chain_in_one(volley, forms, window):
    numbers, whole = volley
    layers = [(forms[layer % 3], WIDTH) for layer in range(LAYERS)]
    split(numbers, layers, [TICKS], window=window).check(whole, TOLERANCE)


@pytest.mark.parametrize("ticks", [-1, 1], ids=["early", "late"])
def test_the_comparison_sees_one_layer_one_tick_off(ticks):
    numbers, whole = drawn(TRAVELS)
    layers = [(ALTERNATING[0][layer % 3], WIDTH) for layer in range(LAYERS)]
    nest.ResetKernel()
    outcome = split(numbers, layers, [TICKS], shift=(4, 5, ticks))
    with pytest.raises(AssertionError, match="in the whole network"):
        outcome.check(whole, TOLERANCE)
