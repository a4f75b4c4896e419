"""The command as users call it, and a toy simulator that it can examine."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from fusion.adapter import registry


@pytest.fixture
def fusion():
    """``fusion("doctor", "--json", folder=path, FUSION_TIER="public")``: `folder` comes first in the path."""

    def call(*words, folder=None, **variables):
        path = os.pathsep.join(filter(None, [str(folder or ""), *sys.path]))
        environment = {**os.environ, "PYTHONPATH": path, **variables}
        command = [sys.executable, "-m", "fusion.cli", *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    return call


@pytest.fixture
def announced(monkeypatch):
    """``announced("module:Adapter")``: this is the only adapter that is installed, by the name of "toy"."""

    def make(value):
        point = EntryPoint("toy", value, registry.GROUP)
        monkeypatch.setattr(registry, "announced", lambda: {"toy": point})

    return make
