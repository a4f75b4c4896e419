"""``python -m fusion_pymonnto script.py ...``, or ``-m module ...``: run it with PymoNNto served by fusion."""

from __future__ import annotations

import argparse
import logging
import os
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path

from fusion_pymonnto.finder import NO_WINDOW, install


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a script or a module as Python would."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(
        prog="python -m fusion_pymonnto",
        usage="%(prog)s [--no-window] (script.py | -m module) [arguments]",
        description="Run a PymoNNto script, or a module, on fusion.",
    )
    parser.add_argument("--no-window", action="store_true", help="skip the window that a script shows")
    parser.add_argument("-m", dest="is_module", action="store_true", help="run a module, such as pytest")
    # What follows the script or module is its own.
    n_own = next((place for place, one in enumerate(given) if not one.startswith("-")), len(given))
    options = parser.parse_args(given[:n_own])
    if n_own == len(given):
        parser.error("give a script, or -m and a module")
    if options.no_window:
        os.environ[NO_WINDOW] = "1"
    logging.basicConfig(format="%(message)s")
    install()
    _run(given[n_own:], options.is_module)


def _run(command: list[str], is_module: bool) -> None:
    name = command[0]
    sys.argv = command
    if is_module:
        sys.path.insert(0, str(Path.cwd()))
        runpy.run_module(name, run_name="__main__", alter_sys=True)
    else:
        sys.path.insert(0, str(Path(name).resolve().parent))
        runpy.run_path(name, run_name="__main__")


if __name__ == "__main__":
    main()
