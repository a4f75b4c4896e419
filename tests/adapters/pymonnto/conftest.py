"""PymoNNto itself, from the package index: what fusion serves under its name is held against it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fusion_pymonnto import genome


@pytest.fixture(scope="session")
def wheel(request):
    """A function: the folder in which a version of PymoNNto lies unpacked, without what it depends on."""
    cache = request.config.cache.mkdir("pymonnto")

    def fetched(version):
        folder = cache / version
        if not (folder / "PymoNNto").is_dir():
            part = cache / f"{version}.part"
            shutil.rmtree(part, ignore_errors=True)
            options = ["--quiet", "--no-deps", "--target", str(part), f"pymonnto=={version}"]
            done = subprocess.run([*_installer(), *options], capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.fail(f"PymoNNto {version} cannot be fetched from the package index:\n{done.stderr}")
            part.rename(folder)
        return folder

    return fetched


def _installer():
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    install = [sys.executable, "-m", "pip", "install"] if uv is None else [uv, "pip", "install"]
    return install if uv is None else [*install, "--python", sys.executable]


@pytest.fixture(autouse=True)
def _own_genome():
    """Genes of one test are not those of another."""
    genome.set_genome({})
    yield
    genome.set_genome({})
