"""`Worker`: a process elsewhere that serves one adapter, as the network's side sees it."""

from __future__ import annotations

import abc

from fusion.host.channel import Channel


class Worker(abc.ABC):
    """Serves one adapter at the other end of a channel.

    channel : to `fusion.host.server.Server.serve`
    """

    channel: Channel

    @abc.abstractmethod
    def state(self) -> str | None:
        """Why it cannot work any more: gone, stopped, out of memory; None while it is alive and able to work.

        Quick; asked at each beat while an answer is waited for, about once a second while answers come, and when the
        channel was cut.
        """

    @abc.abstractmethod
    def log_tail(self) -> str:
        """The last lines that it wrote to its output, "" if there are none."""

    @abc.abstractmethod
    def close(self) -> None:
        """Close the channel and end the worker, gently if it listens. Idempotent, always works, takes seconds."""
