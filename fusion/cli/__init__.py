"""The command ``fusion``: a parser, and one module for each of its commands."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Protocol

from fusion.cli import doctor, gui, worker
from fusion.errors import FusionError


class Command(Protocol):
    """A module of this package that is a command; its first line of documentation is its help."""

    __doc__: str | None

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...
    def run(self, arguments: argparse.Namespace) -> int: ...


COMMANDS: dict[str, Command] = {"doctor": doctor, "gui": gui, "worker": worker}


def parser() -> argparse.ArgumentParser:
    """What the command line may say."""
    top = argparse.ArgumentParser(prog="fusion", description="One neural network, several simulators.")
    commands = top.add_subparsers(dest="command", metavar="command", required=True)
    for name, command in COMMANDS.items():
        summary = (command.__doc__ or "").partition("\n")[0].partition(": ")[2]
        command.add_arguments(commands.add_parser(name, help=summary, description=summary))
    return top


def main(words: Sequence[str] | None = None) -> int:
    """Run a command; its exit status."""
    arguments = parser().parse_args(words)
    try:
        return COMMANDS[arguments.command].run(arguments)
    except FusionError as error:
        print(f"fusion {arguments.command}: {error}", file=sys.stderr)
        return 2
