"""`Cluster`: a simulator on a worker of a Dask cluster."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Mapping
from time import monotonic
from typing import Any
from uuid import uuid4

from fusion.errors import InvalidValue, KernelInUse, SimulatorFailed, SimulatorMissing, UnknownName
from fusion.host.actor import Actor, ActorChannel, pulse
from fusion.host.host import Elsewhere
from fusion.host.server import adapter_named
from fusion.host.worker import Worker

PATIENCE = 30.0
"""Seconds that a worker has to begin with an actor."""
BETWEEN = 1.0
"""Seconds between two looks at a worker; one that is stopped in two of them counts as lost."""
SILENCE = 1.5
"""Seconds that the nanny of a worker has to answer; when it does not in two looks, the worker counts as lost."""
TAIL = 20
"""Lines of the log that are shown when a worker is lost."""


class Cluster(Elsewhere):
    """A worker of a Dask cluster, for a simulator as an actor: over SSH, SLURM, Kubernetes, or on this machine.

    The least occupied worker is taken, and one that has no other instance where a process has room for one, as with
    NEST. Its nanny tells whether it is alive. Dask moves frames as bytes; it pickles nothing but a name.

    client : a `distributed.Client` that is connected
    workers : addresses, names or hosts of the workers that may be taken; all by default
    resources : what a worker must have, as Dask's ``--resources`` say it: ``{"NEST": 1}``

    Raises `SimulatorMissing` if Dask is not installed, `InvalidValue` for anything but a connected client.
    """

    def __init__(
        self,
        client: Any,
        workers: str | Iterable[str] | None = None,
        resources: Mapping[str, float] | None = None,
    ) -> None:
        _check(client)
        self._client = client
        self._workers = [workers] if isinstance(workers, str) else None if workers is None else list(workers)
        self._resources = dict(resources or {})

    def launch(self, adapter: str) -> Worker:
        """Begin an actor.

        Raises
        ------
        KernelInUse
            If all workers are taken.
        UnknownName
            If a worker that was named is not there.
        SimulatorFailed
            If the worker does not begin.
        """
        _check(self._client)
        workers = self._eligible()
        address = _least_occupied(workers, adapter, self._client)
        return ClusterWorker(self._client, adapter, address, workers[address]["nanny"], self._resources)

    def _eligible(self) -> dict[str, dict[str, Any]]:
        """The workers that may be taken: what Dask knows of them, by their addresses."""
        there = self._client.scheduler_info(n_workers=-1)["workers"]
        if self._workers is not None:
            named = {
                word: [a for a in there if word in (a, str(there[a]["name"]), there[a]["host"])]
                for word in self._workers
            }
            for word, addresses in named.items():
                if not addresses:
                    raise UnknownName("Dask worker", word, there)
            there = {a: there[a] for addresses in named.values() for a in addresses}
        fit = {a: info for a, info in there.items() if _has(info["resources"], self._resources)}
        if not fit:
            wanted = f" with resources {self._resources}" if self._resources else ""
            raise InvalidValue(
                f"{self!r} has no workers{wanted}. Start some, and write client.wait_for_workers(n) before the groups."
            )
        with_nanny = {a: info for a, info in fit.items() if info["nanny"]}
        if not with_nanny:
            raise InvalidValue(
                f"The workers of {self!r} have no nanny, a process beside them that tells whether they are alive. "
                "Start them without --no-nanny; LocalCluster with processes=True."
            )
        return with_nanny

    def __repr__(self) -> str:
        scheduler = self._client.scheduler
        words = [f"Client({scheduler.address!r})" if scheduler is not None else "Client()"]
        words += [f"workers={self._workers!r}"] if self._workers is not None else []
        words += [f"resources={self._resources!r}"] if self._resources else []
        return f"Cluster({', '.join(words)})"


class ClusterWorker(Worker):
    """An actor, and the worker process that it lives in.

    Whether that works is asked of its nanny, which no computation keeps from answering. Raises `SimulatorFailed`.
    """

    channel: ActorChannel

    def __init__(self, client: Any, adapter: str, address: str, nanny: str, resources: Mapping[str, float]) -> None:
        self._place = f"dask worker {address}"
        self._client, self._nanny = client, nanny
        self._pid, _ = self._pulse()
        self._future = client.submit(
            Actor,
            adapter,
            key=_key(adapter, client),
            workers=[address],
            allow_other_workers=False,
            resources=dict(resources) or None,
            actor=True,
        )
        try:
            self.channel = ActorChannel(self._future.result(timeout=PATIENCE))
        except Exception as error:
            self._future.release()
            raise SimulatorFailed(
                f"{self._place} does not begin to serve {adapter}: {_said(error)}. It needs the packages of this "
                "process, in the same versions, and a thread that no other task occupies; workers= chooses others."
            ) from error
        self._looked = monotonic()
        self._silences = self._stops = 0

    def state(self) -> str | None:
        if self._client.status != "running":
            return f"the connection to Dask's scheduler is {self._client.status}"
        if self.channel.is_cut or monotonic() - self._looked >= BETWEEN:
            reason = self._look()
            self._looked = monotonic()
            if reason is not None:
                return f"{self._place}: {reason}"
        return None

    def _look(self) -> str | None:
        """Why the process of the worker cannot go on, as its nanny sees it."""
        try:
            pid, is_stopped = self._pulse()
        except Exception as error:  # noqa: BLE001 - whatever Dask raises, there was no answer
            self._silences += 1
            return f"neither it nor its nanny can be reached: {_said(error)}" if self._silences == 2 else None
        self._silences = 0
        if pid != self._pid:
            return f"its process {self._pid} has ended, the actor with it"
        self._stops = self._stops + 1 if is_stopped else 0
        if self._stops == 2:
            return f"its process {pid} was stopped (SIGSTOP, or a debugger)"
        if self._future.status != "finished":
            return f"its actor was {self._future.status}"
        return None

    def _pulse(self) -> tuple[int | None, bool]:
        pid, is_stopped = self._client.run(pulse, workers=[self._nanny], callback_timeout=SILENCE)[self._nanny]
        return pid, is_stopped

    def log_tail(self) -> str:
        if self._client.status != "running" or self._silences:
            return ""
        with contextlib.suppress(Exception):  # a log that cannot be had is no reason to hide what happened
            logs = self._client.sync(
                self._client.scheduler.worker_logs, n=10 * TAIL, workers=[self._nanny], callback_timeout=SILENCE
            )
            lines = [text for _, text in reversed(logs[self._nanny]) if pulse.__name__ not in text]
            return "\n".join(lines[-TAIL:])
        return ""

    def close(self) -> None:
        # The actor is let go on the worker, and closes its adapter there if nobody has.
        self.channel.close()
        if self._client.status == "running" and not self._future.cancelled():
            self._client.cancel([self._future])


def _check(client: Any) -> None:
    """`InvalidValue` unless this is a client that can be used from here."""
    try:
        from distributed import Client
    except ImportError as error:
        raise SimulatorMissing("cluster", str(error)) from error
    if not isinstance(client, Client):
        raise InvalidValue(
            f"Cluster({client!r}): give a connected client, as distributed.Client('tcp://scheduler:8786').",
            client=client,
        )
    if client.asynchronous:
        raise InvalidValue("Cluster takes a client that waits: Client(..., asynchronous=False).", client=client)
    if client.status != "running":
        raise InvalidValue(f"The client is {client.status}; connect another: Client('tcp://...').", client=client)


def _has(there: Mapping[str, float], wanted: Mapping[str, float]) -> bool:
    return all(there.get(name, 0) >= amount for name, amount in wanted.items())


def _least_occupied(workers: Collection[str], adapter: str, client: Any) -> str:
    """The address of the worker with the fewest actors, with room for this adapter; `KernelInUse` if none has."""
    served = {address: _served(keys, client) for address, keys in client.has_what().items()}
    room = adapter_named(adapter).capabilities.instances_per_process
    free = [a for a in workers if room is None or served.get(a, []).count(adapter) < room]
    if not free:
        raise KernelInUse(
            f"{adapter} has room for {room} in a process, and each of the {len(workers)} Dask workers "
            "that may be taken serves it already. Start more (cluster.scale), name others with workers=, close the "
            "networks that hold them, or give groups that can share a kernel the same Cluster object."
        )
    return min(free, key=lambda address: len(served.get(address, [])))


def _key(adapter: str, client: Any) -> str:
    """The name of an actor, by which other scripts on the same cluster see what a worker serves."""
    return f"fusion|{adapter}|{client.id}|{uuid4().hex}"


def _served(keys: Iterable[object], client: Any) -> list[str]:
    """The adapters that a worker serves, by the keys it holds; not those that this client has just let go."""
    words = [str(key).split("|") for key in keys if key in client.futures or f"|{client.id}|" not in str(key)]
    return [word[1] for word in words if word[0] == "fusion"]


def _said(error: BaseException) -> str:
    return str(error) or type(error).__name__
