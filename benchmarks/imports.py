"""What ``import fusion`` takes beside ``import numpy``."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from benchmarks.basic_network import row
from benchmarks.process import environment
from benchmarks.rounds import Effort
from benchmarks.rows import Row

LIMIT = 100e3  # us
SCRIPT = "from time import perf_counter as now; start = now(); import {}; print(now() - start)"


def measure(effort: Effort) -> Iterator[Row]:
    """Each import in a fresh process."""
    fusion, numpy = effort.compare(
        "imports", {"fusion": lambda: _seconds("fusion"), "numpy": lambda: _seconds("numpy")}, seconds=20.0
    )
    yield row("import fusion", None, fusion, "import numpy", numpy, LIMIT, adds=True)


def _seconds(module: str) -> list[float]:
    command = [sys.executable, "-c", SCRIPT.format(module)]
    result = subprocess.run(command, check=True, capture_output=True, text=True, env=environment())
    return [float(result.stdout)]
