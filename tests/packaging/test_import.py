"""``import fusion`` stays light: no simulator, no window, no SciPy, and hardly more time than NumPy."""

from __future__ import annotations

import subprocess
import sys

import pytest

SIMULATORS = {"brian2", "nest", "pynestkernel", "tensorflow", "keras", "jax", "torch"}
HEAVY = SIMULATORS | {"PyQt5", "pyqtgraph", "scipy", "matplotlib", "sklearn", "pandas", "sympy", "pytest"}


def output_of(program, *options):
    """What a fresh interpreter prints that runs the program."""
    run = subprocess.run([sys.executable, "-I", *options, "-c", program], check=True, capture_output=True, text=True)
    return run.stdout


def loaded_by(package):
    """The top-level modules that are there after an import of the package."""
    modules = output_of(f"import {package}, sys; print(*sys.modules)").split()
    return {module.partition(".")[0] for module in modules}


def seconds_to_import(package, compiled):
    # Processor time: an import waits for nothing, and a busy machine does not count. Nor does compiling, for which
    # bytecode goes to a folder of ours: the source may lie where nothing can be written.
    clock = "time.process_time()"
    program = f"import time; begin = {clock}; import {package}; print({clock} - begin)"
    return float(output_of(program, "-X", f"pycache_prefix={compiled}"))


def test_import_of_fusion_loads_nothing_heavy():
    assert loaded_by("fusion") & HEAVY == set()


@pytest.mark.parametrize("adapter", ["fusion_brian2", "fusion_nest", "fusion_pymonnto", "fusion_tensorflow"])
def test_import_of_an_adapter_loads_no_simulator(adapter):
    assert loaded_by(adapter) & HEAVY == set()


def test_a_heavy_import_would_be_seen():
    assert loaded_by("scipy.sparse") & HEAVY == {"scipy"}


@pytest.mark.alone
def test_import_of_fusion_takes_at_most_a_tenth_of_a_second_more_than_numpy(tmp_path):
    # The minima of alternating runs, for noise only adds.
    times = [(seconds_to_import("numpy", tmp_path), seconds_to_import("fusion", tmp_path)) for _ in range(20)]
    numpy, fusion = (min(column) for column in zip(*times, strict=True))
    assert fusion - numpy <= 0.1
