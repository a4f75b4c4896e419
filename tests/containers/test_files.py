"""What containers/ says, which needs no Docker to be looked at."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "containers"
DOCKERFILES = sorted(FOLDER.glob("*/Dockerfile"))
SCRIPTS = sorted(FOLDER.glob("*.sh"))
SERVICES = ("nest", "tests", "demo", "docs")


def test_there_are_two_images_and_four_services(services):
    assert [path.parent.name for path in DOCKERFILES] == ["full", "nest"]
    assert set(services) == set(SERVICES)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_no_network_no_capability_and_a_read_only_root(name, services):
    service = services[name]
    assert service["network_mode"] == "none"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"] == "${FUSION_USER:-10001:10001}"
    assert not {"privileged", "cap_add", "ports", "devices", "pid", "ipc"} & set(service)


def test_the_tag_of_the_worker_is_the_locked_version_of_nest(services, locked):
    version = locked("nest-simulator")
    assert services["nest"]["image"] == f"fusion-nest:{version}"
    assert services["nest"]["build"]["args"] == {"NEST": version}


def test_the_worker_has_the_locked_packages_with_hashes(packages, locked):
    path = FOLDER / "nest" / "requirements.txt"
    found = packages("nest")
    asked = [line for line in (FOLDER / "nest" / "requirements.in").read_text().splitlines() if line[:1].isalpha()]
    assert sorted(found) == sorted(asked)
    assert found == {name: locked(name) for name in found}
    blocks = re.split(r"^(?=[a-z])", path.read_text(), flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in block for block in blocks)


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.parent.name)
def test_a_dockerfile_is_for_both_builders_and_any_network(path):
    text = path.read_text(encoding="utf-8")
    assert "# syntax" not in text, "it is fetched from a registry"
    assert "RUN --mount" not in text, "the legacy builder does not know it"
    assert "://" not in text
    assert "ARG BASE=debian:bookworm-slim\n" in text
    assert re.findall(r"^USER (.*)$", text, re.MULTILINE) == ["10001:10001"]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_can_be_read_and_stops_at_the_first_error(path):
    subprocess.run(["bash", "-n", str(path)], check=True)
    assert "\nset -euo pipefail\n" in path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o111
