"""Whatever the topology, each spike of each source arrives once, at its tick, with its weight - and nothing else does.

::

    native, toy, Brian2, NEST  --any links, any delays-->  native, toy, Brian2, NEST, Keras

Both ends are counted: what a source fired, by its EventRecorder; what a link sent, by the certificate; what came at a
target in each tick, by what the target shows of its input. A few lines of arithmetic say what that must be.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenarios import ledger
from scenarios.ledger import Brian2, Native, NestSink, NestSource, Population, Slow, Toy, Wire

from fusion import Network
from fusion.adapter import registry
from fusion.testing.toy import ToyAdapter

WINDOWS = [1, None]  # ticks; the longest depends on the delays that are drawn
TICKS = 40


@pytest.fixture(scope="module", autouse=True)
def _toy():
    """The toy simulator serves objects in this module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "_registered", dict(registry._registered))
        registry.register(ToyAdapter)
        yield


# --- topologies ------------------------------------------------------------------------------------------------------


def drawn_wire(rng, kinds, sizes, source, target):
    """A link between two populations, with anything that a link may have."""
    ends = []
    for size in (sizes[source], sizes[target]):
        chosen = rng.permutation(size)[: rng.integers(1, size + 1)]
        ends.append(chosen if rng.random() < 0.4 else None)
    sources, targets = ends
    shape = tuple(
        size if end is None else len(end) for end, size in ((targets, sizes[target]), (sources, sizes[source]))
    )
    weights = rng.integers(-12, 13, shape) / 4.0 * (rng.random(shape) < rng.choice([0.3, 1.0]))
    slowest = int(rng.choice([1, 2, 9]))
    delay = int(rng.integers(1, slowest + 1)) if rng.random() < 0.5 else rng.integers(1, slowest + 1, shape)
    if kinds[target] is NestSink:  # it needs a tick of notice
        delay = delay + 1
    into = kinds[target].inputs[rng.integers(len(kinds[target].inputs))]
    return Wire(source, target, weights, delay, into, sources, targets, rng.random() < 0.5, rng.random() < 0.3)


def account(kinds, sizes, pairs, seed, runs, window, rates=(0.05, 0.5)):
    """Make a network, run it, check it; the number of spikes sent. Rates are spikes per tick."""
    rng = np.random.default_rng(seed)
    with Network(dt=ledger.DT, seed=1, window=window) as net:
        populations: list[Population] = []
        for k, (kind, size) in enumerate(zip(kinds, sizes, strict=True)):
            plan = rng.random((sum(runs), size)) < rng.choice(rates)
            populations.append(kind(net, f"{kind.__name__} {k}", plan))
        wires = [drawn_wire(rng, kinds, sizes, *pair) for pair in pairs]
        return ledger.check(net, populations, wires, runs)


@st.composite
def topologies(draw):
    """Populations that need no simulator to be started, any links between them, and the pieces of a run."""
    n = draw(st.integers(1, 4))
    end = st.integers(0, n - 1)
    return {
        "kinds": draw(st.lists(st.sampled_from([Native, Toy]), min_size=n, max_size=n)),
        "sizes": draw(st.lists(st.integers(1, 5), min_size=n, max_size=n)),
        "pairs": draw(st.lists(st.tuples(end, end), min_size=1, max_size=6)),
        "seed": draw(st.integers(0, 2**16)),
        "runs": draw(st.sampled_from([(TICKS,), (1, TICKS - 1), (13, 9, TICKS - 22)])),
        "window": draw(st.sampled_from(WINDOWS)),
    }


@given(topologies())
def test_in_any_topology(topology):
    account(**topology)


@pytest.mark.slow
@settings(max_examples=300)
@given(topologies())
def test_in_any_of_many_topologies(topology):
    account(**topology)


EVERYTHING = [Native, Toy, Brian2, NestSource, NestSink, Native]
# From whoever can fire to whoever takes spikes.
ALL_PAIRS = [(source, target) for source in (0, 1, 2, 3, 5) for target in (0, 1, 2, 4, 5)]


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("seed", range(3))
def test_over_all_simulators(seed, window):
    account(EVERYTHING, [4, 3, 5, 3, 4, 2], ALL_PAIRS, seed, (30, TICKS - 30), window)


@pytest.mark.slow
@pytest.mark.parametrize("window", WINDOWS)
def test_over_a_million_spikes(window):
    assert account(EVERYTHING, [100] * 6, ALL_PAIRS, 7, (900, 500), window, rates=(0.25,)) > 1_000_000


@pytest.mark.slow
@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("seed", range(2))
def test_into_a_layer_that_takes_a_step_in_each_fifth_tick(seed, window):
    kinds = [Native, Toy, NestSource, Brian2, Slow]
    pairs = [(source, 4) for source in range(4)]
    account(kinds, [3, 2, 4, 2, 3], pairs, seed, (TICKS,), window)


# --- the account sees what it should ---------------------------------------------------------------------------------


def one_dropped(spikes):
    return np.delete(spikes, len(spikes) // 2, axis=0)


def one_doubled(spikes):
    return np.insert(spikes, len(spikes) // 2, spikes[len(spikes) // 2], axis=0)


def one_late(spikes):
    changed = spikes.copy()
    changed[len(spikes) // 2, 0] += 1
    return changed


@pytest.mark.parametrize("change", [one_dropped, one_doubled, one_late])
def test_the_account_sees_a_single_spike(change, monkeypatch):
    """The source is said to have fired something else than what arrived."""
    monkeypatch.setattr(Native, "spikes", property(lambda self: change(self.group["spike", 0])))
    monkeypatch.setattr(Native, "keeps_to_plan", False)
    with pytest.raises(AssertionError, match="Arrays are not equal"):
        account([Native, Toy], [3, 3], [(0, 1)], 3, (TICKS,), 1)


def test_the_account_sees_a_link_that_is_late(monkeypatch):
    make = Wire.make
    monkeypatch.setattr(Wire, "make", lambda wire, *others: make(replace(wire, delay=wire.delay + 1), *others))
    with pytest.raises(AssertionError, match="Arrays are not equal"):
        account([Native, Toy], [3, 3], [(0, 1)], 3, (TICKS,), 1)
