"""A recurrent network split over simulators is the network as one of them alone computes it, spike for spike.

::

    E --> E          E in NEST --> E                            the whole in NEST
    |^                 |^                            equals
    v|                 v|  links of fusion                      the whole in Brian2
    I --> I          I in Brian2, or native --> I
                                                                the whole in behaviours
    E E --> E        E in NEST <--> E in Brian2
    |^                 ^--> I native <--^

The quick tests have 250 neurons and 150 ms, the slow ones 1000 neurons and a second, at 12 Hz each.
"""

from __future__ import annotations

import functools
import platform

import nest
import numpy as np
import pytest
from scenarios.lif_network import HELD, in_brian2_alone, in_nest_alone, propagators, recurrent
from scenarios.lif_split import split

from fusion.errors import BuildFailed

WINDOWS = [None]  # ticks; the longest, and `test_every_legal_window...` compares it with all others
SMALL, LARGE = ({"n_e": 200, "n_i": 50, "from_e": 40, "from_i": 10, "j": 140.0}, 1500), (
    {"n_e": 800, "n_i": 200, "from_e": 80, "from_i": 20, "j": 100.0}, 10_000
)  # fmt: skip

# Rounding: 5e-12 mV at most in a second of this network (Brian2 computes in volts and amperes, and its propagators are
# other doubles by a unit in the last place), while a flipped threshold moves a potential by millivolts.
TOLERANCE = 1e-9  # mV

platform_bound = pytest.mark.skipif(
    platform.machine() != "x86_64", reason="all bits: other processors may fuse products and sums in NEST's binary"
)


@functools.cache
def drawn(is_large: bool, is_dyadic: bool):
    """The numbers, and what NEST alone makes of them. Resets the kernel."""
    sizes, ticks = LARGE if is_large else SMALL
    numbers = recurrent(**sizes, dyadic=is_dyadic)
    return numbers, in_nest_alone(numbers, ticks)


@pytest.fixture(params=[True, False], ids=["dyadic weights", "any weights"])
def small(request):
    """(numbers, whole): dyadic sums do not round, so that the order of arrivals cannot matter."""
    return fresh(drawn(False, request.param))


@pytest.fixture(params=[True, False], ids=["dyadic weights", "any weights"])
def large(request):
    return fresh(drawn(True, request.param))


@pytest.fixture
def one():
    """Any weights, for what needs no second case."""
    return fresh(drawn(False, False))


def fresh(result):
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    return result


def cut(numbers, *forms):
    """The populations, or half of the excitatory one, then the rest of it, and the inhibitory one."""
    n_i = numbers.size // 5
    n_e = numbers.size - n_i
    sizes = (n_e, n_i) if len(forms) == 2 else (n_e // 2, n_e - n_e // 2, n_i)
    return list(zip(forms, sizes, strict=True))


def length(whole):
    return len(whole.potential)


MIXTURES = [("nest", "brian2"), ("nest", "native"), ("nest", "brian2", "native")]
OTHER_MIXTURES = [
    pytest.param(("brian2", "nest"), marks=pytest.mark.slow),
    ("native", "brian2"),
    ("nest", "nest"),
    ("summed", "brian2"),
]
MATCHED = [("nest", "brian2 bits"), ("nest", "native bits"), ("nest", "brian2 bits", "native bits")]


# --- the whole -------------------------------------------------------------------------------------------------------


def test_the_simulators_alone_agree_on_the_whole(small):
    numbers, whole = small
    in_brian2_alone(numbers, length(whole)).check(whole, TOLERANCE)
    split(numbers, [("native", numbers.size)], [length(whole)]).check(whole, TOLERANCE)
    is_excitatory = whole.spikes[:, 1] < numbers.size * 4 // 5
    assert min(np.count_nonzero(is_excitatory), np.count_nonzero(~is_excitatory)) > 100


@platform_bound
def test_the_simulators_alone_agree_in_all_bits(small):
    numbers, whole = small
    in_brian2_alone(numbers, length(whole), "brian2 bits").check(whole, 0.0)
    split(numbers, [("native bits", numbers.size)], [length(whole)]).check(whole, 0.0)


def test_the_constants_of_nest_are_those_of_the_equations():
    """To some units in the last place; the differences of exponentials lose two digits."""
    numbers, _ = fresh(drawn(False, True))
    np.testing.assert_allclose(numbers.of_nest, propagators(), rtol=1e-13)


# --- the split -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("forms", MIXTURES, ids="-".join)
def test_a_split_network_is_the_whole(one, forms, window):
    numbers, whole = one
    split(numbers, cut(numbers, *forms), [length(whole)], window=window).check(whole, TOLERANCE)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("forms", OTHER_MIXTURES, ids="-".join)
def test_whoever_computes_which_part(one, forms, window):
    numbers, whole = one
    split(numbers, cut(numbers, *forms), [length(whole)], window=window).check(whole, TOLERANCE)


@platform_bound
@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("forms", MATCHED, ids="-".join)
def test_a_split_network_is_the_whole_in_all_bits(forms, window):
    """Where the arithmetic is the same, and no sum depends on the order of its terms."""
    numbers, whole = fresh(drawn(False, True))
    split(numbers, cut(numbers, *forms), [length(whole)], window=window).check(whole, 0.0)


@pytest.mark.parametrize("window", WINDOWS)
def test_a_run_in_pieces_is_the_whole(one, window):
    numbers, whole = one
    pieces = (1, 700, 299, length(whole) - 1000)
    split(numbers, cut(numbers, "nest", "brian2"), pieces, window=window).check(whole, TOLERANCE)


@pytest.mark.slow
@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("forms", MIXTURES, ids="-".join)
def test_a_second_of_a_split_network_is_the_whole(large, forms, window):
    numbers, whole = large
    split(numbers, cut(numbers, *forms), [length(whole)], window=window).check(whole, TOLERANCE)


@pytest.mark.slow
@platform_bound
@pytest.mark.parametrize("window", WINDOWS)
def test_a_second_of_a_split_network_is_the_whole_in_all_bits(window):
    numbers, whole = fresh(drawn(True, True))
    split(numbers, cut(numbers, *MATCHED[-1]), [length(whole)], window=window).check(whole, 0.0)


@pytest.mark.slow
def test_a_second_of_the_whole_is_the_same_in_all_simulators(large):
    numbers, whole = large
    in_brian2_alone(numbers, length(whole)).check(whole, TOLERANCE)
    split(numbers, [("native", numbers.size)], [length(whole)]).check(whole, TOLERANCE)
    is_excitatory = whole.spikes[:, 1] < 800
    assert len(whole.spikes) > 10_000
    assert min(np.count_nonzero(is_excitatory), np.count_nonzero(~is_excitatory)) > 1000


# --- the windows -----------------------------------------------------------------------------------------------------


def in_window(numbers, forms, window, ticks):
    return split(numbers, cut(numbers, *forms), [ticks], window=window)


@pytest.mark.parametrize("forms", [*MIXTURES, ("summed", "brian2")], ids="-".join)
def test_every_legal_window_gives_the_same_bits(one, forms):
    numbers, _ = one
    ticks = 600
    lockstep = in_window(numbers, forms, 1, ticks)
    for window in (2, 5, 13, 14, None):
        nest.ResetKernel()
        in_window(numbers, forms, window, ticks).check(lockstep, 0.0)


@pytest.mark.slow
@pytest.mark.parametrize("window", [1, 5, 10, 14])
def test_every_legal_window_gives_the_same_bits_for_a_second(large, window):
    numbers, whole = large
    longest = in_window(numbers, MIXTURES[-1], None, length(whole))
    nest.ResetKernel()
    in_window(numbers, MIXTURES[-1], window, length(whole)).check(longest, 0.0)


@pytest.mark.parametrize("forms", MIXTURES, ids="-".join)
def test_a_longer_window_than_the_delays_allow_is_refused(one, forms):
    numbers, _ = one
    with pytest.raises(BuildFailed, match=r"The link '.*' allows windows of at most 1[45] iterations.*you asked for"):
        in_window(numbers, forms, numbers.delay + 1, 100)


# --- the comparison sees what it should ------------------------------------------------------------------------------


@pytest.fixture
def differs(one):
    """``differs(forms, ...)``: a split network with something wrong in it does not fire the spikes of the whole."""
    numbers, whole = one

    def check(forms, **wrong):
        outcome = split(numbers, cut(numbers, *forms), [length(whole)], **wrong)
        with pytest.raises(AssertionError, match="in the whole network"):
            outcome.check(whole, TOLERANCE)

    return check


@pytest.fixture
def spike(one):
    """(neuron, tick) of an inhibitory spike in the middle of the run."""
    numbers, whole = one
    inhibitory = whole.spikes[whole.spikes[:, 1] >= numbers.size * 4 // 5]
    tick, neuron = inhibitory[np.searchsorted(inhibitory[:, 0], length(whole) // 2)].tolist()
    return neuron, tick


@pytest.mark.parametrize("ticks", [-1, 1], ids=["early", "late"])
@pytest.mark.parametrize("edge", [(0, 1), (1, 0)], ids=["E to I", "I to E"])
def test_the_comparison_sees_an_edge_one_tick_off(differs, edge, ticks):
    differs(("nest", "native"), shift=(*edge, ticks))


@pytest.mark.parametrize("ticks", [-1, 1], ids=["short", "long"])
def test_the_comparison_sees_a_refractoriness_one_step_off(differs, ticks):
    differs(("nest", "brian2"), held=HELD + ticks)


def test_the_comparison_sees_one_spike_dropped(differs, spike):
    differs(("native", "nest"), additions=[(*spike, -1.0)])


def test_the_comparison_sees_one_spike_doubled(differs, spike):
    differs(("native", "nest"), additions=[(*spike, 1.0)])


def test_the_comparison_sees_one_spike_late_by_a_tick(differs, spike):
    neuron, tick = spike
    differs(("native", "nest"), additions=[(neuron, tick, -1.0), (neuron, tick + 1, 1.0)])


def test_the_comparison_is_not_misled_by_how_a_spike_is_dropped_here(one, spike):
    """What is taken away and given back at once changes nothing."""
    numbers, whole = one
    additions = [(*spike, -1.0), (*spike, 1.0)]
    split(numbers, cut(numbers, "native", "nest"), [length(whole)], additions=additions).check(whole, TOLERANCE)


def test_the_comparison_sees_a_potential_that_differs(one):
    numbers, whole = one
    outcome = split(numbers, [("native", numbers.size)], [length(whole)])
    outcome.potential[-1, 0] += 2 * TOLERANCE
    with pytest.raises(AssertionError, match="mV apart"):
        outcome.check(whole, TOLERANCE)


def test_the_comparison_sees_a_spike_twice_and_a_spike_too_few(one):
    numbers, whole = one
    outcome = split(numbers, [("native", numbers.size)], [length(whole)])
    for spikes in (np.repeat(whole.spikes, [2] + [1] * (len(whole.spikes) - 1), axis=0), whole.spikes[:-1]):
        outcome.spikes = spikes
        with pytest.raises(AssertionError, match="in the whole network"):
            outcome.check(whole, TOLERANCE)
