"""``python -m fusion.host``: what serves an adapter to `Process`, or below `Supervisor`; not started by users."""

from __future__ import annotations

import argparse
import signal
import socket

from fusion.host.channel import Channel, SocketChannel
from fusion.host.lifeline import hold
from fusion.host.server import Server
from fusion.host.shared import SharedChannel


def main() -> None:
    """Serve an adapter until the other end is gone."""
    parser = argparse.ArgumentParser(prog="python -m fusion.host", description=__doc__)
    parser.add_argument("adapter")
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--memory", type=int, help="file descriptor of the memory that is shared")
    way.add_argument("--socket", type=int, help="file descriptor of a connected socket")
    parser.add_argument("--lifeline", type=int, required=True, help="file descriptor of a pipe of the parent")
    arguments = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    hold(arguments.lifeline)
    channel: Channel
    if arguments.memory is None:
        channel = SocketChannel(socket.socket(fileno=arguments.socket))
    else:
        channel = SharedChannel.attach(arguments.memory)
    Server(arguments.adapter).serve(channel)


main()
