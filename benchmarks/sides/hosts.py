"""A population of NEST behind its adapter on some host, driven by hand, with spikes, a current and its state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.sides import exchange
from benchmarks.sides.serving import serve


def _hosts() -> Mapping[str, Callable[[], Any]]:
    from fusion.host import InProcess, Process

    return {"in process": InProcess, "Process()": Process}


class Described(exchange.Cells):
    """The cells of `exchange.Nest`, as a recipe."""

    names = exchange.Nest.names

    def __init__(self, n: int) -> None:
        from fusion_nest import nodes

        self.source = nodes("iaf_psc_exp", n, I_e=exchange.drives(n))


def prepare(host: str, n: int, exchanges: str) -> None:
    """Make the population; `exchanges` as those of `benchmarks.sides.exchange`, joined by commas."""
    import nest

    if exchange.running:
        exchange.running[0].adapter.close()
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    exchange.running[:] = [exchange.Crossing(Described(n), exchanges.split(","), n, _hosts()[host]())]
    exchange.counts.clear()


if __name__ == "__main__":
    serve(prepare=prepare, round=exchange.measure)
