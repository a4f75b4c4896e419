import contextlib
import ctypes
import itertools
import socket
import threading
import time
import tracemalloc
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fusion.core.batch import Samples
from fusion.errors import InvalidValue, WireError
from fusion.host import wire
from fusion.host.channel import BEAT, SocketChannel
from fusion.host.messages import Messages, unpack
from fusion.host.shared import SharedChannel


def frame(n_bytes, n_buffers=1):
    contents = np.random.default_rng(n_bytes).integers(0, 256, n_bytes, np.uint8).data
    return wire.pack(b"header", [[contents]] * n_buffers)


@contextmanager
def unix(limit=wire.MAX_FRAME):
    yield tuple(SocketChannel(end, limit) for end in socket.socketpair())


@contextmanager
def tcp(limit=wire.MAX_FRAME):
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        yield SocketChannel(client, limit), SocketChannel(server.accept()[0], limit)


@contextmanager
def shared(limit=wire.MAX_FRAME):
    one, descriptor = SharedChannel.create(1000, limit)
    yield one, SharedChannel.attach(descriptor, limit)


@pytest.fixture(params=[unix, tcp, shared], ids=lambda make: make.__name__)
def make(request):
    return request.param


@pytest.fixture
def ends(make):
    with make() as pair:
        yield pair
        for end in pair:
            end.close()


@contextmanager
def socket_and_channel():
    one, other = socket.socketpair()
    with one, other:
        yield one, SocketChannel(other)


def in_background(function, *arguments):
    thread = threading.Thread(target=function, args=arguments, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize("n_bytes", [0, 1, 100, 5000, 70_000, 3_000_000])
def test_frames_arrive_whole_in_both_directions(ends, n_bytes):
    for sender, receiver in (ends, ends[::-1]):
        sent = frame(n_bytes, 3)
        thread = in_background(sender.send, sent)
        assert bytes(receiver.receive(10.0)) == b"".join(sent)
        thread.join()


def test_frames_arrive_in_order(ends):
    sent = [frame(n) for n in (10, 9000, 0, 130_000, 20)]
    thread = in_background(lambda: [ends[0].send(each) for each in sent])
    for each in sent:
        assert bytes(ends[1].receive(10.0)) == b"".join(each)
    thread.join()


def test_what_was_received_belongs_to_the_receiver(ends):
    ends[0].send(frame(100))
    first = ends[1].receive(1.0)
    copy = bytes(first)
    ends[0].send(frame(101))
    ends[1].receive(1.0)
    assert bytes(first) == copy
    assert not first.readonly


def test_when_nothing_comes_the_time_is_over(ends):
    start = time.monotonic()
    assert ends[1].receive(0.1) is None
    assert 0.09 < time.monotonic() - start < 5.0
    assert ends[1].receive(0.0) is None


@pytest.mark.parametrize("jump", [-3600.0, 3600.0])  # s
def test_a_jump_of_the_wall_clock_does_not_change_how_long_one_waits(ends, monkeypatch, jump):
    clock, taken = time.time, []
    monkeypatch.setattr(time, "time", lambda: clock() + jump)

    def wait():
        start = time.monotonic()
        ends[1].receive(0.1)
        taken.append(time.monotonic() - start)

    in_background(wait).join(5.0)
    assert taken
    assert taken[0] > 0.09


def test_without_a_wait_by_the_monotonic_clock_the_wall_clock_does(monkeypatch):
    library = ctypes.CDLL(None, use_errno=True)
    older = {name: getattr(library, name) for name in ("sem_init", "sem_post", "sem_trywait", "sem_timedwait")}
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: SimpleNamespace(**older))
    with shared() as ends:
        test_when_nothing_comes_the_time_is_over(ends)
        test_frames_arrive_whole_in_both_directions(ends, 5000)


def test_half_a_frame_is_kept_until_the_rest_comes():
    whole = b"".join(frame(100_000))
    with socket_and_channel() as (one, channel):
        for part in (whole[:3], whole[3:13], whole[13:70_000]):
            one.sendall(part)
            assert channel.receive(0.01) is None
        thread = in_background(one.sendall, whole[70_000:])
        assert bytes(channel.receive(5.0)) == whole
        thread.join()


def test_the_other_end_notices_when_one_is_closed(ends):
    ends[0].close()
    ends[0].close()
    with pytest.raises(ConnectionError):
        ends[1].receive(5.0)
    with pytest.raises(ConnectionError):
        ends[1].send(frame(10_000_000))  # a socket takes a short one and loses it


def test_who_waits_notices_when_the_other_end_is_closed(ends):
    threading.Timer(0.1, ends[0].close).start()
    with pytest.raises(ConnectionError):
        ends[1].receive(10.0)


def test_who_waits_to_send_looks_at_the_other_end(ends):
    class GoneError(Exception):
        pass

    def beat():
        raise GoneError

    with pytest.raises(GoneError):
        ends[0].send(frame(50_000_000), beat)
    with pytest.raises(ConnectionError):
        ends[0].send(frame(1))


def test_a_frame_that_is_too_long_is_not_taken(make):
    with make(limit=2000) as (one, other):
        in_background(one.send, frame(3000))
        with pytest.raises(WireError, match="at most 2,000"):
            other.receive(5.0)
        one.close()
        other.close()


def test_garbage_on_a_socket_is_an_error_of_the_wire():
    with socket_and_channel() as (one, channel):
        one.sendall(b"GET / HTTP/1.1\r\n\r\n")
        with pytest.raises(WireError, match="begins with b'GET '"):
            channel.receive(1.0)


@pytest.mark.parametrize("facts", [(100, 0), (100, 5000), (100, 101), (2**63, 10)])
def test_garbage_in_shared_memory_is_an_error_of_the_wire(facts):
    with shared() as (one, other):
        one._out.facts[0], one._out.facts[1] = facts
        one._out.filled.post()
        with pytest.raises(WireError):
            other.receive(1.0)


LIMIT = 20_000
SIZES = st.sampled_from([0, 1, 12, 3839, 3840, 3841, LIMIT, LIMIT + 1, 2**31, 2**63, 2**64 - 1]) | st.integers(0, LIMIT)
CLOSED = st.sampled_from([0, 0, 0, 1, 2**64 - 1])
"""What stands in a lane as its flag; mostly it is open."""


def fill(lane, total, n, closed=0, data=b""):
    lane.data[: len(data)] = data
    lane.facts[0], lane.facts[1], lane.facts[2] = total, n, closed
    lane.filled.post()


def take(channel):
    """Receive and read what there is, at once; what is no message is one of three errors."""
    start = time.monotonic()
    with contextlib.suppress(WireError, ConnectionError, InvalidValue):
        frame = channel.receive(0.0)
        if frame is not None:
            assert len(frame) <= LIMIT
            unpack(frame)
    assert time.monotonic() - start < 1.0


@given(st.lists(st.tuples(SIZES, SIZES, CLOSED, st.binary(max_size=40)), min_size=1, max_size=8))
def test_garbage_in_a_lane_is_an_error_or_a_frame_and_never_a_hang(pieces):
    with shared(LIMIT) as (one, other):
        for piece in pieces:
            fill(one._out, *piece)
            take(other)


class Shifting:
    """Facts of a lane that change between any two looks."""

    def __init__(self, sizes, flags):
        self._sizes, self._flags = itertools.cycle(sizes), itertools.cycle(flags)

    def __getitem__(self, place):
        return next(self._flags if place == 2 else self._sizes)

    def __setitem__(self, place, value):
        pass


@given(st.lists(SIZES, min_size=1, max_size=8), st.lists(CLOSED, min_size=1, max_size=8))
def test_facts_that_change_while_they_are_read_are_an_error_or_a_frame(sizes, flags):
    with shared(LIMIT) as (one, other):
        other._in.facts = Shifting(sizes, flags)
        for _ in range(4):
            one._out.filled.post()
            take(other)


@given(st.data())
def test_a_message_with_other_bytes_in_it_is_an_error_or_a_message(data):
    with shared(LIMIT) as (one, other):
        one.send(Messages().pack([1, "read", [2, (3.5, None)], np.arange(4)], [(5, Samples(6, np.ones((2, 3))))]))
        for _ in range(data.draw(st.integers(1, 4))):
            one._out.data[data.draw(st.integers(0, one._out.facts[1] - 1))] = data.draw(st.integers(0, 255))
        take(other)


@pytest.mark.parametrize("second", [(9_999, 3840), (2**63, 3840), (10_000, 3839), (10_000, 1), (10_000, 0), (0, 0)])
def test_a_piece_that_does_not_continue_its_frame_is_an_error(second):
    with shared() as (one, other):
        fill(one._out, 10_000, 3840)
        assert other.receive(0.0) is None
        fill(one._out, *second)
        with pytest.raises(WireError):
            other.receive(1.0)


def test_a_claim_takes_no_memory_before_its_bytes_come():
    with shared() as (one, other):
        fill(one._out, wire.MAX_FRAME, 10)
        tracemalloc.start()
        try:
            with pytest.raises(WireError):
                other.receive(1.0)
            assert tracemalloc.get_traced_memory()[1] < 1 << 20
        finally:
            tracemalloc.stop()


def send_a_long_one(end):
    end.send(frame(50_000))


def keep_receiving(end):
    while True:
        end.receive(BEAT)


@pytest.mark.parametrize("wait", [send_a_long_one, keep_receiving])
def test_a_lane_that_is_closed_without_a_word_is_noticed(wait):
    with shared() as (one, _):
        flag = threading.Timer(0.1, one._in.facts.__setitem__, (2, 1))
        flag.start()
        start = time.monotonic()
        with pytest.raises(ConnectionError):
            wait(one)
        assert time.monotonic() - start < 1.0
        flag.join()


def files(folder):
    return {path.name for path in Path(folder).iterdir()}


def test_shared_memory_has_no_name_and_no_descriptor_is_left():
    before = files("/dev/shm"), len(files("/proc/self/fd"))
    one, descriptor = SharedChannel.create()
    other = SharedChannel.attach(descriptor)
    assert (files("/dev/shm"), len(files("/proc/self/fd"))) == (before[0], before[1] + 2)
    del one, other
    assert len(files("/proc/self/fd")) == before[1]


def test_waiting_takes_no_processor_time():
    with shared() as (_, other):
        before = time.process_time()
        other.receive(0.5)
        assert time.process_time() - before < 0.1
