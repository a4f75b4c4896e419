"""`Side`: one side of a comparison, in a process of its own that waits until it is asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self

ROOT = Path(__file__).parent.parent
PATIENCE = 900.0  # s for one answer
ENVIRONMENT = {
    # One BLAS thread for everybody: two on a busy machine can be hundreds of times slower.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "-1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYNEST_QUIET": "1",
    "QT_QPA_PLATFORM": "offscreen",
    "MPLBACKEND": "Agg",
    "PYTHONWARNINGS": "ignore",
}


class NotMeasured(Exception):
    """A side could not be measured; the message says why."""


def environment(more: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """What the processes of a comparison see."""
    return {**os.environ, **ENVIRONMENT, **more}


class Side:
    """A process that runs ``python -m benchmarks.sides.MODULE``.

    module : name of a module in `benchmarks.sides`
    arguments : what it is told on its command line
    python : the interpreter, ours unless given
    variables : of its environment, besides those that all processes have
    """

    def __init__(
        self,
        module: str,
        *arguments: str,
        python: Path | str = sys.executable,
        variables: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.name = " ".join([module, *arguments])
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - open as long as the process runs
        self._process = subprocess.Popen(
            [str(python), "-m", f"benchmarks.sides.{module}", *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True, cwd=ROOT,
            env=environment(variables),
        )  # fmt: skip

    def ask(self, what: str, **arguments: Any) -> Any:
        """The answer; `NotMeasured` if the process ends, or says nothing for a quarter of an hour."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        timer = threading.Timer(PATIENCE, self._process.kill)
        timer.start()
        try:
            self._process.stdin.write(json.dumps({"what": what, **arguments}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            timer.cancel()
        if not line:
            raise NotMeasured(f"{self.name}: {self._last_words()}")
        return json.loads(line)

    def close(self) -> None:
        """End the process."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._errors.close()

    def _last_words(self) -> str:
        self._process.wait(20)
        self._errors.seek(0)
        lines = [line.strip() for line in self._errors.read().splitlines() if line.strip()]
        return lines[-1] if lines else f"ended with exit code {self._process.returncode}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
