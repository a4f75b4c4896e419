"""Greetings: who may use a worker. One short message each way, before anything else is believed.

A client makes two connections. Over the first it greets with the purpose "watch", and learns the name of its session;
over it, it asks how the worker is. The second, with the purpose "work" and that name, goes to the worker itself.
"""

from __future__ import annotations

import hmac
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata
from typing import Any

import msgpack

from fusion.errors import WireError
from fusion.host import wire
from fusion.host.channel import Channel

MAX_GREETING = 8192
"""Bytes of a greeting, of an answer to it, and of all else that is said on the watch."""
PATIENCE = 4.0
"""Seconds in which a greeting and its answer have to come."""


@cache
def version() -> str:
    """Of fusion, as it is installed; both ends must have the same."""
    return metadata.version("fusion-sim")


@dataclass(frozen=True)
class Greeting:
    """What a client says first.

    purpose : "watch" or "work"
    adapter : name of what shall be served
    token : "" for none
    session : of the watch, "" as long as there is none
    fusion : version of the client
    """

    purpose: str
    adapter: str
    token: str
    session: str
    fusion: str

    def refusal(self, adapter: str, token: str) -> str | None:
        """Why a worker with this adapter and this token does not want it; None if it does."""
        if not hmac.compare_digest(self.token.encode(), token.encode()):
            return "the token is wrong; give the one that the worker was started with"
        if self.fusion != version():
            return f"it has fusion {version()}, this is {self.fusion}; install the same on both"
        if self.adapter != adapter:
            return f"it serves {adapter!r}, not {self.adapter!r}; start another with: fusion worker {self.adapter}"
        return None


def greet(channel: Channel, greeting: Greeting) -> dict[str, Any]:
    """Greet, and get the answer.

    Raises `ConnectionError` with the reason if the worker refuses or keeps silent, `WireError` if it speaks another
    version or is no worker at all.
    """
    say(channel, asdict(greeting))
    answer = hear(channel)
    if answer is None:
        raise ConnectionError(f"nobody answered within {PATIENCE:g} s: it is stopped, or no worker")
    if "refused" in answer:
        raise ConnectionRefusedError(str(answer["refused"]))
    return answer


def greeted(channel: Channel) -> Greeting | None:
    """The greeting of a client; None if it keeps silent, `WireError` if it says anything else."""
    said = hear(channel)
    if said is None:
        return None
    try:
        greeting = Greeting(**said)
    except TypeError:
        raise WireError("This is no greeting.") from None
    if not all(isinstance(word, str) for word in said.values()):
        raise WireError("This is no greeting.")
    return greeting


def say(channel: Channel, words: dict[str, Any]) -> None:
    """Send a short message."""
    channel.send(wire.pack(msgpack.packb(words), []), _hurry)


def hear(channel: Channel, patience: float = PATIENCE) -> dict[str, Any] | None:
    """Receive a short message; None if there is none in time."""
    frame = channel.receive(patience)
    if frame is None:
        return None
    header, _ = wire.unpack(frame, MAX_GREETING)
    try:
        said = msgpack.unpackb(header, max_ext_len=0)
    except (ValueError, msgpack.exceptions.UnpackException) as error:
        raise WireError(f"A message cannot be read: {error}.") from None
    if not (isinstance(said, dict) and all(isinstance(key, str) for key in said)):
        raise WireError("A message is a map.")
    return said


def _hurry() -> None:
    """Short messages fit into what the system keeps; who does not take them has stopped reading."""
    raise ConnectionError("the other end takes nothing")
