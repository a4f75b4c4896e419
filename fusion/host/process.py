"""`Process`: a simulator in a child process of the script, on the same machine."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import weakref
from pathlib import Path
from time import monotonic

from fusion.errors import Unsupported
from fusion.host.host import Elsewhere
from fusion.host.shared import SharedChannel
from fusion.host.worker import Worker

GRACE = 3.0
"""Seconds that a worker has to end by itself."""
STOPPED = 1.0
"""Seconds after which a worker that was stopped counts as lost."""
TAIL = 2000
"""Bytes of a worker's output that are shown when it is lost."""
MAX_LOG = 1 << 20
"""Bytes of a worker's output that are kept."""


class Process(Elsewhere):
    """A child process of its own for a simulator: NEST a second time, or a crash that does not end the script.

    Exchange goes through shared memory. The child ends with the script, however that ends; it leaves no file behind.

    Raises `Unsupported` where there is no Linux.
    """

    def launch(self, adapter: str) -> Worker:
        if sys.platform != "linux":
            raise Unsupported("Process() needs Linux; use Container() or Attach() here.")
        return ProcessWorker(adapter)

    def __repr__(self) -> str:
        return "Process()"


class ProcessWorker(Worker):
    """A child process that serves an adapter.

    Its output goes to anonymous memory, of which the last megabyte is kept. It holds one end of a pipe, the lifeline:
    when the other end is closed, by us or because this process is gone, the kernel ends it.

    pid : int
    """

    def __init__(self, adapter: str) -> None:
        self.channel, region = SharedChannel.create()
        self._log = os.memfd_create("fusion-log")
        theirs, lifeline = os.pipe()
        words = ["-P", "-m", "fusion.host", adapter, "--channel", str(region), "--lifeline", str(theirs)]
        output = os.open(f"/proc/self/fd/{self._log}", os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        try:
            self._process = subprocess.Popen(
                [sys.executable, *words],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=(region, theirs),
                env=os.environ | {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))},
                start_new_session=True,  # Ctrl-C is for the script, which ends the run at the next meeting
            )
        except BaseException:
            os.close(self._log)
            os.close(lifeline)
            raise
        finally:
            for descriptor in (region, theirs, output):
                os.close(descriptor)
        self.pid = self._process.pid
        self._stopped_at: float | None = None
        self._end = weakref.finalize(self, _end, self._process, self.channel, lifeline)

    def state(self) -> str | None:
        self._trim_log()
        code = self._process.poll()
        if code is not None:
            return _ended(code)
        if _is_stopped(self.pid):
            now = monotonic()
            self._stopped_at = self._stopped_at or now
            if now - self._stopped_at >= STOPPED:
                return f"process {self.pid} was stopped (SIGSTOP, or a debugger) and was ended now"
        else:
            self._stopped_at = None
        return None

    def log_tail(self) -> str:
        size = os.fstat(self._log).st_size
        return os.pread(self._log, TAIL, max(size - TAIL, 0)).decode(errors="replace").strip()

    def _trim_log(self) -> None:
        # The child appends, so that it goes on at the new end.
        if os.fstat(self._log).st_size > MAX_LOG:
            os.ftruncate(self._log, 0)

    def close(self) -> None:
        self._end()


def _end(process: subprocess.Popen[bytes], channel: SharedChannel, lifeline: int) -> None:
    """End a worker: gently if it can hear that the channel was closed."""
    channel.close()
    if not _is_stopped(process.pid):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
    os.close(lifeline)
    process.kill()
    process.wait()


def _is_stopped(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "tT"
    except OSError:  # it has gone in the meantime
        return False


def _ended(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"its process ended with status {code}"
    name = signal.Signals(-code).name
    guess = "; the kernel does that when memory runs out" if -code == signal.SIGKILL else ""
    return f"its process was ended by {name}{guess}"
