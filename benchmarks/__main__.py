"""``python -m benchmarks``: measure all, or what is named; print a table, write JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks import (
    basic_network,
    brian2_embedding,
    cuba,
    digits,
    exchange,
    figure7,
    growth,
    gui,
    hosts,
    imports,
    machine,
    nest_embedding,
    partition,
    plasticity,
    scheduler,
    split,
    storage,
    tags,
    windows,
)
from benchmarks.process import NotMeasured
from benchmarks.rounds import Effort
from benchmarks.rows import Row, table

BENCHMARKS: Mapping[str, Callable[[Effort], Iterator[Row]]] = {
    "import": imports.measure,
    "tags": tags.measure,
    "scheduler": scheduler.measure,
    "basic": basic_network.measure,
    "plasticity": plasticity.measure,
    "partition": partition.measure,
    "cuba": cuba.measure,
    "brian2": brian2_embedding.measure,
    "nest": nest_embedding.measure,
    "digits": digits.measure,
    "split": split.measure,
    "windows": windows.measure,
    "exchange": exchange.measure,
    "hosts": hosts.measure,
    "growth": growth.measure,
    "gui": gui.measure,
    "storage": storage.measure,
    "figure7": figure7.measure,
}
RESULTS = Path(__file__).parent / "results"


def main() -> int:
    """The exit code: 1 if something could not be measured; a missed limit is no failure, it may be the machine."""
    options = _options()
    if options.list:
        for name, measure in BENCHMARKS.items():
            print(f"{name:10} {sys.modules[measure.__module__].__doc__}")
        return 0
    if options.read:
        result = json.loads(options.read.read_text())
    else:
        result = _measure(options.names or list(BENCHMARKS), options.quick)
        _write(result, options.json)
    _print(result, options.markdown)
    return 1 if result["failures"] else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="What fusion costs, beside what else.")
    parser.add_argument("names", nargs="*", choices=[[], *BENCHMARKS], help="which; all unless named")
    parser.add_argument("--list", action="store_true", help="tell what there is")
    parser.add_argument("--quick", action="store_true", help="a rough look: two rounds each")
    parser.add_argument("--markdown", action="store_true", help="print the table for the README")
    parser.add_argument("--json", type=Path, help="write the numbers there, instead of benchmarks/results")
    parser.add_argument("--read", type=Path, metavar="JSON", help="measure nothing, print what was written there")
    return parser.parse_args()


def _measure(names: list[str], quick: bool) -> dict[str, Any]:
    before, start = machine.describe(), perf_counter()
    rows: list[Row] = []
    failures: dict[str, str] = {}
    tell = Progress()
    for name in names:
        try:
            rows.extend(BENCHMARKS[name](Effort(quick, tell)))
        except (NotMeasured, OSError, ImportError) as error:
            failures[name] = f"{error}"
            tell(f"{name} could not be measured: {error}")
    tell("")
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(perf_counter() - start, 1),
        "quick": quick,
        "machine": before,
        "load_after": machine.describe()["load"],
        "rows": [row.as_json() for row in rows],
        "failures": failures,
    }


class Progress:
    """Tells on stderr what is being measured: a line each, and a dot for each round."""

    def __call__(self, text: str) -> None:
        """A title, or "." for a round."""
        print(text if text == "." else f"\n{text} " if text else "\n", end="", file=sys.stderr, flush=True)


def _write(result: dict[str, Any], path: Path | None) -> None:
    if path is None:
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{result['date'].replace(':', '')[:17]}.json"
    path.write_text(json.dumps(result, indent=1) + "\n")
    print(f"numbers: {path}", file=sys.stderr)


def _print(result: dict[str, Any], markdown: bool) -> None:
    rows = [Row.from_json(numbers) for numbers in result["rows"]]
    about = machine.text(result["machine"]).splitlines()
    about.append(f"{result['date'][:10]}, {result['seconds']:.0f} s{', a rough look' if result['quick'] else ''}")
    about.append("Time per step, best of its rounds; ratio: fusion in units of what stands beside it.")
    missed = [row for row in rows if row.verdict == "missed"]
    judged = [row for row in rows if row.verdict]
    summary = f"{len(judged) - len(missed)} of {len(judged)} limits are met."
    if missed:
        summary += " Missed ones count on a quiet machine only; measure again when the load is below 1."
    print(table(rows, markdown), "", *([f"{line}  " for line in about] if markdown else about), summary, sep="\n")
    for name, failure in result["failures"].items():
        print(f"not measured: {name}: {failure}")


if __name__ == "__main__":
    sys.exit(main())
