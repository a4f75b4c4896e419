"""Frames: how a header and arrays stand in a row of bytes, and nothing that is too long or cut off is believed.

A frame is a prefix (magic, version, number of buffers, length of the header), the length of each buffer, the header,
and the buffers. Header and buffers begin at multiples of eight bytes, so that arrays in a frame are aligned.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import cache

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


@cache
def _prefix(n_buffers: int) -> struct.Struct:
    """All before the header: what `PREFIX` has, and the lengths of the buffers."""
    return struct.Struct(f"<4sHHI{n_buffers}Q{-(PREFIX.size + 8 * n_buffers) % 8}x")


def pack(header: bytes, buffers: Sequence[Buffer], limit: int = MAX_FRAME) -> list[Part]:
    """A frame, in parts to be sent one after the other.

    header : at most `MAX_HEADER` bytes
    buffers : at most `MAX_BUFFERS`
    limit : bytes of the whole frame

    Raises `InvalidValue` if it is too long.
    """
    lengths = [sum(map(len, parts)) for parts in buffers]
    n, n_header = len(buffers), len(header)
    total = _prefix(min(n, MAX_BUFFERS)).size + _room((n_header, *lengths))
    if n_header > MAX_HEADER or n > MAX_BUFFERS or total > limit:
        raise InvalidValue(
            f"{total:,} bytes in {n:,} arrays, and {n_header:,} beside them, are too much for one message; the limits "
            f"are {limit:,}, {MAX_BUFFERS:,} and {MAX_HEADER:,}. Give long rows of numbers as "
            "NumPy arrays; a shorter window= makes less of them.",
            size=total,
        )
    frame: list[Part] = [_prefix(n).pack(MAGIC, VERSION, n, n_header, *lengths), header]
    if n_header % 8:
        frame.append(bytes(-n_header % 8))
    for parts, length in zip(buffers, lengths, strict=True):
        frame += parts
        if length % 8:
            frame.append(bytes(-length % 8))
    return frame


def extent(first: memoryview, limit: int = MAX_FRAME) -> int:
    """How many bytes a frame has, as far as its first bytes tell.

    From those of `PREFIX` alone this is where the lengths of the buffers end; once they are there, it is all of it.

    Raises `WireError` if this is no frame, one of another version, or longer than `limit`.
    """
    return _read(first, limit)[0]


def unpack(frame: memoryview, limit: int = MAX_FRAME) -> tuple[memoryview, list[memoryview]]:
    """The header and the buffers of a whole frame, as views of it; `WireError` if it is not whole."""
    total, lengths = _read(frame, limit) if len(frame) >= PREFIX.size else (0, [])
    if len(frame) != total or not lengths:
        raise WireError(f"A message was cut off after {len(frame)} bytes.", size=len(frame))
    pieces, at = [], total - _room(lengths)
    for length in lengths:
        pieces.append(frame[at : at + length])
        at += (length + 7) & -8
    return pieces[0], pieces[1:]


def _read(first: memoryview, limit: int) -> tuple[int, Sequence[int]]:
    """As `extent`, and the lengths of the header and of the buffers, as soon as they are there."""
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
    prefix = _prefix(n_buffers)
    if len(first) < prefix.size:
        return prefix.size, ()
    lengths = prefix.unpack_from(first)[3:]
    total = prefix.size + _room(lengths)
    if total > limit:
        raise WireError(f"A message claims {total:,} bytes; at most {limit:,} are taken.", size=total)
    return total, lengths


def _room(lengths: Sequence[int]) -> int:
    """What the header and the buffers take."""
    return sum([(n + 7) & -8 for n in lengths])
