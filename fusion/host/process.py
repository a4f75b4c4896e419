"""`Process`: a simulator in a child process of the script, on the same machine."""

from __future__ import annotations

import os
import sys

from fusion.errors import Unsupported
from fusion.host.child import Child
from fusion.host.host import Elsewhere
from fusion.host.shared import SharedChannel
from fusion.host.worker import Worker

GRACE = 3.0
"""Seconds that a worker has to end by itself."""


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
    """A child process that serves an adapter, and is reached through shared memory.

    pid : int
    """

    def __init__(self, adapter: str) -> None:
        self.channel, region = SharedChannel.create()
        try:
            self._child = Child(adapter, "memory", region, self.channel.close, GRACE)
        finally:
            os.close(region)
        self.pid = self._child.pid

    def state(self) -> str | None:
        return self._child.state()

    def log_tail(self) -> str:
        return self._child.log.tail()

    def close(self) -> None:
        self._child.end()
