"""What every test starts from: the same seeds, no window, and two behaviours to play spikes and look at variables."""

from __future__ import annotations

import dataclasses
import os
import random
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# Before anything imports Qt, Matplotlib or NEST, here or in a process of a test's own.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("PYNEST_QUIET", "1")

import numpy as np
import pytest
from hypothesis import settings

from fusion import Behaviour
from fusion.core import seeds

# A shared machine is slow now and then; that is no mistake of the code.
settings.register_profile("fusion", deadline=None, max_examples=60, derandomize=True)
settings.load_profile("fusion")


ALONE = ("host", "packaging")  # where the Makefile looks for them


def pytest_collection_modifyitems(items):
    """Refuse a test that nobody would run."""
    folders = [Path(__file__).parent / name for name in ALONE]
    for item in items:
        if item.get_closest_marker("alone") and not any(item.path.is_relative_to(folder) for folder in folders):
            raise pytest.UsageError(f"{item.nodeid} is marked alone, and `make test` looks for such tests in {ALONE}.")


@pytest.fixture(autouse=True)
def _same_start(monkeypatch):
    """Every test draws the same numbers, forgets what `fusion.seed` said before, and finds Brian2's clock as it was."""
    if "brian2" in sys.modules:
        brian2 = sys.modules["brian2"]
        brian2.defaultclock.dt = 0.1 * brian2.ms
    monkeypatch.setattr(seeds, "_default", [])
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002 - the global stream, which simulators use


@pytest.fixture(scope="session")
def works_or_skip():
    """``works_or_skip("docker", "info")`` skips unless that command goes well; REQUIRE_DOCKER=1 makes Docker's fail."""

    def tried(*words):
        if shutil.which(words[0]) is None:
            return f"there is no command {words[0]}"
        try:
            done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
        except subprocess.TimeoutExpired:
            return f"{words[0]} does not answer"
        return None if done.returncode == 0 else (done.stderr.strip().splitlines() or [f"{words[0]} says nothing"])[-1]

    def checked(*words):
        reason = tried(*words)
        if reason and words[0] == "docker" and os.environ.get("REQUIRE_DOCKER") == "1":
            pytest.fail(reason)
        if reason:
            pytest.skip(f"{reason}; see docs/containers.md")

    return checked


class Plays(Behaviour):
    """Fires the neurons that are listed for an iteration: ``Plays(at={1: [0, 2]})``."""

    at: object

    def iteration(self, neurons):
        neurons.spike = neurons.vector(False)
        neurons.spike[self.at.get(neurons.iteration, [])] = True


class Sees(Behaviour):
    """Keeps a copy of a variable from each iteration: row k - 1 is what stood there in iteration k."""

    variable: str = "input"

    def initialize(self, owner):
        self.rows = []

    def iteration(self, owner):
        self.rows.append(np.array(owner.read(self.variable)))


@pytest.fixture
def plays():
    """A class: ``plays(at={1: [0, 2]})`` fires neurons 0 and 2 in iteration 1."""
    return Plays


@pytest.fixture
def sees():
    """A class: ``sees(variable="input").rows`` are copies of the variable, one from each iteration."""
    return Sees


@pytest.fixture
def toy():
    """The toy simulator serves objects as long as the test runs."""
    from fusion.adapter import registry
    from fusion.testing.toy import ToyAdapter

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "_registered", dict(registry._registered))
        yield registry.register(ToyAdapter)


@pytest.fixture
def slow(monkeypatch):
    """A class of toy neurons that may be given ``every=``: they step at the multiples of it, each a participant."""
    from fusion.adapter import registry
    from fusion.testing.toy import ToyAdapter, ToyNeurons

    neurons = type("Slow", (ToyNeurons,), {})

    class Adapter(ToyAdapter):
        name = "slow"
        capabilities = dataclasses.replace(ToyAdapter.capabilities, slower_clock=True, groups_per_instance=1)

        @classmethod
        def serves(cls, source):
            return type(source) is neurons

        def create(self, source, spec):
            step, nobody = source.update, source.fired

            def update():
                if (self._tick + 1) % spec.every == 0:
                    step()
                else:
                    source.fired = nobody

            source.update = update
            return super().create(source, spec)

    # Before the toy itself, which would serve them as well.
    monkeypatch.setattr(registry, "_registered", {"slow": Adapter, **registry._registered})
    return neurons


@pytest.fixture
def noticing(monkeypatch):
    """``noticing("name", notice=1)``: a class of toy neurons served by an adapter of its own that needs such notice.

    It must know arrivals some ticks ahead, as NEST must.
    """
    from fusion.adapter import registry
    from fusion.testing.toy import ToyAdapter, ToyNeurons

    def make(name="noticing", notice=1):
        neurons = type(name, (ToyNeurons,), {})

        class Adapter(ToyAdapter):
            capabilities = dataclasses.replace(ToyAdapter.capabilities, notice=notice)

            @classmethod
            def serves(cls, source):
                return type(source) is neurons

        Adapter.name = name
        # Before the toy itself, which would serve them as well.
        monkeypatch.setattr(registry, "_registered", {name: Adapter, **registry._registered})
        return neurons

    return make


@pytest.fixture
def in_background(monkeypatch):
    """``in_background(neurons)``: from now on that class of toy neurons, of `noticing` or `slow`, computes in a thread.

    ``in_background.log`` is what was called, ("start" or "advance", name, tick). Whatever else is asked of an adapter
    while it computes fails; ``in_background.work(name, until)`` is called in its thread, and may be replaced.
    """
    from fusion.adapter import registry

    def put(neurons):
        name = neurons.__name__.lower()
        adapter = _background(registry._registered[name], put)
        # In the place of the one before it.
        monkeypatch.setattr(registry, "_registered", {**registry._registered, name: adapter})
        return neurons

    put.log, put.work = [], lambda name, until: None
    return put


def _background(base, told):
    class Background(base):
        capabilities = dataclasses.replace(base.capabilities, background=True)
        future = None

        def start(self, until):
            told.log.append(("start", self.name, until))
            thread = ThreadPoolExecutor(1)
            self.future = thread.submit(self.compute, until)
            thread.shutdown(wait=False)

        def compute(self, until):
            told.work(self.name, until)
            base.advance(self, until)
            return until

        def advance(self, until):
            told.log.append(("advance", self.name, until))
            future, self.future = self.future, None
            if future is None:
                self.compute(until)
            else:
                assert future.result(timeout=30) == until

    def at_rest(verb):
        def asked(self, *args, **options):
            assert self.future is None, f"{verb} while {self.name} computes"
            return getattr(base, verb)(self, *args, **options)

        return asked

    for verb in ("port", "unsubscribe", "prepare", "push", "pull", "read", "write", "cleanup", "close"):
        setattr(Background, verb, at_rest(verb))
    return Background
