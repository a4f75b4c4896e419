"""Who computes at the same time: in windows, in lockstep, beside behaviours, and after a failure.

::

    one (thread) <--> two (thread)
"""

from __future__ import annotations

import threading

import numpy as np
import pytest

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.coupling.stages import stages
from fusion.errors import BehaviourFailed, NetworkBroken, SimulatorFailed
from fusion.testing.probes import Fails


class Fires(Behaviour):
    def iteration(self, neurons):
        neurons.spike = neurons.vector("uniform") < 0.2


class Meets(Behaviour):
    """Waits, in one iteration, until a simulator computes."""

    gate: object
    when: int

    reads = ()
    writes = ("spike",)

    def iteration(self, neurons):
        if neurons.iteration == self.when:
            self.gate.wait()


class Peeks(Behaviour):
    """Looks at a simulator where windows end, in a way that nobody can know of before."""

    look: object
    every: float = 0.5

    def iteration(self, neurons):
        if neurons.iteration > 20:
            neurons.seen = self.look()


@pytest.fixture
def kinds(toy, noticing, in_background):
    """Two kinds of toy neurons, each in a thread of its own; the second needs one tick of notice."""
    return in_background(noticing("one", 0)), in_background(noticing("two", 1))


def pair(kinds, delays=(0.6, 0.5), window=None, recorded=True, **options):
    """The network above; the link from one to two has the first delay."""
    net = Network(dt=0.1, seed=4, window=window, **options)
    one, two = (NeuronGroup(net, kind(3, noise_rate=3000.0, noise_weight=900.0), tag=kind.__name__) for kind in kinds)
    for group in (one, two) if recorded else ():
        group.add_behaviour(10, Recorder("v"))
        group.add_behaviour(11, EventRecorder("spike"))
    for (source, target), delay in zip([(one, two), (two, one)], delays, strict=True):
        SynapseGroup(net, source, target, weight=300.0, delay=delay)
    return net, one, two


def beside(names, until):
    """What is called if these begin together."""
    return [(verb, name, until) for verb in ("start", "advance") for name in names]


# --- the rule --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("apart", "wanted"),
    [
        ("", ["abcd"]),
        ("ab", ["acd", "b"]),
        ("ba", ["abcd"]),
        ("ab bc cd", ["a", "b", "c", "d"]),
        ("ab cd", ["ac", "bd"]),
        ("ac bc", ["abd", "c"]),
        ("ad bc", ["ab", "cd"]),
    ],
)
def test_each_comes_as_early_as_those_before_it_allow(apart, wanted):
    assert ["".join(stage) for stage in stages("abcd", {tuple(pair) for pair in apart.split()})] == wanted


# --- windows ---------------------------------------------------------------------------------------------------------


def test_two_whose_links_are_as_long_as_the_window_begin_together(kinds, in_background):
    net, *_ = pair(kinds)
    net.simulate(1 + 4 + 5)
    assert net.coupling.window == 5
    assert in_background.log[-8:] == beside(["one", "two"], 5) + beside(["one", "two"], 10)
    assert net.coupling.side_by_side == [["one", "two"]]
    assert "At the same time: one, two." in str(net.coupling)


def test_they_compute_at_the_same_time(kinds, in_background):
    """Neither of them gets on before both are at work."""
    barrier = threading.Barrier(2, timeout=10)
    net, *_ = pair(kinds)
    in_background.work = lambda name, until: barrier.wait()
    net.simulate(21)
    assert net.iteration == 21


@pytest.mark.parametrize(("delays", "window"), [((0.1, 0.9), 9), ((0.9, 0.3), 8), ((0.5, 0.5), 5), ((0.7, 0.5), 6)])
def test_one_that_needs_what_the_other_does_in_the_window_waits_for_it(kinds, in_background, delays, window):
    net, *_ = pair(kinds, delays, recorded=False)
    net.simulate(20)
    assert net.coupling.window == window
    assert {verb for verb, *_ in in_background.log[2:]} == {"advance"}
    assert net.coupling.side_by_side == []
    assert "At the same time" not in str(net.coupling)


def test_with_a_shorter_window_they_need_not_wait(kinds):
    net, *_ = pair(kinds, (0.4, 0.6), window=3)
    net.simulate(20)
    assert net.coupling.side_by_side == [["one", "two"]]


def test_native_groups_that_see_neither_run_meanwhile(kinds, in_background):
    gates = {"one": threading.Barrier(2, timeout=10)}
    net, one, _ = pair(kinds, (3.1, 3.0))
    native = NeuronGroup(net, size=3, tag="native", behaviour={1: Fires(), 2: Meets(gate=gates["one"], when=20)})
    SynapseGroup(net, native, one, weight=300.0, delay=3.0)
    in_background.work = lambda name, until: gates[name].wait() if name in gates and until > 1 else None
    net.simulate(28)
    assert net.coupling.window == 30
    (names,) = net.coupling.side_by_side
    assert sorted(names) == ["native", "one", "two"]


def test_behaviours_that_look_at_a_simulator_come_after_it(kinds, in_background):
    """Recorders do; there would be an error if a thread were disturbed."""
    net, *_ = pair(kinds)
    net.simulate(31)
    assert len(net["v", 0]) == len(net["v", 1]) == 31
    assert net.coupling.side_by_side == [["one", "two"]]


def test_a_link_that_is_held_keeps_its_ends_apart(kinds):
    """What is guessed depends on who comes first."""
    net, one, two = pair(kinds, recorded=False)
    SynapseGroup(net, two, one, tag="level", signal="v", into="drive", coupling="hold", weight=0.1)
    net.simulate(30)
    assert net.coupling.side_by_side == []


def test_what_may_look_at_a_simulator_where_it_steps_comes_after_it(kinds):
    net, one, two = pair(kinds, recorded=False)
    one.add_behaviour(1, Recorder("v", every=0.5))
    peeks = NeuronGroup(net, size=1, tag="peeks", behaviour={1: Peeks(look=lambda: two.v)})
    net.simulate(25)
    np.testing.assert_array_equal(peeks.seen, two.v)
    assert net.coupling.side_by_side == [["one", "two"]]


def test_one_in_the_background_is_enough(toy, noticing, in_background):
    kinds = in_background(noticing("one", 0)), noticing("two", 1)
    net, *_ = pair(kinds)
    net.simulate(11)
    assert net.coupling.side_by_side == [["one", "two"]]
    assert in_background.log[-2:] == beside(["one"], 11)


def test_without_a_background_nothing_is_started(toy, noticing, monkeypatch):
    net, one, _ = pair((noticing("one", 0), noticing("two", 1)))
    monkeypatch.setattr(type(one.adapter), "start", None)
    net.simulate(11)
    assert net.coupling.side_by_side == []


# --- lockstep --------------------------------------------------------------------------------------------------------


def test_in_lockstep_two_that_need_the_tick_before_begin_together(kinds, in_background):
    net, *_ = pair(kinds, (0.2, 0.1), window=1)
    net.simulate(2)
    assert in_background.log == beside(["one", "two"], 1) + beside(["one", "two"], 2)
    assert net.coupling.side_by_side == [["one", "two"]]


def test_in_lockstep_one_that_is_fed_in_the_iteration_waits(kinds, in_background):
    """A delay as short as the notice: the spikes of the iteration are handed over within it."""
    net, *_ = pair(kinds, (0.1, 0.1), window=1)
    net.simulate(1)
    assert in_background.log == [("advance", "one", 1), ("advance", "two", 1)]


def test_one_that_waits_for_a_native_group_begins_after_it(kinds, in_background):
    net, _, two = pair(kinds, (0.2, 0.2), window=1)
    native = NeuronGroup(net, size=3, tag="native", behaviour={1: Fires()})
    SynapseGroup(net, native, two, weight=300.0, delay=0.1)
    net.simulate(1)
    assert in_background.log == [("advance", "one", 1), ("advance", "two", 1)]


def test_different_places_in_the_iteration_keep_them_apart_if_a_behaviour_is_between(toy, noticing, in_background):
    one, two = in_background(noticing("one", 0)), in_background(noticing("two", 0))
    net = Network(dt=0.1, window=1)
    NeuronGroup(net, one(2), tag="a")
    NeuronGroup(net, two(2), tag="b", at=5.0)
    net.simulate(1)
    assert net.coupling.side_by_side == [["one", "two"]]
    NeuronGroup(net, size=1, behaviour={3: Fires()})
    net.simulate(1)
    assert net.coupling.side_by_side == []


# --- results and times -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("held", [None, ("one", "two"), ("two", "one")])
@pytest.mark.parametrize("window", [1, 3, None])
def test_results_are_those_of_one_after_the_other(toy, noticing, in_background, window, held):
    def rows(kinds):
        net, *_ = pair(kinds, window=window)
        if held:
            SynapseGroup(net, *held, signal="v", into="drive", coupling="linear", weight=0.1)
        for n in (20, 1, 33):
            net.simulate(n)
        return [net[name, i] for name in ("v", "spike") for i in (0, 1)]

    kinds = noticing("one", 0), noticing("two", 1)
    apart = rows(kinds)
    for kind in kinds:
        in_background(kind)
    together = rows(kinds)
    assert in_background.log
    for one, other in zip(apart, together, strict=True):
        np.testing.assert_array_equal(one, other)
    assert apart[2].size


@pytest.mark.parametrize("window", [1, None])
def test_times_of_those_that_wait_together_sum_to_that_of_the_run(kinds, window):
    net, *_ = pair(kinds, window=window)
    net.simulate(30)
    report = net.coupling
    assert sum(row.seconds for row in report.participants) == pytest.approx(report.seconds)
    assert all(0 <= row.share <= 1 for row in report.participants)
    assert [row.calls for row in report.participants][:2] == [30 if window == 1 else 7] * 2


# --- failures --------------------------------------------------------------------------------------------------------


def breaks(name, when):
    """Work that fails in the thread of `name` as soon as it is to compute tick `when`."""

    def work(who, until):
        if who == name and until >= when:
            raise ValueError("as planned")

    return work


@pytest.mark.parametrize("name", ["one", "two"])
@pytest.mark.parametrize(("window", "reached"), [(1, 13), (None, 10)])
def test_after_one_failed_the_other_is_waited_for_and_handed_back(kinds, in_background, name, window, reached):
    net, one, two = pair(kinds, window=window)
    in_background.work = breaks(name, 14)
    with pytest.raises(SimulatorFailed, match=f"{name} failed after tick {reached}: ValueError: as planned"):
        net.simulate(40)
    assert net.iteration == len(net["v", 0]) == len(net["v", 1]) == reached
    # Nothing of what was started is left, and simulators are the user's again.
    assert {who for verb, who, _ in in_background.log[-2:] if verb == "advance"} == {"one", "two"}
    one.tau_m, two.tau_m = 5.0, 5.0
    with pytest.raises(NetworkBroken):
        net.simulate(1)
    net.close()


@pytest.mark.parametrize("when", [30, 31, 40])
def test_after_a_behaviour_failed_beside_them_recordings_end_before_it(kinds, when):
    net, *_ = pair(kinds, (3.1, 3.0))
    NeuronGroup(net, size=3, tag="native", behaviour={1: Fires(), 2: Fails(when=when)})
    with pytest.raises(BehaviourFailed) as caught:
        net.simulate(100)
    assert sorted(net.coupling.side_by_side[0]) == ["native", "one", "two"]
    assert caught.value.iteration == when
    assert net.iteration == len(net["v", 0]) == len(net["v", 1]) == when - 1
    net.close()


@pytest.mark.parametrize("window", [1, None])
def test_an_interruption_while_one_is_waited_for_leaves_nothing_started(kinds, in_background, monkeypatch, window):
    net, one, two = pair(kinds, window=window)
    advance = type(one.adapter).advance

    def interrupted(self, until):
        if until > 5:
            advance(self, until)
            raise KeyboardInterrupt
        advance(self, until)

    monkeypatch.setattr(type(one.adapter), "advance", interrupted)
    with pytest.raises(KeyboardInterrupt):
        net.simulate(40)
    assert two.adapter.future is None
    assert net.iteration == len(net["v", 0])
    net.close()


def test_a_pausable_network_goes_on_where_the_others_are(kinds, in_background):
    def rows(work):
        net, *_ = pair(kinds, pausable=True)
        in_background.work = work
        if work("one", 0):
            with pytest.raises(SimulatorFailed):
                net.simulate(40)
        in_background.work = lambda name, until: None
        net.simulate(40 - net.iteration)
        return net["v", 1]

    def fails(who, until):
        if (who, until) == ("one", 14):
            raise ValueError("as planned")
        return True

    np.testing.assert_array_equal(rows(fails), rows(lambda who, until: False))
