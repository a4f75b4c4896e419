"""``import fusion`` stays light: no simulator, no window, no SciPy, and hardly more time than NumPy."""

from __future__ import annotations

import subprocess
import sys

import pytest

SIMULATORS = {"brian2", "nest", "pynestkernel", "tensorflow", "keras", "jax", "torch"}
HEAVY = SIMULATORS | {"PyQt5", "pyqtgraph", "scipy", "matplotlib", "sklearn", "pandas", "sympy", "pytest"}


def output_of(program):
    """What a fresh interpreter prints that runs the program."""
    run = subprocess.run([sys.executable, "-I", "-c", program], check=True, capture_output=True, text=True)
    return run.stdout


def loaded_by(package):
    """The top-level modules that are there after an import of the package."""
    return set(
        output_of(
            f"import {package}, sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
        ).split()
    )


def seconds_to_import(package):
    program = (
        "import time",
        "begin = time.perf_counter()",
        f"import {package}",
        "print(time.perf_counter() - begin)",
    )
    return float(output_of("\n".join(program)))


def test_import_of_fusion_loads_nothing_heavy():
    assert loaded_by("fusion") & HEAVY == set()


@pytest.mark.parametrize("adapter", ["fusion_brian2", "fusion_nest", "fusion_tensorflow"])
def test_import_of_an_adapter_loads_no_simulator(adapter):
    assert loaded_by(adapter) & HEAVY == set()


def test_a_heavy_import_would_be_seen():
    assert loaded_by("scipy.sparse") & HEAVY == {"scipy"}


def test_import_of_fusion_takes_at_most_a_tenth_of_a_second_more_than_numpy():
    # The minima of alternating runs: whatever else the machine does can only add time.
    times = [(seconds_to_import("numpy"), seconds_to_import("fusion")) for _ in range(7)]
    numpy, fusion = (min(column) for column in zip(*times, strict=True))
    assert fusion - numpy <= 0.1
