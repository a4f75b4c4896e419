"""``fusion doctor``: what is installed, how well each simulator is reached, and what exchanges with it cost here."""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from importlib import metadata
from typing import Any

from fusion.adapter import registry
from fusion.adapter.tiers import Tier
from fusion.behaviours.equations.compilers import described
from fusion.cli.exchange import DT, EXCHANGES, WINDOWS
from fusion.core.words import Table, counted
from fusion.errors import UnknownName

SIZES = (100, 1000)
BUDGET, QUICK = 0.15, 0.03  # s for each measurement
PATIENCE = 120.0  # s for one simulator; Brian2 may compile for long, once

BROKEN, MISSING, FINE = "broken", "missing", "ok"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--quick", action="store_true", help="measure the smallest population only, and shortly")
    parser.add_argument("--simulator", metavar="NAME", action="append", help="examine this one only; may be repeated")
    parser.add_argument("--n", metavar="N", type=_size, nargs="+", default=SIZES, help="sizes of the populations")


def _size(word: str) -> int:
    n = int(word)
    if n < 1:
        raise argparse.ArgumentTypeError("give a positive number of neurons")
    return n


def run(arguments: argparse.Namespace) -> int:
    """Examine, print, and return 1 if a simulator that is installed cannot be used."""
    names = list(registry.announced())
    for name in arguments.simulator or ():
        if name not in names:
            raise UnknownName("adapter", name, names)
    sizes = sorted(set(arguments.n))[: 1 if arguments.quick else None]
    budget = QUICK if arguments.quick else BUDGET
    machine = here()
    simulators = [examined(name, sizes, budget) for name in arguments.simulator or names]
    _show_progress("")
    if arguments.json:
        print(json.dumps({**machine, "simulators": [asdict(one) for one in simulators]}, indent=2))
    else:
        print("\n".join(_report(machine, simulators)))
    return int(any(one.status == BROKEN for one in simulators))


def here() -> dict[str, Any]:
    """Versions and threads of this process, which has no simulator in it."""
    import numpy  # noqa: F401 - its BLAS is asked for
    from threadpoolctl import threadpool_info

    packages = ("fusion-sim", "numpy", "scipy", "threadpoolctl")
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: metadata.version(name) for name in packages},
        "equations": described(),
        "cores": len(os.sched_getaffinity(0)),
        "load": round(os.getloadavg()[0], 2),
        "blas": [
            {"name": pool["internal_api"], "version": pool["version"], "threads": pool["num_threads"]}
            for pool in threadpool_info()
            if pool["user_api"] == "blas"
        ],
    }


@dataclass
class Simulator:
    """What was found of one simulator.

    status : "ok", "missing" or "broken"
    reason : why it is not ok, and what to do
    costs : [{"n": int, "exchange": str, "us": {window: us per tick}}]
    """

    name: str
    status: str = BROKEN
    reason: str = ""
    adapter: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    tier: Tier | None = None
    precision: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    costs: list[dict[str, Any]] = field(default_factory=list)
    not_measured: str = ""

    def learn(self, finding: dict[str, Any]) -> None:
        """Take in what the child told."""
        if "cost" in finding:
            cost = finding["cost"]
            self.costs.append({**cost, "us": {int(window): us for window, us in cost["us"].items()}})
        if "tier" in finding:
            self.tier = Tier(**finding["tier"])
        self.not_measured = finding.get("not measured", self.not_measured)
        for name in ("status", "reason", "adapter", "versions", "precision", "facts"):
            if name in finding:
                setattr(self, name, finding[name])


def examined(name: str, sizes: Sequence[int], budget: float) -> Simulator:
    """One simulator, in as many processes as it needs for all sizes."""
    simulator, waiting = Simulator(name), list(sizes)
    while waiting:
        simulator.status, doing = BROKEN, "starting"
        with Child(name, waiting, budget) as child:
            for finding in child.findings():
                simulator.learn(finding)
                doing = finding.get("doing", doing)
                _show_progress(f"{name}: {doing}")
                if "measured" in finding:
                    waiting.remove(finding["measured"])
            if child.has_failed and not simulator.reason:
                simulator.status, simulator.reason = BROKEN, f"Its process {child.end()} while {doing}."
        if simulator.status != FINE:
            break
    return simulator


class Child:
    """A process that examines one simulator."""

    def __init__(self, name: str, sizes: Sequence[int], budget: float) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as this
        # The same modules as here, whatever folder this is called in.
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        command = [sys.executable, "-P", "-m", "fusion.cli.examine", name, str(budget), *map(str, sizes)]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=self._errors, stdin=subprocess.DEVNULL, text=True, env=environment
        )
        self._is_late = threading.Event()
        self._timer = threading.Timer(PATIENCE, self._give_up)
        self._timer.start()

    def _give_up(self) -> None:
        self._is_late.set()
        self._process.kill()

    def findings(self) -> Iterator[dict[str, Any]]:
        """What it tells, until it ends."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            yield json.loads(line)
        self._process.wait()

    @property
    def has_failed(self) -> bool:
        """Whether it ended otherwise than it should."""
        return self._process.returncode != 0

    def end(self) -> str:
        """How it ended, with the last line of what it said."""
        code = self._process.returncode
        if self._is_late.is_set():
            return f"was ended after {PATIENCE:g} s"
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip().splitlines()
        return f"{how} ({said[-1].strip()})" if said else how

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *error: object) -> None:
        self._timer.cancel()
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._errors.close()


def _show_progress(line: str) -> None:
    """On a terminal one line, which the next one replaces."""
    if sys.stderr.isatty():
        print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)


# --- the report --------------------------------------------------------------------------------------------------


def _report(machine: dict[str, Any], simulators: Sequence[Simulator]) -> Iterator[str]:
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    yield f"Python {machine['python']}, {packages}"
    yield f"{machine['platform']}, {counted(machine['cores'], 'core')}, load {machine['load']:g}"
    for blas in machine["blas"]:
        yield (
            f"BLAS: {blas['name']} {blas['version']}, {counted(blas['threads'], 'thread')}; "
            "in runs as many as Network(threads=) says, 1 unless given"
        )
    yield f"Equations: {machine['equations']}"
    for simulator in simulators:
        yield ""
        yield from _told(simulator)
    rows = [row for simulator in simulators for row in _cost_rows(simulator)]
    if rows:
        header = ("simulator", "neurons", "window", "step", *EXCHANGES, "all")
        yield ""
        yield f"us per tick of {DT:g} ms, each exchange on top of those to its left:"
        yield ""
        yield from Table(header, rows, numbers=header[1:]).lines()


def _told(simulator: Simulator) -> Iterator[str]:
    tier = simulator.tier
    yield f"{simulator.name}: {f'{tier.name} tier' if simulator.status == FINE and tier else simulator.status}"
    lines = [("", simulator.reason), ("why not better", tier.reason if tier else "")]
    lines.append(("versions", ", ".join(f"{name} {version}" for name, version in simulator.versions.items())))
    own = simulator.adapter.startswith("fusion-sim ")
    lines += [("adapter", "" if own else simulator.adapter), ("numbers", simulator.precision), *simulator.facts.items()]
    lines.append(("not measured", simulator.not_measured))
    for name, value in lines:
        if value:
            yield f"  {name + ': ' if name else ''}{value}"


def _cost_rows(simulator: Simulator) -> Iterator[list[str]]:
    for n in dict.fromkeys(cost["n"] for cost in simulator.costs):
        costs = {cost["exchange"]: cost["us"] for cost in simulator.costs if cost["n"] == n}
        for window in WINDOWS:
            us = [costs.get(exchange, {}).get(window) for exchange in ("step", *EXCHANGES)]
            total = sum(cost for cost in us if cost is not None)
            cells = ["-" if cost is None else f"{cost:.3g}" if cost < 1000 else f"{cost:.0f}" for cost in (*us, total)]
            yield [simulator.name, str(n), "lockstep" if window == 1 else counted(window, "tick"), *cells]
