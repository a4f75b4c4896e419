"""Threads: what the user chose stays, and what can no longer be chosen is told once."""

import logging
from functools import partial

import pytest
import tensorflow as tf
from fusion_tensorflow import runtime

THREADING = tf.config.threading


@pytest.fixture
def chosen(monkeypatch):
    """What is set from now on, by the name of the pool; nothing is chosen before."""
    seen = {}
    for pool in ("intra", "inter"):
        choose = partial(seen.__setitem__, pool)
        monkeypatch.setattr(THREADING, f"get_{pool}_op_parallelism_threads", lambda: 0)
        monkeypatch.setattr(THREADING, f"set_{pool}_op_parallelism_threads", choose)
    monkeypatch.delenv(runtime.WITHIN, raising=False)
    monkeypatch.delenv(runtime.BESIDE, raising=False)
    return seen


def test_one_thread_is_chosen_where_nobody_chose(chosen):
    runtime.use_one_thread()
    assert chosen == {"intra": 1, "inter": 1}


def test_what_the_environment_says_stays(chosen, monkeypatch):
    monkeypatch.setenv(runtime.BESIDE, "3")
    runtime.use_one_thread()
    assert chosen == {"intra": 1}
    assert "3 beside one another" in runtime.facts()["threads"]


def test_threads_that_run_already_are_told_once_with_the_lines_to_write(chosen, monkeypatch, caplog):
    def refuse(n):
        raise RuntimeError("Intra op parallelism cannot be modified after initialization.")

    monkeypatch.setattr(THREADING, "set_intra_op_parallelism_threads", refuse)
    runtime._warn.cache_clear()
    with caplog.at_level(logging.WARNING, logger="fusion"):
        runtime.use_one_thread()
        runtime.use_one_thread()
    (message,) = [record.message for record in caplog.records]
    assert "TF_NUM_INTEROP_THREADS=1" in message
    assert "set_inter_op_parallelism_threads(1)" in message


def test_facts_say_what_would_be_quicker(chosen, monkeypatch):
    assert "TF_NUM_INTEROP_THREADS=1" in runtime.facts()["threads"]
    monkeypatch.delenv(runtime.ONEDNN, raising=False)
    assert "TF_ENABLE_ONEDNN_OPTS=0" in runtime.facts()["oneDNN"]
    monkeypatch.setenv(runtime.ONEDNN, "0")
    assert runtime.facts()["oneDNN"] == "TF_ENABLE_ONEDNN_OPTS=0"
