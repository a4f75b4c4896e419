"""What the bits of a result depend on beside the model: versions of what computes, and the processor."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path

from fusion.adapter.base import Adapter

UNKNOWN = "unknown"
# As x86 and ARM tell it; libraries choose their instructions by it.
FAMILY = ("vendor_id", "cpu family", "model", "CPU implementer", "CPU part")


def makeup(*kinds: Adapter | type[Adapter]) -> dict[str, str]:
    """Versions of Python, fusion, NumPy and the simulators of adapters, and the processor family, of this process."""
    modules = {module for kind in kinds for module in kind.modules} - {"fusion"}
    return {
        "Python": platform.python_version(),
        "fusion": _distribution("fusion-sim"),
        "numpy": _distribution("numpy"),
        **{module: _version(module) for module in sorted(modules)},
        "processor": _processor(),
    }


def differences(here: Mapping[str, str], there: Mapping[str, str]) -> Sequence[str]:
    """What is not known to be the same, in words; results may then differ in their last bits."""
    return tuple(
        f"{name} {there.get(name, UNKNOWN)} there, {here[name]} here"
        for name in here
        if here[name] != there.get(name) or here[name] == UNKNOWN
    )


def _version(module: str) -> str:
    """Of a simulator, by the module itself where it is loaded, which is quicker."""
    if module in sys.modules:
        return f"{getattr(sys.modules[module], '__version__', UNKNOWN)}"
    names = metadata.packages_distributions().get(module)
    return _distribution(names[0]) if names else "not installed"


def _distribution(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return UNKNOWN


def _processor() -> str:
    """Such as ``x86_64 GenuineIntel 6 85``; `UNKNOWN` where there is no Linux."""
    info = Path("/proc/cpuinfo")
    if not info.exists():
        return UNKNOWN
    first = info.read_text().partition("\n\n")[0]
    told = dict(line.split(":", 1) for line in first.splitlines() if ":" in line)
    known = {name.strip(): value.strip() for name, value in told.items()}
    return " ".join([platform.machine(), *(known[name] for name in FAMILY if name in known)])
