"""Handwritten digits: one network over native behaviours, Brian2, NEST and Keras learns to read them.

    retina (native, 64) --> excitatory (Brian2, 400) <--> inhibitory (NEST, 100)
                                  |
                                  +--> readout (Keras, 10), trained online on the spike counts

A retina of Poisson units shows one image after the other. An excitatory Brian2 cortex with an adaptive threshold
answers in a closed loop with an inhibitory NEST pool, which halves its rate and paces it. A Keras layer reads the
cortex' spike counts and learns after each image, one pass over the training images. All links take 1.5 ms.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import brian2
import keras
import nest
import numpy as np
from brian2 import ms
from fusion_tensorflow import Train
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from fusion import (
    Behaviour,
    EventRecorder,
    Network,
    NeuronGroup,
    Recorder,
    SynapseGroup,
    fixed_indegree,
    fixed_probability,
    seed,
)

DT, DELAY = 0.5, 1.5  # ms
ON, BLANK = 60.0, 12.0  # ms that an image is shown, and that the retina rests after it
IMAGE = ON + BLANK
N_EXCITATORY, N_INHIBITORY = 400, 100


class Retina(Behaviour):
    """Poisson units, one per pixel, that show one image after the other; dark in between."""

    images: object  # (n, 64), 0 to 1, in the order in which they are shown
    labels: object  # (n,)
    rate: float = 500.0  # Hz, of a full pixel; a unit stands for a small pool of cells

    def initialize(self, neurons):
        clock = neurons.network.clock
        self.n_on, self.n_image = clock.ticks(ON), clock.ticks(IMAGE)
        self.dark = np.zeros(neurons.size, dtype=bool)
        neurons.label = 0

    def iteration(self, neurons):
        image, step = divmod(neurons.iteration - 1, self.n_image)
        if step == 0:
            probability = self.images[image] * self.rate * neurons.network.dt / 1000.0
            self.spikes = neurons.generator.random((self.n_on, neurons.size)) < probability
            neurons.label = int(self.labels[image])
        neurons.spike = self.spikes[step] if step < self.n_on else self.dark


class SpikeCount(Behaviour):
    """Spike counts while an image is shown, less their running mean: what the readout sees."""

    scale: float = 0.3
    learning: bool = True  # the mean stands still in the test

    def initialize(self, neurons):
        clock = neurons.network.clock
        self.n_on, self.n_image, self.n_seen = clock.ticks(ON), clock.ticks(IMAGE), 0
        neurons.count, neurons.features, self.mean = neurons.vector(), neurons.vector(), neurons.vector()

    def iteration(self, neurons):
        step = (neurons.iteration - 1) % self.n_image
        if step == 0:
            neurons.count[:] = 0.0
        if step < self.n_on:
            neurons.count[neurons.spikes] += 1.0
        if step == self.n_on - 1:
            if self.learning:
                self.n_seen += 1
                self.mean += (neurons.count - self.mean) * max(0.01, 1.0 / self.n_seen)
            neurons.features = self.scale * (neurons.count - self.mean)


def excitatory_cells() -> tuple[brian2.NeuronGroup, brian2.Synapses]:
    """Leaky integrate-and-fire cells with an adaptive threshold, and the synapses among them."""
    cells = brian2.NeuronGroup(
        N_EXCITATORY,
        """dv/dt = (bias - v + I)/(20*ms) : volt (unless refractory)
           dI/dt = -I/(5*ms) : volt
           dtheta/dt = -theta/(60*ms) : volt
           bias : volt (constant)""",
        threshold="v > 15*mV + theta",
        reset="v = 0*mV; theta += 2*mV",
        refractory=2 * ms,
        method="exact",
        name="excitatory",
    )
    cells.bias = "4*mV*(2*rand() - 1)"
    recurrent = brian2.Synapses(cells, cells, "w : volt", on_pre="I_post += w", delay=DELAY * ms, name="recurrent")
    recurrent.connect(p=0.1)
    recurrent.w = "0.3*mV*(0.5 + rand())"
    return cells, recurrent


def inhibitory_cells() -> nest.NodeCollection:
    """A pool of NEST cells that inhibit one another."""
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.resolution = DT
    parameters = {"E_L": 0.0, "V_m": 0.0, "V_reset": 0.0, "V_th": 15.0, "tau_m": 10.0, "C_m": 250.0, "t_ref": 2.0}
    cells = nest.Create("iaf_psc_exp", N_INHIBITORY, {**parameters, "tau_syn_ex": 5.0, "tau_syn_in": 5.0})
    weight = nest.random.uniform(-11.25, -3.75)  # pA
    nest.Connect(cells, cells, {"rule": "pairwise_bernoulli", "p": 0.1}, {"weight": weight, "delay": DELAY})
    return cells


def build(images: np.ndarray, labels: np.ndarray, number: int = 1) -> Network:
    """The network that is shown `images` (n, 64), seeded with `number`."""
    brian2.prefs.codegen.target = "numpy"  # nothing to compile; a cold Cython cache costs minutes
    brian2.defaultclock.dt = DT * ms
    nodes = inhibitory_cells()
    seed(number)
    cells, recurrent = excitatory_cells()
    layer = keras.Sequential([keras.layers.Input((N_EXCITATORY,)), keras.layers.Dense(10, activation="softmax")])
    train = Train(optimizer=keras.optimizers.Adam(2e-3), loss="sparse_categorical_crossentropy", target="retina.label")

    net = Network(dt=DT, seed=number)
    retina = NeuronGroup(net, size=64, tag="retina", behaviour={1: Retina(images=images, labels=labels)})
    excitatory = NeuronGroup(net, cells, tag="excitatory", behaviour={2: SpikeCount()})
    inhibitory = NeuronGroup(net, nodes, tag="inhibitory")
    readout = NeuronGroup(
        net, layer, tag="readout", every=IMAGE, behaviour={4: Recorder("argmax(output)", every=IMAGE), 5: train}
    )

    SynapseGroup(net, retina, excitatory, tag="input", connect=fixed_indegree(12), weight="uniform(4.5e-3, 13.5e-3)",
                 delay=DELAY, into="I")  # V  # fmt: skip
    SynapseGroup(net, excitatory, excitatory, recurrent, tag="recurrent")
    SynapseGroup(net, excitatory, inhibitory, tag="excitation", connect=fixed_probability(0.1),
                 weight="uniform(37.5, 112.5)", delay=DELAY)  # pA  # fmt: skip
    SynapseGroup(net, inhibitory, excitatory, tag="inhibition", connect=fixed_probability(0.2),
                 weight="uniform(-9e-3, -3e-3)", delay=DELAY, into="I")  # V  # fmt: skip
    SynapseGroup(net, inhibitory, inhibitory, nest.GetConnections(nodes, nodes), tag="mutual inhibition")
    SynapseGroup(net, excitatory, readout, tag="counts", signal="features", delay=DELAY)
    return net


@dataclass
class Result:
    """What a run gave."""

    accuracy: float
    n_train: int
    n_test: int
    rates: dict[str, float]  # Hz
    shares: dict[str, float]  # of the wall time of the run
    seconds: float
    online: np.ndarray = field(repr=False)  # (n_train,) bool, judged before each update
    confusion: np.ndarray = field(repr=False)  # (10, 10), true by predicted


def learn(net: Network, labels: np.ndarray, n_train: int, n_drawn: int, progress: bool | None = None) -> Result:
    """Train on the first `n_train` images, test on the rest; the spikes of the last `n_drawn` are recorded."""
    net.run(n_train * IMAGE, progress=progress)
    net.disable("Train")
    net["SpikeCount", 0].learning = False
    net.run((len(labels) - n_train - n_drawn) * IMAGE, progress=progress)
    for tag in ("retina", "excitatory", "inhibitory"):
        net[tag, 0].add_behaviour(10, EventRecorder("spike"))
    net["readout", 0].add_behaviour(10, Recorder("output"))
    net.run(n_drawn * IMAGE, progress=progress)

    right = net["argmax(output)", 0] == labels
    confusion = np.zeros((10, 10), dtype=int)
    np.add.at(confusion, (labels[n_train:], net["argmax(output)", 0][n_train:]), 1)
    report = net.coupling
    sent = {link.link: link.sent for link in report.links}
    spikes = {"retina": sent["input"] / 64, "excitatory": sent["excitation"] / N_EXCITATORY}
    spikes["inhibitory"] = sent["inhibition"] / N_INHIBITORY
    return Result(
        accuracy=float(np.mean(right[n_train:])),
        n_train=n_train,
        n_test=len(labels) - n_train,
        rates={tag: count / (net.t / 1000.0) for tag, count in spikes.items()},
        shares={row.participant: row.share for row in report.participants},
        seconds=report.seconds,
        online=right[:n_train],
        confusion=confusion,
    )


def draw(net: Network, images: np.ndarray, labels: np.ndarray, result: Result, n_drawn: int, path: Path) -> None:
    """The figure: spikes of the last images, the learning curve, and the confusion matrix."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    start = (len(labels) - n_drawn) * IMAGE
    figure = plt.figure(figsize=(12, 8.5), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[1.75, 1])
    axes = left.subplots(5, 1, sharex=True, height_ratios=[1.1, 1.2, 2.6, 1.2, 1.3])
    for n, image in enumerate(images[-n_drawn:]):
        shown = axes[0].inset_axes([n * IMAGE + ON / 2 - 14, 0, 28, 1], transform=axes[0].transData)
        shown.imshow(image.reshape(8, 8), cmap="gray_r")
        shown.set_axis_off()
        for ax in axes[1:4]:
            ax.axvspan(n * IMAGE + ON, (n + 1) * IMAGE, color="0.93", lw=0)
    axes[0].set_axis_off()
    axes[0].set_title("One network, four simulators: the last images shown", fontsize=12)
    rows = [("retina", "native", "C2"), ("excitatory", "Brian2", "C0"), ("inhibitory", "NEST", "C3")]
    for ax, (tag, simulator, colour) in zip(axes[1:4], rows, strict=True):
        ax.plot(net[tag, 0]["spike.t", 0] - start, net[tag, 0]["spike.i", 0], "|", color=colour, ms=2, mew=0.7)
        ax.set_ylabel(f"{tag}\n{simulator}")
        ax.set_ylim(-1, net[tag, 0].size)
    answers = net["output", 0][:: -round(IMAGE / DT)][::-1]  # the layer answers when an image ends
    axes[4].imshow(answers.T, aspect="auto", origin="lower", cmap="Purples", vmin=0, vmax=1,
                   extent=(0, n_drawn * IMAGE, -0.5, 9.5), interpolation="nearest")  # fmt: skip
    axes[4].plot(IMAGE * (np.arange(n_drawn) + 0.5), labels[-n_drawn:], "o", mfc="none", mec="C1", ms=9, mew=1.5)
    axes[4].set(ylabel="readout\nKeras", yticks=range(0, 10, 3), ylim=(-0.9, 9.9), xlim=(0, n_drawn * IMAGE))
    axes[4].set_xlabel("time (ms); purple: the answer to each image, circle: what was shown")

    curve, matrix = right.subplots(2, 1)
    window = min(100, max(10, result.n_train // 5))
    smooth = np.convolve(result.online, np.ones(window) / window, mode="valid")
    curve.plot(np.arange(window, result.n_train + 1), smooth, color="0.3", label=f"training, last {window} images")
    curve.axhline(result.accuracy, color="C4", ls="--", label=f"{result.n_test} held-out images: {result.accuracy:.3f}")
    curve.set(xlabel="images seen, one pass", ylabel="accuracy", ylim=(0, 1.02), title="Learning")
    curve.legend(loc="lower right", frameon=False)
    matrix.imshow(result.confusion, cmap="Purples")
    for (row, column), count in np.ndenumerate(result.confusion):
        if count:
            dark = count > result.confusion.max() / 2
            matrix.text(column, row, count, ha="center", va="center", fontsize=8, color="w" if dark else "k")
    matrix.set(xlabel="answered", ylabel="shown", xticks=range(10), yticks=range(10), title="Held-out images")
    figure.savefig(path, dpi=120)
    plt.close(figure)


def data(n_train: int | None, n_test: int | None) -> tuple[np.ndarray, np.ndarray, int]:
    """Images (n, 64) from 0 to 1, training images first, their labels, and the number of training images."""
    pixels, labels = load_digits(return_X_y=True)
    train, test = train_test_split(np.arange(len(labels)), test_size=0.25, stratify=labels, random_state=0)
    order = np.concatenate([train[:n_train], test[:n_test]])
    return pixels[order] / 16.0, labels[order], len(train[:n_train])


def main(arguments: list[str] | None = None) -> Result:
    """Run the demonstration as the command line says."""
    parser = argparse.ArgumentParser(description="One network over four simulators learns to read digits.")
    parser.add_argument("--quick", action="store_true", help="450 training and 150 test images")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--figure", type=Path, default=Path("digits.png"), help="where the figure goes")
    parser.add_argument("--json", type=Path, help="write the numbers there, too")
    parser.add_argument("--at-least", type=float, default=0.0, help="fail if the accuracy is lower")
    options = parser.parse_args(arguments)

    images, labels, n_train = data(450, 150) if options.quick else data(None, None)
    net = build(images, labels, options.seed)
    result = learn(net, labels, n_train, n_drawn=4)
    draw(net, images, labels, result, 4, options.figure)
    report(result, net)
    if options.json:
        numbers: dict[str, Any] = {k: v for k, v in vars(result).items() if not isinstance(v, np.ndarray)}
        options.json.write_text(json.dumps(numbers, indent=1))
    net.close()
    print(f"figure             {options.figure}")
    if result.accuracy < options.at_least:
        raise SystemExit(f"The accuracy is below {options.at_least}.")
    return result


def report(result: Result, net: Network) -> None:
    """Print the result."""
    print(
        f"\naccuracy           {result.accuracy:.3f} on {result.n_test} held-out images, one pass over {result.n_train}"
    )
    print("rates              " + ", ".join(f"{tag} {rate:.0f} Hz" for tag, rate in result.rates.items()))
    print("share of the time  " + ", ".join(f"{name} {100 * share:.0f} %" for name, share in result.shares.items()))
    print(
        f"simulated          {net.t / 1000:.1f} s in {result.seconds:.1f} s, {net.iteration} iterations of {net.dt} ms"
    )


if __name__ == "__main__":
    main()
