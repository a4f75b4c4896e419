"""A Brian2 column with native plasticity, a deep network in TensorFlow above it, and NEST as its background.

    rhythm (native)
       |  is the target of the training
    background (NEST, 200) --native STDP--> column (Brian2, 100) --traces--> reader (Keras, 3 layers)
                                                 ^                               |
                                                 +------- its answer, as a current

The background's two halves fire in turn. Plastic synapses bring their spikes to the column; a deep network reads the
column, learns while it runs to tell where in the rhythm it is, and feeds its answer back as a current.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import brian2
import keras
import nest
import numpy as np
from brian2 import ms
from fusion_tensorflow import Train

from fusion import (
    Behaviour,
    EventRecorder,
    Network,
    NeuronGroup,
    Recorder,
    SynapseGroup,
    exponential,
    fixed_probability,
    seed,
)
from fusion.behaviours import STDP

DT = 0.5  # ms
PERIOD = 250.0  # ms
DURATION = 5000.0  # ms


class Rhythm(Behaviour):
    """The phase of a rhythm, as a point on the circle."""

    period: float = PERIOD  # ms

    def initialize(self, neurons):
        neurons.phase = np.zeros(2)

    def iteration(self, neurons):
        angle = 2 * np.pi * neurons.network.t / self.period
        neurons.phase = np.array([np.cos(angle), np.sin(angle)])


def background_cells() -> nest.NodeCollection:
    """Two halves, each driven by spikes that wax and wane with the rhythm, a quarter of a period apart."""
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.resolution = DT
    cells = nest.Create("iaf_psc_exp", 200, {"I_e": 250.0})
    for half, phase in ((cells[:100], 90.0), (cells[100:], 0.0)):
        drive = nest.Create(
            "sinusoidal_poisson_generator",
            params={"rate": 4000.0, "amplitude": 3000.0, "frequency": 1000.0 / PERIOD, "phase": phase},
        )
        nest.Connect(drive, half, syn_spec={"weight": 40.0, "delay": 1.0})
    return cells


def column_cells() -> brian2.NeuronGroup:
    """Leaky integrate-and-fire cells with a synaptic and a top-down input."""
    brian2.prefs.codegen.target = "numpy"
    brian2.defaultclock.dt = DT * ms
    return brian2.NeuronGroup(
        100,
        """dv/dt = (I + top_down - v)/(15*ms) : volt (unless refractory)
           dI/dt = -I/(4*ms) : volt
           top_down : volt""",
        threshold="v > 10*mV",
        reset="v = 0*mV",
        refractory=2 * ms,
        method="exact",
        name="column",
    )


def build(number: int = 1) -> Network:
    """The whole network."""
    nodes, cells = background_cells(), column_cells()
    seed(number)
    dense = keras.layers.Dense
    deep = keras.Sequential([keras.layers.Input((100,)), dense(64, "relu"), dense(32, "relu"), dense(2)])
    train = Train(optimizer=keras.optimizers.Adam(1e-3), loss="mse", target="rhythm.phase")

    net = Network(dt=DT, seed=number)
    NeuronGroup(net, size=1, tag="rhythm", behaviour={1: Rhythm(), 10: Recorder("phase", every=5.0)})
    background = NeuronGroup(net, nodes, tag="background", behaviour={10: EventRecorder("spike")})
    column = NeuronGroup(net, cells, tag="column", behaviour={10: EventRecorder("spike")})
    reader = NeuronGroup(net, deep, tag="reader", every=5.0, behaviour={5: train, 10: Recorder("output", every=5.0)})

    for n, (half, cells_of_half) in enumerate(((background[:100], column[:50]), (background[100:], column[50:]))):
        plasticity = STDP(a_plus=2e-5, a_minus=2.2e-5, w_max=4e-3)
        SynapseGroup(net, half, cells_of_half, tag=f"plastic, half {n}", connect=fixed_probability(0.3),
                     weight="uniform(1e-3, 3e-3)", delay=1.5, into="I",
                     behaviour={4: plasticity, 10: Recorder("weights", every=50.0)})  # V  # fmt: skip
    SynapseGroup(net, column, reader, tag="traces", filter=exponential(20.0), delay=DT)
    answer = np.zeros((100, 2))
    answer[:50, 0] = answer[50:, 1] = 1e-3
    SynapseGroup(net, reader, column, tag="answer", signal="output", weight=answer, delay=DT, into="top_down")  # V
    return net


def draw(net: Network, path: Path) -> None:
    """The figure: both ends of the run, the weights, and what the deep network answers."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(4, 1, figsize=(10, 9), layout="constrained", height_ratios=[2, 1.6, 1.3, 1.5])
    last = DURATION - 4 * PERIOD
    rows = [("background", "NEST", "C3"), ("column", "Brian2", "C0")]
    for ax, (tag, simulator, colour) in zip(axes[:2], rows, strict=True):
        t, i = net[tag, 0]["spike.t", 0], net[tag, 0]["spike.i", 0]
        ax.plot(t[t > last], i[t > last], "|", color=colour, ms=2, mew=0.7)
        ax.set(ylabel=f"{tag}\n{simulator}", xlim=(last, DURATION), ylim=(-1, net[tag, 0].size))
    t = net["reader", 0]["Recorder", 0].t
    shown = t > last
    for k, colour in enumerate(("C2", "C4")):
        axes[2].plot(t[shown], net["phase", 0][shown, k], color=colour, lw=0.8, ls="--")
        axes[2].plot(t[shown], net["output", 0][shown, k], color=colour)
    axes[2].set(ylabel="reader\nKeras", xlabel="time (ms); dashed: the rhythm, full: the answer", xlim=(last, DURATION))
    weights = np.hstack(net["weights"]) * 1000
    axes[3].plot(net["plastic", 0]["Recorder", 0].t / 1000, weights[:, ::40], color="0.6", lw=0.5)
    axes[3].plot(net["plastic", 0]["Recorder", 0].t / 1000, weights.mean(axis=1), color="k", lw=2)
    axes[3].set(xlabel="time (s)", ylabel="weights (mV)\nnative STDP")
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> float:
    """Run the example; returns the error of the deep network over the last second."""
    parser = argparse.ArgumentParser(description="Brian2 with native plasticity, TensorFlow above, NEST behind.")
    parser.add_argument("--figure", type=Path, default=Path("hybrid_column.png"), help="where the figure goes")
    options = parser.parse_args(arguments)

    net = build()
    net.run(DURATION)
    draw(net, options.figure)
    n = round(1000.0 / 5.0)
    errors = np.mean((net["output", 0] - net["phase", 0]) ** 2, axis=1)
    print(net.coupling)
    print(f"\nerror of the answer: {errors[:n].mean():.3f} in the first second, {errors[-n:].mean():.3f} in the last")
    mean = 1000 * net["weights", 0].mean(axis=1)
    print(f"mean weight: {mean[0]:.3f} mV at first, {mean[-1]:.3f} mV at last")
    print(f"figure: {options.figure}")
    net.close()
    return float(errors[-n:].mean())


if __name__ == "__main__":
    main()
