"""Izhikevich's network of 1000 cortical neurons, whose rhythms come from random connections alone.

    thalamic noise --> 800 excitatory and 200 inhibitory neurons <--> all of each other, 1 ms

E. M. Izhikevich (2003), Simple model of spiking neurons, IEEE Trans. Neural Netw. 14:1569-1572, figure 3: bouts of a
rhythm of about 10 Hz and of about 40 Hz.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup, uniform
from fusion.behaviours import Izhikevich

N_E, N_I = 800, 200
DURATION = 1000.0  # ms


class ThalamicNoise(Behaviour):
    """Adds white noise to ``current`` (n,) mV/ms."""

    sigma: float = 5.0

    def iteration(self, neurons):
        neurons.current += self.sigma * neurons.generator.standard_normal(neurons.size)


def build(number: int = 1) -> Network:
    """The network of the paper: neurons differ by random r, more of them at the regular end."""
    net = Network(dt=1.0, seed=number)
    rng = np.random.default_rng(number)
    r_e, r_i = rng.random(N_E) ** 2, rng.random(N_I)
    regular = Izhikevich(c=-65.0 + 15.0 * r_e, d=8.0 - 6.0 * r_e)
    fast = Izhikevich(a=0.02 + 0.08 * r_i, b=0.25 - 0.05 * r_i, d=2.0)
    for tag, size, sigma, model in (("E", N_E, 5.0, regular), ("I", N_I, 2.0, fast)):
        behaviour = {1: ThalamicNoise(sigma=sigma), 2: model, 9: EventRecorder("spike"), 10: Recorder("voltage[:1]")}
        NeuronGroup(net, size=size, tag=tag, behaviour=behaviour)
    for source, weight in (("E", uniform(0.0, 0.5)), ("I", uniform(-1.0, 0.0))):
        for target in ("E", "I"):
            SynapseGroup(net, source, target, weight=weight, delay=1.0, into="current")
    return net


def draw(net: Network, path: Path) -> None:
    """The figure: who fired, how many, and the voltage of one neuron."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(3, 1, figsize=(10, 8), layout="constrained", sharex=True, height_ratios=(5, 2, 2))
    for tag, colour, first in (("E", "C3", 0), ("I", "C0", N_E)):
        axes[0].plot(net[tag, 0]["spike.t", 0], net[tag, 0]["spike.i", 0] + first, ".", color=colour, ms=2)
    axes[0].set(ylabel="neuron; red: excitatory, blue: inhibitory", ylim=(0, N_E + N_I))
    fired = np.concatenate([net[tag, 0]["spike.t", 0] for tag in "EI"])
    axes[1].hist(fired, np.arange(0.0, DURATION + 2.0, 2.0), color="0.3")
    axes[1].set(ylabel="spikes in 2 ms")
    axes[2].plot(net["E", 0]["voltage[:1]", 0], color="C3", lw=0.8)
    axes[2].set(ylabel="first neuron (mV)", xlabel="time (ms)", xlim=(0, DURATION))
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    """Run the example."""
    parser = argparse.ArgumentParser(description="Izhikevich's network of cortical neurons.")
    parser.add_argument("--figure", type=Path, default=Path("izhikevich.png"), help="where the figure goes")
    options = parser.parse_args(arguments)

    net = build()
    net.run(DURATION)
    for group in net.groups:
        rate = len(group["spike.t", 0]) / group.size / DURATION * 1000.0
        print(f"{group.tag}: {rate:.1f} spikes per second and neuron")
    draw(net, options.figure)
    print(f"figure: {options.figure}")


if __name__ == "__main__":
    main()
