"""The contract over a channel, beyond what the conformance suite asks."""

import sys
import time
import types
from contextlib import contextmanager

import numpy as np
import pytest
from host import fragile
from host.threads import Thread

from fusion import built
from fusion.adapter.base import GroupSpec
from fusion.core.batch import Samples, Spikes
from fusion.core.clock import Clock
from fusion.errors import InvalidValue, LateInput, SimulatorFailed, SimulatorLost, UnknownName, Unsupported, WireError
from fusion.host import Process
from fusion.host.messages import Messages, unpack
from fusion.host.server import Server, name_for
from fusion.testing.toy import ToyAdapter, cells


@contextmanager
def remote(recipe, *ports, host=None):
    adapter = (host or Thread()).place(ToyAdapter)()
    try:
        adapter.open(Clock(0.1), 1)
        handle = adapter.create(recipe, GroupSpec("cells"))
        opened = [adapter.port(handle, name, kind) for name, kind in ports]
        adapter.prepare()
        yield adapter, handle, *opened
    finally:
        adapter.close()


ALL = (("current", "spikes in"), ("drive", "samples in"), ("", "spikes out"), ("v", "samples out"))


def kick(tick):
    return Spikes(np.array([tick]), np.array([0]), np.array([30000.0]), tick)


def test_a_window_is_one_round_trip():
    with remote(cells(3), *ALL) as (adapter, _, spikes, samples, fired, seen):
        requests = adapter._caller._worker.requests
        before = len(requests)
        adapter.push(spikes, kick(2))
        adapter.push(samples, Samples(1, np.zeros((9, 3))))
        adapter.advance(10)
        assert adapter.pull(fired).complete_until == 10
        assert adapter.pull(seen).values.shape == (10, 3)
        assert len(requests) == before + 1


def test_what_was_pushed_is_there_when_something_is_read():
    with remote(cells(2), *ALL) as (adapter, handle, _, samples, *_rest):
        adapter.push(samples, Samples(0, np.full((1, 2), 7.0)))
        assert adapter.read(handle, "drive").tolist() == [7.0, 7.0]


def test_late_and_repeated_input_raises_at_the_push():
    with remote(cells(2), *ALL) as (adapter, _, spikes, samples, *_rest):
        adapter.advance(5)
        with pytest.raises(LateInput, match=r"current: a spike for tick 5 came after tick 5"):
            adapter.push(spikes, kick(5))
        with pytest.raises(LateInput, match="drive"):
            adapter.push(samples, Samples(4, np.zeros((1, 2))))
        adapter.push(spikes, kick(7))
        with pytest.raises(LateInput, match="tick 7 was given twice"):
            adapter.push(spikes, kick(7))


def test_batches_of_several_windows_are_pulled_as_one():
    with remote(cells(2), *ALL) as (adapter, _, spikes, _samples, fired, seen):
        adapter.push(spikes, kick(1))
        for tick in (10, 20, 30):
            adapter.advance(tick)
        batch, rows = adapter.pull(fired), adapter.pull(seen)
        assert (rows.t0, rows.values.shape) == (1, (30, 2))
        assert batch.complete_until == 30
        assert len(batch.ticks)
        assert adapter.pull(seen).t0 == 31


def test_workers_that_were_started_compute_side_by_side():
    recipe = built(fragile.slow, adapter="toy", n=2)
    with remote(recipe) as (one, *_), remote(recipe) as (other, *_):
        start = time.monotonic()
        for adapter in (one, other):
            adapter.start(20)
        for adapter in (one, other):
            adapter.advance(20)
        # 20 steps of 0.05 s each: one after the other they would take 2 s.
        assert 1.0 <= time.monotonic() - start < 1.9


def test_something_else_may_be_asked_before_a_started_advance_is_waited_for():
    with remote(cells(2), *ALL) as (adapter, handle, *_, seen):
        adapter.start(10)
        adapter.read(handle, "v")
        adapter.advance(10)
        assert len(adapter.pull(seen).values) == 10


def test_an_error_of_a_started_advance_is_raised_by_advance():
    with remote(built(fragile.failing, adapter="toy", n=2)) as (adapter, handle, *_):
        adapter.start(10)
        adapter.read(handle, "v")
        with pytest.raises(SimulatorFailed, match="ZeroDivisionError: as planned"):
            adapter.advance(10)
        adapter.cleanup()


def test_a_run_that_ends_in_between_can_be_cleaned_up():
    with remote(built(fragile.failing, adapter="toy", n=2)) as (adapter, *_):
        adapter.start(10)
        adapter.cleanup()


def test_a_function_that_the_worker_cannot_import_is_named(monkeypatch):
    here_only = types.ModuleType("here_only")
    monkeypatch.setitem(sys.modules, "here_only", here_only)
    here_only.make = types.FunctionType(fragile.slow.__code__, {}, "make")
    here_only.make.__module__, here_only.make.__qualname__ = "here_only", "make"
    adapter = Process().place(ToyAdapter)()
    adapter.open(Clock(0.1), 1)
    with pytest.raises(InvalidValue, match=r"'here_only:make' cannot be imported where the worker is.*PYTHONPATH"):
        adapter.create(built(here_only.make, adapter="toy", n=2), GroupSpec("cells"))
    adapter.close()


def test_errors_come_back_as_they_are():
    with remote(cells(2)) as (adapter, handle), pytest.raises(UnknownName, match=r"'vv'.*Did you mean 'v'"):
        adapter.read(handle, "vv")


def test_after_close_nothing_is_asked():
    with remote(cells(2)) as (adapter, handle):
        adapter.close()
        with pytest.raises(SimulatorFailed, match="has closed toy on"):
            adapter.read(handle, "v")
        adapter.cleanup()


def test_facts_and_a_specimen_come_from_the_worker():
    with remote(cells(2)) as (adapter, _):
        assert adapter.facts() == {"threads": "1"}
        assert adapter.specimen(3).source.n == 3


def test_objects_for_the_user_are_unsupported():
    with remote(cells(2)) as (adapter, handle):
        assert not adapter.capabilities.stand_ins
        for attempt in (lambda: adapter.stand_in(2, "x"), lambda: adapter.connect(object(), handle, handle)):
            with pytest.raises(Unsupported, match="toy on"):
                attempt()


def request(*content, pushes=()):
    return memoryview(b"".join(Messages().pack(list(content), pushes)))


@pytest.mark.parametrize("content", [[], [1, "system", []], [1, "handle", []], "open", [1, [], []]])
def test_only_the_verbs_of_the_contract_are_served(content):
    with pytest.raises(WireError):
        Server(name_for(ToyAdapter)).handle(request(*content))


@pytest.mark.parametrize(
    ("content", "pushes"),
    [
        ([1, "advance", [1]], []),
        ([2, "open", []], []),
        ([3, "open", ["x", 1]], []),
        ([4, "flush", []], [(9, Samples(1, np.zeros((1, 2))))]),
    ],
)
def test_what_cannot_be_done_is_answered_with_an_error(content, pushes):
    server = Server(name_for(ToyAdapter))
    answer = memoryview(b"".join(server.handle(request(*content, pushes=pushes))))
    (number, result, failure, _), outputs = unpack(answer)
    assert (number, result, outputs) == (content[0], None, [])
    assert isinstance(failure, Exception)
    server.close()


def test_a_number_that_was_never_opened_is_told_as_such():
    server = Server(name_for(ToyAdapter))
    server.handle(request(1, "open", [0.1, 1]))
    for verb, arguments in (("read", [7, "v", None]), ("pull", [7]), ("unsubscribe", [7])):
        answer = unpack(memoryview(b"".join(server.handle(request(2, verb, arguments)))))
        with pytest.raises(WireError, match="number 7, which is not open here; there are: none"):
            raise answer[0][2]
    server.close()


@pytest.mark.parametrize("is_started", [False, True])
def test_a_worker_that_answers_for_a_port_of_nobody_is_lost(is_started):
    with remote(cells(2), *ALL) as (adapter, *_):
        server = adapter._caller._worker.server
        server._packed = lambda *told: Messages().pack([*told, []], [(99, kick(1))])
        if is_started:
            adapter.start(3)
        with pytest.raises(SimulatorLost, match=r"tick 0: It answered for port 99, from which.*asked\. What"):
            adapter.advance(3)
        with pytest.raises(SimulatorLost, match="port 99"):
            adapter.start(5)


def test_the_place_is_told():
    assert ToyAdapter().place == "in process"
    assert Process().place(ToyAdapter)().place == "Process()"
    assert repr(Process()) == "Process()"
