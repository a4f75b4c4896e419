"""Runs of a model over seeds, in two processes side by side."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial

os.environ.setdefault("PYNEST_QUIET", "1")

import pytest

SEEDS = range(1, 11)


@pytest.fixture(scope="session")
def over_seeds():
    """``over_seeds(run, **changed)`` is the sample of ten seeds: ``run(seed, **changed)`` for each of them."""
    # Simulators do not survive a fork.
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield lambda run, **changed: list(pool.map(partial(run, **changed), SEEDS))
