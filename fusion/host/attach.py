"""`Attach`: a simulator in a worker that was started by hand, with ``fusion worker``."""

from __future__ import annotations

import os
import select
import socket
import ssl
import weakref
from time import monotonic

from fusion.errors import InvalidValue, SimulatorLost, WireError
from fusion.host import wire
from fusion.host.address import Address
from fusion.host.channel import Channel, SocketChannel
from fusion.host.greeting import MAX_GREETING, PATIENCE, Greeting, greet, hear, say, version
from fusion.host.host import Elsewhere
from fusion.host.worker import Worker

SILENCE = 3.0
"""Seconds without an answer of the supervisor, which never computes, after which a worker counts as lost."""
NEWS = 1.0
"""Seconds that are waited for the reason after a connection was cut."""
CUT = select.POLLHUP | select.POLLERR | getattr(select, "POLLRDHUP", 0)  # the last is Linux's


class Attach(Elsewhere):
    """A worker that somebody has started: ``fusion worker nest --listen unix:/run/user/1000/nest``.

    address : "unix:/path/to/socket" or "tcp:host:port"
    token : what its ``--token-file`` holds
    tls : file of the certificates that are trusted, in PEM; needed for other machines

    Raises `InvalidValue` if an address beyond this machine would be reached without encryption.
    """

    def __init__(self, address: str, token: str | None = None, tls: str | os.PathLike[str] | None = None) -> None:
        self._address = Address.parse(address)
        self._token = token or ""
        self._tls = None if tls is None else _trusting(tls)
        if tls is None and not self._address.is_local:
            raise InvalidValue(
                f"{address} is beyond this machine, where others can read along: start the worker with --expose, "
                "--tls-cert and --tls-key, and give tls=certificate. Or forward a port: ssh -L 5557:localhost:5557.",
                address=address,
            )

    def launch(self, adapter: str) -> Worker:
        try:
            return reach(self._address, adapter, self._token, self._tls)
        except (OSError, WireError) as error:
            raise SimulatorLost(adapter, repr(self), 0, self._why(adapter, error)) from None

    def _why(self, adapter: str, error: Exception) -> str:
        if isinstance(error, FileNotFoundError) or (isinstance(error, ConnectionRefusedError) and error.errno):
            return f"nobody listens there; start it with: fusion worker {adapter} --listen {self._address}"
        if isinstance(error, PermissionError):
            return f"this user may not connect to it ({error}); its owner may"
        return str(error)

    def __repr__(self) -> str:
        return f"Attach({str(self._address)!r})"


def _trusting(path: str | os.PathLike[str]) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=path)
    except OSError as error:
        raise InvalidValue(f"tls={os.fspath(path)!r}: no certificates could be read from it: {error}.") from None


def reach(address: Address, adapter: str, token: str, tls: ssl.SSLContext | None = None) -> AttachedWorker:
    """A worker that listens there; raises `OSError` or `WireError` with the reason if there is none, or it refuses."""
    watch = _connected(address, tls)
    try:
        session = greet(watch, Greeting("watch", adapter, token, "", version())).get("session", "")
        channel = _connected(address, tls)
        try:
            greet(channel, Greeting("work", adapter, token, str(session), version()))
        except BaseException:
            channel.close()
            raise
    except BaseException:
        watch.close()
        raise
    channel.limit = wire.MAX_FRAME
    return AttachedWorker(channel, watch)


def _connected(address: Address, tls: ssl.SSLContext | None) -> SocketChannel:
    connection = address.connect(PATIENCE)
    if tls is not None:
        try:
            connection = tls.wrap_socket(connection, server_hostname=address.host)
        except BaseException:
            connection.close()
            raise
    return SocketChannel(connection, MAX_GREETING)


class AttachedWorker(Worker):
    """A worker with a supervisor, which is asked how it is."""

    def __init__(self, channel: SocketChannel, watch: SocketChannel) -> None:
        self.channel = channel
        self._connection = channel.connection
        self._watch = Watch(watch)
        self._end = weakref.finalize(self, _close, channel, watch)

    def state(self) -> str | None:
        # After a cut, the supervisor is about to know why.
        deadline = monotonic() + (NEWS if _is_cut(self._connection) else 0.0)
        while True:
            left = max(deadline - monotonic(), 0.0)
            state = self._watch.state(left)
            if state is not None or left == 0.0:
                return state

    @property
    def silence(self) -> float:
        """Seconds for which its supervisor owes an answer."""
        return self._watch.silence

    def log_tail(self) -> str:
        return self._watch.log

    def close(self) -> None:
        self._end()


def _close(channel: Channel, watch: Channel) -> None:
    channel.close()  # first: it lets the process end by itself
    watch.close()


def _is_cut(connection: socket.socket) -> bool:
    if connection.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(connection, CUT)
    return bool(poll.poll(0))


class Watch:
    """What a supervisor answers when it is asked how the worker is.

    log : the end of what the worker wrote, as of the last answer
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._asked_at: float | None = None
        self.log = ""

    @property
    def silence(self) -> float:
        """Seconds since a question that has no answer yet."""
        return 0.0 if self._asked_at is None else monotonic() - self._asked_at

    def state(self, patience: float) -> str | None:
        """Ask, unless an answer is still to come, and wait for it; why the worker cannot go on, None if it can."""
        try:
            if self._asked_at is None:
                say(self._channel, {})
                self._asked_at = monotonic()
            answer = hear(self._channel, patience)
        except (ConnectionError, WireError) as error:
            return f"its supervisor is gone: {error}"
        if answer is not None:
            self._asked_at = None
            self.log = str(answer.get("log", ""))
            state = answer.get("state")
            return None if state is None else str(state)
        if self.silence > SILENCE:
            return f"nothing was heard of it for {SILENCE:g} s: it was stopped or paused, or the way there is cut"
        return None
