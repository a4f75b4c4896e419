"""`Container`: a simulator in a container of Docker or Podman, used by command line."""

from __future__ import annotations

import sys

from fusion.errors import SimulatorLost, Unsupported, WireError
from fusion.host.address import Address
from fusion.host.attach import AttachedWorker, reach
from fusion.host.docker import Limits, Run
from fusion.host.host import Elsewhere
from fusion.host.worker import Worker

IMAGE = "fusion-nest:3.10.0"
"""What ``make images`` builds."""
DOCKER = "docker"
SUSPICION = 1.0
"""Seconds of silence after which the daemon is asked how the container is."""


class Container(Elsewhere):
    """A container for a simulator, without network and privileges, that ends with the network or the script.

    image : has ``fusion worker`` as its entry point, and the simulator; it is never pulled
    command : "docker" or "podman"
    network : as its ``--network``; exchange needs none
    memory : the most it may take, as "2g"
    cpus : how many cores it may use at a time; all if None

    Raises `Unsupported` where there is no Linux.
    """

    def __init__(
        self,
        image: str = IMAGE,
        command: str = DOCKER,
        *,
        network: str = "none",
        memory: str = "2g",
        cpus: float | None = None,
    ) -> None:
        self._image, self._command = image, command
        self._limits = Limits(network, memory, cpus)

    def launch(self, adapter: str) -> Worker:
        if sys.platform != "linux":
            raise Unsupported("Container() needs Linux; use Attach('tcp:127.0.0.1:port') with a container of your own.")
        try:
            run = Run(self._command, self._image, self._limits, adapter)
        except OSError as error:
            raise SimulatorLost(adapter, repr(self), 0, str(error)) from None
        try:
            return ContainerWorker(run, reach(Address(path=run.started()), adapter, run.token))
        except BaseException as error:
            log = run.log.tail()
            run.end()
            if isinstance(error, OSError | WireError):
                raise SimulatorLost(adapter, repr(self), 0, str(error), log) from None
            raise
        finally:
            run.tidy()  # once connected, nobody needs the socket's name

    def __repr__(self) -> str:
        command = "" if self._command == DOCKER else f", command={self._command!r}"
        return f"Container({self._image!r}{command})"


class ContainerWorker(Worker):
    """A worker in a container; the container is asked about only if the worker does not answer for itself."""

    def __init__(self, run: Run, attached: AttachedWorker) -> None:
        self.channel = attached.channel
        self._run, self._attached = run, attached
        self._suspected = False

    def state(self) -> str | None:
        state = self._run.ended()
        if state is None:
            state = self._attached.state()
            if state is not None:
                return self._run.reason() or f"{state}. The memory of its container is {self._run.limits.memory}"
            if self._attached.silence < SUSPICION:
                self._suspected = False
            elif not self._suspected:
                self._suspected = True
                return self._run.trouble()
        return state

    def log_tail(self) -> str:
        return self._attached.log_tail() or self._run.log.tail()

    def close(self) -> None:
        self._attached.close()  # at which it ends by itself
        self._run.end()
