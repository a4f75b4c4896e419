"""How far a network over many hosts scales: a formula, and a simulation of the script and its workers beside it.

``python -m benchmarks.scaling``. Assumptions, in the order of their weight:

- Workers have a core each, share nothing, and compute alike but for a jitter; computing is proportional to neurons.
- The script is one thread. For each worker and window it sends, receives and decodes, and for each pair of workers it
  sorts spikes into the receiver's inbox; that is serial, whatever the number of workers.
- A message takes as long as its latency and no longer: spikes are few bytes.
- All pairs of workers are linked, and all links have the delay that is the window.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

from benchmarks.rows import duration

COUNTS = (1, 2, 4, 8, 16, 32, 64, 128)


@dataclass(frozen=True)
class Costs:
    """Seconds per window.

    step : computing, for each neuron
    message : of the script, for each worker
    link : of the script, for each pair of workers
    latency : one way, between the script and a worker
    jitter : of the computing, as a share of it
    """

    step: float
    message: float
    link: float
    latency: float
    jitter: float = 0.05

    def serial(self, workers: int) -> float:
        """What the script does in a window."""
        return workers * self.message + workers * (workers - 1) * self.link

    def formula(self, neurons: int, workers: int) -> float:
        """A window in which nothing overlaps: all that is serial, then the longest way there, computing, and back."""
        return self.serial(workers) + 2 * self.latency + self.step * neurons / workers

    def simulated(self, neurons: int, workers: int, windows: int = 200, seed: int = 1) -> float:
        """A window as it goes: the script serves one worker after the other, and what is started runs meanwhile."""
        draw, now = random.Random(seed), 0.0
        send = receive = self.message / 2
        for _ in range(windows):
            ready = []
            for _ in range(workers):
                now += send + (workers - 1) * self.link
                share = self.step * neurons / workers * (1.0 + self.jitter * draw.uniform(-1.0, 1.0))
                ready.append(now + share + 2 * self.latency)
            for at in ready:  # in the order of the schedule
                now = max(now, at) + receive
        return now / windows

    def turning_point(self, neurons: int) -> float:
        """Workers at which messages take as long as computing; more make it slower."""
        return sqrt(self.step * neurons / self.message)


def rows(costs: Costs, neurons: int) -> Iterator[tuple[int, float, float]]:
    """(workers, efficiency by the formula, efficiency as simulated) against computing all of it in one process."""
    whole = costs.step * neurons
    for workers in COUNTS:
        yield workers, *(whole / workers / time(neurons, workers) for time in (costs.formula, costs.simulated))


def main() -> None:
    """Print a table for each size of the network."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__.partition("\n")[0])
    parser.add_argument("--step", type=float, default=0.6, help="us of computing per neuron and window")
    parser.add_argument("--message", type=float, default=150.0, help="us of the script per worker and window")
    parser.add_argument("--link", type=float, default=15.0, help="us of the script per pair of workers and window")
    parser.add_argument("--latency", type=float, default=50.0, help="us one way")
    parser.add_argument("--neurons", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    given = parser.parse_args()
    costs = Costs(given.step / 1e6, given.message / 1e6, given.link / 1e6, given.latency / 1e6)
    for neurons in given.neurons:
        whole = costs.step * neurons * 1e6
        print(f"{neurons:,} neurons, {duration(whole)} of computing per window; messages take as long from "
              f"{costs.turning_point(neurons):.0f} workers on")  # fmt: skip
        print("workers  efficiency: formula  simulated")
        for workers, formula, simulated in rows(costs, neurons):
            print(f"{workers:7}  {formula:19.0%}  {simulated:9.0%}")


if __name__ == "__main__":
    main()
