"""`SharedChannel`: frames through memory that two processes share; it has no name, so nothing can be left behind."""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Self

import numpy as np

from fusion.errors import WireError
from fusion.host import wire
from fusion.host.channel import BEAT, Channel, stay
from fusion.host.wire import Part

CAPACITY = 4 << 20
"""Bytes in each direction; longer frames go in pieces. Pages that are never used take no memory."""

_SHORT = 1 << 16
"""Bytes up to which copying parts together costs less than placing each."""

_SEMAPHORE = 64  # at least sizeof(sem_t), in a cache line of its own
_HEAD = 4 * _SEMAPHORE


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class Semaphore:
    """An unnamed semaphore of the C library in shared memory."""

    def __init__(self, memory: mmap.mmap, offset: int) -> None:
        self._place = (ctypes.c_char * _SEMAPHORE).from_buffer(memory, offset)
        self._reference = ctypes.byref(self._place)
        self._until = _Timespec()
        library = ctypes.CDLL(None, use_errno=True)
        self._init, self._post, self._trywait = library.sem_init, library.sem_post, library.sem_trywait
        self._now, self._timedwait = _timed(library, self._reference, ctypes.byref(self._until))

    def start(self, value: int) -> None:
        """Give it a value, once, before anybody uses it."""
        if self._init(self._reference, 1, ctypes.c_uint(value)):
            raise OSError(ctypes.get_errno(), "sem_init")

    def post(self) -> None:
        """Wake who waits."""
        self._post(self._reference)

    def wait(self, timeout: float) -> bool:
        """Sleep until it is posted; False if that takes longer than `timeout` seconds."""
        if not self._trywait(self._reference):
            return True
        whole, rest = divmod(self._now() + timeout, 1.0)
        self._until.seconds, self._until.nanoseconds = int(whole), int(rest * 1e9)
        while self._timedwait():
            error = ctypes.get_errno()
            if error == errno.ETIMEDOUT:
                return False
            if error != errno.EINTR:  # after a signal Python has run its handler by now
                raise OSError(error, os.strerror(error))
        return True


def _timed(library: Any, semaphore: object, until: object) -> tuple[Callable[[], float], Callable[[], int]]:
    """The C library's wait for a semaphore until a time, and the clock that this time is of."""
    if hasattr(library, "sem_clockwait"):  # of glibc 2.30: nobody sets this clock
        return time.monotonic, partial(library.sem_clockwait, semaphore, time.CLOCK_MONOTONIC, until)
    return time.time, partial(library.sem_timedwait, semaphore, until)


class _Lane:
    """One direction: a piece of a frame, and whose turn it is.

    filled, free : semaphores; the piece may be read, or written
    facts : (3,) uint64; bytes of the whole frame, bytes of this piece, whether an end has closed
    data : (capacity,) bytes of the piece
    """

    def __init__(self, memory: mmap.mmap, offset: int, capacity: int) -> None:
        self.filled, self.free = Semaphore(memory, offset), Semaphore(memory, offset + _SEMAPHORE)
        view = memoryview(memory)
        self.facts = view[offset + 2 * _SEMAPHORE :][: 3 * 8].cast("Q")
        self.data = view[offset + _HEAD :][:capacity]
        self.capacity = capacity

    def start(self) -> None:
        self.filled.start(0)
        self.free.start(1)

    def close(self) -> None:
        self.facts[2] = 1
        self.filled.post()
        self.free.post()

    @property
    def is_closed(self) -> bool:
        return self.facts[2] != 0


class SharedChannel(Channel):
    """One end of a region of anonymous memory; the other end is made with `attach`, in another process."""

    def __init__(self, memory: mmap.mmap, is_first: bool, limit: int = wire.MAX_FRAME) -> None:
        super().__init__(limit)
        capacity = len(memory) // 2 - _HEAD
        lanes = [_Lane(memory, at, capacity) for at in (0, len(memory) // 2)]
        if is_first:
            for lane in lanes:
                lane.start()
        self._out, self._in = lanes if is_first else reversed(lanes)
        self._frame = memoryview(b"")
        self._have = 0
        self._is_open = True

    @classmethod
    def create(cls, capacity: int = CAPACITY, limit: int = wire.MAX_FRAME) -> tuple[Self, int]:
        """The first end, and the file descriptor to hand to the other process and to close here."""
        page = mmap.PAGESIZE
        half = (capacity + _HEAD + page - 1) // page * page
        descriptor = os.memfd_create("fusion")
        os.ftruncate(descriptor, 2 * half)
        return cls(mmap.mmap(descriptor, 2 * half), True, limit), descriptor

    @classmethod
    def attach(cls, descriptor: int, limit: int = wire.MAX_FRAME) -> Self:
        """The second end, from the file descriptor, which is closed."""
        memory = mmap.mmap(descriptor, os.fstat(descriptor).st_size)
        os.close(descriptor)
        return cls(memory, False, limit)

    def send(self, parts: Sequence[Part], beat: Callable[[], object] = stay) -> None:
        self._check()
        total, lane = sum(map(len, parts)), self._out
        data, capacity = lane.data, lane.capacity
        if total <= _SHORT:
            parts = [b"".join(parts)]
        self._claim(beat)
        filled = sent = 0
        try:
            for part in parts:
                rest = memoryview(part)
                while filled + len(rest) > capacity:
                    room = capacity - filled
                    data[filled:] = rest[:room]
                    rest = rest[room:]
                    self._publish(total, capacity)
                    sent, filled = sent + capacity, 0
                    self._claim(beat)
                data[filled : filled + len(rest)] = rest
                filled += len(rest)
        except BaseException:
            self.close()  # half a frame has gone out
            raise
        self._publish(total, filled)

    def _claim(self, beat: Callable[[], object]) -> None:
        """Wait until the last piece was taken."""
        while not self._out.free.wait(BEAT):
            self._check()
            beat()
        self._check()

    def _publish(self, total: int, n: int) -> None:
        facts = self._out.facts
        facts[0], facts[1] = total, n
        self._out.filled.post()

    def receive(self, timeout: float) -> memoryview | None:
        deadline, lane = time.monotonic() + timeout, self._in
        while True:
            self._check()
            if not lane.filled.wait(max(deadline - time.monotonic(), 0.0)):
                return None
            self._check()
            total, n = lane.facts[0], lane.facts[1]
            if total > self.limit:
                raise WireError(f"A message claims {total:,} bytes; at most {self.limit:,} are taken.", size=total)
            # All pieces but the last are full, so `total` says how long each is.
            if not n or n != min(lane.capacity, total - self._have) or (self._have and total != len(self._frame)):
                raise WireError(f"A piece of {n} bytes does not fit into a message of {total}.")
            if not self._have:
                self._frame = np.empty(total, np.uint8).data
            self._frame[self._have : self._have + n] = lane.data[:n]
            self._have += n
            lane.free.post()
            if self._have == total:
                self._have = 0
                return self._frame

    def _check(self) -> None:
        if not self._is_open or self._in.is_closed:
            raise ConnectionResetError("the connection was closed")

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            for lane in (self._out, self._in):
                lane.close()
