"""What an exchange costs on each host; one network in two processes beside the same in one; same spikes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from subprocess import TimeoutExpired, run

from benchmarks.process import Side
from benchmarks.rounds import Effort, Round
from benchmarks.rows import Row
from benchmarks.split import Forms, beside, compare, described
from fusion.host.container import IMAGE

HERE, CONTAINER = "in process", "Container()"
HOSTS = (HERE, "Process()", "Attach(unix)", "Cluster(local)", CONTAINER)  # as `benchmarks.sides.hosts` knows them
WINDOWS = {"in step": 1, "windows of 15": 15}  # ticks
EXCHANGES = {"spikes": "spikes in,spikes out", "all": "spikes in,spikes out,state out,current in"}
SIZES, QUICK_SIZES = (100, 1000, 10_000), (1000,)
CELLS, QUICK_CELLS = 20_000, 4000
STEPS = 600  # of a round
FASTER = 1.6  # two processes than one, on two cores
CONTAINED = 10_000, 15, 1.1  # cells, ticks of a window, and how much longer it may take in a container


def measure(effort: Effort) -> Iterator[Row]:
    """The exchange first, then the network in two halves."""
    for n in QUICK_SIZES if effort.quick else SIZES:
        for name in EXCHANGES:
            yield from _exchange(effort, n, name)
    yield from _halves(effort, QUICK_CELLS if effort.quick else CELLS)


def _exchange(effort: Effort, n: int, name: str) -> Iterator[Row]:
    with ExitStack() as stack:
        hosts = [host for host in HOSTS if host != CONTAINER or _has_image()]
        sides = {host: stack.enter_context(Side("hosts")) for host in hosts}
        for host, side in sides.items():
            side.ask("prepare", host=host, n=n, exchanges=EXCHANGES[name])
        for how, window in WINDOWS.items():
            rounds: dict[str, Round] = {host: partial(side.ask, "round", window=window) for host, side in sides.items()}
            times = effort.compare(f"{name} on hosts, {n} cells, {how}", rounds, seconds=5.0)
            taken = dict(zip(rounds, times, strict=True))
            here = taken.pop(HERE)
            for host, there in taken.items():
                limit = CONTAINED[2] if (host, n, window) == (CONTAINER, *CONTAINED[:2]) else None
                yield beside(f"NEST on {host}, {name}, {how}", n, there, HERE, (here.best, here.typical), limit)


def _has_image() -> bool:
    """Whether Docker runs here and has fusion's image, which ``make images`` builds."""
    try:
        return not run(["docker", "image", "inspect", IMAGE], capture_output=True, timeout=30, check=False).returncode
    except (OSError, TimeoutExpired):
        return False


def _halves(effort: Effort, n: int) -> Iterator[Row]:
    forms: Forms = {
        "halves": {"role": "split"},
        "one": {"role": "whole"},
        "native": {"role": "nest_whole"},
    }
    times, about = compare(effort, f"halves of a network of {n} neurons", n, forms, STEPS, "halves")
    what = f"two halves on two Process(), {described(about['halves'])}"
    one, native = times["one"], times["native"]
    yield beside(what, n, times["halves"], "in one process", (one.best, one.typical), 1 / FASTER)
    yield beside(what, n, times["halves"], "in one process, NEST by itself", (native.best, native.typical))
