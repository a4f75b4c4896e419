"""`Child`: a process of ours that serves an adapter, with its state, the end of its output, and a lifeline to it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import weakref
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from fusion.host.log import Log

STOPPED = 1.0
"""Seconds after which a process that was stopped counts as lost."""


class Child:
    """``python -m fusion.host``: it serves an adapter over the channel whose file descriptor it is given.

    It holds one end of a pipe, the lifeline: when the other end is closed, by us or because this process is gone, the
    kernel ends it.

    adapter : its name, as `fusion.host.server.adapter_named` takes it
    way : "memory" or "socket", what the channel goes over
    descriptor : its end of that; still to be closed here
    let_go : closes our end
    grace : seconds it has to end by itself when it hears that
    """

    def __init__(self, adapter: str, way: str, descriptor: int, let_go: Callable[[], object], grace: float) -> None:
        self.log = Log()
        theirs, lifeline = os.pipe()
        words = ["-P", "-m", "fusion.host", adapter, f"--{way}", str(descriptor), "--lifeline", str(theirs)]
        try:
            with self.log.writing() as output:
                self._process = subprocess.Popen(
                    [sys.executable, *words],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    pass_fds=(descriptor, theirs),
                    env=os.environ | {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))},
                    start_new_session=True,  # Ctrl-C is for the script, which ends the run at the next meeting
                )
        except BaseException:
            os.close(lifeline)
            raise
        finally:
            os.close(theirs)
        self.pid = self._process.pid
        self._stopped_at: float | None = None
        self._end = weakref.finalize(self, _end, self._process, let_go, lifeline, grace)

    def state(self) -> str | None:
        """Why it cannot go on; None as long as it can."""
        self.log.trim()
        code = self._process.poll()
        if code is not None:
            return ended(code)
        if not _is_stopped(self.pid):
            self._stopped_at = None
            return None
        now = monotonic()
        self._stopped_at = self._stopped_at or now
        if now - self._stopped_at < STOPPED:
            return None
        return f"process {self.pid} was stopped (SIGSTOP, or a debugger) and was ended now"

    def end(self) -> None:
        """End it: gently if it can hear that the channel was closed. Idempotent."""
        self._end()


def _end(process: subprocess.Popen[bytes], let_go: Callable[[], object], lifeline: int, grace: float) -> None:
    let_go()
    if not _is_stopped(process.pid):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)
    os.close(lifeline)
    process.kill()
    process.wait()


def _is_stopped(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "tT"
    except OSError:  # it has gone in the meantime
        return False


def ended(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"its process ended with status {code}"
    name = signal.Signals(-code).name
    guess = "; the kernel does that when memory runs out" if -code == signal.SIGKILL else ""
    return f"its process was ended by {name}{guess}"
