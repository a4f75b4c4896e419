"""The digits network of the demonstration beside the one written by hand, on as many images."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.basic_network import row
from benchmarks.process import ROOT, NotMeasured, environment
from benchmarks.rounds import Effort
from benchmarks.rows import Row

TRAIN, TEST = 450, 150  # what `examples/digits.py --quick` shows
STEPS = (TRAIN + TEST) * 144


def measure(effort: Effort) -> Iterator[Row]:
    """Seconds of the loop alone, without imports and set-up."""
    fusion, by_hand = effort.compare("digits", {"fusion": _fusion, "by hand": _by_hand}, at_least=2, seconds=0.0)
    yield row(f"digits, {TRAIN} + {TEST} images", 574, fusion, "by hand", by_hand, 1.5)


def _fusion() -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        numbers = Path(folder, "digits.json")
        _run("examples/digits.py", "--quick", "--json", str(numbers), "--figure", str(Path(folder, "digits.png")))
        return [json.loads(numbers.read_text())["seconds"] / STEPS]


def _by_hand() -> list[float]:
    output = _run("benchmarks/digits_prototype.py", "--images", str(TRAIN), "--test", str(TEST))
    numbers = json.loads(output.splitlines()[-1])
    return [numbers["wall_s"] / numbers["steps"]]


def _run(*command: str) -> str:
    result = subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment(),
        timeout=900,
        check=False,
    )
    if result.returncode:
        last = [line for line in result.stderr.splitlines() if line.strip()][-1:]
        raise NotMeasured(f"{command[0]}: {''.join(last) or f'exit code {result.returncode}'}")
    return result.stdout
