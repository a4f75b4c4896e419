"""`Actor`: a server on a Dask worker, and `ActorChannel`: the way to it."""

from __future__ import annotations

import signal
import threading
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

import numpy as np

from fusion.errors import WireError
from fusion.host.channel import Channel, stay
from fusion.host.server import Server
from fusion.host.wire import Part


class Actor:
    """Serves one adapter in the process of a Dask worker, which outlives it and is left as it was.

    Dask calls the actors of a worker one at a time, in a thread that is always the same. Frames are bytes to it.
    """

    def __init__(self, adapter: str) -> None:
        self._server = Server(adapter, leaves_clean=True)
        self._next = 0
        # A script that is gone without a word has its actors released by the scheduler.
        weakref.finalize(self, self._server.close)

    async def begin(self, request: Part) -> bytes:
        """As `handle`, for the first request, which loads the simulator.

        Dask runs a coroutine in the main thread, the only one in which Brian2 can be imported, and signals handled.
        """
        _spare(self)
        return self.handle(0, request)

    def handle(self, number: int, request: Part) -> bytes:
        """The answer to a request.

        number : how many there were before it. Dask asks again after a connection was cut, and runs a lost actor anew
            elsewhere; neither may compute anything twice, or with something that is not built.

        Raises
        ------
        ConnectionError
            If it is not the next.
        ValueError
            If it is no request.
        """
        if number != self._next:
            raise ConnectionResetError(f"request {number} came to an actor that waits for request {self._next}")
        self._next += 1
        try:
            return b"".join(self._server.handle(_owned(request)))
        except WireError as error:  # Dask would pickle it, and the other end may be of another version
            raise ValueError(str(error)) from None


class Spared:
    """Handler of SIGINT in the process of a worker: nothing happens while an actor lives there, else what did before.

    A terminal sends Ctrl-C to all that was started from it, the workers of a `LocalCluster` included. They would end,
    but it is for the script, which ends the run at the next meeting.
    """

    def __init__(self, before: Callable[[int, FrameType | None], object]) -> None:
        self._before = before
        self.actors: weakref.WeakSet[Actor] = weakref.WeakSet()

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if not self.actors:
            self._before(number, frame)


def _spare(actor: Actor) -> None:
    """Have this process live through Ctrl-C as long as the actor does; only the main thread may see to that."""
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler) or threading.current_thread() is not threading.main_thread():
        return
    if not isinstance(handler, Spared):
        handler = Spared(handler)
        signal.signal(signal.SIGINT, handler)
    handler.actors.add(actor)


class ActorChannel(Channel):
    """Frames as the arguments and results of an actor's method.

    actor : the proxy of a `distributed.Client` for an `Actor`
    """

    def __init__(self, actor: Any) -> None:
        super().__init__()
        self._actor = actor
        self._sent = 0
        self._answers: deque[Any] = deque()
        self.is_cut = False
        """Whether Dask could not reach the actor."""

    def send(self, parts: Sequence[Part], beat: Callable[[], object] = stay) -> None:
        frame = b"".join(parts)
        try:
            self._answers.append(self._actor.handle(self._sent, frame) if self._sent else self._actor.begin(frame))
        except Exception as error:  # whatever Dask raises in this state of the client
            raise self._cut(error) from error
        self._sent += 1

    def receive(self, timeout: float) -> memoryview | None:
        if not self._answers:
            raise ConnectionResetError("nothing was asked, or the channel was closed")
        answer = self._answers[0]
        # One that comes just when time is over is taken at the next call; what raises then has come as an answer.
        is_here = answer.done()
        try:
            frame = answer.result(timeout)
        except ValueError as error:
            raise WireError(str(error)) from None
        except Exception as error:
            if isinstance(error, TimeoutError) and not is_here:
                return None
            raise self._cut(error) from error
        self._answers.popleft()
        return _owned(frame)

    def _cut(self, error: Exception) -> ConnectionError:
        self.is_cut = True
        return ConnectionResetError(f"Dask cannot reach the actor: {error}")

    def close(self) -> None:
        self._actor = None
        self._answers.clear()


def pulse(dask_worker: Any) -> tuple[int | None, bool]:
    """Called in the nanny of a worker, by its address: (process id of the worker, whether it is stopped)."""
    import psutil  # distributed needs it

    pid = dask_worker.pid
    try:
        return pid, psutil.Process(pid).status() == psutil.STATUS_STOPPED if pid is not None else False
    except psutil.NoSuchProcess:
        return None, False


def _owned(frame: Part) -> memoryview:
    """A copy that may be written to; what Dask hands over may stand anywhere, and belong to others."""
    return np.frombuffer(frame, np.uint8).copy().data
