"""`Channel`: a way for frames to another process and back; `SocketChannel` goes over a stream socket."""

from __future__ import annotations

import abc
import socket
from collections.abc import Callable, Sequence
from time import monotonic

import numpy as np

from fusion.host import wire
from fusion.host.wire import Part

BEAT = 0.25
"""Seconds between two looks at the other end while it keeps us waiting."""


def stay() -> None:
    """What is done at each beat unless the caller wants something: nothing."""


class Channel(abc.ABC):
    """Sends frames and receives them; for one thread at each end.

    limit : bytes of the longest frame that is received
    """

    def __init__(self, limit: int = wire.MAX_FRAME) -> None:
        self.limit = limit

    @abc.abstractmethod
    def send(self, parts: Sequence[Part], beat: Callable[[], object] = stay) -> None:
        """Send a frame.

        beat : called each `BEAT` seconds that the other end takes nothing; what it raises ends the channel

        Raises `ConnectionError` if the other end is gone.
        """

    @abc.abstractmethod
    def receive(self, timeout: float) -> memoryview | None:
        """The next whole frame, which belongs to the caller; None if it is not there after `timeout` seconds.

        Raises `ConnectionError` if the other end is gone, `WireError` if what comes is no frame.
        """

    @abc.abstractmethod
    def close(self) -> None:
        """Let go; the other end notices at once. Idempotent."""


class SocketChannel(Channel):
    """Frames over a connected stream socket: Unix, TCP, or TLS on top of it.

    connection : the socket, which is the channel's
    """

    def __init__(self, connection: socket.socket, limit: int = wire.MAX_FRAME) -> None:
        super().__init__(limit)
        self.connection = connection
        if connection.family in (socket.AF_INET, socket.AF_INET6):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._ahead = memoryview(bytearray(1 << 16))
        """What was read beyond the frame that is being received, from `_from` to `_to`."""
        self._from = self._to = 0
        self._begin()

    def _begin(self) -> None:
        self._frame = memoryview(bytearray(wire.PREFIX.size))
        self._have = 0

    def send(self, parts: Sequence[Part], beat: Callable[[], object] = stay) -> None:
        if sum(map(len, parts)) <= len(self._ahead):
            parts = [b"".join(parts)]
        try:
            for part in parts:
                self._send(memoryview(part), beat)
        except BaseException:
            self.close()  # half a frame has gone out
            raise

    def _send(self, rest: memoryview, beat: Callable[[], object]) -> None:
        while rest:
            try:
                self.connection.settimeout(BEAT)
                rest = rest[self.connection.send(rest) :]
            except TimeoutError:
                beat()
            except OSError as error:
                raise _cut(error) from error

    def receive(self, timeout: float) -> memoryview | None:
        deadline = monotonic() + timeout
        while True:
            self._take_ahead()
            if self._have < len(self._frame):
                if not self._read(deadline):
                    return None
            elif not self._grow():
                frame = self._frame
                self._begin()
                return frame

    def _grow(self) -> bool:
        """Make room for what the bytes that are there announce; whether there is more to come."""
        total = wire.extent(self._frame, self.limit)
        if total == len(self._frame):
            return False
        frame = np.empty(total, np.uint8).data
        frame[: self._have] = self._frame
        self._frame = frame
        return True

    def _take_ahead(self) -> None:
        n = min(self._to - self._from, len(self._frame) - self._have)
        self._frame[self._have : self._have + n] = self._ahead[self._from : self._from + n]
        self._from += n
        self._have += n

    def _read(self, deadline: float) -> bool:
        """Read what there is, for short frames into the room ahead; False if the time is over."""
        rest = self._frame[self._have :]
        try:
            self.connection.settimeout(max(deadline - monotonic(), 1e-6))
            n = self.connection.recv_into(self._ahead if len(rest) < len(self._ahead) else rest)
        except TimeoutError:
            return False
        except OSError as error:
            raise _cut(error) from error
        if n == 0:
            raise ConnectionResetError("the connection was closed")
        if len(rest) < len(self._ahead):
            self._from, self._to = 0, n
        else:
            self._have += n
        return True

    def close(self) -> None:
        self.connection.close()


def _cut(error: OSError) -> ConnectionError:
    return ConnectionResetError(f"the connection was cut: {error}")
