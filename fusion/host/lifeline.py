"""A lifeline: a pipe that ends this process when its other end is closed, whatever this process is doing."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import sys

F_SETSIG = 10  # of Linux; Python does not name it


def hold(pipe: int) -> None:
    """End with the process that holds the other end of `pipe`, also in the middle of a long computation.

    The kernel sends the signal when the last descriptor of the other end is gone; SIGKILL, which also ends a process
    that is stopped.
    """
    fcntl.fcntl(pipe, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(pipe, F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | os.O_ASYNC)
    poll = select.poll()
    poll.register(pipe, select.POLLHUP)
    if poll.poll(0):  # it was closed before the kernel knew whom to tell
        sys.exit("The process that this one works for is gone.")
