"""The wheel holds our packages, typed and complete, and nothing else; it works without the repository."""

from __future__ import annotations

import configparser
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "fusion": ROOT / "fusion",
    "fusion_brian2": ROOT / "adapters" / "fusion_brian2",
    "fusion_nest": ROOT / "adapters" / "fusion_nest",
    "fusion_pymonnto": ROOT / "adapters" / "fusion_pymonnto",
    "fusion_tensorflow": ROOT / "adapters" / "fusion_tensorflow",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built anew."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("fusion_sim-*.whl")
    return path


@pytest.fixture(scope="module")
def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def unpacked(wheel, tmp_path_factory):
    """The wheel as it lies in site-packages."""
    folder = tmp_path_factory.mktemp("site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_the_wheel_holds_only_our_packages(names):
    tops = {name.partition("/")[0] for name in names}
    (metadata,) = {top for top in tops if top.endswith(".dist-info")}
    assert metadata.startswith("fusion_sim-")
    assert tops - {metadata} == set(PACKAGES)


def test_the_wheel_holds_every_source_file(names):
    sources = {
        f"{package}/{path.relative_to(folder).as_posix()}"
        for package, folder in PACKAGES.items()
        for path in folder.rglob("*.py")
    }
    assert sources <= names


def test_the_wheel_holds_what_the_port_into_nest_is_compiled_from(names):
    folder = ROOT / "adapters" / "fusion_nest" / "port"
    sources = {f"fusion_nest/port/{path.relative_to(folder).as_posix()}" for path in folder.rglob("source/**/*.*")}
    assert len(sources) > 10
    assert sources | {"fusion_nest/port/LICENSE", "fusion_nest/port/README.md"} <= names


def test_the_wheel_holds_nothing_that_was_built_or_cached(names):
    assert [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".so", ".o"))] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_is_typed(package, names):
    assert f"{package}/py.typed" in names


def test_the_wheel_declares_its_adapters_and_its_pytest_plugin(unpacked):
    (file,) = unpacked.glob("*.dist-info/entry_points.txt")
    points = configparser.ConfigParser()
    points.read(file)
    assert dict(points["fusion.adapters"]) == {
        "brian2": "fusion_brian2:Adapter",
        "nest": "fusion_nest:Adapter",
        "tensorflow": "fusion_tensorflow:Adapter",
    }
    assert dict(points["pytest11"]) == {"fusion_conformance": "fusion.testing.plugin"}


@pytest.mark.parametrize("package", [*PACKAGES, "fusion.testing.plugin"])
def test_the_unpacked_wheel_can_be_imported(package, unpacked):
    program = f"import sys; sys.path.insert(0, {str(unpacked)!r}); import {package} as p; print(p.__file__)"
    done = subprocess.run([sys.executable, "-I", "-c", program], check=True, capture_output=True, text=True)
    assert Path(done.stdout.strip()).is_relative_to(unpacked)
