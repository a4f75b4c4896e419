"""The images are what they say: small, unprivileged, healthy, and of the versions that are locked."""

from __future__ import annotations

import json
import os
import time

import pytest

BUILT = os.environ.get("IMAGES", "nest full").split()
IMAGES = ("nest", "tests") if "full" in BUILT else ("nest",)
with_the_full_image = pytest.mark.skipif("full" not in BUILT, reason="IMAGES leaves the full image out")
SLEEPS = "import socket, time; s = socket.socket(socket.AF_UNIX); s.bind('/run/fusion/socket'); time.sleep(60)"
LISTENS = SLEEPS.replace("time.sleep", "s.listen(); time.sleep")


@pytest.fixture
def facts(docker, image):
    """``facts("nest")``: what Docker knows of the image of a service."""
    return lambda name: json.loads(docker("image", "inspect", image(name)))[0]


@pytest.fixture
def started(docker, image):
    """``started(program)``: a container of the worker's image in which Python runs that; its health is asked often."""
    running = []

    def start(program):
        options = ["--network=none", "--health-interval=0.3s", "--health-start-period=1ms", "--entrypoint=python"]
        running.append(docker("run", "--detach", *options, image("nest"), "-c", program))
        return running[-1]

    yield start
    docker("rm", "--force", *running)


@pytest.mark.parametrize("name", IMAGES)
def test_nobody_is_root(name, inside, facts):
    assert facts(name)["Config"]["User"] == "10001:10001"
    assert (inside(name, "id", "-u"), inside(name, "id", "-G")) == ("10001", "10001")


@pytest.mark.parametrize("name", IMAGES)
def test_a_container_has_no_capability_and_gains_none(name, inside):
    status = dict(line.split(":\t", 1) for line in inside(name, "cat", "/proc/self/status").splitlines())
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(status[kind], 16) == 0, kind
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"


@pytest.mark.parametrize("name", IMAGES)
def test_a_container_cannot_write_but_to_tmp(name, inside):
    inside(name, "touch", "/tmp/a")
    for path in ("/a", "/opt/a", "/opt/venv/a", "/usr/a", "/run/fusion/a"):
        done = inside(name, "touch", path, check=False)
        assert done.returncode == 1
        assert "Read-only" in done.stderr or "No such file" in done.stderr


@pytest.mark.parametrize("name", IMAGES)
def test_a_container_sees_no_network(name, inside):
    assert inside(name, "ls", "/sys/class/net") == "lo"


def test_the_worker_is_small(facts):
    assert facts("nest")["Size"] < 265e6  # about 250 MB


def test_the_tag_and_the_label_of_the_worker_are_the_version_of_nest(facts, image, inside, locked):
    program = "import nest; print(nest.build_info['version'])"
    version = inside("nest", "python", "-c", program)
    assert version == locked("nest-simulator")
    assert image("nest").endswith(f":{version}")
    assert facts("nest")["Config"]["Labels"]["org.opencontainers.image.version"] == version
    assert facts("nest")["Config"]["Labels"]["org.opencontainers.image.title"] == "fusion-nest"


def test_the_worker_begins_as_one(facts):
    config = facts("nest")["Config"]
    assert config["Entrypoint"] == ["fusion", "worker"]
    assert config["Cmd"] == ["nest", "--listen", "unix:/run/fusion/socket", "--once"]
    assert not any("TOKEN" in variable for variable in config["Env"])


def test_the_worker_holds_no_compiler_and_no_installer(inside):
    for tool in ("g++", "cc", "pip", "make", "git", "curl"):
        assert inside("nest", "sh", "-c", f"command -v {tool}", check=False).returncode != 0, tool
    for module in ("pip", "setuptools", "matplotlib", "Cython", "scipy"):
        assert inside("nest", "python", "-c", f"import {module}", check=False).returncode == 1, module


def test_the_worker_simulates_by_the_port_without_a_compiler(inside):
    program = """
import nest, numpy
from fusion_nest import Adapter
from fusion.adapter.base import GroupSpec
from fusion.core.clock import Clock
one = Adapter()
one.open(Clock(0.1), 1)
cells = one.create(nest.Create("iaf_psc_exp", 100, {"I_e": 400.0}), GroupSpec("cells"))
one.prepare()
one.advance(100)
assert (one.read(cells, "V_m") > -70.0).all()
print(one.tier.name)
"""
    assert inside("nest", "python", "-c", program).splitlines()[-1] == "port"


def test_a_worker_that_listens_is_healthy(started, docker):
    assert health(docker, started(LISTENS)) == "healthy"


def test_a_worker_that_does_not_listen_is_not(started, docker):
    assert health(docker, started(SLEEPS)) == "unhealthy"


def health(docker, container):
    """What the health check says once it has made up its mind."""
    for _ in range(100):
        said = docker("inspect", "--format", "{{.State.Health.Status}}", container)
        if said != "starting":
            return said
        time.sleep(0.1)
    return said


@with_the_full_image
def test_the_full_image_has_all_simulators_as_locked(inside, locked):
    names = ("brian2", "nest-simulator", "tensorflow-cpu", "numpy")
    program = f"from importlib.metadata import version; print(*map(version, {names!r}))"
    assert inside("tests", "python", "-c", program).split() == [locked(name) for name in names]


@with_the_full_image
def test_the_commands_of_the_full_image_are_those_of_the_makefile(inside, facts):
    assert facts("tests")["Config"]["Entrypoint"] == ["make", "--old-file=/opt/venv/.installed"]
    assert "make test" in inside("tests", "make", "help")
