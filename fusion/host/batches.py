"""Batches of spikes and samples as one row of 64-bit words: they cross in every window, hence a form of their own.

The first word is the number of batches. Then five words tell of each, and then come the arrays of each, in that order.

spikes : port, `ONE_TICK` or `SEVERAL_TICKS`, complete_until, number, tick; arrays (ticks,) indices, values
samples : port, `SAMPLES`, t0, rows, columns; array values
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from fusion.core.batch import Samples, Spikes, new_batch, same_tick
from fusion.errors import WireError
from fusion.host.wire import Part

Batch = tuple[int, Spikes | Samples]
"""What goes through a port: its id, and the batch."""

ONE_TICK, SEVERAL_TICKS, SAMPLES = range(3)
_FACTS = 5
_INT64, _FLOAT64 = np.dtype(np.int64), np.dtype(np.float64)
_NOTHING = bytes(8)
_SMALL = 4096
"""Entries of an array up to which a copy costs less than a view."""


def pack(batches: Sequence[Batch]) -> list[Part]:
    """Bytes that stand one after the other; large arrays are not copied, so they stay as they are until it is sent."""
    if not batches:
        return [_NOTHING]
    facts: list[int] = []
    arrays: list[Part] = []
    for port, batch in batches:
        if isinstance(batch, Samples):
            facts += (port, SAMPLES, batch.t0, *batch.values.shape)
            arrays.append(_bytes(batch.values, _FLOAT64))
            continue
        ticks, indices, values, complete_until = batch
        n = len(ticks)
        if n and ticks[0] != ticks[-1]:
            facts += (port, SEVERAL_TICKS, complete_until, n, 0)
            arrays.append(_bytes(ticks, _INT64))
        else:
            facts += (port, ONE_TICK, complete_until, n, ticks.item(0) if n else 0)
        if n:
            arrays += (_bytes(indices, _INT64), _bytes(values, _FLOAT64))
    return [struct.pack(f"<{len(facts) + 1}q", len(batches), *facts), *arrays]


def _bytes(array: ArrayLike, dtype: np.dtype[np.generic]) -> Part:
    whole = np.ascontiguousarray(array, dtype)
    return whole.tobytes() if whole.size <= _SMALL else whole.data.cast("B")


def unpack(buffer: memoryview) -> list[Batch]:
    """The batches; their arrays are views of the buffer. Raises `WireError` if this is nothing that `pack` made."""
    try:
        return _unpacked(buffer)
    except (struct.error, ValueError) as error:
        raise WireError(f"What goes through ports cannot be read: {error}.") from error


def _unpacked(buffer: memoryview) -> list[Batch]:
    (n_batches,) = struct.unpack_from("<q", buffer)
    facts = struct.unpack_from(f"<{_FACTS * n_batches}q", buffer, 8)
    words = np.frombuffer(buffer, _INT64)
    numbers, end = words.view(_FLOAT64), 1 + len(facts)
    batches: list[Batch] = []
    for i in range(0, len(facts), _FACTS):
        port, kind, when, n, other = facts[i : i + _FACTS]
        start = end
        end += n * (other if kind == SAMPLES else 2 + (kind == SEVERAL_TICKS))
        if n < 0 or not start <= end <= len(words):
            raise ValueError(f"port {port} comes with {n} by {other} numbers")
        if kind == SAMPLES:
            batches.append((port, Samples(when, numbers[start:end].reshape(n, other))))
            continue
        if kind not in (ONE_TICK, SEVERAL_TICKS):
            raise ValueError(f"port {port} comes with something of kind {kind}")
        ticks = same_tick(other, n) if kind == ONE_TICK else words[start : start + n]
        batches.append((port, new_batch(Spikes, (ticks, words[end - 2 * n : end - n], numbers[end - n : end], when))))
    if end != len(words):
        raise ValueError(f"{len(words) - end} words are left over behind the arrays")
    return batches
