"""The Docker daemon, and containers as compose.yaml confines them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FLAGS = {
    "network_mode": "--network={}",
    "read_only": "--read-only={}",
    "tmpfs": "--tmpfs={}",
    "cap_drop": "--cap-drop={}",
    "security_opt": "--security-opt={}",
    "init": "--init={}",
    "mem_limit": "--memory={}",
    "pids_limit": "--pids-limit={}",
}
"""How ``docker run`` spells what a service says of its confinement."""


@pytest.fixture(scope="session")
def docker(works_or_skip):
    """``docker("run", image)`` is what the command prints; with ``check=False`` the whole outcome."""
    works_or_skip("docker", "info")

    def call(*words, check=True):
        done = subprocess.run(["docker", *words], capture_output=True, text=True, check=False)
        if not check:
            return done
        assert done.returncode == 0, f"docker {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    return call


def pins(path: Path) -> dict[str, str]:
    """The versions that a file of requirements pins, by name."""
    return dict(re.findall(r"^([a-z0-9.-]+)==([0-9][0-9a-z.]*)", path.read_text(encoding="utf-8"), re.MULTILINE))


@pytest.fixture(scope="session")
def locked():
    """``locked("numpy")``: its version on Debian's Python."""
    return pins(ROOT / "requirements" / "py311.txt").__getitem__


@pytest.fixture(scope="session")
def packages():
    """``packages("nest")``: the versions that are pinned for the image of that name."""
    return lambda name: pins(ROOT / "containers" / name / "requirements.txt")


@pytest.fixture(scope="session")
def services():
    """The services of compose.yaml, by name."""
    return yaml.safe_load((ROOT / "containers" / "compose.yaml").read_text(encoding="utf-8"))["services"]


@pytest.fixture(scope="session")
def image(services):
    """``image("nest")``: the image of a service, with its tag."""
    return lambda name: services[name]["image"]


def confinement(service) -> list[str]:
    """The words of ``docker run`` for how a service is confined."""
    said = {key: service.get(key, []) for key in FLAGS}
    pairs = [(key, each) for key, value in said.items() for each in (value if isinstance(value, list) else [value])]
    return [FLAGS[key].format(str(each).lower() if isinstance(each, bool) else each) for key, each in pairs]


@pytest.fixture(scope="session")
def inside(docker, services):
    """``inside("nest", "id", "-u")``: what a command prints in a fresh container, confined as the service of that name.

    ``check=False`` gives the whole outcome.
    """

    def call(name, program, *words, check=True):
        service = services[name]
        options = ["--rm", "--pull=never", *confinement(service), "--entrypoint", program]
        return docker("run", *options, service["image"], *words, check=check)

    return call
