"""Workers as users start them, and networks that are in the middle of an advance."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from time import monotonic

import pytest
from host.sleepers import endless

from fusion import Network, NeuronGroup, built
from fusion.errors import SimulatorLost

TOY = "fusion.testing.toy:ToyAdapter"
PROMPT = 5.0  # s in which a loss is told


def pytest_collection_modifyitems(items):
    """Whatever is lost here has to be told within seconds."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.alone)


@pytest.fixture
def folder():
    """A folder with a short name, for sockets."""
    path = Path(tempfile.mkdtemp(prefix="fusion-"))
    yield path
    shutil.rmtree(path)


class Running:
    """``fusion worker``, in a process of its own; `address` is where it listens."""

    def __init__(self, folder, adapter=TOY, *words, listen=None):
        listen = listen or f"unix:{folder}/socket"
        command = [sys.executable, "-m", "fusion.cli", "worker", adapter, "--listen", listen, *words]
        self.log = folder / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment())
        line = self.process.stdout.readline()
        assert "listens at" in line, self.log.read_text()
        self.address = line.split()[-1]

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def environment():
    """Ours, with modules found as here."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.fixture
def start(folder):
    """``start(adapter, *words, listen=...)`` starts a worker, the toy's if nothing else is said."""
    running = []

    def begin(*arguments, **options):
        running.append(Running(folder, *arguments, **options))
        return running[-1]

    yield begin
    for worker in running:
        worker.end()


@pytest.fixture
def loss(folder, toy):
    """``loss(host, strike)``: the error of a run that never ends, after ``strike(id of the computing process)``."""
    pipe = folder / "pipe"
    os.mkfifo(pipe)

    def run(host, strike):
        struck = []

        def wait_and_strike():
            pid = int(pipe.read_text(encoding="utf-8"))
            struck.append(monotonic())
            strike(pid)

        thread = threading.Thread(target=wait_and_strike)
        with Network(dt=0.1) as net:
            NeuronGroup(net, built(endless, adapter="toy", n=2, told=str(pipe)), tag="cells", host=host)
            thread.start()
            with pytest.raises(SimulatorLost) as caught:
                net.run(1.0)
            assert monotonic() - struck[0] < PROMPT
        thread.join()
        return caught.value

    return run


def is_gone(pid):
    """Whether a process has ended, or does so soon."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], PROMPT)[0])
    finally:
        os.close(handle)
