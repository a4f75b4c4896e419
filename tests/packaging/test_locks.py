"""The lock files: every dependency pinned, to a version that pyproject.toml allows for that Python."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PYTHONS = ("3.11", "3.12", "3.13")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def lock(python):
    """The lines of a lock file, without its header."""
    path = ROOT / "requirements" / f"py{python.replace('.', '')}.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def unmet(required, pins, python):
    """The requirements which apply to that Python on Linux and which the pins (name: version) do not meet."""
    environment = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux"}
    needed = [
        requirement
        for requirement in map(Requirement, required)
        if requirement.name != PROJECT["name"]
        and (requirement.marker is None or requirement.marker.evaluate(environment))
    ]
    return [str(each) for each in needed if not each.specifier.contains(pins.get(each.name.lower(), "0"))]


@pytest.mark.parametrize("python", PYTHONS)
def test_a_lock_holds_pins_and_nothing_else(python):
    assert [line for line in lock(python) if not re.fullmatch(r"[a-z0-9.-]+==[0-9][0-9a-z.]*", line)] == []


@pytest.mark.parametrize("python", PYTHONS)
def test_a_lock_meets_every_requirement(python):
    pins = dict(line.split("==") for line in lock(python))
    required = [*PROJECT["dependencies"], *chain(*PROJECT["optional-dependencies"].values())]
    assert unmet(required, pins, python) == []


def test_a_pin_that_is_missing_or_too_new_is_reported():
    required = ["brian2<2.10; python_version < '3.12'", "numpy>=2", "scipy", "x; python_version > '3.11'"]
    assert unmet(required, {"brian2": "2.11", "scipy": "1"}, "3.11") == [
        'brian2<2.10; python_version < "3.12"',
        "numpy>=2",
    ]
