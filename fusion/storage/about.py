"""What ran, where and when: the facts of a run that are no results."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

PATIENCE = 5.0  # s, for git


def now() -> str:
    """The time by the clock, with its zone."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def script() -> dict[str, Any]:
    """The script that runs, with its arguments and the git commit it is of; None for what there is not."""
    file = getattr(sys.modules.get("__main__"), "__file__", None)  # a notebook has none
    path = None if file is None else Path(file).absolute()
    folder = Path.cwd() if path is None else path.parent
    return {"script": None if path is None else str(path), "arguments": sys.argv[1:], "git": commit(folder)}


def commit(folder: Path) -> dict[str, Any] | None:
    """The commit that is checked out in a folder, and whether files have changed since; None if that is not known."""
    words = ["git", "-C", str(folder), "status", "--porcelain=v2", "--branch", "--untracked-files=no"]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    lines = done.stdout.splitlines()
    oid = next((line.split()[2] for line in lines if line.startswith("# branch.oid")), None)
    return {"commit": oid, "changed": any(not line.startswith("#") for line in lines)}
