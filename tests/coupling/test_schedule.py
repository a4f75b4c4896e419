"""The order of an iteration."""

from __future__ import annotations

import numpy as np
import pytest

from fusion import Behaviour, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.errors import BehaviourFailed, BuildFailed, DelayTooShort
from fusion.testing.toy import ToyNeurons


class Notes(Behaviour):
    """Writes its name into a list that all share."""

    name: str = "?"
    log: object = None

    def iteration(self, owner):
        self.log.append(self.name)


class Looks(Behaviour):
    """Keeps what a variable of neuron 0 of a group is, seen from wherever it hangs."""

    group: object = None

    def initialize(self, owner):
        self.seen = []

    def iteration(self, owner):
        self.seen.append(float(self.group.v[0]))


class Fires(Behaviour):
    """Neuron 0 fires in the iterations that are listed."""

    when: object = ()

    def iteration(self, neurons):
        neurons.spike = np.arange(neurons.size) == (0 if neurons.iteration in self.when else -1)


def drift(k):
    """Voltage of a toy that started at -60 mV, after k iterations of 0.1 ms."""
    return -70.0 + 10.0 * np.exp(-0.1 * np.asarray(k) / 20.0)


# Behaviours.


def test_keys_order_the_steps_over_the_whole_network():
    log = []
    net = Network(behaviour={2: Notes(name="net 2", log=log), -1: Notes(name="net -1", log=log)})
    a = NeuronGroup(net, size=1, behaviour={3: Notes(name="a 3", log=log), 1: Notes(name="a 1", log=log)})
    b = NeuronGroup(net, size=1, behaviour={0.5: Notes(name="b 0.5", log=log), 2.5: Notes(name="b 2.5", log=log)})
    SynapseGroup(net, a, b, behaviour={-7.25: Notes(name="s -7.25", log=log), 1e9: Notes(name="s 1e9", log=log)})
    net.simulate(2)
    assert log == ["s -7.25", "net -1", "b 0.5", "a 1", "net 2", "b 2.5", "a 3", "s 1e9"] * 2


def test_equal_keys_run_in_order_of_construction():
    log = []
    net = Network(behaviour={1: Notes(name="net", log=log)})
    a = NeuronGroup(net, size=1, behaviour={1: Notes(name="a", log=log)})
    b = NeuronGroup(net, size=1, behaviour={1: Notes(name="b", log=log)})
    SynapseGroup(net, a, b, behaviour={1.0: Notes(name="s", log=log)})
    NeuronGroup(net, size=1, behaviour={1: Notes(name="c", log=log)})
    net.simulate(1)
    assert log == ["net", "a", "b", "s", "c"]
    log.clear()
    # Attached anew it is the last one.
    again = a.behaviours[1]
    a.remove_behaviour(again)
    a.add_behaviour(1, again)
    net.simulate(1)
    assert log == ["net", "b", "s", "c", "a"]


def test_initialize_follows_the_same_order_before_any_step():
    log = []

    class Both(Notes):
        def initialize(self, owner):
            log.append(f"initialize {self.name}")

    net = Network()
    NeuronGroup(net, size=1, behaviour={2: Both(name="a 2", log=log), 0: Both(name="a 0", log=log)})
    NeuronGroup(net, size=1, behaviour={1: Both(name="b 1", log=log)})
    net.build()
    assert log == ["initialize a 0", "initialize b 1", "initialize a 2"]
    net.simulate(1)
    assert log[3:] == ["a 0", "b 1", "a 2"]


def test_a_behaviour_without_a_step_costs_none():
    class Prepares(Behaviour):
        def initialize(self, owner):
            self.done = True

    log = []
    net = Network(behaviour={1: Prepares(), 2: Notes(name="x", log=log)})
    net.simulate(2)
    assert net.behaviours[1].done
    assert log == ["x", "x"]


# A simulator among them.


@pytest.mark.parametrize(
    ("at", "key", "seen"), [(0, -1, 0), (0, 0, 1), (0, 5, 1), (3, 2.9, 0), (3, 3, 1), (-2, -3, 0), (-2, -2, 1)]
)
def test_a_simulator_steps_before_the_behaviours_of_its_key(toy, at, key, seen):
    net = Network(dt=0.1)
    cells = NeuronGroup(net, ToyNeurons(2), at=at)
    cells.v = -60.0
    inside, outside = cells.add_behaviour(key, Looks(group=cells)), net.add_behaviour(key, Looks(group=cells))
    net.simulate(4)
    for behaviour in (inside, outside):
        np.testing.assert_allclose(behaviour.seen, drift(np.arange(4) + seen), rtol=1e-13)


def test_what_a_behaviour_writes_is_seen_by_the_simulators_next_step(toy):
    class Sets(Behaviour):
        def iteration(self, neurons):
            neurons.v = -60.0

    for key in (-1, 1):
        net = Network(dt=0.1)
        cells = NeuronGroup(net, ToyNeurons(1), behaviour={key: Sets(), 2: Recorder("v")})
        net.simulate(3)
        # Set before the step, it has drifted once when the recorder looks.
        np.testing.assert_allclose(cells["v", 0][:, 0], drift(1 if key < 0 else 0), rtol=1e-13)


# Notice: links whose delay leaves a simulator just the time that it needs.


def driven(neurons, delay, **native):
    """Voltages of a toy that a native neuron kicks in iterations 3, 4 and 9."""
    net = Network(dt=0.1, seed=1)
    source = NeuronGroup(net, size=2, tag="source", behaviour={5: Fires(when=(3, 4, 9))})
    cells = NeuronGroup(net, neurons, tag="cells", behaviour={9: Recorder("v", "current")})
    SynapseGroup(net, source, cells, weight=np.array([[100.0, 0.0], [50.0, 0.0]]), delay=delay)
    net.simulate(20)
    return net["v", 0], net["current", 0]


@pytest.mark.parametrize("ticks", [1, 2, 3, 5])
@pytest.mark.parametrize("notice", [1, 2, 3])
def test_notice_changes_nothing_but_the_moment_of_handing_over(toy, noticing, ticks, notice):
    if notice > ticks:
        with pytest.raises(BuildFailed, match="DelayTooShort"):
            driven(noticing(notice=notice)(2), ticks * 0.1)
        return
    for got, wanted in zip(
        driven(noticing(notice=notice)(2), ticks * 0.1), driven(ToyNeurons(2), ticks * 0.1), strict=True
    ):
        np.testing.assert_array_equal(got, wanted)


def test_an_arrival_is_part_of_the_state_at_the_end_of_tick_k_plus_d(toy, noticing):
    for neurons in (ToyNeurons(2), noticing()(2)):
        _, current = driven(neurons, 0.1)
        # Fired in iteration 3, one dt: row 4 holds it.
        assert current[2].tolist() == [0.0, 0.0]
        assert current[3].tolist() == [100.0, 50.0]


def loop(neurons, ticks, back):
    """A toy and a native group that answer each other; what the toy fires."""

    class Relay(Behaviour):
        def iteration(self, group):
            group.spike = group.input > 0

    net = Network(dt=0.1)
    relay = NeuronGroup(net, size=1, tag="relay", behaviour={5: Relay()})
    cells = NeuronGroup(net, neurons, tag="cells", behaviour={9: Recorder("spike")})
    SynapseGroup(net, relay, cells, weight=20_000.0, delay=ticks * 0.1)
    SynapseGroup(net, cells, relay, weight=1.0, delay=back * 0.1)
    cells.current = 20_000.0
    net.simulate(80)
    return net["spike", 0]


@pytest.mark.parametrize(("ticks", "back"), [(1, 1), (1, 4), (2, 1), (3, 2)])
def test_a_loop_through_a_simulator_is_the_same_whatever_its_notice(toy, noticing, ticks, back):
    wanted = loop(ToyNeurons(1), ticks, back)
    assert wanted.sum() > 2
    np.testing.assert_array_equal(loop(noticing()(1), ticks, back), wanted)


def problem_of(net):
    """The one problem of a build that must fail, as its text."""
    with pytest.raises(BuildFailed) as caught:
        net.build()
    ((_, error),) = caught.value.problems
    assert isinstance(error, DelayTooShort)
    return str(error)


def test_a_delay_below_the_notice_names_link_simulator_and_the_way_out(noticing):
    net = Network(dt=0.1)
    source = NeuronGroup(net, size=1, behaviour={1: Fires()})
    cells = NeuronGroup(net, noticing(notice=3)(1))
    SynapseGroup(net, source, cells, tag="up", weight=1.0, delay=0.2)
    text = problem_of(net)
    assert "'up' has a delay of 0.2 ms; noticing needs 0.3 ms of notice" in text
    assert "Give it a delay of at least 0.3 ms" in text


@pytest.mark.parametrize("delay", [0.2, 0.3])
def test_the_delay_that_an_error_asks_for_is_enough(noticing, delay):
    net = Network(dt=0.1)
    cells = NeuronGroup(net, noticing()(1))
    SynapseGroup(net, cells, cells, tag="own", weight=1.0, delay=delay)
    net.simulate(3)


def test_spikes_of_its_own_need_one_tick_more(noticing):
    net = Network(dt=0.1)
    cells = NeuronGroup(net, noticing()(1))
    SynapseGroup(net, cells, cells, tag="own", weight=1.0, delay=0.1)
    text = problem_of(net)
    assert "its own spikes cannot arrive sooner" in text
    assert "at least 0.2 ms" in text


def test_a_plastic_link_needs_one_tick_more(noticing):
    class Grows(Behaviour):
        def iteration(self, synapses):
            synapses.W += 1.0

    net = Network(dt=0.1)
    source = NeuronGroup(net, size=1, behaviour={1: Fires()})
    cells = NeuronGroup(net, noticing()(1))
    SynapseGroup(net, source, cells, tag="plastic", weight=1.0, delay=0.1, behaviour={2: Grows()})
    # The weight of a spike is that of the end of its iteration; the simulator would have gone on by then.
    assert "at least 0.2 ms" in problem_of(net)


def test_two_simulators_cannot_wait_for_each_other(noticing):
    net = Network(dt=0.1)
    a, b = (NeuronGroup(net, noticing(name)(1), tag=name) for name in ("first", "second"))
    SynapseGroup(net, a, b, weight=1.0, delay=0.1)
    SynapseGroup(net, b, a, weight=1.0, delay=0.1)
    text = problem_of(net)
    assert "waits for it in turn" in text
    assert "at least 0.2 ms" in text


def test_two_simulators_wait_for_each_other_in_one_direction(toy, noticing):
    def fired(make):
        net = Network(dt=0.1)
        # Made in the order against their waiting.
        b, a = (NeuronGroup(net, make(name)(1), tag=name) for name in ("second", "first"))
        SynapseGroup(net, a, b, weight=20_000.0, delay=0.1)
        SynapseGroup(net, b, a, weight=20_000.0, delay=0.2)
        a.current = 20_000.0
        for group in (a, b):
            group.add_behaviour(9, Recorder("spike"))
        net.simulate(60)
        return np.hstack([a["spike", 0], b["spike", 0]])

    got = fired(noticing)
    assert got.sum(axis=0).min() >= 2
    np.testing.assert_array_equal(got, fired(lambda name: noticing(f"{name} without", notice=0)))


def waiting(noticing, *, inside=None, outside=None, window=None):
    """A simulator that must wait for a native group at key 5; behaviours that look at it before."""
    net = Network(dt=0.1, window=window)
    source = NeuronGroup(net, size=1, tag="source", behaviour={5: Fires()})
    cells = NeuronGroup(net, noticing()(1), tag="cells")
    SynapseGroup(net, source, cells, tag="up", weight=1.0, delay=0.1)
    if inside is not None:
        cells.add_behaviour(inside, Looks(group=cells))
    if outside is not None:
        net.add_behaviour(outside, Looks(group=cells))
    return net


def test_its_behaviours_cannot_look_at_a_state_that_is_not_there_yet(noticing):
    text = problem_of(waiting(noticing, inside=3))
    assert "looks at it before the source has fired" in text
    assert "at least 0.2 ms" in text


@pytest.mark.parametrize("key", [-1, 6])
def test_its_behaviours_may_look_before_it_or_after_it(noticing, key):
    waiting(noticing, inside=key).simulate(3)


def test_others_are_told_when_they_look_too_early(noticing):
    net = waiting(noticing, outside=3)
    with pytest.raises(BehaviourFailed, match="looks at it before the source has fired") as caught:
        net.simulate(1)
    assert isinstance(caught.value.__cause__, DelayTooShort)


@pytest.mark.parametrize("key", [-1, 6])
def test_others_may_look_before_it_or_after_it(noticing, key):
    waiting(noticing, outside=key).simulate(3)


class Later(Behaviour):
    """Makes a group fire in iteration 2, from outside of it."""

    group: object = None
    in_place: bool = False

    def iteration(self, owner):
        if owner.network.iteration == 2:
            if self.in_place:
                self.group.spike[0] = True
            else:
                self.group.spike = np.array([True])


@pytest.mark.parametrize("in_place", [False, True])
def test_spikes_written_after_they_were_handed_over_are_not_sent_a_tick_late(noticing, in_place):
    net = waiting(noticing, window=1)
    net.add_behaviour(20, Later(group=net["source", 0], in_place=in_place))
    with pytest.raises(
        DelayTooShort, match=r"'source' were written after they had to be handed over.*at least 0\.2 ms"
    ):
        net.simulate(5)
    assert net.iteration == 1


def test_with_a_longer_delay_they_may_be_written_by_anybody_at_any_key(toy, noticing):
    def currents(neurons):
        net = Network(dt=0.1)
        source = NeuronGroup(net, size=1, tag="source", behaviour={5: Fires()})
        cells = NeuronGroup(net, neurons, tag="cells", behaviour={99: Recorder("current")})
        SynapseGroup(net, source, cells, weight=100.0, delay=0.2)
        net.add_behaviour(20, Later(group=source))
        net.simulate(6)
        return net["current", 0]

    got = currents(noticing()(1))
    assert np.flatnonzero(got[:, 0])[0] + 1 == 2 + 2
    np.testing.assert_array_equal(got, currents(ToyNeurons(1)))


def test_a_new_behaviour_moves_the_simulator_behind_it(noticing):
    net = waiting(noticing)
    net.simulate(2)
    log = []
    net["source", 0].add_behaviour(8, Fires(when=(3,)))
    cells = net["cells", 0]
    looks = cells.add_behaviour(9, Looks(group=cells))
    net.simulate(3)
    assert len(looks.seen) == 3
    assert log == []
    assert cells.current[0] > 0
