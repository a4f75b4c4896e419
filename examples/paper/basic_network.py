"""The paper's basic network: leaky units kicked by noise, joined by a matrix; code blocks 1 to 4, and section 3.5.

Draws voltages and spikes, and what ``leak="normal(0.9, 0.02)"`` makes of one parameter: one value for each neuron.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fusion import Behaviour, EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup

SIZE, ITERATIONS = 100, 200


class LeakyNoise(Behaviour):
    """Code block 2: fire, reset, leak, and take a random kick."""

    leak: float = 0.9
    threshold: float = 0.5

    def initialize(self, neurons: Any) -> None:
        neurons.voltage = neurons.vector()

    def iteration(self, neurons: Any) -> None:
        neurons.spike = neurons.voltage > self.threshold
        neurons.voltage[neurons.spike] = 0.0
        neurons.voltage *= self.leak
        neurons.voltage += neurons.vector("uniform", density=0.01)


class Input(Behaviour):
    """Code block 3: what fires in this iteration arrives in this iteration."""

    def initialize(self, neurons: Any) -> None:
        for synapse in neurons.afferent["GLUTAMATE"]:
            synapse.W = synapse.matrix("uniform", density=0.1)

    def iteration(self, neurons: Any) -> None:
        for synapse in neurons.afferent["GLUTAMATE"]:
            neurons.voltage += synapse.W @ synapse.source.spike / synapse.source.size * 10


def build(leak: float | str = 0.9, seed: int = 1) -> Network:
    """Code block 1."""
    net = Network(dt=1.0, seed=seed)  # ms
    neurons = NeuronGroup(
        net, size=SIZE, tag="my_neurons",
        behaviour={
            1: LeakyNoise(leak=leak),
            2: Input(),
            9: Recorder("voltage", "np.mean(voltage)", tag="my_recorder"),
            10: EventRecorder("spike", tag="my_event_recorder"),
        },
    )  # fmt: skip
    SynapseGroup(net, source=neurons, target=neurons, tag="GLUTAMATE")
    return net


def draw(net: Network, path: Path) -> None:
    """Code block 4, and the histogram of section 3.5."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from fusion import plot

    neurons = net["my_neurons", 0]
    figure, (above, below, beside) = plt.subplots(3, 1, figsize=(9, 9), layout="constrained", height_ratios=[2, 2, 1])
    plot.traces(neurons, "voltage", ax=above)
    plot.traces(neurons, "np.mean(voltage)", ax=above, color="black", linewidth=2)
    above.axhline(neurons["LeakyNoise", 0].threshold, linestyle="dashed", color="0.4")
    above.set(ylabel="voltage; black: the mean", xlim=(0, ITERATIONS))
    plot.raster(neurons, ax=below)
    beside.hist(neurons["LeakyNoise", 0].leak, bins=25)
    beside.set(xlabel='leak = "normal(0.9, 0.02)"', ylabel="neurons")
    figure.savefig(path, dpi=100)
    plt.close(figure)


def main() -> None:
    """Run it, find things by their tags, and draw."""
    net = build(leak="normal(0.9, 0.02)").simulate(ITERATIONS)
    print(net["my_neurons"], net["my_recorder"])
    print("voltages:", net["voltage", 0].shape)
    print("spikes:", len(net["spike.t", 0]))
    draw(net, Path("basic_network.png"))
    print("basic_network.png")


if __name__ == "__main__":
    main()
