"""In windows everything is as in lockstep: what is seen, written, changed and recorded, also after a failure.

::

    source (native) --> cells (toy) --> target (native)
"""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.coupling.plan import MOST
from fusion.errors import BehaviourFailed, NetworkBroken, ShapeMismatch, SimulatorFailed, UndeclaredAccess
from fusion.testing.probes import Fails, Notes, Writes
from fusion.testing.toy import ToyNeurons


class Walks(Behaviour):
    def initialize(self, neurons):
        neurons.x = neurons.vector()

    def iteration(self, neurons):
        neurons.x = neurons.x + neurons.vector("uniform")
        neurons.spike = neurons.vector("uniform") < 0.2


def chain(net, kind=ToyNeurons, **options):
    """The network above, with recorders at the end of it; cells fire by noise."""
    source = NeuronGroup(net, size=3, tag="source", behaviour={1: Walks()})
    cells = NeuronGroup(net, kind(3, noise_rate=3000.0, noise_weight=900.0), tag="cells", **options)
    cells.add_behaviour(20, Recorder("v"))
    cells.add_behaviour(21, EventRecorder("spike"))
    target = NeuronGroup(net, size=3, tag="target", behaviour={20: Recorder("input")})
    SynapseGroup(net, source, cells, tag="up", weight=200.0, delay=0.3)
    SynapseGroup(net, cells, target, tag="down", weight=1.0, delay=0.2)
    return source, cells, target


RECORDED = ["v", "spike", "input"]


@pytest.fixture
def windows(toy, in_windows):
    """``windows(fill, 30, 40)``: the chain, filled up, in windows as in lockstep; the network."""

    def compared(fill, *runs, more=(), kind=ToyNeurons, window=None, between=lambda net: None, **options):
        def build(net):
            fill(net, *chain(net, kind, **options))
            return [*RECORDED, *more]

        return in_windows(build, *runs, between=between, window=window)

    return compared


def nothing(net, source, cells, target):
    """Leave the chain as it is."""


# --- recorders of spikes, which take a window at once ----------------------------------------------------------------


def counted(recorder):
    """The recorder, which counts the calls that write."""
    recorder.calls = 0

    def counting(function):
        def call(*arguments):
            recorder.calls += 1
            function(*arguments)

        return call

    recorder.iteration = counting(recorder.iteration)
    recorder.iterate_window = counting(recorder.iterate_window)
    return recorder


@pytest.mark.parametrize("at", [0.0, 30.0])
@pytest.mark.parametrize("last", [None, 7])
def test_spikes_of_a_simulator_are_recorded_window_by_window(toy, in_windows, at, last):
    recorders = []

    def build(net):
        cells = NeuronGroup(net, ToyNeurons(5, noise_rate=3000.0, noise_weight=900.0), tag="cells", at=at)
        recorders.append(counted(EventRecorder("spike", last=last)))
        cells.add_behaviour(20, recorders[-1])
        SynapseGroup(net, cells, cells, weight=-50.0, delay=1.0)
        return ["spike", "spike.t", "spike.i"]

    in_windows(build, 33, 60, window=10)
    assert recorders[0].calls == 93
    assert recorders[1].calls <= 1 + 1 + 4 + 6  # the traced iteration, what is left of a run, and whole windows


@pytest.mark.parametrize("other", [EventRecorder("spike", every=0.2), EventRecorder("spike", "v > -60"), Recorder("v")])
def test_beside_others_that_look_at_each_tick_they_do_so_too(toy, other):
    net = Network(dt=0.1, seed=1)
    recorder = counted(EventRecorder("spike"))
    NeuronGroup(net, ToyNeurons(5, noise_rate=3000.0, noise_weight=900.0), behaviour={1: recorder, 2: other})
    net.simulate(50)
    assert net.wiring.windows is not None
    assert recorder.calls == 50


def test_one_with_a_step_of_its_own_takes_it_in_each_iteration(toy):
    class Alternates(EventRecorder):
        def iteration(self, owner):
            if owner.network.iteration % 2:
                super().iteration(owner)

    net = Network(dt=0.1, seed=1)
    NeuronGroup(net, ToyNeurons(5, noise_rate=3000.0, noise_weight=900.0), behaviour={1: Alternates("spike")})
    net.simulate(200)
    assert net.wiring.windows is not None
    assert set(net["spike", 0][:, 0] % 2) == {1}


def test_one_that_is_disabled_between_two_runs_writes_no_more(toy):
    net = Network(dt=0.1, seed=1)
    cells = NeuronGroup(
        net, ToyNeurons(5, noise_rate=3000.0, noise_weight=900.0), behaviour={1: EventRecorder("spike")}
    )
    net.simulate(50)
    cells["EventRecorder", 0].enabled = False
    before = len(net["spike", 0])
    net.simulate(50)
    assert len(net["spike", 0]) == before > 0


# --- length ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("window", [2, 5, 7, 60, None])
def test_a_window_need_not_divide_a_run(windows, window):
    net = windows(nothing, 23, 1, 60, window=window)
    assert net.wiring.windows.window == (window or MOST)


def test_a_loop_bounds_the_window_and_changes_nothing(windows):
    def loop(net, source, cells, target):
        SynapseGroup(net, target, source, weight=1.0, delay=0.4)
        SynapseGroup(net, cells, cells, weight=-50.0, delay=0.5, tag="own")

    assert windows(loop, 50).clock.ticks(0.5) == 5


def test_delays_longer_than_a_run_arrive_in_the_next(windows):
    def late(net, source, cells, target):
        delays = 0.1 * np.array([[1.0, 150.0, 90.0]] * 3)
        SynapseGroup(net, source, cells, weight=300.0, delay=delays)

    windows(late, 40, 60, 110)


# --- what is seen ----------------------------------------------------------------------------------------------------


class Sums(Behaviour):
    """Notes the sum of a variable of a group, or of the indices of those that fired."""

    of: object
    variable: str = "v"

    def initialize(self, owner):
        owner.total = 0.0

    def iteration(self, owner):
        owner.total = float(np.sum(self.of.read(self.variable) if self.variable != "spikes" else self.of.spikes))


@pytest.mark.parametrize("at", [0, 5, 30])
@pytest.mark.parametrize("variable", ["v", "spikes"])
def test_a_behaviour_sees_the_iteration_that_its_key_says(windows, at, variable):
    def look(net, source, cells, target):
        target.add_behaviour(3, Sums(of=cells, variable=variable))
        target.add_behaviour(21, Recorder("total"))

    windows(look, 40, 13, more=["total"], at=at)


class SumsParts(Behaviour):
    cells: object
    parts: object

    def initialize(self, owner):
        owner.total = np.zeros(len(self.parts))

    def iteration(self, owner):
        owner.total = np.array([np.sum(self.cells.read("v", part)) for part in self.parts])


def test_parts_of_a_variable_are_told_apart(toy, in_windows):
    """Eight neurons: a mask has as many bytes as one position."""

    def build(net):
        cells = NeuronGroup(net, ToyNeurons(8), tag="cells")
        cells.drive = np.arange(8.0) * 30.0
        mask = np.arange(8) == 0
        parts = [None, slice(2, 4), mask, np.array([1]), [3, 5], 6, cells[2:].index]
        NeuronGroup(net, size=1, behaviour={1: SumsParts(cells=cells, parts=parts), 2: Recorder("total")})
        return ["total"]

    in_windows(build, 30)


def test_another_part_each_time_is_seen_if_the_variable_is_declared(windows):
    class Scans(Behaviour):
        reads = ("cells.v",)

        def iteration(self, neurons):
            neurons.scanned = neurons.network["cells", 0].read("v", np.array([neurons.iteration % 3]))

    def scan(net, source, cells, target):
        target.add_behaviour(3, Scans())
        target.add_behaviour(21, Recorder("scanned"))

    windows(scan, 40, more=["scanned"])


def test_a_part_of_a_group_is_seen_through_to_the_whole(windows):
    def look(net, source, cells, target):
        target.add_behaviour(3, SumsPart(part=cells[1:]))
        target.add_behaviour(21, Recorder("total"))

    class SumsPart(Behaviour):
        part: object

        def iteration(self, owner):
            owner.total = self.part.v.sum() + len(self.part.spikes)

    windows(look, 40, more=["total"])


# --- what is written -------------------------------------------------------------------------------------------------


class Drives(Behaviour):
    """Writes every five iterations."""

    cells: object
    every: float = 0.5

    def iteration(self, owner):
        self.cells.drive = 100.0 + owner.network.iteration + 0.1 * self.cells.v


@pytest.mark.parametrize("key", [2, 9])
@pytest.mark.parametrize("runs", [(50,), (13, 37), (12, 1, 2, 35)])
def test_what_is_written_where_windows_end_is_seen_by_those_that_come_later(windows, key, runs):
    def drive(net, source, cells, target):
        source.add_behaviour(5, Drives(cells=cells))
        cells.add_behaviour(key, Recorder("drive"))
        target.add_behaviour(key, Sums(of=cells, variable="drive"))
        target.add_behaviour(21, Recorder("total"))
        SynapseGroup(net, cells, target, signal="drive", into="level", delay=0.3)
        target.add_behaviour(22, Recorder("level"))

    windows(drive, *runs, more=["drive", "total", "level"])


@pytest.mark.parametrize("key", [2, 9])
def test_synapses_that_write_into_their_target_are_seen_as_well(windows, key):
    class Shifts(Behaviour):
        every = 0.4

        def iteration(self, synapses):
            if synapses.network.iteration > 6:
                synapses.target.set("drive", 10.0 * synapses.network.iteration)

    def shift(net, source, cells, target):
        net["up", 0].add_behaviour(5, Shifts())
        cells.add_behaviour(key, Recorder("drive"))

    windows(shift, 50, more=["drive"])


def test_two_that_write_and_read_the_same_are_in_order(windows):
    def two(net, source, cells, target):
        source.add_behaviour(5, Drives(cells=cells))
        target.add_behaviour(4, Drives(cells=cells, every=0.3))
        cells.add_behaviour(22, Recorder("drive"))

    windows(two, 47, more=["drive"])


def test_what_the_user_writes_between_runs_is_seen(windows):
    def change(net):
        cells = net["cells", 0]
        cells.v = [-60.0, -58.0, -66.0]
        cells.drive += 50.0

    def look(net, source, cells, target):
        target.add_behaviour(-1, Sums(of=cells))
        target.add_behaviour(21, Recorder("total"))

    windows(look, 23, 30, more=["total"], between=change, at=2)


def test_a_write_that_nobody_could_know_of_is_an_error_with_the_line_to_add(toy):
    class Hides(Behaviour):
        cells: object
        write: object
        every = 0.5

        def iteration(self, neurons):
            if neurons.iteration > 20:
                self.write(self.cells)

    net = Network(dt=0.1)
    source, cells, _ = chain(net)
    source.add_behaviour(3, Hides(cells=cells, write=lambda group: group.set("drive", 1.0)))
    with pytest.raises(BehaviourFailed, match=r'Add writes = \("cells\.drive",\) to Hides, or give Network') as caught:
        net.simulate(50)
    assert isinstance(caught.value.__cause__, UndeclaredAccess)
    assert caught.value.iteration == 25


def test_a_reading_that_nobody_could_know_of_is_an_error_with_the_line_to_add(toy):
    class Hides(Behaviour):
        def iteration(self, neurons):
            name = "current" if neurons.iteration == 30 else "v"
            neurons.read(name)

    net = Network(dt=0.1)
    _, cells, _ = chain(net)
    cells.add_behaviour(3, Hides())
    with pytest.raises(BehaviourFailed, match=r'reads = \("cells\.current",\) to Hides') as caught:
        net.simulate(50)
    assert caught.value.iteration == 30
    assert len(net["v", 0]) == 29


# --- what changes ----------------------------------------------------------------------------------------------------


class Acts(Behaviour):
    """Does something in one iteration."""

    act: object
    when: int = 17

    def iteration(self, neurons):
        if neurons.iteration == self.when:
            self.act(self, neurons)


def disable(me, neurons):
    me.enabled = False
    neurons.behaviours[1].enabled = False


CHANGES = {
    "detaches itself": lambda me, neurons: neurons.remove_behaviour(me),
    "detaches another": lambda me, neurons: neurons.remove_behaviour("Walks"),
    "disables": disable,
    "attaches": lambda me, neurons: neurons.add_behaviour(15, Walks()),
}


@pytest.mark.parametrize("what", CHANGES)
def test_behaviours_that_come_or_go_within_a_window_do_so_from_the_next_iteration_on(windows, what):
    def change(net, source, cells, target):
        source.add_behaviour(3, Acts(act=CHANGES[what]))
        source.add_behaviour(22, Recorder("x"))

    windows(change, 40, 20, more=["x"])


def test_behaviours_that_come_and_go_between_runs(windows):
    count = iter(range(100))

    def change(net):
        step = next(count) % 4
        if step == 0:
            net["target", 0].add_behaviour(-3, Sums(of=net["cells", 0]))
        elif step == 1:
            net["target", 0].disable("Sums")
        elif step == 2:
            net["target", 0].enable("Sums")
        else:
            net["target", 0].remove_behaviour("Sums")

    windows(nothing, 11, 12, 13, 14, 15, between=change, at=1)


# --- slower clocks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [0, 8])
@pytest.mark.parametrize("runs", [(53,), (5, 1, 1, 1, 45), (8, 12, 33)])
def test_a_participant_with_a_slower_clock(windows, slow, at, runs):
    def look(net, source, cells, target):
        target.add_behaviour(3, Sums(of=cells, variable="spikes"))
        target.add_behaviour(21, Recorder("total"))
        SynapseGroup(net, cells, target, signal="v", into="level", delay=0.3)
        target.add_behaviour(22, Recorder("level"))
        cells.drive = 2000.0

    def traced_again(net):
        net["source", 0].behaviours[1].enabled = True

    windows(look, *runs, more=["total", "level"], kind=slow, every=0.5, at=at, between=traced_again)


class Rarely(Behaviour):
    """Declares nothing, and takes its first step in the middle of a window."""

    cells: object
    every: float = 0.7

    def initialize(self, neurons):
        neurons.rare = 0.0

    def iteration(self, neurons):
        neurons.rare += self.cells.v.sum() + len(self.cells.spikes)


@pytest.mark.parametrize("runs", [(50,), (6, 44), (7, 43), (3, 10, 37)])
@pytest.mark.parametrize("key", [-1, 9])
def test_a_behaviour_that_steps_rarely_is_traced_at_its_first_step(windows, runs, key):
    def rarely(net, source, cells, target):
        target.add_behaviour(key, Rarely(cells=cells))
        target.add_behaviour(21, Recorder("rare"))

    net = windows(rarely, *runs, more=["rare"])
    assert net["Rarely", 0] in net.access.traced


# --- failures --------------------------------------------------------------------------------------------------------


def rows_until_failure(window, make, wanted):
    net = Network(dt=0.1, seed=3, window=window)
    make(net, *chain(net))
    with pytest.raises(wanted) as caught:
        net.simulate(60)
    return net, caught.value, {name: net[name, 0] for name in RECORDED}


@pytest.mark.parametrize("who", ["source", "cells", "target"])
def test_after_a_failure_recordings_end_with_the_last_iteration_that_is_complete_everywhere(toy, who):
    def fails(net, *groups):
        net[who, 0].add_behaviour(10, Fails(when=31))

    results = [rows_until_failure(window, fails, BehaviourFailed) for window in (1, None)]
    for net, error, _ in results:
        assert (error.iteration, error.group, net.iteration) == (31, who, 30)
        with pytest.raises(NetworkBroken):
            net.simulate(1)
    for name in RECORDED:
        np.testing.assert_array_equal(results[0][2][name], results[1][2][name])
    assert len(results[1][2]["v"]) == 30


def test_a_link_that_fails_takes_nothing_wrong_into_the_recordings(toy):
    """What is kept ends before the window in which links were left half collected."""

    def breaks(net, source, cells, target):
        cells.drive = 600.0
        SynapseGroup(net, cells, target, tag="other", weight=3.0, delay=0.1)
        net.build()
        net["down", 0].W = np.ones((2, 2))

    (lockstep, _, wanted), (windows, _, kept) = (rows_until_failure(w, breaks, ShapeMismatch) for w in (1, None))
    assert lockstep.iteration >= windows.iteration >= 1
    assert len(kept["v"]) == windows.iteration
    for name in RECORDED:
        np.testing.assert_array_equal(kept[name], wanted[name][: len(kept[name])])


def test_ctrl_c_takes_effect_at_the_end_of_a_window(toy):
    def interrupt(me, neurons):
        os.kill(os.getpid(), signal.SIGINT)

    net = Network(dt=0.1, seed=3, window=10)
    source, *_ = chain(net)
    source.add_behaviour(3, Acts(act=interrupt, when=25))
    with pytest.raises(KeyboardInterrupt, match="stopped after iteration 30"):
        net.simulate(60)
    # One iteration in lockstep, a window that is one shorter, and two whole ones.
    assert net.iteration == len(net["v", 0]) == len(net["input", 0]) == 30
    net.simulate(10)
    straight = Network(dt=0.1, seed=3, window=1)
    chain(straight)
    straight.simulate(40)
    for name in RECORDED:
        np.testing.assert_array_equal(net[name, 0], straight[name, 0])


def test_a_simulator_that_fails_leaves_what_was_complete_before_its_window(toy):
    def breaks(net, source, cells, target):
        def sabotage(me, neurons):
            cells.foreign.v = None

        target.add_behaviour(3, Acts(act=sabotage, when=20))

    # One iteration in lockstep, two windows, and the third cannot be computed.
    net, _, rows = rows_until_failure(10, breaks, SimulatorFailed)
    assert net.iteration == len(rows["v"]) == len(rows["input"]) == 20


def test_progress_is_told_window_by_window(toy, capfd):
    net = Network(dt=0.1, window=7)
    chain(net)
    net.simulate(50, progress=True)
    assert "5/5 ms" in capfd.readouterr().err
    assert net.iteration == 50


def test_iteration_and_time_are_those_of_the_tick(windows):
    class Tells(Behaviour):
        def iteration(self, owner):
            owner.when = owner.network.t + 100.0 * owner.network.iteration

    def tell(net, source, cells, target):
        for group in (source, cells, target):
            group.add_behaviour(7, Tells())
            group.add_behaviour(25, Recorder("when"))

    net = windows(tell, 31, more=["when"])
    for rows in net["when"]:
        np.testing.assert_allclose(rows, 100.1 * np.arange(1, 32), rtol=1e-13)  # sums of 0.1 are rounded


def test_notes_and_writes_of_one_iteration_are_those_of_lockstep(windows):
    def write(net, source, cells, target):
        cells.add_behaviour(4, Writes(variable="drive", values=300.0, when=20, every=0.5))
        target.add_behaviour(6, Notes(variable="input"))

    windows(write, 45)


def test_a_recorder_that_comes_within_a_window_is_told_when_it_may_come(toy):
    class Attaches(Behaviour):
        def iteration(self, neurons):
            if neurons.iteration == 28:
                neurons.add_behaviour(5, Recorder("v"))

    net = Network(dt=0.1)
    one, other = (NeuronGroup(net, ToyNeurons(2), tag=f"toy {k}") for k in range(2))
    SynapseGroup(net, one, other, weight=1.0, delay=1.2)
    SynapseGroup(net, other, one, weight=1.0, delay=0.9)
    one.add_behaviour(1, Attaches())
    with pytest.raises(BehaviourFailed, match=r"iteration 29.*Attach and enable it before the run or between two runs"):
        net.simulate(60)
