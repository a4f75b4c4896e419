"""`relay`: carries bytes between an encrypted connection and a plain one, for a process that only has the plain one."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl

CHUNK = 1 << 18


def relay(encrypted: ssl.SSLSocket, plain: socket.socket) -> None:
    """Carry bytes in both directions until one end closes; then close both.

    One thread does both directions, for OpenSSL does not take two at a time.
    """
    encrypted.setblocking(False)
    plain.setblocking(False)
    lanes = (_Lane(encrypted, plain), _Lane(plain, encrypted))
    with encrypted, plain, contextlib.suppress(OSError, _Ended):
        while True:
            moved = [lane.move() for lane in lanes]
            if not any(moved):
                _wait(lanes)


class _Ended(Exception):
    """An end was closed."""


class _Lane:
    """One direction: what was read from one end and not yet taken by the other."""

    def __init__(self, source: socket.socket, target: socket.socket) -> None:
        self.source, self.target = source, target
        self.rest = memoryview(b"")

    def move(self) -> bool:
        """Read or write what goes now; whether anything did."""
        try:
            if not self.rest:
                chunk = self.source.recv(CHUNK)
                if not chunk:
                    raise _Ended
                self.rest = memoryview(chunk)
            self.rest = self.rest[self.target.send(self.rest) :]
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return False
        return True


def _wait(lanes: tuple[_Lane, _Lane]) -> None:
    """Sleep until an end has something to read, or takes again what waits for it."""
    readers = [lane.source for lane in lanes if not lane.rest]
    writers = [lane.target for lane in lanes if lane.rest]
    select.select(readers, writers, [])
