"""``python -m fusion.host``: the worker of a `Process`; started by fusion, not by users."""

from __future__ import annotations

import argparse
import signal

from fusion.host.lifeline import hold
from fusion.host.server import Server
from fusion.host.shared import SharedChannel


def main() -> None:
    """Serve an adapter until the other end is gone."""
    parser = argparse.ArgumentParser(prog="python -m fusion.host", description=__doc__)
    parser.add_argument("adapter")
    parser.add_argument("--channel", type=int, required=True, help="file descriptor of the shared memory")
    parser.add_argument("--lifeline", type=int, required=True, help="file descriptor of a pipe of the parent")
    arguments = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    hold(arguments.lifeline)
    Server(arguments.adapter).serve(SharedChannel.attach(arguments.channel))


main()
