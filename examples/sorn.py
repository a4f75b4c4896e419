"""A self-organizing recurrent network learns to count: it knows when the fourth b is over, and what comes then.

    abbbbc, eddddf, ... --> 200 excitatory <--> 40 inhibitory threshold units
                              ^ spike-timing-dependent plasticity, synaptic normalization and intrinsic plasticity

A. Lazar, G. Pipa, J. Triesch (2009), SORN: a self-organizing recurrent neural network, Front. Comput. Neurosci. 3:23.
After learning, a linear read-out of the excitatory units predicts the next letter.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from fusion import Network, NeuronGroup, Recorder, SynapseGroup, fixed_probability
from fusion.behaviours import Homeostasis, OneStepSTDP, SynapticNormalization, TextSequence, ThresholdUnits

N_E, N_I = 200, 40
DEGREE, WIDTH = 10, 10  # synapses from E to a unit of E, on average; units that stand for a letter
WORDS = ["abbbbc", "eddddf"]
TARGET = 0.1  # of the steps in which a unit of E should fire: twice the input's share of the units
RATE_STDP, RATE_IP = 0.001, 0.001  # as in the paper: per pair, and per spike
LEARNING, READING = 12000, 3000  # iterations


def build(number: int = 1) -> Network:
    """The network; each kind of plasticity can be disabled by its tag, the name of its class."""
    net = Network(dt=1.0, seed=number)
    rng = np.random.default_rng(number)
    units = {"threshold": "uniform(0, 0.5)"}
    behaviour = {
        1: TextSequence(sentences=WORDS, width=WIDTH),
        2: ThresholdUnits(**units),
        3: Homeostasis(target=1000.0 * TARGET, rate=RATE_IP / 1000.0),  # Hz; a spike is 1000 Hz for 1 ms
        5: SynapticNormalization(synapses="EE", norm=1.0),
        9: Recorder("np.mean(spike)", "np.mean(threshold)"),
        10: Recorder("spike", "symbol", enabled=False, tag="states"),
    }
    e = NeuronGroup(net, size=N_E, tag="E", behaviour=behaviour)
    i = NeuronGroup(net, size=N_I, tag="I", behaviour={2: ThresholdUnits(**units)})
    rule = OneStepSTDP(rate=RATE_STDP, coincidence=0.0, w_max=1.0)
    some = fixed_probability(DEGREE / N_E, autapses=False)
    SynapseGroup(net, e, e, tag="EE", connect=some, weight="uniform(0, 1)", into="current", behaviour={4: rule})
    for source, target, sign in ((e, i, 1.0), (i, e, -1.0)):
        weights = rng.random((target.size, source.size))
        weights *= sign / weights.sum(axis=1, keepdims=True)
        SynapseGroup(net, source, target, weight=weights, into="current")
    return net


def score(net: Network) -> float:
    """The share of letters, but for the first of a word, that a linear read-out predicts; nothing learns meanwhile."""
    for tag in ("OneStepSTDP", "Homeostasis"):
        net.disable(tag)
    net.enable("states")
    net.simulate(READING)
    state, following = np.c_[net["spike", 0], np.ones(READING)][:-1], net["symbol", 0][1:]
    half, text = READING // 2, net["TextSequence", 0]
    readout = np.linalg.lstsq(state[:half], np.eye(len(text.alphabet))[following[:half]], rcond=None)[0]
    predicted, following = (state[half:] @ readout).argmax(axis=1), following[half:]
    known = ~np.isin(following, text.numbers("".join(word[0] for word in WORDS)))
    return float((predicted == following)[known].mean())


def draw(net: Network, path: Path) -> None:
    """Activity and thresholds while it learned, and the states of some steps, letter by letter."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(13, 5), layout="constrained")
    activity = net["np.mean(spike)", 0][:LEARNING].reshape(-1, 100).mean(axis=1)
    axes[0].plot(np.arange(len(activity)) * 0.1, activity, label="share of E that fires")
    axes[0].plot(np.arange(LEARNING) * 1e-3, net["np.mean(threshold)", 0][:LEARNING], label="mean threshold")
    axes[0].axhline(TARGET, color="0.5", ls=":")
    axes[0].set(xlabel="iterations (1000)", ylim=(0, 0.5))
    axes[0].legend()
    state, letters = net["spike", 0][-48:].T, net["TextSequence", 0].text(net["symbol", 0][-48:])
    axes[1].imshow(state[np.argsort(state.argmax(axis=1))], aspect="auto", cmap="Greys", interpolation="nearest")
    axes[1].set(ylabel="units of E, by when they first fire", xticks=range(48), xticklabels=letters)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    """Run the example."""
    parser = argparse.ArgumentParser(description="A self-organizing recurrent network that counts.")
    parser.add_argument("--figure", type=Path, default=Path("sorn.png"), help="where the figure goes")
    options = parser.parse_args(arguments)

    nets = {"with all plasticity": build(), "without STDP": build()}
    nets["without STDP"].disable("OneStepSTDP")
    for name, net in nets.items():
        net.simulate(LEARNING)
        activity = net["np.mean(spike)", 0][-5000:].mean()
        print(f"{name}: {100 * activity:.1f} % of E fire in a step, {100 * score(net):.1f} % of letters predicted")
    draw(nets["with all plasticity"], options.figure)
    print(f"figure: {options.figure}")


if __name__ == "__main__":
    main()
