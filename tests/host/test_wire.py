import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fusion.errors import InvalidValue, WireError
from fusion.host import wire


def packed(header, buffers):
    return memoryview(b"".join(wire.pack(header, [[memoryview(one)] for one in buffers])))


frames = st.tuples(st.binary(max_size=40), st.lists(st.binary(max_size=20), max_size=4))


@given(frames)
def test_a_frame_unpacks_to_what_was_packed(parts):
    header, buffers = wire.unpack(packed(*parts))
    assert (bytes(header), [bytes(one) for one in buffers]) == parts


@given(frames)
def test_header_and_buffers_are_aligned(parts):
    frame = packed(*parts)
    at = len(frame)
    for one in reversed(parts[1]):
        at -= len(one) + -len(one) % 8
        assert at % 8 == 0
        assert bytes(frame[at : at + len(one)]) == one


@given(frames)
def test_the_extent_is_told_by_the_first_bytes(parts):
    frame = packed(*parts)
    first = wire.extent(frame[: wire.PREFIX.size])
    assert wire.extent(frame[:first]) == len(frame)


def test_a_buffer_may_come_in_several_views():
    frame = memoryview(b"".join(wire.pack(b"h", [[memoryview(b"abc"), memoryview(b"de")], [memoryview(b"f")]])))
    assert [bytes(one) for one in wire.unpack(frame)[1]] == [b"abcde", b"f"]


@given(frames, st.data())
def test_a_frame_that_was_cut_off_is_an_error(parts, data):
    frame = packed(*parts)
    with pytest.raises(WireError):
        wire.unpack(frame[: data.draw(st.integers(0, len(frame) - 1))])


@given(st.binary(max_size=80))
def test_garbage_is_an_error(garbage):
    with pytest.raises(WireError):
        wire.unpack(memoryview(garbage))


@given(st.binary(max_size=80))
def test_garbage_after_a_good_beginning_is_an_error_or_a_frame(garbage):
    frame = memoryview(wire.MAGIC + struct.pack("<H", wire.VERSION) + garbage)
    try:
        header, buffers = wire.unpack(frame)
    except WireError:
        return
    assert len(header) + sum(map(len, buffers)) <= len(frame)


def test_another_program_is_told_apart():
    with pytest.raises(WireError, match=r"begins with b'HTTP'.*another program"):
        wire.extent(memoryview(b"HTTP/1.1 400 Bad Request"))


def test_another_version_is_told_apart():
    frame = bytearray(packed(b"", []))
    frame[4] += 1
    with pytest.raises(WireError, match=f"version {wire.VERSION + 1}.*this one {wire.VERSION}.*Install the same"):
        wire.extent(memoryview(frame))


def prefix(n_buffers, n_header, *lengths):
    head = wire.PREFIX.pack(wire.MAGIC, wire.VERSION, n_buffers, n_header)
    start = wire.PREFIX.size + 8 * n_buffers
    return memoryview((head + struct.pack(f"<{len(lengths)}Q", *lengths)).ljust(start + -start % 8, b"\0"))


@pytest.mark.parametrize(
    ("claim", "says"),
    [
        (prefix(wire.MAX_BUFFERS + 1, 0), "arrays"),
        (prefix(0, wire.MAX_HEADER + 1), "header"),
        (prefix(1, 0, wire.MAX_FRAME), "at most"),
        (prefix(2, 0, 2**64 - 1, 2**64 - 1), "at most"),
    ],
)
def test_what_claims_too_much_is_not_believed(claim, says):
    with pytest.raises(WireError, match=says):
        wire.extent(claim)


def test_a_smaller_limit_can_be_told():
    frame = packed(b"", [bytes(100)])
    with pytest.raises(WireError, match="at most 64"):
        wire.extent(frame, limit=64)


@pytest.mark.parametrize(
    ("header", "buffers", "limit"),
    [
        (bytes(wire.MAX_HEADER + 1), [], wire.MAX_FRAME),
        (b"", [[memoryview(b"x")]] * (wire.MAX_BUFFERS + 1), wire.MAX_FRAME),
        (b"", [[memoryview(bytes(100))]], 64),
    ],
)
def test_what_is_too_long_is_not_packed(header, buffers, limit):
    with pytest.raises(InvalidValue, match=r"too much for one message.*NumPy arrays; a shorter window="):
        wire.pack(header, buffers, limit)
