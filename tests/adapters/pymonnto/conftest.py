"""PymoNNto itself, from the package index: what fusion serves under its name is held against it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from fusion_pymonnto import genome


@pytest.fixture(scope="session")
def unpacked(request, tmp_path_factory):
    """A function: the folder in which a version of PymoNNto lies unpacked, without what it depends on.

    PYMONNTO names a folder that has it already, for machines without a network.
    """
    cache = getattr(request.config, "cache", None)
    home = cache.mkdir("pymonnto") if cache else tmp_path_factory.mktemp("pymonnto")
    home = Path(os.environ.get("PYMONNTO", home))

    def fetched(version):
        folder = home / version
        if not (folder / "PymoNNto").is_dir():
            part = Path(tempfile.mkdtemp(prefix=version, dir=home))
            options = ["--quiet", "--no-deps", "--target", str(part), f"pymonnto=={version}"]
            done = subprocess.run([*_installer(), *options], capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.fail(f"PymoNNto {version} cannot be fetched from the package index:\n{done.stderr}")
            with contextlib.suppress(OSError):  # somebody else was quicker
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
