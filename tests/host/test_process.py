"""Simulators in child processes: same results, and an end within seconds whatever happens to whom."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import nest
import numpy as np
import pytest
from fusion_nest import nodes
from host import fragile
from host.conftest import PROMPT, environment, is_gone

from fusion import EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup, built, fixed_probability
from fusion.adapter import registry
from fusion.core.behaviour import Behaviour
from fusion.errors import InvalidValue, SimulatorFailed, SimulatorLost, Unsupported
from fusion.host import InProcess, Process
from fusion.host.caller import Caller
from fusion.testing.toy import ToyAdapter, cells


@pytest.fixture(autouse=True)
def _toy():
    registry.register(ToyAdapter)


class Watched(Process):
    """Remembers its workers."""

    def __init__(self):
        self.workers = []

    def launch(self, adapter):
        self.workers.append(super().launch(adapter))
        return self.workers[-1]


def is_there(pid):
    return Path(f"/proc/{pid}").exists()


@pytest.fixture
def left_behind(tmp_path, monkeypatch):
    """A function that lists what workers have left where temporary files and shared memory go."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    shared = Path("/dev/shm")
    before = set(shared.iterdir())
    # Python's multiprocessing, which workers do not use, has its own there: other tests', other programs'.
    return lambda: [*tmp_path.iterdir(), *(set(shared.iterdir()) - before - set(shared.glob("sem.mp-*")))]


# --- results -----------------------------------------------------------------------------------------------------


def recurrent(hosts):
    """Two populations of NEST that drive and inhibit each other: spikes and potentials."""
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    with Network(dt=0.1, seed=5) as net:
        pair = [
            NeuronGroup(
                net,
                nodes("iaf_psc_exp", 50, I_e=drive),
                tag=tag,
                behaviour={9: EventRecorder("spike"), 10: Recorder("V_m[:5]")},
                host=host,
            )
            for tag, drive, host in zip(("up", "down"), (400.0, 420.0), hosts, strict=True)
        ]
        connect = fixed_probability(0.2)
        SynapseGroup(net, pair[0], pair[1], connect=connect, weight=30.0, delay=1.5)
        SynapseGroup(net, pair[1], pair[0], connect=connect, weight=-30.0, delay=1.5)
        net.run(100.0)
        net.run(50.0)
        names = [one.label for one in net.wiring.participants]
        return names, [np.array(net[name, i]) for name in ("spike.t", "spike.i", "V_m[:5]") for i in (0, 1)]


def test_nest_in_children_gives_the_same_bits():
    """One kernel in a child, two kernels in two children, one here and one in a child."""
    shared = Process()
    _, expected = recurrent((None, InProcess()))
    assert len(expected[0]) > 50
    for hosts, kernels in (
        ((shared, shared), ["nest"]),
        ((Process(), Process()), ["nest", "nest down"]),
        ((None, Process()), ["nest", "nest down"]),
    ):
        names, found = recurrent(hosts)
        assert names == kernels
        for one, other in zip(expected, found, strict=True):
            np.testing.assert_array_equal(one, other)


def test_what_a_worker_logs_is_logged_here(caplog):
    with Network(dt=0.1, seed=1) as net:
        NeuronGroup(net, built(fragile.with_strays, adapter="nest", n=3), host=Process())
        net.simulate(2)
    told = [record.getMessage() for record in caplog.records if record.name == "fusion.nest"]
    assert len(told) == 1
    assert told[0].startswith("Process(): NEST nodes in no group: 2 iaf_psc_exp")


# --- what cannot be ------------------------------------------------------------------------------------------------


def test_no_host_is_a_number():
    with Network(dt=0.1) as net, pytest.raises(InvalidValue, match=r"host=3.*fusion\.host\.Process\(\)"):
        NeuronGroup(net, cells(2), host=3)


def test_objects_of_this_process_stay_here():
    host = Process()
    with Network(dt=0.1) as net:
        group = NeuronGroup(net, cells(2), tag="cells", host=host)
        native = NeuronGroup(net, size=2)
        with pytest.raises(InvalidValue, match=r"also= of 'more'.*built\(function"):
            NeuronGroup(net, cells(2), tag="more", also=[object()], host=host)
        with pytest.raises(Unsupported, match="stand"):
            net.stand_in(native, inside=group)


def test_an_error_in_the_worker_says_where_it_was_raised():
    with Network(dt=0.1) as net:
        group = NeuronGroup(net, cells(2), tag="cells", host=Process())
        with pytest.raises(SimulatorFailed, match="IndexError") as raised:
            group.adapter.read(group.handle, "v", np.array([7]))
        assert "In the worker:" in raised.value.__notes__[0]
        assert "toy.py" in raised.value.__notes__[0]
        assert len(group.v) == 2  # and it serves on


# --- the end of a worker -------------------------------------------------------------------------------------------


class Does(Behaviour):
    """Calls a function in one iteration."""

    function: object
    when: int

    reads = ()

    def iteration(self, neurons):
        if neurons.iteration == self.when:
            self.function()


@pytest.mark.parametrize(
    ("signal_", "reason"), [(signal.SIGKILL, "ended by SIGKILL.*memory"), (signal.SIGSTOP, "was stopped")]
)
def test_a_worker_that_is_lost_ends_the_run_and_what_was_recorded_is_kept(signal_, reason, left_behind):
    host = Watched()
    with Network(dt=0.1, seed=1, window=1) as net:
        lost = NeuronGroup(net, nodes("iaf_psc_exp", 5, I_e=500.0), behaviour={9: Recorder("V_m")}, host=host)
        other = NeuronGroup(net, cells(5), behaviour={9: Recorder("v")}, host=host)
        end = Does(function=lambda: os.kill(host.workers[0].pid, signal_), when=50)
        NeuronGroup(net, size=1, behaviour={1: end})
        start = time.monotonic()
        with pytest.raises(SimulatorLost, match=rf"nest on Process\(\) was lost after tick 50: .*{reason}") as raised:
            net.simulate(100)
        assert time.monotonic() - start < PROMPT
        assert raised.value.tick == 50
        # Iteration 50 was not complete: the recorder of V_m noticed.
        assert [len(net[name, 0]) for name in ("V_m", "v")] == [49, 49]
        with pytest.raises(SimulatorLost):
            lost.adapter.read(lost.handle, "V_m")
        assert len(other.v) == 5
    assert not any(is_there(worker.pid) for worker in host.workers)
    assert left_behind() == []


@pytest.mark.parametrize(("signal_", "reason"), [(signal.SIGKILL, "ended by SIGKILL"), (signal.SIGSTOP, "was stopped")])
def test_a_worker_that_is_lost_while_it_computes_is_noticed(signal_, reason):
    host = Watched()
    with Network(dt=0.1, seed=1) as net:
        NeuronGroup(net, built(fragile.slow, adapter="toy", n=3), tag="slow", host=host)
        net.simulate(1)
        timer = threading.Timer(0.3, os.kill, (host.workers[0].pid, signal_))
        timer.start()
        start = time.monotonic()
        with pytest.raises(SimulatorLost, match=rf"(?s){reason}.*The last that it wrote:\nslow cells are made"):
            net.simulate(10_000)
        assert time.monotonic() - start < PROMPT
        timer.join()
    assert not is_there(host.workers[0].pid)


def test_a_worker_that_was_stopped_for_a_moment_goes_on():
    host = Watched()
    with Network(dt=0.1, seed=1) as net:
        NeuronGroup(net, built(fragile.slow, adapter="toy", n=3), tag="slow", host=host)
        pid = host.workers[0].pid
        timers = [threading.Timer(t, os.kill, (pid, s)) for t, s in ((0.2, signal.SIGSTOP), (0.6, signal.SIGCONT))]
        for timer in timers:
            timer.start()
        net.simulate(20)
        for timer in timers:
            timer.join()
        assert net.iteration == 20


def test_a_worker_that_crashes_while_it_builds_is_told_with_its_log():
    host = Watched()
    with Network(dt=0.1) as net, pytest.raises(SimulatorLost, match=r"(?s)SIGABRT.*about to crash"):
        NeuronGroup(net, built(fragile.crashing, adapter="toy", n=3), host=host)
    assert not is_there(host.workers[0].pid)


def test_an_adapter_that_is_not_there_is_named():
    with pytest.raises(SimulatorFailed, match=r"No adapter named 'nestt' is installed.*nest"):
        ask_for("nestt")


def test_garbage_in_the_memory_shared_with_a_child_is_a_loss():
    worker = Process().launch("toy")
    lane = worker.channel._out
    lane.facts[0], lane.facts[1] = 2**63, 1
    lane.filled.post()
    with pytest.raises(SimulatorLost, match=r"(?s)status 1.*WireError: A message claims"):
        Caller("toy", "Process()", worker).answer(10.0)
    assert not is_there(worker.pid)


def ask_for(adapter):
    caller = Caller(adapter, "Process()", Process().launch(adapter))
    try:
        caller.ask("open", [0.1, 1], [])
    finally:
        caller.close(1.0)


def test_a_network_that_is_dropped_ends_its_workers():
    host = Watched()
    net = Network(dt=0.1)
    NeuronGroup(net, cells(2), host=host)
    net.simulate(1)
    pid = host.workers[0].pid
    net.close()
    net.close()
    assert not is_there(pid)


# --- the end of the script -----------------------------------------------------------------------------------------

SCRIPT = """
import signal
import sys
from fusion import Network, NeuronGroup, built
from fusion.adapter import registry
from fusion.host import Process
from fusion.testing.toy import ToyAdapter
from host import fragile
signal.signal(signal.SIGINT, signal.default_int_handler)  # also where the tests run in the background
registry.register(ToyAdapter)
class Watched(Process):
    def launch(self, adapter):
        worker = super().launch(adapter)
        print(worker.pid, flush=True)
        return worker
net = Network(dt=0.1)
NeuronGroup(net, built(fragile.slow, adapter="toy", n=3), host=Watched())
print("running", flush=True)
net.simulate(N)
"""


def run_script(n):
    words = [sys.executable, "-c", SCRIPT.replace("N)", f"{n})")]
    script = subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE, text=True)
    pid = int(script.stdout.readline())
    assert script.stdout.readline() == "running\n"
    return script, pid


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("state", ["computing", "stopped"])
def test_no_worker_outlives_a_script_that_was_killed(end, state, left_behind):
    script, pid = run_script(100_000)
    with script:
        if state == "stopped":
            os.kill(pid, signal.SIGSTOP)
        script.send_signal(end)
        script.wait(PROMPT)
    assert is_gone(pid)
    assert left_behind() == []


def test_no_worker_outlives_a_script_that_closes_nothing(left_behind):
    script, pid = run_script(2)
    with script:
        assert script.wait(2 * PROMPT) == 0
    assert is_gone(pid)
    assert left_behind() == []
