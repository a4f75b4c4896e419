"""A network is kept while it runs: nothing is lost, doubled or changed, however it ends."""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup
from fusion.errors import BehaviourFailed, CannotKeep, FolderTaken, InvalidValue, NothingToRun, ShapeMismatch
from fusion.storage import Run, keeper
from fusion.storage.data import DataFile
from fusion.testing.toy import ToyNeurons


class Ticking(Behaviour):
    """A clock that moves on by a step in each iteration, which takes longer after the first 5000."""

    quick: float
    slow: float

    def initialize(self, owner):
        self.now = 0.0

    def iteration(self, owner):
        self.now += self.quick if owner.iteration <= 5000 else self.slow


def failing(*_):
    raise ZeroDivisionError("by hand")


@pytest.mark.parametrize("pace", ["eager", "at the end"])
def test_what_is_read_is_what_the_network_holds_in_all_bits(make, differing, tmp_path, pace, request):
    if pace == "eager":
        request.getfixturevalue("eager")
    net, plain = make(), make()
    net.keep(tmp_path / "run")
    for ms in (0.5, 2.0, 3.0):  # the count is widened from truths to whole numbers to others in between
        net.run(ms)
        plain.run(ms)
    run = Run(tmp_path / "run")
    assert differing(net, plain) == []
    assert differing(net, run) == []
    assert (run.status, run.iterations) == ("complete", 55)
    for text in ("voltage", "spike", "W"):
        assert len(run[text]) == len(net[text])
    for k in range(len(net["Recorder"])):
        np.testing.assert_array_equal(run["Recorder", k].t, net["Recorder", k].t)


def mixed(window=None):
    net = Network(dt=0.1, seed=3, window=window)
    toys = [
        NeuronGroup(net, ToyNeurons(6, noise_rate=3000.0, noise_weight=900.0), tag=f"toys {k}", behaviour={
            8: EventRecorder("spike"), 9: Recorder("v[:3]", "np.mean(v)")})
        for k in range(2)
    ]  # fmt: skip
    SynapseGroup(net, *toys, tag="link", weight=200.0, delay=1.2)
    SynapseGroup(net, *toys[::-1], tag="back", weight=100.0, delay=0.9)
    return net


@pytest.mark.usefixtures("toy", "eager")
@pytest.mark.parametrize("window", [None, 1])
def test_a_mixed_network_is_the_same_whether_it_is_kept_or_not(window, differing, tmp_path):
    net, plain = mixed(window), mixed(window)
    net.keep(tmp_path / "run")
    for one in (net, plain):
        one.run(10.0).run(0.7)
    run = Run(tmp_path / "run")
    assert differing(net, plain) == []
    assert differing(net, run) == []
    assert len(net["spike", 0]) > 20
    assert str(run.coupling) == str(net.coupling)
    assert run.coupling.to_dict() == json.loads(json.dumps(net.coupling.to_dict()))
    assert [each.iterations for each in run.certificates] == [100, 107]
    assert run["toys 0", 0].about["simulator"] == "toy"
    assert run["link", 0].about["delay_ms"] == pytest.approx([1.2, 1.2])
    assert net.coupling.window == plain.coupling.window


def test_recordings_that_are_cleared_stay_kept_and_come_once(make, does, differing, tmp_path):
    net, plain = make(), make()
    net["cells", 0].add_behaviour(30, does(when=27, what=net.clear_recordings))
    net.keep(tmp_path / "run")
    net.run(2.0)
    net.clear_recordings()
    net.run(3.0)
    plain.run(5.0)
    run = Run(tmp_path / "run")
    # What was recorded in the iteration in which a behaviour clears it is gone, on disk as in memory.
    gone = {name: plain[name] for name in (("np.mean(voltage)", 0), ("spike.i", 0), ("spike.t", 0))}
    ticks = np.rint(gone["spike.t", 0] / net.dt)
    np.testing.assert_array_equal(run["np.mean(voltage)", 0], np.delete(gone["np.mean(voltage)", 0], 26))
    np.testing.assert_array_equal(run["spike.i", 0], gone["spike.i", 0][ticks != 27])
    assert len(net["np.mean(voltage)", 0]) == 50 - 27
    del run, gone
    again = make()
    again.keep(tmp_path / "again")
    again.run(2.0).clear_recordings()
    again.run(3.0)
    assert differing(plain, Run(tmp_path / "again")) == []


@pytest.mark.usefixtures("toy")
def test_what_a_behaviour_clears_within_a_window_was_kept_before_it(does, tmp_path):
    net, plain = mixed(), mixed()
    net["toys 0", 0].add_behaviour(10, does(when=47, what=net.clear_recordings))
    net.keep(tmp_path / "run")
    net.run(8.0)
    plain.run(8.0)
    run, ticks = Run(tmp_path / "run"), np.arange(1, 81)
    kept = np.rint(run["Recorder", 0].t / net.dt).astype(int)
    assert {47} <= set(ticks) - set(kept) <= set(range(35, 48))  # the window that 47 is in
    assert net.coupling.window > 1
    np.testing.assert_array_equal(run["v[:3]", 0], plain["v[:3]", 0][kept - 1])


@pytest.mark.parametrize("pace", ["eager", "at the end"])
def test_a_recorder_that_keeps_its_last_rows_is_kept_whole(make, tmp_path, pace, request):
    if pace == "eager":
        request.getfixturevalue("eager")
    net = make()
    cells = net["cells", 0]
    cells.add_behaviour(11, Recorder("voltage + 0", last=4))
    cells.add_behaviour(12, EventRecorder("voltage > 0.4", last=4))
    cells.add_behaviour(13, EventRecorder("voltage > 0.4 + 0", tag="whole"))
    net.keep(tmp_path / "run")
    net.run(2.0).run(3.0)
    run = Run(tmp_path / "run")
    np.testing.assert_array_equal(run["voltage + 0", 0], net["voltage", 0])
    np.testing.assert_array_equal(run["voltage > 0.4", 0], net["voltage > 0.4 + 0", 0])
    np.testing.assert_array_equal(net["voltage + 0", 0], net["voltage", 0][-4:])
    assert net["voltage > 0.4", 0][0, 0] > 46
    assert sum(map(len, cells["voltage + 0"])) == 4
    assert len(net["Recorder", 4]._rows["voltage + 0"]._full) <= 1  # the memory is given back


def test_a_behaviour_that_raises_leaves_what_was_complete(make, does, differing, tmp_path):
    net, plain = make(), make()
    net["cells", 0].add_behaviour(2.5, does(when=33, what=failing))
    net.keep(tmp_path / "run")
    with pytest.raises(BehaviourFailed):
        net.run(10.0)
    plain.simulate(32)
    run = Run(tmp_path / "run")
    assert run.status.startswith("failed: BehaviourFailed: Does(")
    assert run.iterations == run.coupling.iterations == 32
    assert differing(plain, run) == []
    net.keep(tmp_path / "later")
    assert Run(tmp_path / "later").status == run.status


def test_ctrl_c_is_told_and_the_network_goes_on(make, does, differing, tmp_path):
    net, plain = make({1: does(when=12, what=lambda: os.kill(os.getpid(), signal.SIGINT))}), make()
    net.keep(tmp_path / "run")
    with pytest.raises(KeyboardInterrupt):
        net.run(5.0)
    run = Run(tmp_path / "run")
    assert (run.status, run.iterations) == ("interrupted", 12)
    net.simulate(50 - 12)
    plain.run(5.0)
    run = Run(tmp_path / "run")
    assert run.status == "complete"
    assert differing(plain, run) == []


def test_a_session_is_kept_as_one_run_and_tells_of_a_failure_that_was_caught(make, does, differing, tmp_path):
    net, plain = make(), make()
    net.keep(tmp_path / "run")
    with net.session():
        for _ in range(10):
            net.run(0.4)
        assert Run(tmp_path / "run").status == "running"
    plain.run(4.0)
    run = Run(tmp_path / "run")
    assert (run.status, len(run.certificates)) == ("complete", 1)
    assert differing(plain, run) == []
    net["cells", 0].add_behaviour(30, does(when=41, what=failing))
    with net.session(), pytest.raises(BehaviourFailed):
        net.run(1.0)
    assert Run(tmp_path / "run").status.startswith("failed: ")


@pytest.mark.usefixtures("eager")
def test_a_disk_that_refuses_stops_the_run_between_two_iterations(make, differing, tmp_path, monkeypatch):
    net, plain = make(), make()
    net.keep(tmp_path / "run")
    net.run(1.0)
    flush, calls = h5py.File.flush, []

    def refusing(file):
        calls.append(file)
        if len(calls) < 3:  # in the run, and at its end, when rows are in the file that do not count yet
            raise OSError(errno.ENOSPC, "No space left on device")
        flush(file)

    monkeypatch.setattr(h5py.File, "flush", refusing)
    with pytest.raises(CannotKeep, match=r"No space left on device. What was recorded is still in memory"):
        net.run(1.0)
    assert Run(tmp_path / "run").status.startswith("failed: CannotKeep")
    net.simulate(40 - net.iteration)  # there is room again
    net.keep(tmp_path / "elsewhere")
    plain.simulate(40)
    assert differing(plain, net) == []
    for name in ("run", "elsewhere"):
        assert Run(tmp_path / name).status == "complete"
        assert differing(plain, Run(tmp_path / name)) == []


def test_what_was_recorded_before_it_is_kept_is_kept_too(make, differing, tmp_path):
    net = make()
    net.run(2.0)
    assert net.keep(tmp_path / "run") == tmp_path / "run"
    run = Run(tmp_path / "run")
    assert (run.status, run.iterations, run.coupling.iterations) == ("complete", 20, 20)
    assert differing(net, run) == []
    net.run(1.0)
    assert differing(net, Run(tmp_path / "run")) == []


def full(*_):
    raise OSError(errno.ENOSPC, "No space left")


@pytest.mark.parametrize("iterations", [0, 20])
def test_a_folder_in_which_nothing_could_be_kept_is_free_again(iterations, make, differing, tmp_path, monkeypatch):
    net = make().simulate(iterations)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", full)
        with pytest.raises(CannotKeep, match="No space left"):
            net.keep(tmp_path / "run")
    assert list(tmp_path.iterdir()) == []
    net.keep(tmp_path / "run")
    net.simulate(5)
    assert differing(net, Run(tmp_path / "run")) == []


@pytest.mark.parametrize(("n", "last"), [(100, 10), (1000, 10), (40, 20), (5, 10)])
def test_what_a_recorder_holds_of_its_last_rows_is_kept_under_its_times(make, tmp_path, n, last):
    net = make()
    net.add_behaviour(41, Recorder("iteration", "iteration / 2", last=last, tag="last"))
    net.simulate(n)
    net.keep(tmp_path / "run")
    net.simulate(5)
    run = Run(tmp_path / "run")
    ticks = np.rint(run["last", 0].t / net.dt)
    assert len(ticks) >= min(n, last) + 5
    np.testing.assert_array_equal(ticks, np.arange(n + 6 - len(ticks), n + 6))
    np.testing.assert_array_equal(run["iteration", 0], ticks)
    np.testing.assert_array_equal(run["iteration / 2", 0], ticks / 2)


def test_a_recorder_that_comes_later_or_goes_is_kept(make, tmp_path):
    net = make()
    cells = net["cells", 0]
    net.keep(tmp_path / "run")
    net.run(2.0)
    cells.add_behaviour(40, Recorder("voltage - 1"))
    net.run(2.0)
    late, mean = net["voltage - 1", 0], net["np.mean(voltage)", 0]
    net.remove_behaviour("main")
    net.run(2.0)
    run = Run(tmp_path / "run")
    np.testing.assert_array_equal(run["voltage - 1", 0][:20], late)
    assert len(run["voltage - 1", 0]) == 40
    np.testing.assert_array_equal(run["np.mean(voltage)", 0], mean)
    assert [len(each) for each in run["voltage"]] == [1, 40]


@pytest.mark.parametrize(("quick", "slow"), [(5e-6, 5e-3), (1e-4, 0.02), (1e-3, 0.05)])
def test_it_is_written_every_two_seconds_also_when_iterations_take_longer_than_before(
    make, tmp_path, monkeypatch, quick, slow
):
    net, clock, written = make(), Ticking(quick=quick, slow=slow), []
    net["cells", 0].add_behaviour(50, clock)
    net.build()
    monkeypatch.setattr(keeper, "perf_counter", lambda: clock.now)
    net.keep(tmp_path / "run")
    append = DataFile.append

    def noting(data, blocks, reached):
        written.append(clock.now)
        append(data, blocks, reached)

    monkeypatch.setattr(DataFile, "append", noting)
    net.simulate(5000 + int(9 / slow))
    assert np.diff([0.0, *written, clock.now]).max() <= 2.0 + max(64 * slow, 0.25)


def test_rows_of_another_shape_are_refused_with_the_way_out(make, tmp_path):
    net = make()
    net.keep(tmp_path / "run")
    cells = net["cells", 0]
    cells.extra = np.zeros(3)
    cells.add_behaviour(40, Recorder("extra"))
    net.run(1.0)
    net.clear_recordings()
    cells.extra = np.zeros(5)
    with pytest.raises(ShapeMismatch, match="keep the run in another folder"):
        net.run(1.0)


def test_a_network_without_recorders_is_kept(tmp_path, make, does):
    net = Network(dt=1.0, seed=1, behaviour={1: does(when=0, what=failing)})
    net.keep(tmp_path / "run")
    run = Run(tmp_path / "run")
    assert (run.status, run.iterations) == ("new", 0)
    assert "Nothing was recorded" in str(run)
    net.simulate(7)
    run = Run(tmp_path / "run")
    assert (run.status, run.iterations, run.coupling.iterations) == ("complete", 7, 7)


def test_an_empty_network_says_what_it_lacks_and_remains_new(tmp_path):
    net = Network()
    net.keep(tmp_path / "run")
    with pytest.raises(NothingToRun):
        net.run(1.0)
    assert Run(tmp_path / "run").status == "new"


def test_keeping_begins_between_runs(make, does, tmp_path):
    net = make()
    net["cells", 0].add_behaviour(30, does(when=3, what=lambda: net.keep(tmp_path / "run")))
    with pytest.raises(BehaviourFailed, match="begin to keep a run in the middle of a run"):
        net.run(1.0)
    assert not (tmp_path / "run").exists()


def test_a_folder_is_of_one_run(make, tmp_path):
    net, other = make(), make()
    net.keep(tmp_path / "run")
    net.run(1.0)
    before = (tmp_path / "run" / "run.json").read_bytes()
    with pytest.raises(FolderTaken, match=r"holds a run, begun 20.*, complete.*run-\{date\}"):
        other.keep(tmp_path / "run")
    with pytest.raises(FolderTaken):
        net.keep(tmp_path / "run")
    assert (tmp_path / "run" / "run.json").read_bytes() == before
    net.run(1.0)  # where it was kept before
    assert Run(tmp_path / "run").iterations == 20


def test_a_forked_process_keeps_what_it_runs_in_a_folder_of_its_own(make, differing, tmp_path, monkeypatch):
    net, plain = make(), make()
    net.keep(tmp_path / "run")
    net.simulate(10)
    plain.simulate(10)
    with monkeypatch.context() as patch:
        patch.setattr(os, "getpid", lambda: 0)  # as after a fork
        for action in (lambda: net.simulate(5), lambda: net.kept.update(x=1), lambda: net.session().__enter__()):
            with pytest.raises(InvalidValue, match="in a folder of its own here"):
                action()
    run = Run(tmp_path / "run")
    assert (run.status, run.iterations, len(run.certificates), dict(run.kept)) == ("complete", 10, 1, {})
    assert differing(plain, net) == []
    with monkeypatch.context() as patch:
        patch.setattr(os, "getpid", lambda: 0)
        net.keep(tmp_path / "child")
        net.simulate(5)
    assert Run(tmp_path / "child").iterations == 15
    assert Run(tmp_path / "run").iterations == 10


def test_results_need_a_run_that_is_kept(make):
    with pytest.raises(InvalidValue, match=r"net.keep\('runs/first'\) first"):
        make().kept["accuracy"] = 0.9


def test_without_h5py_it_says_what_to_install(make, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "h5py", None)
    for name in [name for name in sys.modules if name.startswith("fusion.storage")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ImportError, match=r"pip install 'fusion-sim\[storage\]'"):
        make().keep(tmp_path / "run")
    assert not (tmp_path / "run").exists()
