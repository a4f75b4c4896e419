"""`Log`: what a process writes, in anonymous memory, of which no more than the last part is kept."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

TAIL = 2000
"""Bytes that are shown when a process is lost."""
MAX_LOG = 1 << 20
"""Bytes that are kept."""


class Log:
    """Takes the output of another process; it has no name, so that nothing is left behind. Needs Linux."""

    def __init__(self) -> None:
        self._file = os.memfd_create("fusion-log")
        weakref.finalize(self, os.close, self._file)

    @contextmanager
    def writing(self) -> Iterator[int]:
        """A file descriptor to write to, for a process that is started meanwhile."""
        output = os.open(f"/proc/self/fd/{self._file}", os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        try:
            yield output
        finally:
            os.close(output)

    def tail(self) -> str:
        """The last lines."""
        size = os.fstat(self._file).st_size
        return os.pread(self._file, TAIL, max(size - TAIL, 0)).decode(errors="replace").strip()

    def trim(self) -> None:
        """Forget what is too much."""
        # Who writes appends, and so goes on at the new end.
        if os.fstat(self._file).st_size > MAX_LOG:
            os.ftruncate(self._file, 0)
