"""The child process of ``fusion doctor``: it examines one simulator, and writes each finding as a line of JSON."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib import metadata
from importlib.util import find_spec
from typing import Any

from fusion.adapter import registry
from fusion.adapter.base import Adapter
from fusion.cli.exchange import Bench, opened
from fusion.errors import SimulatorMissing, Unsupported

Tell = Callable[[dict[str, Any]], None]


def examine(name: str, sizes: Sequence[int], budget: float, tell: Tell) -> None:
    """Open the simulator of an adapter, and measure populations; one only if it can be opened only once."""
    point = registry.announced()[name]
    if point.dist is not None:
        tell({"adapter": f"{point.dist.name} {point.dist.version}"})
    kind = registry.loaded(point)
    missing = sorted(module for module in kind.modules if find_spec(module) is None)
    if missing:
        tell({"status": "missing", "reason": str(SimulatorMissing(name, f"no module {', '.join(missing)}"))})
        return
    tell({"versions": versions(kind), "doing": "opening it"})
    for n in sizes:
        adapter = opened(kind)
        try:
            about = {"tier": asdict(adapter.tier), "precision": adapter.capabilities.precision}
            tell({**about, "facts": {**adapter.facts()}})
            measure(adapter, n, budget, tell)
        finally:
            adapter.close()
        tell({"status": "ok", "measured": n})
        if adapter.capabilities.instances_per_process is not None:
            break


def measure(adapter: Adapter, n: int, budget: float, tell: Tell) -> None:
    """Tell the cost of each exchange as soon as it is known."""
    tell({"doing": f"making {n} neurons"})
    try:
        bench = Bench(adapter, n, budget)
    except Unsupported as error:
        tell({"not measured": str(error)})
        return
    for cost in bench.costs():
        tell({"cost": {"n": n, **asdict(cost)}, "doing": f"measuring {n} neurons, after: {cost.exchange}"})


def versions(kind: type[Adapter]) -> dict[str, str]:
    """The distributions that bring the simulator's modules."""
    brings = metadata.packages_distributions()
    names = sorted({name for module in kind.modules for name in brings.get(module, ())})
    return {name: metadata.version(name) for name in names}


def main() -> int:
    """What the child runs; whatever simulators print goes to stderr, so that findings stay apart."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("name")
    arguments.add_argument("budget", type=float)
    arguments.add_argument("sizes", type=int, nargs="+")
    given = arguments.parse_args()
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as findings:
        os.dup2(2, 1)

        def tell(finding: dict[str, Any]) -> None:
            print(json.dumps(finding), file=findings, flush=True)

        try:
            examine(given.name, given.sizes, given.budget, tell)
        except Exception as error:  # noqa: BLE001 - it is the finding
            tell({"status": "broken", "reason": f"{type(error).__name__}: {error}"})
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
