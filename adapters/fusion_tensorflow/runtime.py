"""What TensorFlow computes with in this process: its threads and oneDNN, both the user's to choose."""

from __future__ import annotations

import logging
import os
from functools import lru_cache

import tensorflow as tf

WITHIN, BESIDE = "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"
"""Environment variables that TensorFlow reads when it starts: threads within an operation, and beside one another."""
ONEDNN = "TF_ENABLE_ONEDNN_OPTS"
"""As these; "0" keeps TensorFlow to its own operations, which round otherwise."""

log = logging.getLogger("fusion")


def within() -> int:
    """Threads within an operation; 0 if nobody chose, which is all cores."""
    return tf.config.threading.get_intra_op_parallelism_threads() or _in_environment(WITHIN)


def beside() -> int:
    """Operations beside one another, as `within`."""
    return tf.config.threading.get_inter_op_parallelism_threads() or _in_environment(BESIDE)


def use_one_thread() -> None:
    """Choose one where the user has not chosen: vectors are too small to share, and each hand-over takes its time."""
    try:
        if not within():
            tf.config.threading.set_intra_op_parallelism_threads(1)
        if not beside():
            tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:  # its threads are running
        _warn()


def facts() -> dict[str, str]:
    """What there is, and what would be quicker."""
    threads = f"{within() or 'all cores'} within an operation, {beside() or 'all cores'} beside one another"
    advice = "" if beside() == 1 else f"; a step is quicker with {BESIDE}=1"
    chosen = os.environ.get(ONEDNN)
    onednn = f"{ONEDNN}={chosen}" if chosen else f"as TensorFlow has it; a small layer is quicker with {ONEDNN}=0"
    return {"threads": threads + advice, "oneDNN": onednn}


def _in_environment(name: str) -> int:
    value = os.environ.get(name, "")
    return int(value) if value.isdecimal() else 0


@lru_cache(maxsize=1)
def _warn() -> None:
    # Once in a process, whose threads stay as they are.
    log.warning(
        "TensorFlow was at work before the network could keep it to one thread; steps of a Keras group may pass "
        "between threads, which can take longer than the step. Set the environment variables %s=1 and %s=1, or write "
        "tf.config.threading.set_inter_op_parallelism_threads(1) and tf.config.threading."
        "set_intra_op_parallelism_threads(1) before the first layer is made.",
        WITHIN,
        BESIDE,
    )
