"""What the numbers were measured on."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("fusion-sim", "numpy", "scipy", "brian2", "nest-simulator", "tensorflow-cpu", "keras")


def describe() -> dict[str, Any]:
    """Processor, cores, load and versions."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "load": [round(load, 2) for load in os.getloadavg()],
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
    }


def text(machine: dict[str, Any]) -> str:
    """The description in two lines."""
    packages = ", ".join(f"{name} {number}" for name, number in machine["packages"].items() if number)
    load = " ".join(f"{load:g}" for load in machine["load"])
    return f"{machine['processor']}, {machine['cores']} cores, load {load}\nPython {machine['python']}, {packages}"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
