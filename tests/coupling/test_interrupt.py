"""Ctrl-C takes effect when all participants have met."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from fusion.coupling.interrupt import Interrupt


@pytest.fixture
def handler():
    """What Ctrl-C did before, to compare with."""
    return signal.getsignal(signal.SIGINT)


def test_the_first_ctrl_c_is_only_noted(handler):
    with Interrupt() as interrupt:
        assert not interrupt.requested
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupt.requested
    assert signal.getsignal(signal.SIGINT) is handler


def test_the_second_interrupts_at_once(handler):
    interrupt = Interrupt()

    def run():
        with interrupt:
            os.kill(os.getpid(), signal.SIGINT)
            assert interrupt.requested
            os.kill(os.getpid(), signal.SIGINT)
            raise AssertionError("it was not interrupted")

    with pytest.raises(KeyboardInterrupt):
        run()
    assert signal.getsignal(signal.SIGINT) is handler


def test_the_handler_is_put_back_after_an_error(handler):
    with pytest.raises(ZeroDivisionError), Interrupt():
        raise ZeroDivisionError
    assert signal.getsignal(signal.SIGINT) is handler


def test_it_can_be_entered_again():
    interrupt = Interrupt()
    for _ in range(2):
        with interrupt:
            assert not interrupt.requested
            os.kill(os.getpid(), signal.SIGINT)
            assert interrupt.requested


def test_in_another_thread_ctrl_c_is_left_alone(handler):
    found = []

    def run():
        with Interrupt() as interrupt:
            found.extend([interrupt.requested, signal.getsignal(signal.SIGINT)])

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert found == [False, handler]
