"""One balanced network over two NEST kernels, each in a process of its own.

    excitatory and inhibitory half 1 (NEST)  <-- spikes, 1.5 ms -->  half 2 (another NEST)
              child process                                             child process

A process can hold only one NEST kernel; two hosts hold two. Their halves compute at the same time, on two cores, and
meet once per delay. The very same spikes come with ``--here``, which leaves the first half here.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from fusion_nest import nodes

from fusion import EventRecorder, Network, NeuronGroup, SynapseGroup, fixed_indegree
from fusion.host import Host, InProcess, Process

DT = 0.1  # ms
DELAY = 1.5  # ms
EXCITATORY, INHIBITORY = 800, 200  # cells of a half
J, G = 60.0, 6.0  # pA, and how much stronger inhibition is
DURATION = 500.0  # ms


def build(hosts: tuple[Host, Host], number: int = 1) -> Network:
    """Two halves, alike but for what is drawn, and all four populations onto each other."""
    net = Network(dt=DT, seed=number)
    rng = np.random.default_rng(number)
    for half, host in enumerate(hosts, 1):
        for kind, n in (("E", EXCITATORY), ("I", INHIBITORY)):
            drive, start = rng.uniform(360.0, 420.0, n), rng.uniform(-70.0, -55.5, n)  # pA, mV
            cells = nodes("iaf_psc_exp", n, I_e=drive, V_m=start)
            NeuronGroup(net, cells, tag=f"{kind}{half}", host=host, behaviour={9: EventRecorder("spike")})
    for source in ("E1", "I1", "E2", "I2"):
        weight, degree = (J, 40) if source[0] == "E" else (-G * J, 10)
        for target in ("E1", "I1", "E2", "I2"):
            connect = fixed_indegree(degree)
            SynapseGroup(net, net[source, 0], net[target, 0], connect=connect, weight=weight, delay=DELAY)
    return net


def rates(net: Network) -> dict[str, float]:
    """Spikes per second and cell of each population."""
    return {group.tag: len(group["spike.t", 0]) / group.size / net.t * 1000.0 for group in net.groups}


def draw(net: Network, path: Path) -> None:
    """The figure: who fired, half beside half."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 1, figsize=(10, 7), layout="constrained", sharex=True)
    for half, ax in enumerate(axes, 1):
        for kind, colour, first in (("E", "C3", 0), ("I", "C0", EXCITATORY)):
            group = net[f"{kind}{half}", 0]
            ax.plot(group["spike.t", 0], group["spike.i", 0] + first, "|", color=colour, ms=2, mew=0.6)
        ax.set(ylabel=f"half {half}, cells")
    axes[-1].set(xlabel="time (ms); red: excitatory, blue: inhibitory", xlim=(0, DURATION))
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    """Run the example."""
    parser = argparse.ArgumentParser(description="One network over two NEST kernels, in two processes.")
    parser.add_argument("--figure", type=Path, default=Path("two_kernels.png"), help="where the figure goes")
    parser.add_argument("--here", action="store_true", help="leave the first half in this process")
    options = parser.parse_args(arguments)

    first = InProcess() if options.here else Process()
    with build((first, Process())) as net:
        net.run(DURATION)
        print(net.coupling)
        print("\nspikes per second:", ", ".join(f"{tag} {rate:.1f}" for tag, rate in rates(net).items()))
        draw(net, options.figure)
        print(f"figure: {options.figure}")


if __name__ == "__main__":
    main()
