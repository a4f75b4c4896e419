"""Toy neurons that never end their first step, made in a worker."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from fusion.testing.toy import ToyNeurons


def endless(n, told):
    """The worker's process writes its id to the pipe `told` when it computes, and "computing" to its output."""
    neurons = ToyNeurons(n)

    def update():
        os.write(1, b"computing\n")
        Path(told).write_text(str(os.getpid()), encoding="utf-8")
        threading.Event().wait()

    neurons.update = update
    return neurons
