"""NEST in a container: the same results, confined, and a clear word about whatever ends it."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep

import fusion_nest
import pytest
from host import loops
from host.conftest import PROMPT, environment, is_gone
from host.engines import IMAGES, Engine, docker

from fusion import EventRecorder, Network, NeuronGroup
from fusion.errors import SimulatorLost
from fusion.host import Process


@pytest.fixture(
    scope="session", params=["docker", pytest.param("podman", marks=[pytest.mark.slow, pytest.mark.release])]
)
def engine(request, works_or_skip):
    """Docker, and Podman, with the images."""
    engine = Engine(request.param)
    lent = lend(engine) if engine.command == "podman" else ()
    works_or_skip(engine.command, "run", "--rm", "--network=none", "--pull=never", "--entrypoint=true", IMAGES[0])
    yield engine
    for image in lent:
        engine("rmi", image)


def lend(podman):
    """Give Podman the images that Docker has and it has not; their names."""
    if shutil.which("podman") is None or any(docker.tried("image", "inspect", image).returncode for image in IMAGES):
        return []
    missing = [image for image in IMAGES if podman.tried("image", "exists", image).returncode]
    if missing:
        with subprocess.Popen(["docker", "save", *missing], stdout=subprocess.PIPE) as saved:
            subprocess.run(["podman", "load", "--quiet"], stdin=saved.stdout, check=True, stdout=subprocess.DEVNULL)
    return missing


@pytest.fixture
def nothing_left(engine):
    """No container and no folder remains of the test; one is removed soon after it has ended."""
    before, end = remains(engine), None
    yield
    while (left := remains(engine) - before) and monotonic() < (end := end or monotonic() + 2 * PROMPT):
        sleep(0.2)
    assert not left


def remains(engine):
    return {*engine("ps", "--all", "--quiet"), *Path(tempfile.gettempdir()).glob("fusion-????????")}


@pytest.mark.skipif(find_spec("nest") is None, reason="there is no NEST here to compare with")
def test_a_container_gives_the_same_spikes(nothing_left, toy, engine):
    assert loops.activity(engine.host()) == loops.activity(Process())


def test_a_container_is_confined(nothing_left, engine):
    with Network(dt=0.1) as net:
        NeuronGroup(net, loops.column(), host=engine.host(memory="1g", cpus=1), tag="cells")
        name = engine.the_container()
        status = engine("exec", name, "cat", "/proc/1/status")
        facts = dict(itertools.pairwise(status))
        assert (facts["Uid:"], int(facts["CapEff:"], 16), facts["NoNewPrivs:"], facts["Seccomp:"]) == (
            "10001",
            0,
            "1",
            "2",
        )
        assert engine("exec", name, "ls", "/sys/class/net") == ["lo"]
        for path in ("/x", "/run/x", "/var/tmp/x"):
            assert "Read-only" in engine.tried("exec", name, "touch", path).stderr
        mounted = [line.split() for line in engine.tried("exec", name, "cat", "/proc/mounts").stdout.splitlines()]
        (options,) = [each[3] for each in mounted if each[1] == "/tmp"]
        assert {"noexec", "nosuid", "nodev"} <= set(options.split(","))
        shown = " ".join(engine("inspect", name))
        assert '"Memory": 1073741824' in shown
        assert '"NanoCpus": 1000000000' in shown
        net.run(1.0)


# --- losses in the middle of a run ---------------------------------------------------------------------------------


def lost(engine, strike, **options):
    """The error of a long run after ``strike(name of the container)``; it is told soon."""
    struck = []

    def wait_and_strike(name):
        strike(name)
        struck.append(monotonic())

    with Network(dt=0.1) as net:
        recipe = fusion_nest.nodes("iaf_psc_exp", 1000, I_e=400.0)
        NeuronGroup(net, recipe, host=engine.host(**options), tag="cells", behaviour={9: EventRecorder("spike")})
        net.run(10.0)
        name = engine.the_container()
        thread = threading.Timer(0.5, wait_and_strike, (name,))
        thread.start()
        with pytest.raises(SimulatorLost) as caught:
            net.run(1e7)
        thread.join()
        assert monotonic() - struck[0] < PROMPT
        assert caught.value.tick >= 100
        assert net["spike.t", 0].max() > 10.0  # ms; what the run had recorded is kept
    return caught.value


def test_a_container_that_is_killed_is_told(nothing_left, engine):
    assert "was killed" in lost(engine, lambda name: engine("kill", name)).reason


def test_a_container_that_is_paused_is_told_and_removed(nothing_left, engine):
    assert "was paused" in lost(engine, lambda name: engine("pause", name)).reason


# The brackets keep it from finding itself.
KILL_SERVER = """
for process in /proc/[0-9]*; do
    case "$(tr '\\0' ' ' <$process/cmdline)" in *"-m fusion."[h]ost*) kill -9 ${process#/proc/} ;; esac
done
"""


def test_a_process_that_is_killed_in_a_container_is_told(nothing_left, engine):
    error = lost(engine, lambda name: engine("exec", name, "sh", "-c", KILL_SERVER))
    assert "SIGKILL" in error.reason


def test_a_container_that_takes_too_much_memory_is_told(nothing_left, engine):
    recipe = fusion_nest.nodes("iaf_psc_exp", 3_000_000)
    with Network(dt=0.1) as net, pytest.raises(SimulatorLost) as caught:
        NeuronGroup(net, recipe, host=engine.host(memory="256m"), tag="cells")
    assert "memory" in caught.value.reason
    assert "256m" in caught.value.reason


def test_a_container_that_is_stopped_is_told(nothing_left, engine):
    assert "its container ended" in lost(engine, lambda name: engine("stop", name)).reason


@pytest.mark.parametrize("engine", ["podman"], indirect=True)
@pytest.mark.release
@pytest.mark.slow
def test_a_monitor_that_is_killed_is_told_and_nothing_computes_on(nothing_left, engine):
    """What stands beside each container of Podman, in place of a daemon."""
    seen = []

    def kill_monitor(name):
        seen.extend(map(int, engine("inspect", "--format", "{{.State.Pid}} {{.State.ConmonPid}}", name)))
        os.kill(seen[1], signal.SIGKILL)

    assert "conmon" in lost(engine, kill_monitor).reason
    assert is_gone(seen[0])


# --- a daemon that is killed, one of our own -----------------------------------------------------------------------

DAEMON = Path(__file__).parents[2] / "containers" / "daemon.sh"


@pytest.fixture
def mortal(works_or_skip, folder, monkeypatch):
    """The folder of a second daemon with the image, which may be killed; its commands are the test's from now on."""
    works_or_skip("docker", "image", "inspect", IMAGES[0])
    if os.geteuid() != 0 or shutil.which("dockerd") is None:
        pytest.skip("only root can start a daemon of Docker that may be killed")
    command = [DAEMON, "sh", "-c", "echo $DOCKER_HOST; exec sleep infinity"]
    memory = "/dev/shm"  # where nothing waits for the disk
    room = memory if shutil.disk_usage(memory).free > 2 << 30 else tempfile.gettempdir()
    elsewhere = os.environ | {"DOCKER_HOST": f"unix://{folder}/none", "TMPDIR": room}
    with subprocess.Popen(command, env=elsewhere, stdout=subprocess.PIPE, text=True) as script:
        try:
            host = script.stdout.readline().strip()
            with subprocess.Popen(["docker", "save", IMAGES[0]], stdout=subprocess.PIPE) as image:
                subprocess.run(["docker", "--host", host, "load", "--quiet"], stdin=image.stdout, check=True)
            monkeypatch.setenv("DOCKER_HOST", host)
            state = Path(host.removeprefix("unix://")).parent
            yield state
        finally:
            script.terminate()
    assert not state.exists()
    assert subprocess.run(["pgrep", "-f", "--", f"-address {state}/"], check=False).returncode == 1


def test_a_daemon_that_is_killed_is_told_and_nothing_computes_on(mortal):
    seen = []

    def kill_daemon(name):
        seen.extend(docker("inspect", "--format", "{{.State.Pid}} {{(index .Mounts 0).Source}}", name))
        os.kill(int((mortal / "pid").read_text()), signal.SIGKILL)

    reason = lost(docker, kill_daemon).reason
    assert "the daemon of docker is gone" in reason
    assert "docker rm --force fusion-" in reason
    pid, folder = seen
    assert is_gone(int(pid))
    assert not Path(folder).parent.exists()


# --- containers that do not start ----------------------------------------------------------------------------------


def refused(engine, **options):
    with Network(dt=0.1) as net, pytest.raises(SimulatorLost) as caught:
        NeuronGroup(net, loops.column(), host=engine.host(**options), tag="cells")
    return caught.value.reason


def test_no_command_is_told_with_the_way_out():
    before = set(Path(tempfile.gettempdir()).glob("fusion-????????"))
    assert "command='podman'" in refused(Engine("docker-that-is-not-there"))
    assert set(Path(tempfile.gettempdir()).glob("fusion-????????")) == before


@pytest.fixture
def client():
    if shutil.which("docker") is None:
        if os.environ.get("REQUIRE_DOCKER") == "1":
            pytest.fail("there is no docker client")
        pytest.skip("there is no docker client; make test-containers needs one")


def test_no_daemon_is_told_with_the_way_out(client, monkeypatch, folder):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{folder}/none")
    assert "no daemon runs" in refused(docker)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may use every daemon")
def test_no_permission_is_told_with_the_way_out(client, monkeypatch, folder):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{folder}/docker")
        listener.listen()
        (folder / "docker").chmod(0)
        monkeypatch.setenv("DOCKER_HOST", f"unix://{folder}/docker")
        assert "as good as being root" in refused(docker)


def test_no_image_is_told_with_the_way_out(nothing_left, engine):
    assert "make images" in refused(engine, image="fusion-that-is-not-there")


def test_an_image_that_is_none_of_ours_is_told(nothing_left, engine):
    assert f"is {IMAGES[1]} an image for fusion?" in refused(engine, image=IMAGES[1])


UNABLE = """#!/bin/sh
[ $1 = run ] || exit 1
echo "Error: %s" >&2
exit 125
"""


@pytest.mark.parametrize(
    ("said", "way_out"),
    [
        ("container-init binary not found on the host: stat /usr/libexec/podman/catatonit", "the package catatonit"),
        ("runc: error setting rlimit type 7: operation not permitted: OCI permission denied", "default_ulimits"),
    ],
)
def test_what_podman_lacks_is_told_with_the_way_out(toy, tmp_path, said, way_out):
    podman = tmp_path / "podman"
    podman.write_text(UNABLE % said)
    podman.chmod(0o755)
    assert way_out in refused(Engine(str(podman)))


# --- the script is killed ------------------------------------------------------------------------------------------

SCRIPT = """
import signal
import sys
import fusion_nest
from fusion import Network, NeuronGroup
from fusion.host import Container

signal.signal(signal.SIGINT, signal.default_int_handler)  # also where the tests run in the background
net = Network(dt=0.1)
NeuronGroup(net, fusion_nest.nodes("iaf_psc_exp", 10), host=Container(command=sys.argv[1]), tag="cells")
print("built", flush=True)
net.run(1e7)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_when_the_script_ends_nothing_is_left(nothing_left, engine, number):
    words = [sys.executable, "-c", SCRIPT, engine.command]
    script = subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    with script:
        assert script.stdout.readline() == "built\n"
        name = engine.the_container()
        (pid,) = map(int, engine("inspect", "--format", "{{.State.Pid}}", name))
        script.send_signal(number)
        script.wait(3 * PROMPT)
    assert is_gone(pid)
    # The engine removes what has ended; asked to remove it as well, it waits for that.
    engine.tried("rm", "--force", name)
