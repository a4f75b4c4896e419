"""Batches arrive with all bits, and nothing that is not one is believed."""

import contextlib
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fusion.core.batch import Samples, Spikes
from fusion.errors import WireError
from fusion.host import batches, wire
from fusion.host.messages import Messages, unpack
from fusion.host.values import encode


@st.composite
def spikes(draw):
    ticks = np.array(sorted(draw(st.lists(st.integers(-5, 5), max_size=6))), np.int64)
    values = draw(st.lists(st.floats(), min_size=len(ticks), max_size=len(ticks)))
    return Spikes(ticks, np.arange(len(ticks)), np.array(values, float), draw(st.integers(-9, 1 << 40)))


@st.composite
def samples(draw):
    shape = draw(st.tuples(st.integers(0, 3), st.integers(0, 3)))
    values = draw(st.lists(st.floats(), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]))
    return Samples(draw(st.integers(-9, 1 << 40)), np.array(values, float).reshape(shape))


THROUGH_PORTS = st.lists(st.tuples(st.integers(0, 1 << 40), spikes() | samples()), max_size=4)


def frame(content, through_ports):
    return memoryview(bytearray(b"".join(Messages().pack(content, through_ports))))


@given(THROUGH_PORTS)
def test_batches_arrive_as_they_were(sent):
    content, arrived = unpack(frame([1, "two", np.arange(3.0)], sent))
    assert content[:2] == [1, "two"]
    assert content[2].tolist() == [0.0, 1.0, 2.0]
    assert [port for port, _ in arrived] == [port for port, _ in sent]
    for (_, one), (_, other) in zip(arrived, sent, strict=True):
        assert type(one) is type(other)
        for a, b in zip(one, other, strict=True):
            if isinstance(b, int):
                assert a == b
                continue
            assert (a.dtype, a.shape) == (b.dtype, b.shape)
            assert a.tobytes() == b.tobytes()
            assert a.flags.aligned


def test_arrays_of_any_layout_and_length_arrive():
    whole = np.random.default_rng(1).normal(size=(300, 200))
    few = np.arange(10)[::2]
    sent = [
        (1, Samples(5, whole[:, ::-1])),
        (2, Samples(5, whole.T[:, :3])),
        (3, Spikes(few, few[::-1], whole[:5, 0], 9)),
        (4, Spikes(np.full(5, 3), few.astype(np.int32), whole[0, :5].astype(np.float32), 9)),
    ]
    _, arrived = unpack(frame([], sent))
    for (_, one), (_, other) in zip(arrived, sent, strict=True):
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a, b)


def test_what_was_sent_does_not_change_with_the_original():
    original = np.ones((1, 3))
    message = frame([], [(1, Samples(0, original))])
    original[:] = 2.0
    _, [(_, arrived)] = unpack(message)
    assert arrived.values.tolist() == [[1.0, 1.0, 1.0]]


def words(*facts):
    return memoryview(struct.pack(f"<{len(facts)}q", *facts))


@pytest.mark.parametrize(
    "buffer",
    [
        memoryview(b""),
        memoryview(bytes(7)),
        memoryview(bytes(12)),
        words(-1),
        words(1),
        words(1 << 60),
        words(0, 0),
        words(1, 0, batches.ONE_TICK, 0, 1, 5, 0),
        words(1, 0, batches.ONE_TICK, 0, -1, 5),
        words(1, 0, batches.ONE_TICK, 0, 1 << 40, 5),
        words(1, 0, batches.SEVERAL_TICKS, 0, 1, 0, 0, 0),
        words(1, 0, batches.SAMPLES, 0, 1, 2, 0),
        words(1, 0, batches.SAMPLES, 0, -1, -1, 0),
        words(1, 0, batches.SAMPLES, 0, 0, -1),
        words(1, 0, batches.SAMPLES, 0, 1 << 62, 4),
        words(1, 0, 3, 0, 1, 5, 0, 0),
    ],
    ids=lambda buffer: str(buffer.tolist())[:40],
)
def test_what_is_no_row_of_batches_is_an_error(buffer):
    with pytest.raises(WireError):
        batches.unpack(buffer)


@given(THROUGH_PORTS, st.data())
def test_garbage_is_an_error_or_batches_and_nothing_else(sent, data):
    buffer = bytearray(b"".join(batches.pack(sent)))
    for _ in range(data.draw(st.integers(1, 3))):
        buffer[data.draw(st.integers(0, len(buffer) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(WireError):
        for _, batch in batches.unpack(memoryview(buffer)):
            assert isinstance(batch, Spikes | Samples)


def test_a_message_without_a_place_for_batches_is_an_error():
    with pytest.raises(WireError, match="no place"):
        unpack(memoryview(b"".join(wire.pack(*encode([1])))))
