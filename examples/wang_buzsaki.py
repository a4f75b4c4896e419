"""Interneurons that inhibit each other fall into a gamma rhythm of 40 Hz, if they are driven alike.

    100 fast-spiking interneurons --> 60 others each, GABA-A

X.-J. Wang, G. Buzsaki (1996), Gamma oscillation by synaptic inhibition in a hippocampal interneuronal network model,
J. Neurosci. 16:6402-6413. Neurons that are driven differently fire with rates of their own and stay incoherent.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from fusion import EventRecorder, Network, NeuronGroup, Recorder, SynapseGroup, fixed_indegree
from fusion.behaviours import ConductanceCurrent, SynapticGating, WangBuzsaki

N = 100
INPUTS = 60  # synapses onto a neuron
CONDUCTANCE = 10.0  # nS, of all of them together: 0.1 mS/cm2
DRIVE = 100.0  # pA: 1 uA/cm2
SPREAD = {"alike": 0.0, "different": 10.0}  # pA, standard deviation of the drive over the neurons
DT, BEGIN, DURATION = 0.05, 300.0, 400.0  # ms; what is measured begins at BEGIN


def build(spread: float, number: int = 1) -> Network:
    """The network; `spread` (pA) says how different the neurons are."""
    net = Network(dt=DT, seed=number)
    behaviour = {
        1: ConductanceCurrent(reversal=-75.0),
        2: WangBuzsaki(bias=f"normal({DRIVE}, {spread})", initial="uniform(-70, -50)", step=DT),
        3: SynapticGating(opening=12.0, closing=0.1, threshold=0.0),
        9: EventRecorder("spike"),
        10: Recorder("voltage[:2]", "np.mean(gate)", every=0.5),
    }
    cells = NeuronGroup(net, size=N, tag="cells", behaviour=behaviour)
    SynapseGroup(net, cells, cells, connect=fixed_indegree(INPUTS), signal="gate", weight=CONDUCTANCE / INPUTS,
                 delay=DT, into="conductance")  # fmt: skip
    return net


def measured(net: Network) -> tuple[float, float]:
    """(rate in Hz, coherence): the mean over pairs of the share of their spikes that coincide, as in the paper.

    Spikes coincide if they fall into the same bin of a tenth of the period.
    """
    t, i = net["spike.t", 0], net["spike.i", 0]
    late = t > BEGIN
    rate = 1000.0 * late.sum() / N / (DURATION - BEGIN)
    bins = ((t[late] - BEGIN) / (100.0 / rate)).astype(int)
    trains = np.zeros((N, bins.max() + 1))
    trains[i[late], bins] = 1.0
    counts = np.maximum(trains.sum(axis=1), 1.0)
    shared = trains @ trains.T / np.sqrt(np.outer(counts, counts))
    return rate, float(shared[~np.eye(N, dtype=bool)].mean())


def draw(nets: dict[str, Network], path: Path) -> None:
    """For each network: who fired, two voltages, and how open synapses are on average."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(3, 2, figsize=(13, 8), layout="constrained", sharey="row", height_ratios=(3, 2, 2))
    for (raster, voltages, gates), (name, net) in zip(axes.T, nets.items(), strict=True):
        raster.plot(net["spike.t", 0], net["spike.i", 0], "k.", ms=3)
        raster.set(title=f"{name}: drive of {DRIVE:g} pA, give or take {SPREAD[name]:g}", ylabel="neuron")
        t = 0.5 * np.arange(1, len(net["np.mean(gate)", 0]) + 1)
        voltages.plot(t, net["voltage[:2]", 0], lw=0.8)
        voltages.set(ylabel="two neurons (mV)")
        gates.plot(t, net["np.mean(gate)", 0], color="C3")
        gates.set(ylabel="open channels", xlabel="time (ms)")
        for ax in (raster, voltages, gates):
            ax.set_xlim(0, DURATION)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    """Run the example."""
    parser = argparse.ArgumentParser(description="A gamma rhythm of interneurons that inhibit each other.")
    parser.add_argument("--figure", type=Path, default=Path("wang_buzsaki.png"), help="where the figure goes")
    options = parser.parse_args(arguments)

    nets = {name: build(spread) for name, spread in SPREAD.items()}
    for name, net in nets.items():
        net.run(DURATION)
        print("{}: {:.1f} spikes per second, coherence {:.2f}".format(name, *measured(net)))
    draw(nets, options.figure)
    print(f"figure: {options.figure}")


if __name__ == "__main__":
    main()
