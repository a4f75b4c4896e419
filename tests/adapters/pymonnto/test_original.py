"""PymoNNto's own tests, and scripts in its words, on PymoNNto and on fusion."""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent
RUNNER = HERE / "running.py"
OURS = [sys.executable, "-m", "fusion_pymonnto"]
VERSIONS = dict(zip(("first", "third"), (HERE / "versions.txt").read_text().split(), strict=True))


def output_of(command, folder):
    run = subprocess.run([*map(str, command)], cwd=folder, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def test_its_own_tests_pass(unpacked, tmp_path):
    shutil.copy(unpacked(VERSIONS["third"]) / "PymoNNto" / "test_pymoNNto.py", tmp_path)
    said = output_of([*OURS, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_pymoNNto.py"], tmp_path)
    assert "4 passed" in said


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS)
def test_scripts_compute_the_same_in_all_bits(version, unpacked, tmp_path):
    scripts = sorted((HERE / "scripts" / version).glob("*.py"))
    assert scripts
    original, ours = tmp_path / "original", tmp_path / "ours"
    original.mkdir()
    ours.mkdir()
    runs = (
        ([sys.executable, RUNNER, original, unpacked(VERSIONS[version]), "--", *scripts], original),
        ([*OURS, RUNNER, ours, "--", *scripts], ours),
    )
    with ThreadPoolExecutor() as side_by_side:
        list(side_by_side.map(lambda run: output_of(*run), runs))
    for name in (script.stem for script in scripts):
        with np.load(original / f"{name}.npz") as wanted, np.load(ours / f"{name}.npz") as found:
            assert set(wanted) == set(found)
            for key in wanted:
                np.testing.assert_array_equal(found[key], wanted[key], err_msg=f"{name}: {key}", strict=True)
