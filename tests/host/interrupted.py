"""A script with a cluster of its own, in whose runs Ctrl-C is pressed; it prints the process of its worker.

A terminal sends SIGINT to its process group, the worker included.
"""

from __future__ import annotations

import os
import signal

import nest
from distributed import Client, LocalCluster
from host import loops
from host.populations import column

from fusion import Behaviour, Network, built
from fusion.adapter import registry
from fusion.host import Cluster
from fusion.testing.toy import ToyAdapter

TIME = 20.0  # ms


class Presses(Behaviour):
    """Ctrl-C in iteration 40, so many times."""

    times: int

    def iteration(self, neurons):
        if neurons.iteration == 40:
            for _ in range(self.times):
                os.killpg(0, signal.SIGINT)


def nodes():
    return built(column, adapter="nest", n=6, rate=8000.0)


def interrupted(client, window, times):
    """A network in the middle of whose run Ctrl-C is pressed."""
    net = Network(dt=0.1, seed=3, window=window)
    loops.build(net, Cluster(client), nodes())
    net["two", 0].add_behaviour(1, Presses(times=times))
    try:
        net.run(TIME)
    except KeyboardInterrupt:
        return net
    raise AssertionError("it was not interrupted")


def goes_on(client, window):
    """What it does if it goes on where it stopped."""
    with interrupted(client, window, 1) as net:
        assert 40 <= net.iteration < 60
        assert len(net["V_m", 0]) == net.iteration
        net.run(TIME - net.clock.ms(net.iteration))
        return loops.recorded(net)


def main():
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where the tests run in the background
    registry.register(ToyAdapter)
    nest.verbosity = nest.VerbosityLevel.ERROR
    expected = loops.activity(None, nodes(), time=TIME)
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as cluster, Client(cluster) as client:
        print(*client.run(os.getpid).values())  # noqa: T201 - for the test
        for window in (1, None):
            assert goes_on(client, window) == expected
        interrupted(client, None, 2).close()
        assert loops.activity(Cluster(client), nodes(), time=TIME) == expected


if __name__ == "__main__":
    main()
