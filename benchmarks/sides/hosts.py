"""A population of NEST behind its adapter on some host, driven by hand, with spikes, a current and its state."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.sides import exchange
from benchmarks.sides.serving import serve

places = ExitStack()
"""What the host of the population needs as long as it runs."""


@contextmanager
def _attach() -> Iterator[Any]:
    from fusion.host import Attach

    with TemporaryDirectory(prefix="fusion-") as folder:
        command = [sys.executable, "-m", "fusion.cli", "worker", "nest", "--listen", f"unix:{folder}/socket"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as worker:
            assert worker.stdout is not None
            worker.stdout.readline()  # it listens
            yield Attach(f"unix:{folder}/socket")
            worker.terminate()


@contextmanager
def _cluster() -> Iterator[Any]:
    from distributed import Client, LocalCluster

    from fusion.host import Cluster

    with (
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster,
        Client(cluster) as client,
    ):
        yield Cluster(client)


def _hosts() -> Mapping[str, Callable[[], AbstractContextManager[Any]]]:
    from fusion.host import Container, InProcess, Process

    return {
        "in process": lambda: nullcontext(InProcess()),
        "Process()": lambda: nullcontext(Process()),
        "Attach(unix)": _attach,
        "Container()": lambda: nullcontext(Container()),
        "Cluster(local)": _cluster,
    }


class Described(exchange.Cells):
    """The cells of `exchange.Nest`, as a recipe."""

    names = exchange.Nest.names

    def __init__(self, n: int) -> None:
        from fusion_nest import nodes

        self.source = nodes("iaf_psc_exp", n, I_e=exchange.drives(n))


def prepare(host: str, n: int, exchanges: str) -> None:
    """Make the population; `exchanges` as those of `benchmarks.sides.exchange`, joined by commas."""
    import nest

    close()
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    place = places.enter_context(_hosts()[host]())
    exchange.running[:] = [exchange.Crossing(Described(n), exchanges.split(","), n, place)]
    exchange.counts.clear()


def close() -> None:
    """Give up the population, and what its host needed."""
    if exchange.running:
        exchange.running.pop().adapter.close()
    places.close()


if __name__ == "__main__":
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))  # for workers
    serve(prepare=prepare, round=exchange.measure)
    close()
