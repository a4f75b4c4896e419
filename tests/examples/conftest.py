"""The examples as modules, without a window."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

os.environ.setdefault("PYNEST_QUIET", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pytest

FOLDER = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="session")
def example():
    """``example("digits")`` is the module of ``examples/digits.py``."""

    def load(name):
        key = f"example_{name}"
        if key not in sys.modules:
            spec = importlib.util.spec_from_file_location(key, FOLDER / f"{name}.py")
            sys.modules[key] = importlib.util.module_from_spec(spec)  # dataclasses look their module up
            spec.loader.exec_module(sys.modules[key])
        return sys.modules[key]

    return load


@pytest.fixture
def digits(example):
    """The demonstration, with Brian2 and NEST as a new script finds them."""
    import brian2
    import nest

    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    brian2.start_scope()
    return example("digits")
