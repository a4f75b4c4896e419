"""`Supervisor`: what ``fusion worker`` runs. It listens, lets one client in, and watches what serves it.

It never computes, so that it can always say how the process is: liveness is the state of a process, and never how long
something takes.
"""

from __future__ import annotations

import contextlib
import hmac
import logging
import secrets
import select
import socket
import ssl
import threading
from time import monotonic
from typing import Any

from fusion.errors import WireError
from fusion.host.address import Address, steadied
from fusion.host.channel import SocketChannel
from fusion.host.child import Child
from fusion.host.greeting import MAX_GREETING, PATIENCE, Greeting, greeted, hear, say
from fusion.host.relay import relay

MAX_STRANGERS = 32
"""Connections that may be greeting at the same time."""
GRACE = 1.0
"""Seconds that a serving process has to end by itself when its client has gone."""
LEAVING = 2.5
"""Seconds that a new client waits for the one before it to be gone, before it is told that the worker is busy."""

_log = logging.getLogger("fusion")


class Supervisor:
    """Serves one adapter to one client at a time, each in a process of its own.

    adapter : its name
    address : where to listen
    token : what clients must know; "" for none
    tls : wraps each connection
    mode : of the file of a Unix socket
    is_single : whether to end with the first client
    patience : seconds without a client after which it ends; None for never

    Raises `OSError` if it cannot listen there.
    """

    def __init__(
        self,
        adapter: str,
        address: Address,
        token: str = "",
        *,
        tls: ssl.SSLContext | None = None,
        mode: int = 0o600,
        is_single: bool = False,
        patience: float | None = None,
    ) -> None:
        self._adapter, self._token, self._tls = adapter, token, tls
        self._is_single, self._patience = is_single, patience
        self._session: Session | None = None
        self._changed = threading.Condition()
        """Guards `_session` and `_idle_since`."""
        self._idle_since = monotonic()
        self._strangers = threading.BoundedSemaphore(MAX_STRANGERS)
        self._is_stopping = False
        self._waking, self._wake = socket.socketpair()
        self._listener = address.listen(mode)
        self.address = address if address.path else Address(host=address.host, port=self._listener.getsockname()[1])

    def serve(self) -> None:
        """Let clients in until `stop`, or the first has gone where one is all, or none comes for too long."""
        while True:
            ready, _, _ = select.select([self._listener, self._waking], [], [], self._time_left())
            if self._listener in ready:
                connection, _ = self._listener.accept()
                if self._strangers.acquire(blocking=False):
                    threading.Thread(target=self._welcome, args=(connection,), daemon=True).start()
                else:
                    connection.close()
            elif ready:
                self._waking.recv(64)
            if self._is_stopping or self._time_left() == 0.0:
                return

    def stop(self) -> None:
        """Let `serve` return; from any thread, or a signal's handler."""
        self._is_stopping = True
        self._wake.send(b"x")

    def close(self) -> None:
        """Stop listening, and end what serves a client. Idempotent."""
        self._listener.close()
        self.address.remove()
        with self._changed:
            session = self._session
        if session is not None:
            session.end()

    def _time_left(self) -> float | None:
        with self._changed:
            if self._patience is None or self._session is not None:
                return None
            return max(self._idle_since + self._patience - monotonic(), 0.0)

    def _welcome(self, connection: socket.socket) -> None:
        """Hear what somebody wants, and do it; whatever is wrong with that ends this connection only."""
        channel = None
        try:
            try:
                steadied(connection).settimeout(PATIENCE)
                if self._tls is not None:
                    connection = self._tls.wrap_socket(connection, server_side=True)
                channel = SocketChannel(connection, MAX_GREETING)
                greeting = greeted(channel)
            finally:
                self._strangers.release()
            refusal = "you kept silent" if greeting is None else greeting.refusal(self._adapter, self._token)
            if greeting is None or refusal is not None:
                _refuse(channel, str(refusal))
            elif greeting.purpose == "watch":
                self._watch(channel)
            else:
                self._work(channel, greeting, connection)
        except WireError as error:
            if channel is not None:
                with contextlib.suppress(OSError):
                    _refuse(channel, str(error))
        except OSError as error:  # cut, or TLS was not understood
            _log.info("A connection ended: %s", error)
        finally:
            connection.close()

    def _watch(self, channel: SocketChannel) -> None:
        """Begin a session, and tell its client how its process is until the client goes."""
        session = Session(self._adapter)
        with self._changed:
            if not self._changed.wait_for(lambda: self._session is None, LEAVING):
                _refuse(channel, "it is busy: it serves another client. Start another worker, or wait for its end")
                return
            self._session = session
        try:
            say(channel, {"session": session.name})
            while True:
                if hear(channel, 3600.0) is not None:
                    say(channel, session.report())
        finally:
            session.end()
            with self._changed:
                self._session, self._idle_since = None, monotonic()
                self._changed.notify_all()
            self._is_stopping = self._is_stopping or self._is_single
            self._wake.send(b"x")  # `serve` has to look at what has changed

    def _work(self, channel: SocketChannel, greeting: Greeting, connection: socket.socket) -> None:
        """Give a connection to the process of its session."""
        with self._changed:
            session = self._session
        if session is None or not hmac.compare_digest(session.name.encode(), greeting.session.encode()):
            _refuse(channel, "its session has ended")
            return
        ours = None
        try:
            if isinstance(connection, ssl.SSLSocket):
                ours, theirs = socket.socketpair()
                with theirs:
                    session.begin(theirs)
            else:
                session.begin(connection)
        except OSError as error:
            _refuse(channel, f"it could not begin: {error}")
            return
        say(channel, {})
        if ours is not None and isinstance(connection, ssl.SSLSocket):
            relay(connection, ours)


class Session:
    """One client's use of the worker: a process that is started for it, and ended with it.

    name : a secret of the client
    """

    def __init__(self, adapter: str) -> None:
        self.name = secrets.token_hex(16)
        self._adapter = adapter
        self._child: Child | None = None
        self._is_over = False
        self._lock = threading.Lock()

    def begin(self, connection: socket.socket) -> None:
        """Start the process with a connection to the client; `ConnectionError` if the session has one or is over."""
        with self._lock:
            if self._is_over or self._child is not None:
                raise ConnectionRefusedError("the session has its connection already, or is over")
            self._child = Child(self._adapter, "socket", connection.fileno(), _nothing, GRACE)

    def report(self) -> dict[str, Any]:
        """How the process is: its state, None if all is well, and the end of what it wrote."""
        child = self._child
        return {"state": None, "log": ""} if child is None else {"state": child.state(), "log": child.log.tail()}

    def end(self) -> None:
        """End the process, at once if it is computing; its last words are logged. Idempotent."""
        with self._lock:
            self._is_over, child = True, self._child
        if child is not None:
            state, log = child.state(), child.log.tail()
            child.end()
            if log:
                _log.info("%s\n%s", state or "The client has gone.", log)


def _refuse(channel: SocketChannel, reason: str) -> None:
    _log.info("A client was refused: %s.", reason)
    say(channel, {"refused": reason})


def _nothing() -> None:
    """Who holds the other end of the connection, the client, has let go of it."""
