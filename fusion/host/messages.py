"""Messages between a network and a worker: plain values, and beside them what goes through ports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fusion.errors import WireError
from fusion.host import batches, values, wire
from fusion.host.batches import Batch
from fusion.host.wire import Part


class Messages:
    """Packs one message after the other."""

    def __init__(self) -> None:
        self._encoder = values.Encoder()

    def pack(self, content: list[Any], through_ports: Sequence[Batch]) -> list[Part]:
        """A frame, in parts to be sent one after the other; `InvalidValue` if there is in it what cannot cross."""
        header, buffers = self._encoder.encode(content)
        return wire.pack(header, [batches.pack(through_ports), *buffers])


def unpack(frame: memoryview, *, may_import: bool = False) -> tuple[Any, list[Batch]]:
    """What was packed; `WireError` if nothing was.

    may_import : as for `fusion.host.values.decode`
    """
    header, buffers = wire.unpack(frame)
    if not buffers:
        raise WireError("A message has no place for what goes through ports.")
    return values.decode(header, buffers[1:], may_import=may_import), batches.unpack(buffers[0])
