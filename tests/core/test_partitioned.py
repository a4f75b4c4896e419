"""Synapses in blocks: the same synapses, the same drawn numbers, the same results as in one group."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from scipy.sparse import csc_array

from fusion import (
    Behaviour,
    EventRecorder,
    Network,
    NeuronGroup,
    Recorder,
    SynapseGroup,
    exponential,
    fixed_probability,
)
from fusion.behaviours import (
    STDP,
    Delivery,
    InhibitorySTDP,
    OneStepSTDP,
    RewardModulatedSTDP,
    ShortTermPlasticity,
    SynapticNormalization,
    blocks,
    box,
    circle,
    gaussian,
    grid,
)
from fusion.errors import InvalidValue, ShapeMismatch, UnknownVariable, Unsupported
from fusion.testing.toy import ToyNeurons

SHEET = grid(9, 8)
RULES = {
    "box": box(1.5),
    "circle": circle(2.0, autapses=False),
    "gaussian": gaussian(1.0, 0.7),
    "anywhere": fixed_probability(0.1),
}
PARTITIONS = {
    "tiles": blocks(3, 4),
    "by itself": blocks(),
    "slices": [slice(0, 30), slice(30, 72)],
    "masks": [np.arange(72) % 5 == k for k in range(5)],
}


class Noisy(Behaviour):
    """Fires where noise and what has arrived are above a threshold."""

    def initialize(self, neurons):
        neurons.open_input("input")

    def iteration(self, neurons):
        neurons.spike = neurons.generator.random(neurons.size) + neurons.input > 0.9


def network(partition=None, connect=None, behaviour=(), cells_behaviour=(), seed=1, weight="uniform(0, 0.2)", **link):
    """A sheet whose cells fire at random, and are connected with what is near."""
    net = Network(dt=1.0, seed=seed)
    own = {1: Noisy(), 9: EventRecorder("spike"), **dict(cells_behaviour)}
    cells = SHEET.place(NeuronGroup(net, size=len(SHEET), tag="cells", behaviour=own))
    connect = RULES["circle"] if connect is None else connect
    synapses = SynapseGroup(
        net, cells, cells, tag="near", connect=connect, weight=weight, partition=partition,
        behaviour=dict(behaviour), **link,
    )  # fmt: skip
    return net, cells, synapses


def assert_same(one, other):
    """Sparse matrices with the same entries in all bits."""
    for part in ("indptr", "indices", "data"):
        np.testing.assert_array_equal(getattr(one, part), getattr(other, part))


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("partition", PARTITIONS)
def test_each_synapse_is_in_one_block_with_the_weight_and_delay_that_it_has_without(rule, partition):
    _, _, whole = network(None, RULES[rule], delay="uniform(1, 6)")
    _, cells, cut = network(PARTITIONS[partition], RULES[rule], delay="uniform(1, 6)")
    assert_same(cut.W, whole.W)
    np.testing.assert_array_equal(cut.delay, whole.delay)
    for name in ("pre", "post", "weights"):
        np.testing.assert_array_equal(getattr(cut, name), getattr(whole, name))
    assert (cut.min_delay, cut.max_delay, cut.shape) == (whole.min_delay, whole.max_delay, whole.shape)
    assert cells.afferent["near"] == cells.efferent["partitioned"] == list(cut.blocks)
    assert sum(np.count_nonzero(block.connected) for block in cut.blocks) == whole.W.nnz
    for block in cut.blocks:
        assert block.connected.any(axis=0).all(), "no source is there that reaches nobody"
        there = np.zeros(whole.shape)
        there[np.ix_(block.target.index, block.source.index)] = block.W
        np.testing.assert_array_equal(there[block.target.index], whole.W.toarray()[block.target.index])


def test_what_is_drawn_for_others_does_not_change():
    drawn = []
    for partition in (None, blocks(3)):
        net, cells, _ = network(partition)
        drawn.append(SynapseGroup(net, cells, cells, tag="near", connect=box(1.0), weight="uniform(0, 1)").W)
    assert_same(*drawn)


PLASTIC = {
    "not plastic": {},
    "STDP": {3: STDP(a_plus=0.03, a_minus=0.02)},
    "OneStepSTDP": {3: OneStepSTDP(rate=0.03)},
    "InhibitorySTDP": {3: InhibitorySTDP(eta=0.01)},
    "above a bound": {3: STDP(w_min=0.05, w_max=0.12)},
    "tired": {3: ShortTermPlasticity(), 4: STDP(variable="strength", a_plus=0.05)},
}


@pytest.mark.parametrize("rule", PLASTIC)
@pytest.mark.parametrize("delay", [2.0, "uniform(1, 5)"])
def test_a_partitioned_network_fires_and_learns_the_same_in_all_bits(rule, delay):
    results = []
    for partition in (None, PARTITIONS["tiles"]):
        net, _, synapses = network(partition, behaviour=_anew(PLASTIC[rule]), delay=delay)
        results.append((net.simulate(60)["spike", 0], synapses.W))
    (spikes, weights), *others = results
    assert len(spikes) > 300
    for other, matrix in others:
        np.testing.assert_array_equal(other, spikes)
        assert_same(matrix, weights)


def _anew(behaviours):
    return {key: type(each)(**each.parameters) for key, each in behaviours.items()}


def test_reward_reaches_all_blocks():
    results = []
    for partition in (None, PARTITIONS["tiles"]):
        net, _, synapses = network(partition, behaviour={3: RewardModulatedSTDP()})
        net.simulate(50)
        for group in synapses.blocks or (synapses,):
            group.dopamine += 1.0
        net.simulate(50)
        results.append(synapses.W)
    assert_same(*results)


@pytest.mark.parametrize("side", ["afferent", "efferent"])
def test_norms_are_kept_over_all_blocks_together(side):
    """Sums over a dense and a sparse row differ in rounding."""
    results = []
    for partition in (None, PARTITIONS["tiles"]):
        normalization = SynapticNormalization(synapses="near", norm=0.7, side=side, every=10.0)
        net, _, synapses = network(partition, behaviour={3: OneStepSTDP()}, cells_behaviour={5: normalization})
        results.append(net.simulate(100).network.synapses and synapses.W)
    np.testing.assert_allclose(results[1].toarray(), results[0].toarray(), rtol=1e-12)
    np.testing.assert_allclose(results[1].sum(axis=1 if side == "afferent" else 0), 0.7)


@pytest.mark.parametrize(
    "options", [{"filter": exponential(5.0)}, {"signal": "level"}, {"signal": "level", "coupling": "hold"}]
)
def test_samples_go_through_blocks(options):
    """Products with dense and with sparse matrices differ in rounding."""
    results = []
    for partition in (None, PARTITIONS["tiles"]):
        net, cells, _ = network(partition, into="drive", cells_behaviour={10: Recorder("drive")}, **options)
        cells.level = np.linspace(0.0, 1.0, cells.size)
        results.append(net.simulate(40)["drive", 0])
    assert results[0].any()
    np.testing.assert_allclose(results[1], results[0], rtol=1e-12)


class Within(Behaviour):
    """Delivers within the iteration, as scripts of PymoNNto do."""

    def initialize(self, neurons):
        neurons.voltage = neurons.vector()

    def iteration(self, neurons):
        for synapse in neurons.afferent["near"]:
            synapse.target.voltage += synapse.W @ synapse.source.spike


@pytest.mark.parametrize("delivers", [Within, Delivery])
def test_blocks_without_weight_are_places_for_behaviours(delivers):
    steps = np.abs(SHEET.points[None] - SHEET.points[:, None]).max(axis=-1)
    weights = csc_array(np.where(steps <= 1.0, np.random.default_rng(2).integers(1, 9, steps.shape), 0) / 8.0)
    recorded = []
    for options in ({}, {"connect": box(1.0), "partition": blocks(3, 4)}):
        net = Network(dt=1.0, seed=1)
        cells = SHEET.place(NeuronGroup(net, size=72, tag="cells", behaviour={1: Noisy(), 9: Recorder("voltage")}))
        cells.voltage = cells.vector()
        synapses = SynapseGroup(net, cells, cells, tag="near", **options)
        synapses.W = weights
        assert_same(synapses.W, weights)
        cells.add_behaviour(2, Delivery(synapses="near") if options and delivers is Delivery else Within())
        recorded.append(net.simulate(30)["voltage", 0])
        np.testing.assert_array_equal(synapses.transmit(), weights @ cells.spike)
    assert recorded[0][-1].all()
    np.testing.assert_array_equal(*recorded)


def test_sheets_of_two_groups_and_of_parts_are_partitioned():
    results = []
    for partition in (None, blocks(4)):
        net = Network(dt=1.0, seed=4)
        below = SHEET.place(NeuronGroup(net, size=72, tag="below", behaviour={1: Noisy()}))
        above = grid(4, 3, 2, spacing=2.0).place(
            NeuronGroup(net, size=24, tag="above", behaviour={1: Noisy(), 9: EventRecorder("spike")})
        )
        up = SynapseGroup(net, below, above, connect=circle(2.5), weight="uniform(0, 0.4)", partition=partition)
        part = SynapseGroup(
            net, below[np.arange(70, 10, -3)], above[3:20], connect=box(3.0), weight="uniform(0, 0.3)", delay=2.0,
            partition=partition,
        )  # fmt: skip
        results.append((net.simulate(60)["spike", 0], up.W, part.W))
    (spikes, *weights), (ours, *cut) = results
    np.testing.assert_array_equal(ours, spikes)
    for one, other in zip(cut, weights, strict=True):
        assert_same(one, other)


def test_simulators_at_both_ends_see_no_difference(toy):
    results = []
    for partition in (None, blocks(4)):
        with Network(dt=0.1, seed=2) as net:
            sheet = grid(6, 5)
            source = sheet.place(NeuronGroup(net, ToyNeurons(30), tag="source", behaviour={9: EventRecorder("spike")}))
            target = sheet.place(NeuronGroup(net, ToyNeurons(30), tag="target", behaviour={9: Recorder("v")}))
            source.drive = 400.0 + 10.0 * np.arange(30)
            SynapseGroup(
                net,
                source,
                target,
                connect=circle(2.0),
                weight="normal(0, 50)",
                delay="uniform(1, 2)",
                partition=partition,
            )
            net.run(60.0)
            results.append((source["spike", 0], target["v", 0], net.coupling))
    (spikes, v, before), (ours, our_v, coupling) = results
    assert len(spikes) > 30
    np.testing.assert_array_equal(ours, spikes)
    np.testing.assert_array_equal(our_v, v)
    assert coupling.window == before.window > 1
    assert [row.link for row in coupling.links] == [row.link for row in before.links] == ["source_to_target"]


class Grow(Behaviour):
    """Strengthens a whole group from elsewhere."""

    whole: object = None

    def iteration(self, neurons):
        self.whole.W = self.whole.W * 1.01


def test_who_writes_the_whole_is_known_to_change_the_blocks(toy):
    """Spikes carry the weight of their tick, however far ahead the simulator has computed."""
    results = []
    for partition, window in ((None, 1), (blocks(4), None)):
        with Network(dt=0.1, seed=2, window=window) as net:
            sheet = grid(4, 5)
            source, target = (sheet.place(NeuronGroup(net, ToyNeurons(20), tag=tag)) for tag in ("one", "two"))
            source.drive = 1000.0 + 10.0 * np.arange(20)
            target.add_behaviour(9, Recorder("v"))
            synapses = SynapseGroup(
                net, source, target, connect=circle(2.0), weight="uniform(0, 50)", delay=1.5, partition=partition
            )
            NeuronGroup(net, size=1, tag="elsewhere", behaviour={3: Grow(whole=synapses)})
            net.run(20.0)
            results.append(net["v", 0])
    assert np.ptp(results[0]) > 0
    np.testing.assert_array_equal(*results)


class Scaled(Behaviour):
    """One number per synapse, drawn or given; and a group that it looks at."""

    size: float = 1.0
    noise: float = 0.0
    other: object = None

    def initialize(self, synapses):
        synapses.strength = synapses.connected * self.size
        synapses.noise = synapses.matrix("uniform")


def test_each_block_has_its_own_copy_of_a_behaviour_with_its_part_of_the_parameters():
    sizes = np.arange(72.0 * 72).reshape(72, 72)
    net, cells, synapses = network(PARTITIONS["tiles"], delay=2.0)
    given = synapses.add_behaviour(3, Scaled(size=sizes, noise="uniform(0, 1)", other=cells, tag="scaled"))
    synapses.add_behaviour(4, Recorder("np.sum(W)"))
    net.simulate(3)
    copies = synapses["scaled"]
    assert given.owner is None
    assert [copy.owner for copy in copies] == list(synapses.blocks)
    assert net["Scaled"] == copies
    assert all(copy.other is cells for copy in copies)
    np.testing.assert_array_equal(synapses.strength.toarray(), sizes * (synapses.connected.toarray()))
    assert len({float(copy.noise.flat[0]) for copy in copies}) == len(copies)
    assert len({float(block.noise.flat[0]) for block in synapses.blocks}) == len(copies)
    assert sum(row[-1] for row in net["np.sum(W)"]) == pytest.approx(synapses.W.sum())
    again, _, same = network(PARTITIONS["tiles"], behaviour={3: Scaled(noise="uniform(0, 1)")})
    again.simulate(3)
    assert_same(same.noise, synapses.noise)


def test_behaviours_of_all_blocks_are_added_found_and_put_to_rest_at_once():
    net, _, synapses = network(PARTITIONS["tiles"], delay=2.0)
    synapses.add_behaviour(3, STDP(a_plus=0.05))
    net.simulate(20)
    learned = synapses.W
    synapses.disable("STDP")
    net.simulate(20)
    assert_same(synapses.W, learned)
    synapses.remove_behaviour("STDP")
    assert "STDP" not in net
    synapses.add_behaviour(3, OneStepSTDP())
    with pytest.raises(InvalidValue, match="Key 3 of 'near' is taken"):
        synapses.add_behaviour(3, OneStepSTDP())


def test_a_whole_matrix_is_read_and_written():
    _, _, synapses = network(PARTITIONS["tiles"])
    before = synapses.W
    synapses.W = 2.0 * before
    assert_same(synapses.W, 2.0 * before)
    synapses.set("trace", before.toarray())
    assert_same(synapses.trace, before)
    assert synapses.read("W", slice(3)).shape == (3, 72)
    synapses.W = synapses.W * 0.5
    assert_same(synapses.W, before)
    with pytest.raises(ValueError, match="read-only"):
        synapses.W.data[0] = 3.0
    with pytest.raises(ShapeMismatch, match=r"W of 'near' has shape \(2, 2\); \(72, 72\) is needed"):
        synapses.W = np.zeros((2, 2))
    with pytest.raises(InvalidValue, match="not zero where there is no synapse"):
        synapses.W = np.ones((72, 72))
    with pytest.raises(UnknownVariable, match="trac"):
        synapses.trac  # noqa: B018 - reading it is what is tried
    with pytest.raises(Unsupported, match="Call matrix of each block"):
        synapses.matrix("uniform")
    synapses.blocks[0].single = synapses.blocks[1].single = 3.0
    with pytest.raises(InvalidValue, match="single of 'near' is no matrix"):
        synapses.read("single")
    assert repr(synapses) == "SynapseGroup('cells' to 'cells', tag='near, cells_to_cells', partition=6 blocks)"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"weight": 1.0}, "give connect="),
        ({"weight": np.ones((72, 72))}, "give connect="),
        ({"weight": 1.0, "connect": fixed_probability(0.0)}, "No neuron of 'cells' reaches any of 'cells'"),
        ({"connect": circle(2.0), "filter": exponential(5.0)}, "one to one"),
        ({"connect": circle(2.0), "delay": 2.0}, "delay= does nothing without weight="),
        ({"connect": circle(2.0), "weight": 1.0, "filter": exponential(5.0), "delay": "uniform(1, 3)"}, "one delay"),
        ({"connect": circle(2.0), "weight": 1.0, "coupling": "hold"}, "spikes are always exact"),
        ({"connect": circle(2.0), "weight": 1.0, "partition": 5}, r"partition=5: write fusion.behaviours.blocks"),
        ({"connect": circle(2.0), "weight": 1.0, "partition": (10, 10)}, "or list slices, masks or indices"),
        ({"connect": circle(2.0), "weight": 1.0, "partition": "auto"}, "write fusion.behaviours.blocks"),
    ],
)
def test_what_cannot_be_partitioned_is_told_and_leaves_nothing_behind(options, says):
    net, cells, _ = network()
    with pytest.raises(InvalidValue, match=says):
        SynapseGroup(net, cells, cells, **{"partition": blocks(3), **options})
    assert len(net.synapses) == len(cells.afferent) == 1


def test_what_would_be_all_but_empty_is_refused():
    net = Network()
    cells = grid(80, 80).place(NeuronGroup(net, size=6400, tag="cells"))
    with pytest.raises(InvalidValue, match=r"would hold [\d,]+ numbers for [\d,]+ synapses.*leave partition= out"):
        SynapseGroup(net, cells, cells, connect=fixed_probability(0.005), weight=1.0, partition=blocks())


def test_a_behaviour_that_cannot_be_copied_is_told():
    _, _, synapses = network(PARTITIONS["tiles"])
    with pytest.raises(InvalidValue, match=r"cannot be copied to each block.*Attach one to each of \.blocks"):
        synapses.add_behaviour(3, Scaled(other=(n for n in ())))


def test_the_simulators_own_synapses_are_not_cut(toy):
    net = Network(dt=0.1)
    cells = NeuronGroup(net, ToyNeurons(4), tag="toy")
    with pytest.raises(InvalidValue, match="partition: on adopted synapses the simulator delivers"):
        SynapseGroup(net, cells, cells, object(), partition=blocks(2))


def test_memory_grows_with_the_synapses():
    """400 bytes for each synapse, however many neurons there are; a matrix of 3600 would take 600."""
    for side in (30, 60):
        net = Network(dt=1.0, seed=1)
        cells = grid(side, side).place(NeuronGroup(net, size=side**2, tag="cells", behaviour={1: Noisy()}))
        tracemalloc.start()
        synapses = SynapseGroup(net, cells, cells, connect=box(3.0), weight=0.001, delay=1.0, partition=blocks())
        net.simulate(2)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 400 * sum(np.count_nonzero(block.connected) for block in synapses.blocks)
