"""`Address`: where a worker listens, ``unix:/path`` or ``tcp:host:port``."""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from dataclasses import dataclass
from pathlib import Path

from fusion.errors import InvalidValue

MAX_PATH = 107  # bytes, of Linux
BACKLOG = 16
# A machine that has gone without a word is noticed after 10 + 3 * 5 s.
_KEEP_ALIVE = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}


@dataclass(frozen=True)
class Address:
    """A Unix socket (`path`), or a port of a machine (`host`, `port`)."""

    path: str = ""
    host: str = ""
    port: int = 0

    @classmethod
    def parse(cls, text: str) -> Address:
        """The address that a text names; `InvalidValue` if it names none."""
        kind, _, rest = text.partition(":")
        tcp = re.fullmatch(r"\[?([^\[\]]+)\]?:(\d+)", rest)
        if kind == "unix" and rest:
            if len(os.fsencode(rest)) > MAX_PATH:
                raise InvalidValue(f"{rest!r} is too long for a Unix socket: at most {MAX_PATH} bytes.", address=text)
            return cls(path=rest)
        if kind == "tcp" and tcp and int(tcp[2]) < 1 << 16:
            return cls(host=tcp[1], port=int(tcp[2]))
        raise InvalidValue(f"{text!r} is no address; write unix:/path/to/socket or tcp:127.0.0.1:5557.", address=text)

    @property
    def is_local(self) -> bool:
        """Whether nobody outside this machine reaches it."""
        try:
            return bool(self.path) or self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback
        except ValueError:  # a name
            return False

    def listen(self, mode: int = 0o600) -> socket.socket:
        """A socket that listens here; the file of a Unix socket is made with this mode, and one that is dead replaced.

        Raises `OSError`.
        """
        if not self.path:
            family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
            return socket.create_server((self.host, self.port), family=family, backlog=BACKLOG)
        listener = socket.socket(socket.AF_UNIX)
        try:
            self._clear()
            # Nobody can connect before it listens, and by then the mode is right.
            listener.bind(self.path)
            Path(self.path).chmod(mode)
            listener.listen(BACKLOG)
        except BaseException:
            listener.close()
            raise
        return listener

    def remove(self) -> None:
        """Remove the file of a Unix socket, if it is still there; to be called by who has listened."""
        if self.path:
            Path(self.path).unlink(missing_ok=True)

    def _clear(self) -> None:
        """Remove a socket on which nobody listens any more."""
        with socket.socket(socket.AF_UNIX) as trial:
            try:
                trial.connect(self.path)
            except ConnectionRefusedError:
                Path(self.path).unlink()
            except OSError:
                pass  # there is none, or none of ours; `bind` says what is wrong

    def connect(self, timeout: float) -> socket.socket:
        """A socket that is connected to here; raises `OSError`."""
        if not self.path:
            return steadied(socket.create_connection((self.host, self.port), timeout))
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(timeout)
            connection.connect(self.path)
        except BaseException:
            connection.close()
            raise
        return connection

    def __str__(self) -> str:
        if self.path:
            return f"unix:{self.path}"
        return f"tcp:[{self.host}]:{self.port}" if ":" in self.host else f"tcp:{self.host}:{self.port}"


def steadied(connection: socket.socket) -> socket.socket:
    """The same connection; over TCP it notices when the other machine is gone."""
    if connection.family != socket.AF_UNIX:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEP_ALIVE.items():
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return connection
