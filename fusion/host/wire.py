"""Frames: how a header and arrays stand in a row of bytes, and nothing that is too long or cut off is believed.

A frame is a prefix (magic, version, number of buffers, length of the header), the length of each buffer, the header,
and the buffers. Header and buffers begin at multiples of eight bytes, so that arrays in a frame are aligned.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from fusion.errors import InvalidValue, WireError

MAGIC = b"FUSN"
VERSION = 2
"""Of the frames and of what is said in them; two ends must have the same."""

Part = bytes | memoryview
Buffer = Sequence[Part]
"""Bytes that stand one after the other in a frame."""

PREFIX = struct.Struct("<4sHHI")
MAX_HEADER = 1 << 20
MAX_BUFFERS = 1 << 14
MAX_FRAME = 1 << 30


def _padded(n: int) -> int:
    return (n + 7) & -8


def _start(n_buffers: int) -> int:
    """Where the header begins."""
    return _padded(PREFIX.size + 8 * n_buffers)


def pack(
    header: bytes, buffers: Sequence[Sequence[bytes | memoryview]], limit: int = MAX_FRAME
) -> list[bytes | memoryview]:
    """A frame, in parts to be sent one after the other.

    header : at most `MAX_HEADER` bytes
    buffers : flat views of bytes, which stand one after the other; at most `MAX_BUFFERS`
    limit : bytes of the whole frame

    Raises `InvalidValue` if it is too long.
    """
    lengths = [sum([len(view) for view in views]) for views in buffers]
    n, start, n_header = len(buffers), _start(len(buffers)), len(header)
    total = start + _padded(n_header) + _room(lengths)
    if n_header > MAX_HEADER or n > MAX_BUFFERS or total > limit:
        raise InvalidValue(
            f"{total:,} bytes in {n:,} arrays, and {n_header:,} beside them, are too much for one message; the limits "
            f"are {limit:,}, {MAX_BUFFERS:,} and {MAX_HEADER:,}. Give long rows of numbers as "
            "NumPy arrays; a shorter window= makes less of them.",
            size=total,
        )
    head = PREFIX.pack(MAGIC, VERSION, n, n_header) + struct.pack(f"<{n}Q", *lengths)
    parts: list[Part] = [head.ljust(start, b"\0") + header.ljust(_padded(n_header), b"\0")]
    for views, length in zip(buffers, lengths, strict=True):
        parts += views
        if length % 8:
            parts.append(bytes(-length % 8))
    return parts


def extent(first: memoryview, limit: int = MAX_FRAME) -> int:
    """How many bytes a frame has, as far as its first bytes tell.

    From the prefix alone this is where the lengths of the buffers end; once they are there, it is the whole frame.

    Raises `WireError` if this is no frame, one of another version, or longer than `limit`.
    """
    magic, version, n_buffers, n_header = PREFIX.unpack_from(first)
    if magic != MAGIC:
        raise WireError(f"This is no message of fusion: it begins with {magic!r}. Is another program at the other end?")
    if version != VERSION:
        raise WireError(
            f"The other end speaks version {version} of fusion's messages, this one {VERSION}. Install the same "
            "version of fusion on both.",
            version=version,
        )
    if n_buffers > MAX_BUFFERS or n_header > MAX_HEADER:
        raise WireError(f"A message claims {n_buffers} arrays and a header of {n_header} bytes; that is too much.")
    start = _start(n_buffers)
    if len(first) < start:
        return start
    total = start + _padded(n_header) + _room(_lengths(first, n_buffers))
    if total > limit:
        raise WireError(f"A message claims {total:,} bytes; at most {limit:,} are taken.", size=total)
    return total


def unpack(frame: memoryview, limit: int = MAX_FRAME) -> tuple[memoryview, list[memoryview]]:
    """The header and the buffers of a whole frame, as views of it; `WireError` if it is not whole."""
    if len(frame) < PREFIX.size or len(frame) != extent(frame, limit):
        raise WireError(f"A message was cut off after {len(frame)} bytes.", size=len(frame))
    _, _, n_buffers, n_header = PREFIX.unpack_from(frame)
    at = _start(n_buffers)
    header = frame[at : at + n_header]
    at += _padded(n_header)
    buffers = []
    for length in _lengths(frame, n_buffers):
        buffers.append(frame[at : at + length])
        at += _padded(length)
    return header, buffers


def _room(lengths: Sequence[int]) -> int:
    """What buffers take."""
    return sum([(n + 7) & -8 for n in lengths])


def _lengths(frame: memoryview, n_buffers: int) -> tuple[int, ...]:
    return struct.unpack_from(f"<{n_buffers}Q", frame, PREFIX.size)
