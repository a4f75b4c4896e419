"""Networks drawn at random do in windows, and side by side, what they do in lockstep, in all bits.

Participants with notices of 0 to 2 ticks and slower clocks, native groups, links of all kinds with any delay, between
whole groups and parts; behaviours that read and write by tag, by attribute, now and then, or leave; several runs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup, exponential
from fusion.errors import BuildFailed, DelayTooShort, WindowTooLarge
from fusion.testing.toy import ToyNeurons

SEEDS = range(40)


class Fires(Behaviour):
    def initialize(self, neurons):
        neurons.x = neurons.vector()

    def iteration(self, neurons):
        neurons.spike = neurons.vector("uniform") < 0.15
        neurons.x = 0.9 * neurons.x + neurons.vector("uniform")


class FiresInPlace(Fires):
    writes = ("spike",)

    def initialize(self, neurons):
        super().initialize(neurons)
        neurons.spike = neurons.vector(False)

    def iteration(self, neurons):
        neurons.spike[:] = neurons.vector("uniform") < 0.1
        neurons.x += neurons.spike


class ReadsByTag(Behaviour):
    of: str

    def initialize(self, owner):
        owner.read_by_tag = 0.0

    def iteration(self, owner):
        other = owner.network[self.of, 0]
        owner.read_by_tag = 0.5 * owner.read_by_tag + other.v.sum() + len(other.spikes)


class ReadsLate(Behaviour):
    of: object
    every: float | None = None

    def initialize(self, owner):
        owner.read_late = 0.0

    def iteration(self, owner):
        if owner.network.iteration > 20:
            owner.read_late = 0.5 * owner.read_late + self.of.current[1:].sum() + self.of.v[0]


class Follows(Behaviour):
    of: object

    def initialize(self, owner):
        owner.followed = 0.0

    def iteration(self, owner):
        owner.followed = 0.5 * owner.followed + self.of.x.sum()


class Drives(Behaviour):
    of: object
    every: float = 0.5

    def iteration(self, owner):
        self.of.drive = 300.0 + owner.network.iteration + self.of.v


class Learns(Behaviour):
    def iteration(self, synapses):
        synapses.W = synapses.W * 0.99 + 0.01 * (len(synapses.source.spikes) + len(synapses.target.spikes))


class Leaves(Behaviour):
    def iteration(self, owner):
        if owner.network.iteration == 20:
            owner.remove_behaviour(self)


def make(rng: np.random.Generator, kinds: list[Any], window: int | None) -> Network:
    """A network; the same for the same state of `rng`."""
    net = Network(dt=0.1, seed=5, window=window)
    ats = dict(zip(kinds, rng.choice([0.0, 0.0, 2.5], len(kinds)), strict=True))
    foreign = []
    for i in range(rng.integers(1, 4)):
        kind = kinds[rng.integers(len(kinds))]
        clock = {"every": 0.1 * int(rng.integers(1, 5))} if kind is kinds[-1] else {}
        group = NeuronGroup(net, kind(3, noise_rate=3000.0, noise_weight=900.0), tag=f"f{i}", at=ats[kind], **clock)
        key = float(rng.choice([0.5, 90.0]))
        group.add_behaviour(key, Recorder("v", "current[:2]", "drive"))
        group.add_behaviour(key + 1, EventRecorder("spike"))
        foreign.append(group)
    native = []
    for i in range(rng.integers(1, 4)):
        first = Fires() if rng.random() < 0.7 else FiresInPlace()
        native.append(NeuronGroup(net, size=3, tag=f"n{i}", behaviour={1: first, 91: Recorder("x")}))
        native[-1].add_behaviour(92, EventRecorder("spike"))
    for i in range(rng.integers(1, 6)):
        connect(net, rng, foreign, native, i)
    for key in range(rng.integers(0, 5)):
        one, other = foreign[rng.integers(len(foreign))], native[rng.integers(len(native))]
        owner = (one, other, net)[rng.integers(3)]
        reading = (ReadsByTag(of=one.tag), ReadsLate(of=one), ReadsLate(of=one, every=0.3))
        made = (*reading, Follows(of=other), Drives(of=one), Leaves())[rng.integers(6)]
        owner.add_behaviour(float(rng.choice([0.1, 3.0, 60.0])) + 0.1 * key, made)
        names = {ReadsByTag: "read_by_tag", ReadsLate: "read_late", Follows: "followed"}
        if type(made) in names:
            owner.add_behaviour(95.0 + key, Recorder(names[type(made)]))
    return net


def connect(net: Network, rng: np.random.Generator, foreign: list[Any], native: list[Any], i: int) -> None:
    """A link between two groups drawn from all."""
    groups = foreign + native
    source, target = groups[rng.integers(len(groups))], groups[rng.integers(len(groups))]
    signal, into = ("v" if source in foreign else "x"), ("drive" if target in foreign else "input")
    delay = round(0.1 * float(rng.integers(1, 12)), 1)
    options = (
        {"into": None, "delay": delay},
        {"into": None, "delay": 0.1 * rng.integers(1, 12, (3, 3))},
        {"into": into, "delay": delay, "filter": exponential(2.0)},
        {"into": into, "delay": delay, "signal": signal},
        {"into": into, "delay": delay, "signal": "spike"},
    )[rng.choice(5, p=[0.4, 0.2, 0.15, 0.15, 0.1])]
    weight = rng.uniform(-200, 700, (3, 3)) if target in foreign else rng.uniform(0, 1, (3, 3))
    if options["into"] == "drive":
        weight *= 0.01
    whole = rng.random() < 0.8
    if not whole and np.ndim(options["delay"]) == 0:
        made = SynapseGroup(net, source[np.array([2, 0])], target, tag=f"l{i}", weight=weight[:, :2], **options)
    else:
        made = SynapseGroup(net, source, target, tag=f"l{i}", weight=weight, **options)
    if rng.random() < 0.2:
        made.add_behaviour(float(rng.choice([0.3, 5.0])), Learns())


def outcome(seed: int, kinds: list[Any], window: int | None) -> tuple[Network, list[np.ndarray]]:
    """The network after up to three runs, between which the user writes and attaches; and its recordings."""
    rng = np.random.default_rng(seed)
    net = make(rng, kinds, window)
    for run in range(rng.integers(1, 4)):
        net.simulate(int(rng.integers(5, 40)))
        change = rng.random()
        if change < 0.3:
            net["f0", 0].v = -60.0
        elif change < 0.5:
            net["f0", 0].add_behaviour(100.0 + run, Recorder("v * 2"))
    series = [buffer.array() for one in net["Recorder"] for buffer in one._rows.values()]
    series += [buffer.array() for one in net["EventRecorder"] for buffer in one._events.values()]
    return net, series


@pytest.fixture
def kinds(toy, noticing, slow):
    """Kinds of neurons, each of an adapter of its own; the last has slower clocks."""
    return [ToyNeurons, noticing("one", 1), noticing("two", 2), slow]


@pytest.mark.parametrize("seed", SEEDS)
def test_windows_change_nothing(kinds, seed):
    try:
        _, lockstep = outcome(seed, kinds, 1)
    except (BuildFailed, DelayTooShort):
        # The delay of a link is below the notice of its receiver, or somebody looks before it may.
        with pytest.raises((BuildFailed, DelayTooShort)):
            outcome(seed, kinds, None)
        return
    for window in (None, 2, 5):
        try:
            _, rows = outcome(seed, kinds, window)
        except (BuildFailed, WindowTooLarge):
            assert window is not None
            continue
        assert len(rows) == len(lockstep)
        for one, other in zip(rows, lockstep, strict=True):
            np.testing.assert_array_equal(one, other, f"window {window}")


def tried(seed: int, kinds: list[Any], window: int | None) -> tuple[list[list[str]], list[np.ndarray] | type]:
    """Who computed side by side, and the recordings; or the error, if the network cannot be."""
    try:
        net, rows = outcome(seed, kinds, window)
    except (BuildFailed, DelayTooShort, WindowTooLarge) as error:
        return [], type(error)
    return net.coupling.side_by_side, rows


@pytest.mark.parametrize("window", [None, 1, 3])
def test_computing_side_by_side_changes_nothing(kinds, in_background, window):
    apart = [tried(seed, kinds, window) for seed in SEEDS]
    for kind in kinds[1:]:
        in_background(kind)
    together = [tried(seed, kinds, window) for seed in SEEDS]
    assert not any(names for names, _ in apart)
    assert sum(bool(names) for names, _ in together) > 5
    for seed, (_, one), (_, other) in zip(SEEDS, apart, together, strict=True):
        if isinstance(one, type):
            assert one is other
            continue
        for row, same in zip(one, other, strict=True):
            np.testing.assert_array_equal(row, same, f"seed {seed}")
