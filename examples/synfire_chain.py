"""A synfire chain: a volley of spikes that is strong and sharp enough travels on, and gets sharper; a weaker one dies.

    a spikes, scattered by sigma --> 100 neurons --> 100 neurons --> ... --> 100 neurons      (10 groups, all to all)

M. Diesmann, M.-O. Gewaltig, A. Aertsen (1999), Stable propagation of synchronous spiking in cortical neural networks,
Nature 402:529-533. Each neuron has a background of 20 000 synapses, which lets its potential fluctuate below threshold.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from fusion import EventRecorder, Network, NeuronGroup, SynapseGroup
from fusion.behaviours import LIF, AlphaCurrent, PoissonInput, SpikePlayback

GROUPS, WIDTH = 10, 100
TAU, CAPACITANCE, TAU_SYNAPSE = 10.0, 250.0, 0.325  # ms, pF, ms
PEAK = 45.7  # pA, of the current of a synapse: a potential of 0.14 mV, 1.7 ms after its spike
EXCITATORY, INHIBITORY = (17600, 2.0), (2400, 12.5)  # synapses of the background, and their rates (Hz)
BACKGROUND = -61.7, 2.9  # mV: mean and standard deviation of the potential that the background makes
DELAY, BEGIN, DURATION = 5.0, 50.0, 130.0  # ms
VOLLEYS = {"sharp": (60, 0.0), "large": (100, 3.0), "scattered": (60, 5.0), "weak": (30, 0.0)}  # a, sigma (ms)


def build(a: int, sigma: float, width: int = WIDTH, number: int = 1) -> Network:
    """The chain, and a source that fires a volley at `BEGIN`: `a` spikes, scattered by `sigma` ms."""
    net = Network(dt=0.1, seed=number)
    times = BEGIN + sigma * np.random.default_rng(number).standard_normal(a)
    before = NeuronGroup(net, size=a, tag="source", behaviour={1: SpikePlayback(t=times, i=np.arange(a))})
    for group in range(GROUPS):
        behaviour = {
            1: PoissonInput(rate=EXCITATORY[1], sources=EXCITATORY[0], weight=PEAK),
            2: PoissonInput(rate=INHIBITORY[1], sources=INHIBITORY[0], weight=-PEAK),
            3: AlphaCurrent(tau=TAU_SYNAPSE),
            4: LIF(tau=TAU, capacitance=CAPACITANCE, refractory=1.0, initial="normal({}, {})".format(*BACKGROUND)),
            9: EventRecorder("spike"),
        }
        cells = NeuronGroup(net, size=width, tag=f"group {group}", behaviour=behaviour)
        SynapseGroup(net, before, cells, weight=PEAK, delay=DELAY)
        before = cells
    return net


def volleys(net: Network) -> list[tuple[int, float]]:
    """(a, sigma in ms) of each group: its spikes within 5 ms of where a volley should be."""
    found, expected = [], BEGIN
    for group in range(GROUPS):
        t = net[f"group {group}", 0]["spike.t", 0]
        expected += DELAY + 1.6  # ms from a sharp volley to the spikes that it makes
        near = t[np.abs(t - expected) < 5.0]
        if len(near) > WIDTH // 4:  # a volley, and not just the background
            expected = float(np.median(near))
        found.append((len(near), float(np.std(near)) if len(near) else float("nan")))
    return found


def draw(nets: dict[str, Network], path: Path) -> None:
    """The chains from above, one beside the other."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(nets), figsize=(14, 6), layout="constrained", sharex=True, sharey=True)
    for ax, (name, net) in zip(axes, nets.items(), strict=True):
        for group in range(GROUPS):
            cells = net[f"group {group}", 0]
            colour = ("C0", "C3")[group % 2]
            ax.plot(cells["spike.t", 0], group + cells["spike.i", 0] / WIDTH, ".", color=colour, ms=2)
        a, sigma = VOLLEYS[name]
        ax.set(title=f"{name}: {a} spikes, sigma {sigma:g} ms", xlabel="time (ms)", xlim=(BEGIN - 5, DURATION))
    axes[0].set(ylabel=f"group of {WIDTH} neurons", yticks=range(GROUPS + 1), ylim=(GROUPS, 0))
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    """Run the example."""
    parser = argparse.ArgumentParser(description="Volleys of spikes that travel along a synfire chain, or die.")
    parser.add_argument("--figure", type=Path, default=Path("synfire_chain.png"), help="where the figure goes")
    options = parser.parse_args(arguments)

    nets = {name: build(*volley) for name, volley in VOLLEYS.items()}
    for name, net in nets.items():
        net.run(DURATION)
        print(f"{name}:", ", ".join(f"{a} ({sigma:.1f} ms)" for a, sigma in volleys(net)))
    draw(nets, options.figure)
    print(f"figure: {options.figure}")


if __name__ == "__main__":
    main()
