"""`Cluster`: simulators on the workers of a real Dask cluster, on this machine."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from time import monotonic

import brian2
import fusion_brian2
import fusion_nest
import nest
import numpy as np
import pytest
from distributed import Client, LocalCluster
from host import loops
from host.clusters import serving, two_workers
from host.conftest import PROMPT, TOY, environment, is_gone
from host.populations import column, restless

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup, built
from fusion.errors import InvalidValue, KernelInUse, SimulatorLost, SimulatorMissing, UnknownName
from fusion.host import Cluster, Process
from fusion.host.actor import Actor, Spared
from fusion.testing.toy import cells

# Dask's workers, sockets and loops are its own; what it leaves to the collector is no mistake of ours.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning:distributed")


@pytest.fixture(scope="module")
def dask():
    with two_workers() as client:
        yield client


@pytest.fixture
def both(dask):
    """The client, when both workers are there."""
    dask.wait_for_workers(2, timeout=60)
    return dask


@pytest.fixture(autouse=True)
def _fresh_simulators():
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    brian2.start_scope()
    before = brian2.prefs.codegen.target
    yield
    brian2.prefs.codegen.target = before


def toys(host):
    """What noisy toy neurons do that drive one another."""
    with Network(dt=0.1, seed=3) as net:
        recording = {9: EventRecorder("spike"), 10: Recorder("v")}
        group = NeuronGroup(net, cells(20, noise_rate=8000.0, noise_weight=900.0), host=host, behaviour=recording)
        SynapseGroup(net, group, group, weight=80.0, delay=1.5)
        net.run(50.0)
        return net["spike.t", 0], net["spike.i", 0], net["v", 0]


def brian(host):
    """What a few cells of Brian2 do."""
    with Network(dt=0.1, seed=3) as net:
        recipe = built(restless, adapter="brian2", n=7)
        NeuronGroup(net, recipe, host=host, behaviour={9: EventRecorder("spike")})
        net.run(50.0)
        return net["spike.t", 0], net["spike.i", 0]


def ring(net, first, second):
    """Two columns of NEST that drive each other, their spikes recorded."""
    a = NeuronGroup(net, built(column, adapter="nest", n=20, rate=8000.0), host=first, tag="a")
    b = NeuronGroup(net, fusion_nest.nodes("iaf_psc_exp", 20, I_e=380.0), host=second, tag="b")
    for group in (a, b):
        group.add_behaviour(9, EventRecorder("spike"))
    SynapseGroup(net, a, b, weight=80.0, delay=1.5)
    SynapseGroup(net, b, a, weight=80.0, delay=1.5)


def spikes_of_ring(first, second):
    with Network(dt=0.1, seed=3) as net:
        ring(net, first, second)
        net.run(50.0)
        return [spikes.tolist() for spikes in (*net["spike.t"], *net["spike.i"])]


def served(client):
    """The process ids of the workers that hold an actor of this client."""
    busy = serving(client)
    return list(client.run(os.getpid, workers=busy).values()) if busy else []


class Does(Behaviour):
    """Calls a function in an iteration, and notes the time."""

    function: object
    when: int = 100

    def iteration(self, owner):
        if owner.iteration == self.when:
            self.function()
            self.began = monotonic()


def loss(client, function):
    """How a run of NEST on the cluster ends after `function(pid of its worker)`; with the seconds that takes."""
    with Network(dt=0.1, seed=3, window=1) as net:
        group = NeuronGroup(net, fusion_nest.nodes("iaf_psc_exp", 20, I_e=900.0), host=Cluster(client))
        (pid,) = served(client)
        does = Does(function=lambda: function(pid))
        group.add_behaviour(1, does)
        group.add_behaviour(9, EventRecorder("spike"))
        with pytest.raises(SimulatorLost) as raised:
            net.run(50.0)
        seconds = monotonic() - does.began
        assert raised.value.tick == 100
        assert len(net["spike.t", 0]) == 20  # each has fired once before the 10th millisecond
    return raised.value, seconds


def assert_nothing_is_left(client):
    """No worker holds an actor of any script; the scheduler takes a moment to let go of the last."""
    until = monotonic() + PROMPT
    while any(key.startswith("fusion|") for keys in client.has_what().values() for key in keys):
        assert monotonic() < until


def same(results, others):
    return all(np.array_equal(mine, theirs) for mine, theirs in zip(results, others, strict=True))


def test_neurons_on_a_cluster_do_what_they_do_in_process(both, toy):
    here = toys(None)
    assert len(here[0])
    assert same(toys(Cluster(both)), here)


def test_brian2_on_a_cluster_does_what_it_does_in_process(both):
    here = brian(None)
    assert len(here[0])
    assert same(brian(Cluster(both)), here)


@pytest.mark.parametrize("window", [1, None], ids=["lockstep", "windows"])
def test_nest_on_a_cluster_does_what_it_does_in_process(both, toy, window):
    def activity(host):
        return loops.activity(host, built(column, adapter="nest", n=6, rate=8000.0), window, 20.0)

    here = activity(None)
    assert activity(Cluster(both)) == here


def test_two_nest_kernels_live_on_two_workers_and_leave_them_clean(both):
    first, second = Cluster(both), Cluster(both)
    there = spikes_of_ring(first, second)
    assert there[0]
    assert spikes_of_ring(first, second) == there
    assert spikes_of_ring(Cluster(both), None) == there == spikes_of_ring(Process(), None)


def test_a_kernel_too_many_is_refused_with_the_way_out(both):
    with Network(dt=0.1) as net:
        ring(net, Cluster(both), Cluster(both))
        assert len(set(served(both))) == 2
        with pytest.raises(KernelInUse, match=r"each of the 2 Dask workers.*cluster\.scale"):
            NeuronGroup(net, fusion_nest.nodes("iaf_psc_exp", 2), host=Cluster(both))
        NeuronGroup(net, fusion_brian2.neurons(2, "v : 1", threshold="v > 1"), host=Cluster(both))
    assert served(both) == []


def test_groups_of_one_host_share_a_kernel_on_the_worker_that_was_named(both):
    address = list(both.scheduler_info()["workers"])[1]
    host = Cluster(both, workers=address)
    with Network(dt=0.1) as net:
        ring(net, host, host)
        assert served(both) == list(both.run(os.getpid, workers=[address]).values())
        with pytest.raises(KernelInUse, match="each of the 1 Dask workers"):
            NeuronGroup(net, fusion_nest.nodes("iaf_psc_exp", 2), host=Cluster(both, workers=[address]))


def test_a_worker_that_is_killed_ends_the_run(both):
    error, seconds = loss(both, lambda pid: os.kill(pid, signal.SIGKILL))
    assert seconds < PROMPT
    assert "nest on Cluster(Client('tcp://127.0.0.1:" in str(error)
    assert re.search(r"dask worker tcp://127\.0\.0\.1:\d+: its process \d+ has ended", error.reason)
    assert "killed by signal 9" in error.log


@pytest.mark.slow
def test_a_worker_that_is_killed_within_a_window_leaves_nothing_behind(both):
    with Network(dt=0.1, seed=3) as net:
        ring(net, Cluster(both), Cluster(both))
        kills = Does(function=lambda: os.kill(served(both)[0], signal.SIGKILL))
        net["b", 0].add_behaviour(1, kills)
        with pytest.raises(SimulatorLost, match=r"nest on Cluster\(Client") as raised:
            net.run(50.0)
        assert monotonic() - kills.began < PROMPT
        assert raised.value.tick == net.iteration >= kills.when
        assert all(len(times) > 0 and times.max() <= 0.1 * net.iteration + 1e-9 for times in net["spike.t"])
    assert_nothing_is_left(both)


def test_a_worker_that_is_stopped_ends_the_run(both):
    stopped = []

    def stop(pid):
        stopped.append(pid)
        os.kill(pid, signal.SIGSTOP)

    try:
        error, seconds = loss(both, stop)
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
    assert seconds < PROMPT
    assert "was stopped (SIGSTOP" in error.reason


def test_a_client_that_is_closed_ends_the_run(both):
    with Client(both.scheduler.address) as another:
        error, seconds = loss(another, lambda pid: another.close())
    assert seconds < PROMPT
    assert error.reason == "the connection to Dask's scheduler is closed"


def test_a_scheduler_that_is_gone_ends_the_run():
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as cluster, Client(cluster) as client:
        error, seconds = loss(client, lambda pid: cluster.close())
    assert seconds < PROMPT
    assert "Dask" in error.reason or "can be reached" in error.reason


SCRIPT = """
import sys
import fusion_nest
from distributed import Client
from fusion import Network, NeuronGroup
from fusion.host import Cluster
net = Network(dt=0.1)
client = Client(sys.argv[1])
for _ in range(2):
    NeuronGroup(net, fusion_nest.nodes("iaf_psc_exp", 2), host=Cluster(client))
print("built", flush=True)
net.run(1e7)
"""


@pytest.mark.slow
def test_when_the_script_is_killed_its_kernels_are_free_again(both):
    words = [sys.executable, "-c", SCRIPT, both.scheduler.address]
    with subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE, text=True) as script:
        assert script.stdout.readline() == "built\n"
        script.kill()
    assert_nothing_is_left(both)
    spikes_of_ring(Cluster(both), Cluster(both))


@pytest.mark.slow
def test_ctrl_c_at_a_terminal_ends_a_run_on_a_cluster_which_goes_on():
    words = [sys.executable, "-m", "host.interrupted"]
    script = subprocess.run(
        words, env=environment(), stdout=subprocess.PIPE, text=True, timeout=100, check=True, start_new_session=True
    )
    assert is_gone(int(script.stdout))


def test_ctrl_c_does_what_it_did_where_no_actor_lives_any_more():
    heard = []
    handler, actor = Spared(lambda number, frame: heard.append(number)), Actor(TOY)
    handler.actors.add(actor)
    handler(signal.SIGINT, None)
    assert not heard
    del actor
    handler(signal.SIGINT, None)
    assert heard == [signal.SIGINT]


def test_what_is_no_client_is_refused(both):
    with pytest.raises(InvalidValue, match=r"distributed\.Client\('tcp://scheduler:8786'\)"):
        Cluster("tcp://127.0.0.1:8786")
    another = Client(both.scheduler.address)
    host = Cluster(another)
    another.close()
    with pytest.raises(InvalidValue, match="closed"):
        Cluster(another)
    with pytest.raises(InvalidValue, match="closed"), Network(dt=0.1) as net:
        NeuronGroup(net, fusion_nest.nodes("iaf_psc_exp", 2), host=host)


def test_workers_and_resources_that_are_not_there_are_refused(both):
    with Network(dt=0.1) as net:
        with pytest.raises(UnknownName, match="No Dask worker is named 'node7'"):
            NeuronGroup(net, fusion_nest.nodes("iaf_psc_exp", 2), host=Cluster(both, workers=["node7"]))
        with pytest.raises(InvalidValue, match=r"no workers with resources \{'NEST': 1\}"):
            NeuronGroup(net, fusion_nest.nodes("iaf_psc_exp", 2), host=Cluster(both, resources={"NEST": 1}))


def test_workers_without_a_nanny_are_refused():
    with (
        LocalCluster(processes=False, protocol="tcp", n_workers=1, dashboard_address=":0") as cluster,
        Client(cluster) as client,
        Network(dt=0.1) as net,
        pytest.raises(InvalidValue, match=r"no nanny.*--no-nanny"),
    ):
        NeuronGroup(net, fusion_nest.nodes("iaf_psc_exp", 2), host=Cluster(client))


def test_without_dask_the_line_that_installs_it_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SimulatorMissing, match=r"pip install 'fusion-sim\[cluster\]'"):
        Cluster(object())
