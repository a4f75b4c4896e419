"""What a network asks of a worker: answers that are none, and workers that are lost while they answer."""

import time

import pytest

from fusion.errors import SimulatorLost
from fusion.host import caller
from fusion.host.caller import Caller
from fusion.host.messages import Messages, unpack
from fusion.host.shared import SharedChannel
from fusion.host.worker import Worker


class Scripted(Worker):
    """Answers as it is told as soon as a request is sent; `looks` counts how often somebody asked how it is."""

    def __init__(self, answer):
        self.channel, descriptor = SharedChannel.create()
        self._there = SharedChannel.attach(descriptor)
        self._answer, self._send = answer, self.channel.send
        self.channel.send = self._serve
        self.looks, self.trouble, self.is_closed = 0, None, False

    def _serve(self, parts, beat):
        self._send(parts, beat)
        (number, *_), _ = unpack(self._there.receive(1.0))
        self._there.send(Messages().pack(self._answer(number), []))

    def state(self):
        self.looks += 1
        return self.trouble

    def log_tail(self):
        return "last words"

    def close(self):
        self.is_closed = True
        self.channel.close()


def calling(answer):
    worker = Scripted(answer)
    return Caller("toy", "Scripted()", worker), worker


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {},
        "text",
        [1, None, None],
        [1, None, None, [], 5],
        [1, None, "no error", []],
        [1, None, None, None],
        [1, None, None, {"fusion": 1}],
        [1, None, None, ["fusion", 20, "text"]],
        [1, None, None, [["fusion", "20", "text"]]],
        [1, None, None, [["fusion", 20]]],
    ],
    ids=str,
)
def test_an_answer_that_is_no_answer_is_a_loss(answer):
    asking, worker = calling(lambda _: answer)
    with pytest.raises(SimulatorLost, match=r"(?s)An answer .*last words"):
        asking.ask("facts", [], [])
    assert worker.is_closed


def asked_for(asking, seconds):
    """Ask without a pause; how often that was."""
    end, n = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        asking.ask("facts", [], [])
        n += 1
    return n


def test_a_worker_that_answers_is_looked_at_now_and_then(monkeypatch):
    monkeypatch.setattr(caller, "PACE", 0.1)
    asking, worker = calling(lambda number: [number, None, None, []])
    assert asked_for(asking, 0.55) > 100
    assert 1 <= worker.looks <= 5
    asking.close(1.0)


def test_a_loss_that_its_answers_do_not_show_is_told():
    asking, worker = calling(lambda number: [number, None, None, []])
    asking.tick, worker.trouble = 7, "what it needs is gone"
    start = time.monotonic()
    with pytest.raises(SimulatorLost, match="after tick 7: what it needs is gone"):
        asked_for(asking, 5.0)
    assert time.monotonic() - start < 2.0
    assert worker.is_closed
