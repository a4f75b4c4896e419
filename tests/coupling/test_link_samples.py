"""Links of samples: traces of spikes, and variables, one value per dt."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from fusion import Behaviour, Network, NeuronGroup, Recorder, SynapseGroup, exponential, one_to_one
from fusion.errors import BuildFailed, ShapeMismatch, UnitMismatch
from fusion.testing.toy import ToyNeurons

DT = 0.5


def train(n, size, rate):
    return np.random.default_rng(1).random((n, size)) < rate


@pytest.fixture
def traced(plays, sees):
    """``traced(table, n_targets, **options)``: (net, what the target sees) of a source that plays a table."""

    def network(table, n_targets, **options):
        net = Network(dt=DT)
        at = {k: np.flatnonzero(row) for k, row in enumerate(table, 1)}
        source = NeuronGroup(net, size=table.shape[1], behaviour={1: plays(at=at)})
        target = NeuronGroup(net, size=n_targets, behaviour={1: sees()})
        SynapseGroup(net, source, target, **options)
        return net, target.behaviours[1]

    return network


@pytest.mark.parametrize("delay", [1, 4])
def test_a_filter_is_the_trace_of_the_spikes(traced, delay):
    table, tau = train(60, 3, 0.15), 7.0
    net, seen = traced(table, 3, filter=exponential(tau), delay=delay * DT)
    net.simulate(60)
    wanted = np.zeros((60, 3))
    for k in range(1, 61):
        for fired, j in zip(*np.nonzero(table), strict=True):
            age = k - delay - (fired + 1)
            if age >= 0:
                wanted[k - 1, j] += np.exp(-age * DT / tau)
    # A trace is a product of up to 60 rounded factors.
    np.testing.assert_allclose(seen.rows, wanted, rtol=1e-13, atol=1e-15)


def test_a_filter_with_weights_is_their_product_with_the_trace(traced):
    table, weights = train(40, 3, 0.2), np.random.default_rng(3).normal(size=(2, 3))
    bare, traces = traced(table, 3, filter=exponential(7.0))
    net, seen = traced(table, 2, filter=exponential(7.0), weight=weights)
    for each in (bare, net):
        each.simulate(40)
    np.testing.assert_allclose(seen.rows, np.array(traces.rows) @ weights.T, rtol=1e-13, atol=1e-14)


class Counts(Behaviour):
    def initialize(self, neurons):
        neurons.level = neurons.vector()
        neurons.common = 0.0

    def iteration(self, neurons):
        neurons.level += np.arange(neurons.size) + 1
        neurons.common = float(neurons.iteration)


@pytest.fixture
def signals(sees):
    """``signals(n_targets, **options)``: (net, what the target sees) of a source whose `level` counts."""

    def network(n_targets, **options):
        net = Network(dt=DT)
        source = NeuronGroup(net, size=3, tag="source", behaviour={1: Counts()})
        target = NeuronGroup(net, size=n_targets, tag="target", behaviour={0: sees()})
        SynapseGroup(net, source, target, **options)
        return net, target.behaviours[0]

    return network


@pytest.mark.parametrize("delay", [1, 3])
def test_a_signal_is_the_variable_one_sample_per_dt(signals, delay):
    net, seen = signals(3, signal="level", delay=delay * DT)
    net.simulate(6)
    wanted = [[max(k - delay, 0) * j for j in (1, 2, 3)] for k in range(1, 7)]
    assert [row.tolist() for row in seen.rows] == wanted


def test_a_signal_is_multiplied_with_the_weights(signals):
    weights = np.array([[1.0, 0.0, 2.0], [0.0, -1.0, 0.0]])
    for made in (weights, sparse.csr_array(weights)):
        net, seen = signals(2, signal="level", weight=made)
        net.simulate(3)
        assert [row.tolist() for row in seen.rows] == [[0, 0], [7, -2], [14, -4]]


def test_one_number_is_a_signal_for_all(signals):
    net, seen = signals(3, signal="common")
    net.simulate(3)
    assert [row.tolist() for row in seen.rows] == [[0] * 3, [1] * 3, [2] * 3]


def test_a_signal_is_the_value_of_its_tick_and_no_view_of_a_later_one(signals):
    net, seen = signals(3, signal="level", delay=2 * DT)
    net.simulate(5)
    assert seen.rows[4].tolist() == [3.0, 6.0, 9.0]


def test_spikes_and_samples_meet_in_a_native_place(signals, plays):
    net, seen = signals(3, signal="level")
    clock = NeuronGroup(net, size=1, behaviour={1: plays(at={k: [0] for k in range(1, 6)})})
    SynapseGroup(net, clock, "target", weight=100.0)
    net.simulate(3)
    assert [row.tolist() for row in seen.rows] == [[0] * 3, [101, 102, 103], [102, 104, 106]]


def test_an_unknown_signal_is_found_at_build_with_its_line(signals):
    net, _ = signals(3, signal="levle")
    with pytest.raises(BuildFailed, match=r"Did you mean 'level'\?") as caught:
        net.build()
    ((where, _),) = caught.value.problems
    assert __file__ in where
    with pytest.raises(BuildFailed):
        net.simulate(1)


def test_a_signal_of_another_shape_is_an_error(signals):
    class Grows(Behaviour):
        def iteration(self, neurons):
            neurons.level = np.zeros(7)

    net, _ = signals(3, signal="level")
    net["source", 0].add_behaviour(2, Grows())
    with pytest.raises(ShapeMismatch, match=r"source\.level has shape \(7,\).*carries 3 values"):
        net.simulate(1)


# Held and extrapolated.


@pytest.fixture
def held(toy):
    """``held(coupling, window, **options)``: (what a cell sees of `level`, the link); the cell comes first.

    `level` grows by 1, 2 and 3 in each iteration; window 1 is lockstep.
    """

    def drive(coupling, window, runs=(30,), **options):
        with Network(dt=DT, window=window) as net:
            source = NeuronGroup(net, size=3, tag="source", behaviour={1: Counts()})
            cell = NeuronGroup(net, ToyNeurons(3, dt=DT), tag="cell", behaviour={9: Recorder("drive")})
            # The source waits for the cell, so that samples the other way have to be guessed.
            SynapseGroup(net, cell, source, signal="v")
            link = {"signal": "level", "into": "drive"} | options
            made = SynapseGroup(net, source, cell, coupling=coupling, **link)
            for iterations in runs:
                net.simulate(iterations)
            return net["drive", 0], next(one for one in net.wiring.links if one.synapses is made)

    return drive


@pytest.mark.parametrize("delay", [1, 3])
def test_a_held_sample_stands_until_the_next_window(held, delay):
    """Iteration 1 is in lockstep; windows of 6 begin after it, and the sample of its last iteration is known."""
    rows, link = held("hold", 6, delay=delay * DT)
    exact, _ = held("exact", 1, delay=delay * DT)
    known = np.arange(30) + 1
    latest = 1 + (known - 2) // 6 * 6  # the last iteration of the source before the window
    expected = np.minimum(known - delay, latest)
    np.testing.assert_array_equal(rows[1:, 0], np.maximum(expected, 0)[1:])
    np.testing.assert_array_equal(exact[:, 0], np.maximum(known - delay, 0))
    assert link.guessed == (known[1:] - delay > latest[1:]).sum()


def test_a_line_is_gone_on_with_from_the_last_two_samples(held):
    rows, _ = held("linear", 6)
    exact, _ = held("exact", 1)
    np.testing.assert_array_equal(rows[7:], exact[7:])


def test_where_the_delay_is_long_enough_nothing_is_guessed(held):
    rows, link = held("hold", 6, delay=6 * DT)
    np.testing.assert_array_equal(rows, held("exact", 1, delay=6 * DT)[0])
    assert link.guessed == 0


def test_where_the_source_comes_first_nothing_is_guessed(toy):
    with Network(dt=DT, window=7) as net:
        source = NeuronGroup(net, size=3, tag="source", behaviour={1: Counts(), 9: Recorder("level")})
        cell = NeuronGroup(net, ToyNeurons(3, dt=DT), tag="cell", behaviour={9: Recorder("drive")})
        waits = NeuronGroup(net, size=3, tag="waits", behaviour={9: Recorder("input")})
        SynapseGroup(net, source, cell, weight=1.0)
        SynapseGroup(net, source, cell, signal="level", into="drive", coupling="hold")
        SynapseGroup(net, cell, waits, signal="drive", coupling="linear")
        net.simulate(30)
        np.testing.assert_array_equal(net["drive", 0][1:], net["level", 0][:-1])
        np.testing.assert_array_equal(net["input", 0][1:], net["drive", 0][:-1])
        assert [link.guessed for link in net.wiring.links[1:]] == [0, 0]


def test_between_behaviours_that_advance_together_nothing_is_guessed(toy, sees):
    with Network(dt=DT, window=7) as net:
        source = NeuronGroup(net, size=3, tag="source", behaviour={1: Counts()})
        target = NeuronGroup(net, size=3, tag="target", behaviour={1: sees(), 2: Partner(other=source)})
        NeuronGroup(net, ToyNeurons(1, dt=DT))
        SynapseGroup(net, source, target, signal="level", coupling="hold")
        net.simulate(20)
        assert [row[0] for row in target.behaviours[1].rows] == list(range(20))


class Partner(Behaviour):
    other: object

    def iteration(self, neurons):
        return self.other


def test_filters_are_held_as_well(held, toy):
    with Network(dt=DT, window=5) as net:
        cell = NeuronGroup(net, ToyNeurons(3, dt=DT), tag="cell", behaviour={9: Recorder("drive")})
        source = NeuronGroup(net, size=3, tag="source", behaviour={1: Beats()})
        SynapseGroup(net, cell, source, signal="v")
        SynapseGroup(net, source, cell, filter=exponential(7.0), into="drive", coupling="hold")
        net.simulate(21)
        rows = net["drive", 0][:, 0]
    # It beats in iterations 4, 8, ...; windows begin after 1, 6, 11 and 16.
    decay = np.exp(-DT / 7.0)
    assert rows[:6].tolist() == [0.0] * 6
    np.testing.assert_allclose(rows[6:11], decay**2, rtol=1e-14)
    np.testing.assert_allclose(rows[11:16], decay**3 + decay**7, rtol=1e-14)


class Beats(Behaviour):
    def iteration(self, neurons):
        neurons.spike = np.full(3, neurons.iteration % 4 == 0)


def test_a_held_link_that_is_added_between_runs_begins_with_what_its_source_has(toy):
    with Network(dt=DT) as net:
        cell = NeuronGroup(net, ToyNeurons(3, dt=DT), tag="cell", behaviour={9: Recorder("drive")})
        source = NeuronGroup(net, size=3, tag="source", behaviour={1: Counts()})
        SynapseGroup(net, cell, source, signal="v", delay=4 * DT)
        net.simulate(9)
        SynapseGroup(net, source, cell, signal="level", into="drive", coupling="hold", weight=np.eye(3))
        net.simulate(5)
        # HELD_MS is 1.0 ms, two iterations here.
        assert net["drive", 0][9:, 0].tolist() == [9.0 * 0, 9.0, 11.0, 11.0, 13.0]


# Units of what is carried, and of where it goes.


class Gives(Behaviour):
    """A variable v in a unit, and a place x in another."""

    given: str | None
    taken: str | None

    def __init__(self, **units):
        super().__init__(**units)
        self.units = {name: unit for name, unit in (("v", self.given), ("x", self.taken)) if unit is not None}

    def initialize(self, owner):
        owner.v = np.array([-70.0, -60.0])


def linked(given, taken, **options):
    net = Network(dt=DT)
    cells = NeuronGroup(net, size=2, tag="cells", behaviour={1: Gives(given=given, taken=taken), 2: Recorder("x")})
    return net, SynapseGroup(net, cells, cells, tag="up", signal="v", into="x", **options)


@pytest.mark.parametrize("coupling", ["exact", "hold", "linear"])
@pytest.mark.parametrize(
    ("given", "taken", "scale"),
    [("mV", "V", 1e-3), ("V", "mV", 1e3), ("mV", "mV", 1.0), ("mV", None, 1.0), (None, "V", 1.0)],
)
def test_a_variable_arrives_in_the_unit_of_its_place_where_both_are_known(given, taken, scale, coupling):
    net, _ = linked(given, taken, coupling=coupling)
    net.simulate(3)
    np.testing.assert_allclose(net["x", 0][-1], np.array([-70.0, -60.0]) * scale, rtol=1e-15)


@pytest.mark.parametrize(
    ("given", "taken", "way_out"), [("mV", "pA", "pA/mV"), ("", "V", "V"), ("V/s", "A", r"A/V\*s")]
)
def test_a_variable_of_another_dimension_needs_a_weight(given, taken, way_out):
    with pytest.raises(UnitMismatch, match=rf"cells\.v is in .*, cells\.x in {taken}; give weight= in {way_out}\."):
        linked(given, taken)


@pytest.mark.parametrize("options", [{}, {"connect": one_to_one()}, {"connect": one_to_one(), "partition": [[0], [1]]}])
def test_the_weight_of_a_variable_is_in_the_unit_of_the_place_per_that_of_the_variable(options):
    brian2 = pytest.importorskip("brian2")
    net, up = linked("mV", "pA", weight=2 * brian2.nS, **options)
    assert up.place.unit == "pA/mV"
    net.simulate(3)
    wanted = [-140.0, -120.0] if options else [-260.0, -260.0]
    np.testing.assert_allclose(net["x", 0][-1], wanted, rtol=1e-14)
    with pytest.raises(UnitMismatch, match="must be in pA/mV"):
        linked("mV", "pA", weight=2 * brian2.nA, **options)


def test_a_plain_weight_stays_as_it_is():
    net, up = linked("mV", "V", weight=2.0)
    net.simulate(3)
    assert up.W.tolist() == [[2.0, 2.0], [2.0, 2.0]]
    assert net["x", 0][-1].tolist() == [-260.0, -260.0]
