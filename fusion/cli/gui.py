"""``fusion gui``: the live window on the network that a script makes."""

from __future__ import annotations

import argparse
import os
import runpy
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fusion.errors import InvalidValue, UnknownName
from fusion.network import Network

NOTE = """\
The script is run as by Python. The window opens on the network that it leaves under a name of its own, after whatever
the script runs: leave net.run(...) out to see the first iterations. What stands behind the script are its arguments."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.epilog = NOTE
    parser.add_argument("--network", metavar="NAME", help="the network to show, where the script makes several")
    parser.add_argument("--iterations", metavar="N", type=_count, default=0, help="simulate so many at first")
    parser.add_argument("--tab", metavar="TITLE", help="the tab to show first")
    parser.add_argument("--save", metavar="PICTURE", type=Path, help="write a picture, as .png, and open no window")
    parser.add_argument("script", type=Path, help="a file of Python")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="of the script")


def _count(word: str) -> int:
    n = int(word)
    if n < 0:
        raise argparse.ArgumentTypeError("give a number of iterations")
    return n


def run(arguments: argparse.Namespace) -> int:
    """Run the script, open the window, and return 1 if the script fails."""
    if not arguments.script.is_file():
        raise InvalidValue(f"There is no file {str(arguments.script)!r}.", path=arguments.script)
    if arguments.save is not None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    try:
        from fusion.gui import Window  # it needs Qt, which other commands do not
        from fusion.gui.qt import application
    except ImportError as error:
        print(f"fusion gui: {error}", file=sys.stderr)
        return 2
    # Before the script, which may take long where there is no screen. It goes with its last reference.
    running = application()
    try:
        made = names_of(arguments.script, arguments.arguments)
    except Exception:  # noqa: BLE001 - whatever the user's script raises
        traceback.print_exc()
        return 1
    network = chosen(made, arguments.network, arguments.script)
    with Window(network, title=f"{arguments.script.name} - fusion") as window:
        if arguments.tab is not None:
            window.open(arguments.tab)  # first, for a tab records only while it is seen
        window.simulate(arguments.iterations)
        if arguments.save is not None:
            print(window.save(arguments.save))
        else:
            window.show()
    del running
    return 0


def names_of(script: Path, words: list[str]) -> dict[str, Any]:
    """Run a script as Python does, and what it leaves, by name."""
    before = sys.argv, sys.path[:]
    sys.argv = [str(script), *words]
    sys.path.insert(0, str(script.resolve().parent))
    try:
        return runpy.run_path(str(script), run_name="__main__")
    finally:
        sys.argv, sys.path[:] = before


def chosen(made: Mapping[str, Any], name: str | None, script: Path) -> Network:
    """The network to show.

    Raises
    ------
    UnknownName
        If none has that name.
    InvalidValue
        If there is none, or several and no name.
    """
    networks = {key: value for key, value in made.items() if isinstance(value, Network)}
    if name is not None:
        if name not in networks:
            raise UnknownName("network", name, networks, str(script))
        return networks[name]
    if not networks:
        raise InvalidValue(
            f"{script} leaves no Network under a name of its own, as in net = Network(). One that is made in a "
            "function is gone when that returns: return it, and give it a name."
        )
    if len(set(map(id, networks.values()))) > 1:
        raise InvalidValue(
            f"{script} makes several networks; choose one of them with --network: {', '.join(networks)}."
        )
    return next(iter(networks.values()))
