import ctypes
import socket
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from fusion.errors import WireError
from fusion.host import wire
from fusion.host.channel import SocketChannel
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
